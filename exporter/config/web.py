"""The web configuration, in the file format of Prometheus' exporter-toolkit.

Its keys and rules are those of the toolkit's `docs/web-configuration.md`. Where Python's TLS cannot
do what a key asks for, the key is refused rather than ignored; what is ignored, because nobody gets
in or is kept out by it, is `http2` (HTTP/1.1 is served) and `RequestClientCert` (no certificate is
asked for).
"""

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BeforeValidator, Field, SecretStr, model_validator

from exporter.config import files
from exporter.config.document import TreeError, checked, tree_of
from exporter.config.load import ConfigError
from exporter.config.quantities import Count
from exporter.config.source import Strict

HOW_TO_HASH = "make one with: htpasswd -nBC 10 '' | tr -d ':\\n'"
MOST_ROUNDS = 20
"""The cost of a hash that is still accepted: each step doubles the time, 20 takes a minute."""
LONGEST_INTERVAL = 3600.0
"""Seconds between two requests: with a longer interval nearly every scrape would be refused."""
LARGEST_BURST = 1_000_000

_HASH = re.compile(r"\$2[aby]\$([0-9]{2})\$[./A-Za-z0-9]{53}")
_GO_DURATION = re.compile(r"(?:[0-9]{1,9}(?:\.[0-9]{1,9})?(?:ns|us|µs|ms|s|m|h))+")
_GO_PART = re.compile(r"([0-9.]+)(ns|us|µs|ms|s|m|h)")
_GO_UNITS = {"ns": 1e-9, "us": 1e-6, "µs": 1e-6, "ms": 1e-3, "s": 1.0, "m": 60.0, "h": 3600.0}

ClientAuth = Literal[
    "NoClientCert",
    "RequestClientCert",
    "RequireClientCert",
    "RequireAnyClientCert",
    "VerifyClientCertIfGiven",
    "RequireAndVerifyClientCert",
]
AuthType = Annotated[ClientAuth, BeforeValidator(lambda text: text or "NoClientCert")]
Version = Literal["TLS10", "TLS11", "TLS12", "TLS13"]


def _hash(secret: SecretStr) -> SecretStr:
    match = _HASH.fullmatch(secret.get_secret_value())
    if match is None:
        raise ValueError(f"is not a bcrypt hash; {HOW_TO_HASH}")
    if not 4 <= int(match[1]) <= MOST_ROUNDS:
        raise ValueError(f"has a cost that is not within 4 and {MOST_ROUNDS}; {HOW_TO_HASH}")
    return secret


def _go_duration(text: object) -> float:
    """Read a duration as Go writes it; the result is in seconds.

    Raises:
        ValueError: It is none.
    """
    if text in (0, "0") and not isinstance(text, bool):
        return 0.0
    if not isinstance(text, str) or not _GO_DURATION.fullmatch(text):
        raise ValueError("write a duration with its unit, such as 100ms or 1s, or 0 for no limit")
    return sum(float(number) * _GO_UNITS[unit] for number, unit in _GO_PART.findall(text))


def _bounded(seconds: float) -> float:
    if seconds > LONGEST_INTERVAL:
        raise ValueError("must be at most 1h: a longer interval would refuse nearly every scrape")
    return seconds


def _safe(text: str) -> str:
    if not text.isascii() or not text.isprintable():
        raise ValueError("must be one line of plain characters")
    return text


def _one_of(*allowed: str) -> AfterValidator:
    def check(text: str) -> str:
        if text not in allowed:
            raise ValueError(f"must be {' or '.join(allowed)}")
        return text

    return AfterValidator(check)


def _file(text: object) -> object:
    return None if text == "" else text


Hash = Annotated[SecretStr, AfterValidator(_hash)]
GoDuration = Annotated[float, BeforeValidator(_go_duration)]
File = Annotated[Path | None, BeforeValidator(_file)]
Header = Annotated[str | None, AfterValidator(lambda text: text and _safe(text))]


class _Section(Strict):
    """A section in which a key without a value is as good as none."""

    @model_validator(mode="before")
    @classmethod
    def _without_blanks(cls, tree: Any) -> Any:
        if tree is None:
            return {}
        if not isinstance(tree, Mapping):
            return tree
        known = {field.alias or name for name, field in cls.model_fields.items()}
        return {key: value for key, value in tree.items() if value is not None or key not in known}


class TlsServer(_Section):
    """`tls_server_config`: the certificate that is shown, and those that are asked for."""

    cert: str = ""
    key: SecretStr = SecretStr("")
    client_ca: str = ""
    cert_file: File = None
    key_file: File = None
    client_ca_file: File = None
    client_auth_type: AuthType = "NoClientCert"
    client_allowed_sans: tuple[str, ...] | None = None
    min_version: Version = "TLS12"
    max_version: Version = "TLS13"
    cipher_suites: tuple[str, ...] = ()
    prefer_server_cipher_suites: bool = True
    curve_preferences: tuple[str, ...] = ()

    @property
    def enabled(self) -> bool:
        """Whether HTTPS is served: as soon as anything is set.

        The toolkit serves plain HTTP where only details of TLS are given; nobody can mean that.
        """
        return self != TlsServer()

    @property
    def files(self) -> tuple[Path, ...]:
        """Every file that is named."""
        named = (self.cert_file, self.key_file, self.client_ca_file)
        return tuple(path for path in named if path)

    def within(self, folder: Path) -> "TlsServer":
        """Return the same settings with paths that count from a folder."""
        named = ("cert_file", "key_file", "client_ca_file")
        paths = {name: getattr(self, name) for name in named}
        return self.model_copy(
            update={name: path and folder / path for name, path in paths.items()}
        )


class Headers(_Section):
    """`headers`: those that the toolkit allows; a blank one is not sent."""

    csp: Header = Field(default=None, alias="Content-Security-Policy")
    frames: Annotated[str | None, _one_of("deny", "sameorigin")] = Field(
        default=None, alias="X-Frame-Options"
    )
    sniffing: Annotated[str | None, _one_of("nosniff")] = Field(
        default=None, alias="X-Content-Type-Options"
    )
    xss: Header = Field(default=None, alias="X-XSS-Protection")
    hsts: Header = Field(default=None, alias="Strict-Transport-Security")

    @property
    def by_name(self) -> dict[str, str]:
        """The headers that are set."""
        return {name: text for name, text in self.model_dump(by_alias=True).items() if text}


class HttpServer(_Section):
    """`http_server_config`."""

    http2: bool = True
    """Read and ignored: HTTP/1.1 is served, to which every client falls back."""
    headers: Headers = Headers()


class RateLimit(_Section):
    """`rate_limit`: a token bucket for all requests together."""

    interval: Annotated[GoDuration, AfterValidator(_bounded)] = 0.0
    """Seconds between two requests; 0: no limit."""
    burst: Count = Field(default=0, ge=0, le=LARGEST_BURST)


class WebConfig(_Section):
    """A whole web configuration."""

    tls_server_config: TlsServer = TlsServer()
    http_server_config: HttpServer = HttpServer()
    basic_auth_users: dict[str, Hash] = Field(default_factory=dict)
    rate_limit: RateLimit = RateLimit()


def load_web_config(path: Path) -> WebConfig:
    """Read and check a web configuration; paths in it count from its own folder.

    Raises:
        ConfigError: With every mistake at once. Whether certificate and key can be used is not
            looked at.
    """
    try:
        tree = tree_of(files.read_text(path, files.LARGE))
    except OSError as error:
        raise ConfigError(str(path), [f"cannot read the file: {error.strerror}"]) from None
    except TreeError as error:
        raise ConfigError(str(path), [str(error)]) from None
    problems: list[str] = []
    config = checked(WebConfig, tree, "", problems)
    if config is not None:
        problems += [f"{key}: {text}" for key, text in _mistakes(config)]
    if config is None or problems:
        raise ConfigError(str(path), problems)
    tls = config.tls_server_config.within(path.parent)
    return config.model_copy(update={"tls_server_config": tls})


def _mistakes(config: WebConfig) -> Iterator[tuple[str, str]]:
    for name in config.basic_auth_users:
        if not name or ":" in name:
            yield "basic_auth_users", "a user needs a name, and one without a colon"
    if config.rate_limit.interval and not config.rate_limit.burst:
        yield "rate_limit.burst", "is missing: without it every request would be refused; set 20"
    tls = config.tls_server_config
    if tls.enabled:
        for mistakes in (_pair_mistakes, _client_mistakes, _version_mistakes):
            for key, text in mistakes(tls):
                yield f"tls_server_config.{key}", text


def _pair_mistakes(tls: TlsServer) -> Iterator[tuple[str, str]]:
    """Demand each of certificate and key once, and a client CA at most once."""
    given = {
        "cert": bool(tls.cert),
        "key": bool(tls.key.get_secret_value()),
        "client_ca": bool(tls.client_ca),
    }
    for name, inline in given.items():
        as_file = getattr(tls, f"{name}_file") is not None
        if inline and as_file:
            yield name, f"is given twice: set only one of {name} and {name}_file"
        elif not inline and not as_file and name != "client_ca":
            yield f"{name}_file", f"is missing: set {name}_file or {name}"


def _client_mistakes(tls: TlsServer) -> Iterator[tuple[str, str]]:
    has_ca = bool(tls.client_ca or tls.client_ca_file)
    kind = tls.client_auth_type
    if kind in ("RequireClientCert", "RequireAnyClientCert"):
        yield (
            "client_auth_type",
            "a certificate that nobody verifies keeps nobody out, and Python's TLS cannot ask for "
            "one; use RequireAndVerifyClientCert with client_ca_file",
        )
    verifies = kind in ("VerifyClientCertIfGiven", "RequireAndVerifyClientCert")
    if verifies and not has_ca:
        yield (
            "client_ca_file",
            f"is missing: {kind} needs the CA of the clients' certificates",
        )
    if has_ca and kind == "NoClientCert":
        yield (
            "client_auth_type",
            "is missing: with a client CA set RequireAndVerifyClientCert, or leave the CA out",
        )
    if tls.client_allowed_sans is not None and kind != "RequireAndVerifyClientCert":
        yield "client_allowed_sans", "needs client_auth_type: RequireAndVerifyClientCert"


def _version_mistakes(tls: TlsServer) -> Iterator[tuple[str, str]]:
    for key in ("min_version", "max_version"):
        if getattr(tls, key) in ("TLS10", "TLS11"):
            yield key, "TLS 1.0 and 1.1 are broken and not offered; use TLS12 or TLS13"
    if tls.min_version > tls.max_version:
        yield "max_version", f"is below min_version, {tls.min_version}"
