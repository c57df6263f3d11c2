"""What keeps an API from being reached, and what to do about it.

The one table of these sentences: the log, the status page and `check --probe` take theirs from it.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum, auto

from exporter.errors import Reason


class Trouble(Enum):
    """What went wrong between this machine and an API."""

    NO_NAME = auto()
    SILENT_DNS = auto()
    REFUSED = auto()
    UNREACHABLE = auto()
    NOT_ACCEPTED = auto()
    NO_DESCRIPTORS = auto()
    PROXY_WANTS_LOGIN = auto()
    PROXY_REFUSES_LOGIN = auto()
    PROXY_FORBIDS = auto()
    PROXY_REFUSES = auto()
    PROXY_SILENT = auto()
    PROXY_IS_NONE = auto()
    PROXY_PAGE = auto()
    HANDSHAKE_SILENT = auto()
    HANDSHAKE_CLOSED = auto()
    TLS_FAILED = auto()
    OLD_TLS = auto()
    NO_TLS = auto()
    TLS_EXPECTED = auto()
    EXPIRED = auto()
    CA_EXPIRED = auto()
    NOT_YET_VALID = auto()
    WRONG_NAME = auto()
    SELF_SIGNED = auto()
    SELF_SIGNED_OTHER = auto()
    UNKNOWN_CA = auto()
    CA_FILE_LACKS = auto()
    UNFIT = auto()
    SLOW = auto()
    CUT = auto()
    CLOSED = auto()
    CLOSED_PLAIN = auto()
    NO_HTTP = auto()
    LOST = auto()


@dataclass(frozen=True, slots=True)
class Remedy:
    """A finding in words, and what to do about it."""

    reason: Reason
    cause: str
    todo: str


@dataclass(frozen=True, slots=True)
class Diagnosis(Remedy):
    """A remedy whose words are those of one case."""

    at_proxy: bool = False
    """Whether it is about the proxy, not the API."""


_UNANSWERED = "no complete answer within {limit:g} s"
_BETWEEN = "look for a firewall or an inspecting proxy in between"

_TABLE: Mapping[Trouble, Remedy] = {
    Trouble.NO_NAME: Remedy(
        Reason.CONNECT,
        "its name cannot be resolved ({why})",
        "check the spelling in {named_in}, and whether this machine's DNS servers know the name: "
        "getent hosts {host}",
    ),
    Trouble.SILENT_DNS: Remedy(
        Reason.TIMEOUT,
        f"{_UNANSWERED}: the DNS servers are silent",
        "check the DNS servers of this machine (/etc/resolv.conf) and the network to them",
    ),
    Trouble.REFUSED: Remedy(
        Reason.CONNECT,
        "cannot connect (connection refused)",
        "nothing listens on port {port}: check the port in {setting}, and that {peer} is running",
    ),
    Trouble.UNREACHABLE: Remedy(
        Reason.CONNECT,
        "cannot connect ({why})",
        "check the address in {setting}, and the route from this machine to that network",
    ),
    Trouble.NOT_ACCEPTED: Remedy(
        Reason.TIMEOUT,
        f"{_UNANSWERED}: the connection is not accepted",
        "a firewall drops it, or the host is off: allow TCP from this machine to {hop}, or set "
        "http.proxy",
    ),
    Trouble.NO_DESCRIPTORS: Remedy(
        Reason.CONNECT,
        "cannot connect ({why})",
        "raise LimitNOFILE of the service (ulimit -n)",
    ),
    Trouble.PROXY_WANTS_LOGIN: Remedy(
        Reason.CONNECT,
        "the proxy asks for credentials (HTTP 407)",
        "put user and password into http.proxy: http://USER:PASSWORD@HOST:PORT",
    ),
    Trouble.PROXY_REFUSES_LOGIN: Remedy(
        Reason.CONNECT,
        "the proxy refuses the credentials in http.proxy (HTTP 407)",
        "correct user and password in http.proxy: http://USER:PASSWORD@HOST:PORT, with special "
        "characters percent-encoded",
    ),
    Trouble.PROXY_FORBIDS: Remedy(
        Reason.CONNECT,
        "the proxy refuses to connect to {where} (HTTP 403)",
        "allow connections to {where} on the proxy",
    ),
    Trouble.PROXY_REFUSES: Remedy(
        Reason.CONNECT,
        "the proxy refuses to connect to {where} (HTTP {why})",
        "look into the proxy's log: can it resolve and reach {where}?",
    ),
    Trouble.PROXY_SILENT: Remedy(
        Reason.TIMEOUT,
        f"{_UNANSWERED}: the proxy is silent",
        "check that http.proxy is the address of an HTTP proxy, and that it can reach {where}",
    ),
    Trouble.PROXY_IS_NONE: Remedy(
        Reason.CONNECT,
        "the proxy did not answer as an HTTP proxy",
        "check that http.proxy is the address of an HTTP proxy that allows CONNECT",
    ),
    Trouble.PROXY_PAGE: Remedy(
        Reason.CONNECT,
        "a web page came in place of the API's answer (HTTP {why})",
        "look into the proxy's log: can it resolve and reach {where}?",
    ),
    Trouble.HANDSHAKE_SILENT: Remedy(
        Reason.TIMEOUT,
        f"{_UNANSWERED}: the TLS handshake does not end",
        f"check that port {{port}} is the HTTPS port, and {_BETWEEN}",
    ),
    Trouble.HANDSHAKE_CLOSED: Remedy(
        Reason.CONNECT,
        "the connection ended during the TLS handshake",
        f"check that port {{port}} is the HTTPS port, and {_BETWEEN}",
    ),
    Trouble.TLS_FAILED: Remedy(
        Reason.TLS,
        "TLS failed ({why})",
        f"check the TLS versions and ciphers that {{peer}} accepts, and {_BETWEEN}",
    ),
    Trouble.OLD_TLS: Remedy(
        Reason.TLS,
        "no common TLS version: {peer} offers nothing newer than TLS 1.1, and the exporter speaks "
        "TLS 1.2 and 1.3",
        "enable TLS 1.2 there, or update it",
    ),
    Trouble.NO_TLS: Remedy(
        Reason.TLS,
        "port {port} does not speak TLS: it is an HTTP port, or that of another service",
        "set {setting} to the HTTPS port, usually 443",
    ),
    Trouble.TLS_EXPECTED: Remedy(
        Reason.TLS,
        "port {port} speaks TLS, and the address begins with http://",
        "write https:// in {setting}",
    ),
    Trouble.EXPIRED: Remedy(
        Reason.TLS,
        "certificate expired{ended}{subject}",
        "renew the certificate on the appliance (OME: Application Settings, Security, "
        "Certificates), or correct the clock of this machine",
    ),
    Trouble.CA_EXPIRED: Remedy(
        Reason.TLS,
        "the certificate of the CA has expired{needed}",
        "renew the certificate of that CA, in http.ca_file too if it is there, or correct the "
        "clock of this machine",
    ),
    Trouble.NOT_YET_VALID: Remedy(
        Reason.TLS,
        "certificate not valid{begins}{subject}",
        "correct the clocks of both sides (NTP)",
    ),
    Trouble.WRONG_NAME: Remedy(
        Reason.TLS,
        "the certificate is for {names}, not for {name}",
        "set {setting} to a host that the certificate names, or http.server_name to that name",
    ),
    Trouble.SELF_SIGNED: Remedy(
        Reason.TLS,
        "self-signed certificate{subject}",
        "save the certificate itself to a file in PEM form{compare}, and set http.ca_file to it",
    ),
    Trouble.SELF_SIGNED_OTHER: Remedy(
        Reason.TLS,
        "self-signed certificate{subject} that http.ca_file does not hold",
        "add the certificate itself to http.ca_file in PEM form{compare}",
    ),
    Trouble.UNKNOWN_CA: Remedy(
        Reason.TLS,
        "the certificate is issued by a CA that this machine does not trust{needed}",
        "save the certificate of that CA to a file in PEM form, and set http.ca_file to it",
    ),
    Trouble.CA_FILE_LACKS: Remedy(
        Reason.TLS,
        "http.ca_file does not hold the CA that issued the certificate{needed}",
        "add the certificate of that CA to http.ca_file in PEM form",
    ),
    Trouble.UNFIT: Remedy(
        Reason.TLS,
        "certificate refused: {why}{subject}",
        "replace the certificate by one without this defect; http.ca_file is not the cause",
    ),
    Trouble.SLOW: Remedy(Reason.TIMEOUT, _UNANSWERED, "if the API is slow, raise http.timeout"),
    Trouble.CUT: Remedy(
        Reason.CONNECT,
        "the connection ended in the middle of the answer",
        f"if this persists, look at the load of the API, and {_BETWEEN}",
    ),
    Trouble.CLOSED: Remedy(
        Reason.CONNECT,
        "the connection was closed before an answer came",
        f"if this persists, look at the load of the API, and {_BETWEEN}",
    ),
    Trouble.CLOSED_PLAIN: Remedy(
        Reason.CONNECT,
        "the connection was closed before an answer came",
        "if port {port} speaks TLS, write https:// in {setting}",
    ),
    Trouble.NO_HTTP: Remedy(
        Reason.CONNECT,
        "port {port} answers something that is not HTTP",
        "check scheme and port in {setting}",
    ),
    Trouble.LOST: Remedy(
        Reason.CONNECT,
        "the connection failed ({why})",
        f"if this persists, look at the load of the API, and {_BETWEEN}",
    ),
}
_PERHAPS_BY_PROXY = frozenset(
    {
        Trouble.NO_NAME,
        Trouble.SILENT_DNS,
        Trouble.REFUSED,
        Trouble.UNREACHABLE,
        Trouble.NOT_ACCEPTED,
        Trouble.HANDSHAKE_SILENT,
        Trouble.HANDSHAKE_CLOSED,
    }
)
"""What may be otherwise through a proxy."""
_UNUSED = (
    "; {unused} is set in the environment, but not used: if the API is behind that proxy, write it "
    "into http.proxy"
)
_OF_PROXY = frozenset(each for each in Trouble if each.name.startswith("PROXY_"))


def diagnosis(
    trouble: Trouble, facts: Mapping[str, object], *, at_proxy: bool = False
) -> Diagnosis:
    """Put facts into the words of the table.

    Args:
        trouble: What went wrong.
        facts: What the words name; those of `exporter.sources.diagnosis`.
        at_proxy: Whether it went wrong between this machine and the proxy.
    """
    remedy = _TABLE[trouble]
    todo = remedy.todo
    if trouble in _PERHAPS_BY_PROXY and facts["unused"]:
        todo += _UNUSED
    return Diagnosis(
        remedy.reason,
        remedy.cause.format_map(facts),
        todo.format_map(facts),
        at_proxy or trouble in _OF_PROXY,
    )
