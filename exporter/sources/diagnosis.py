"""Errors of the network as errors that name the cause and what to do."""

import asyncio
import errno
import re
import socket
import ssl
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from typing import Any

import aiohttp

from exporter.errors import SourceError
from exporter.sources.remedies import Diagnosis, Trouble, diagnosis
from exporter.sources.target import Phase, Progress, Target, place, progress
from exporter.sources.text import clean
from exporter.sources.tls import Certificate, UntrustedError, day

# OpenSSL's numbers of why a certificate is refused (X509_V_ERR_...).
_UNTRUSTED_CA = frozenset({2, 19, 20, 21})
_CERTIFICATE: Mapping[int, Trouble] = {
    9: Trouble.NOT_YET_VALID,
    10: Trouble.EXPIRED,
    18: Trouble.SELF_SIGNED,
    62: Trouble.WRONG_NAME,
    64: Trouble.WRONG_NAME,
    **dict.fromkeys(_UNTRUSTED_CA, Trouble.UNKNOWN_CA),
}
_WITH_CA_FILE = {
    Trouble.SELF_SIGNED: Trouble.SELF_SIGNED_OTHER,
    Trouble.UNKNOWN_CA: Trouble.CA_FILE_LACKS,
}
_HANDSHAKE = (
    ("WRONG_VERSION_NUMBER|HTTP_REQUEST|RECORD_LAYER_FAILURE", Trouble.NO_TLS),
    ("PROTOCOL", Trouble.OLD_TLS),
)
"""By words in OpenSSL's reason; they differ from version to version."""
_PROXY = {
    0: Trouble.PROXY_IS_NONE,
    403: Trouble.PROXY_FORBIDS,
    407: Trouble.PROXY_WANTS_LOGIN,
}
_SILENT = {
    Phase.NAME: Trouble.SILENT_DNS,
    Phase.CONNECT: Trouble.NOT_ACCEPTED,
    Phase.HANDSHAKE: Trouble.HANDSHAKE_SILENT,
    Phase.ANSWER: Trouble.SLOW,
}
_TLS_RECORD = r"\\x1[56]\\x03"
"""How an alert or a greeting of TLS looks in the message about an answer that is not HTTP."""
_ASYNCIO_LIMIT = re.compile(r"handshake is taking longer than ([\d.]+) seconds")
_MOST_NAMES = 5


def diagnosed(
    error: Exception, target: Target, phase: Phase, *, limit: float, now: float
) -> Diagnosis:
    """Say why a call failed on the wire.

    Args:
        error: What the HTTP library, asyncio or `ssl` raised.
        target: Where the call went.
        phase: How far it had come.
        limit: The seconds after which a `TimeoutError` came.
        now: The wall time in Unix seconds, against which the dates of a certificate are held.
    """
    cause = _root(error)
    trouble = _trouble(cause, target, phase)
    if isinstance(cause, ConnectionAbortedError) and (found := _ASYNCIO_LIMIT.search(str(cause))):
        trouble, limit = Trouble.HANDSHAKE_SILENT, float(found[1])
    at_proxy = _is_at_proxy(error, target, phase)
    facts = _facts(target, at_proxy=at_proxy)
    facts |= {"limit": limit, "why": _words(cause)}
    chain = cause.chain if isinstance(cause, UntrustedError) else ()
    if trouble is Trouble.EXPIRED and chain and all(each.not_after >= now for each in chain):
        trouble = Trouble.CA_EXPIRED
    return diagnosis(trouble, facts | _of_chain(chain, now), at_proxy=at_proxy)


def refused_by_proxy(status: int, target: Target) -> Diagnosis:
    """Say why a proxy does not connect to an API.

    Args:
        status: The status of its answer to CONNECT, or to a request of plain HTTP; 0: it is none
            of HTTP.
        target: The API.
    """
    return diagnosis(_refusal(status, target), _facts(target, at_proxy=True) | {"why": status})


def answered_for_another(trouble: Trouble, status: int, target: Target) -> Diagnosis:
    """Say why an answer is not that of the API."""
    return diagnosis(trouble, _facts(target, at_proxy=False) | {"why": status})


def _refusal(status: int, target: Target) -> Trouble:
    if status == 407 and target.proxy is not None and target.proxy.user is not None:
        return Trouble.PROXY_REFUSES_LOGIN
    return _PROXY.get(status, Trouble.PROXY_REFUSES)


def _root(error: Exception) -> Exception:
    """Return what the HTTP library wrapped."""
    wrapped = getattr(error, "certificate_error", None) or getattr(error, "os_error", None)
    return wrapped if isinstance(wrapped, Exception) else error


def _trouble(cause: Exception, target: Target, phase: Phase) -> Trouble:
    for kind, decide in _KINDS:
        if isinstance(cause, kind):
            return decide(cause, target, phase)
    return Trouble.LOST


def _of_certificate(cause: Any, target: Target, _: Phase) -> Trouble:
    trouble = _CERTIFICATE.get(cause.verify_code, Trouble.UNFIT)
    return _WITH_CA_FILE.get(trouble, trouble) if target.http.ca_file else trouble


def _of_tls(cause: Any, target: Target, phase: Phase) -> Trouble:
    reason = cause.reason or str(cause).upper().replace(" ", "_")
    if "EOF" in reason:
        return _of_end(cause, target, phase)
    if phase is Phase.ANSWER:
        return Trouble.TLS_FAILED
    found = (trouble for words, trouble in _HANDSHAKE if re.search(words, reason))
    return next(found, Trouble.TLS_FAILED)


def _of_silence(cause: Any, target: Target, phase: Phase) -> Trouble:
    if cause.errno:  # The kernel's own limit (ETIMEDOUT), not that of the call.
        return Trouble.UNREACHABLE
    if phase is Phase.CONNECT and target.is_tunnelled:
        return Trouble.PROXY_SILENT
    return _SILENT[phase]


def _of_proxy(cause: Any, target: Target, _: Phase) -> Trouble:
    return _refusal(cause.status, target)


def _of_end(_: Any, target: Target, phase: Phase) -> Trouble:
    if phase is Phase.HANDSHAKE:
        return Trouble.HANDSHAKE_CLOSED
    if phase is Phase.CONNECT and target.is_tunnelled:
        return Trouble.PROXY_IS_NONE
    return Trouble.CLOSED if target.url.scheme == "https" else Trouble.CLOSED_PLAIN


def _of_gibberish(cause: Any, target: Target, phase: Phase) -> Trouble:
    if phase is Phase.CONNECT and target.is_tunnelled:
        return Trouble.PROXY_IS_NONE
    is_tls = target.url.scheme == "http" and re.search(_TLS_RECORD, cause.message)
    return Trouble.TLS_EXPECTED if is_tls else Trouble.NO_HTTP


def _of_system(cause: Any, _: Target, phase: Phase) -> Trouble:
    if isinstance(cause, ConnectionRefusedError):
        return Trouble.REFUSED
    if cause.errno in (errno.EMFILE, errno.ENFILE):
        return Trouble.NO_DESCRIPTORS
    if phase is Phase.HANDSHAKE:
        return Trouble.HANDSHAKE_CLOSED
    return Trouble.LOST if phase is Phase.ANSWER else Trouble.UNREACHABLE


_KINDS: tuple[tuple[type[Exception], Callable[[Any, Target, Phase], Trouble]], ...] = (
    (ssl.SSLCertVerificationError, _of_certificate),
    (ssl.SSLError, _of_tls),
    (TimeoutError, _of_silence),
    (socket.gaierror, lambda *_: Trouble.NO_NAME),
    (aiohttp.ClientHttpProxyError, _of_proxy),
    (aiohttp.ClientResponseError, _of_gibberish),
    (aiohttp.ClientPayloadError, lambda *_: Trouble.CUT),
    (aiohttp.ServerDisconnectedError, _of_end),
    (EOFError, _of_end),
    (asyncio.LimitOverrunError, _of_end),
    (OSError, _of_system),
)
"""The first that fits counts."""


def _is_at_proxy(error: Exception, target: Target, phase: Phase) -> bool:
    """Tell whether something failed between this machine and a proxy."""
    proxy = target.proxy
    if proxy is None:
        return False
    if isinstance(error, aiohttp.ClientConnectorError):
        return (error.host, error.port) == (proxy.host, proxy.port)
    return phase in (Phase.NAME, Phase.CONNECT)


def _facts(target: Target, *, at_proxy: bool) -> dict[str, object]:
    hop = target.first_hop if at_proxy else target.url
    return {
        "where": target.where,
        "hop": place(hop),
        "host": hop.host or "",
        "port": hop.port,
        "peer": "the proxy" if at_proxy else "the API",
        "setting": "http.proxy" if at_proxy else "url",
        "named_in": "http.proxy" if at_proxy else "url or region",
        "name": target.server_name,
        "unused": target.unused_proxy,
    }


def _words(cause: Exception) -> str:
    """Return the words of the system or of OpenSSL, which never contain a secret."""
    if isinstance(cause, aiohttp.ClientResponseError):
        return str(cause.status)
    if isinstance(cause, aiohttp.ClientError):
        return type(cause).__name__
    said = getattr(cause, "verify_message", "") or getattr(cause, "reason", "")
    return clean(said or getattr(cause, "strerror", "") or str(cause)) or type(cause).__name__


def _of_chain(chain: tuple[Certificate, ...], now: float) -> dict[str, object]:
    """Put down what the words name of the certificates that were presented."""
    late = next((each for each in chain if each.not_after < now), None)
    early = next((each for each in chain if each.not_before > now), None)
    own = chain[0] if chain else None
    meant = late or early or own
    needed = chain[-1].issuer if chain else ""
    print_of = own.fingerprint if own else ""
    return {
        "subject": f" (subject {meant.subject})" if meant and meant.subject else "",
        "ended": f" on {day(late.not_after)}" if late else "",
        "begins": f" before {day(early.not_before)}" if early else " yet",
        "names": ", ".join(own.names[:_MOST_NAMES]) if own and own.names else "another name",
        "needed": f": {needed}" if needed else "",
        "compare": f" after comparing its SHA-256, {print_of}" if print_of else "",
    }


_ENDED = (aiohttp.ClientError, OSError, EOFError)
"""What comes out of the HTTP library; a `TimeoutError` is an `OSError`."""
_TLS_PORT_SAYS = (b"plain http request", b"plain http to an ssl", b"http request to an https")
"""Apache, nginx and Go, on a port that speaks TLS, to a request that does not."""
_LONGEST_LOOKED_AT = 2000
"""Bytes."""


@asynccontextmanager
async def understood(
    endpoint: str, target: Target, limit: float, wall: Callable[[], float]
) -> AsyncIterator[None]:
    """Turn whatever the HTTP library raises into a `SourceError` that names the call.

    Args:
        endpoint: What is called.
        target: Where it is, and how it is reached.
        limit: The seconds after which a `TimeoutError` comes.
        wall: The wall clock.
    """
    call = Progress()
    entered = progress.set(call)
    try:
        yield
    except SourceError as error:
        raise SourceError(error.reason, f"{endpoint}: {error.message}") from None
    except _ENDED as error:
        found = diagnosed(error, target, call.phase, limit=limit, now=wall())
        raise _failure(endpoint, target, found) from error
    finally:
        progress.reset(entered)


def misdirected(
    endpoint: str, target: Target, status: int, headers: Mapping[str, str], body: bytes
) -> SourceError | None:
    """Return the error of an answer that is not that of the API; None where it may well be."""
    found = _foreign(target, status, headers.get("Content-Type", ""), body)
    return _failure(endpoint, target, found) if found else None


def _foreign(target: Target, status: int, content: str, body: bytes) -> Diagnosis | None:
    if status == 407:
        return refused_by_proxy(status, target)
    if target.url.scheme != "http":
        return None
    said = body[:_LONGEST_LOOKED_AT].lower()
    if status == 400 and any(words in said for words in _TLS_PORT_SAYS):
        return answered_for_another(Trouble.TLS_EXPECTED, status, target)
    is_error_page = "text/html" in content.lower() and (status == 403 or status >= 500)
    if target.proxy is not None and is_error_page:
        return answered_for_another(Trouble.PROXY_PAGE, status, target)
    return None


def _failure(endpoint: str, target: Target, found: Diagnosis) -> SourceError:
    """Make the error of a call. It has no status: a proxy's says nothing of the API."""
    proxy = target.proxy
    through = f"through the proxy {place(proxy)}" if found.at_proxy and proxy else ""
    where = through or f"at {target.url.host}"
    return SourceError(found.reason, f"{endpoint} {where}: {found.cause}", remedy=found.todo)
