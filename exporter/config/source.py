"""The settings of every source, independent of its vendor."""

import errno
import ipaddress
import re
import ssl
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Any

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    PlainValidator,
    SecretStr,
    StringConstraints,
    TypeAdapter,
    ValidationError,
    create_model,
    model_validator,
)
from yarl import URL

from exporter.config import files
from exporter.config.files import Secret
from exporter.config.quantities import Count, Duration, Size
from exporter.model import AlertSeverity

IN_THE_CLEAR = (
    "http:// would send the credential in the clear: use https://, or set "
    "http: {allow_plaintext: true} where the network is trusted"
)


class Strict(BaseModel):
    """A section in which an unknown key is an error, and which shows no input in its errors."""

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)


def api_url(text: str) -> str:
    """Check the base address of an API and drop a slash at its end.

    Raises:
        ValueError: It is no http(s) address, or carries more than scheme, host, port and path.
    """
    try:
        url = URL(text)
    except ValueError:
        raise ValueError("write an address such as https://ome.example.net") from None
    if url.scheme not in ("http", "https") or not url.host:
        raise ValueError(
            "write an address that starts with https://, such as https://ome.example.net"
        )
    if url.user is not None or url.password is not None:
        raise ValueError(
            "an address must not carry a user name or password; use their own settings"
        )
    if re.search(r"[?#\s]", text):
        raise ValueError("an address must not contain ?, # or a space")
    return text.rstrip("/")


@dataclass(frozen=True, slots=True)
class Certificates:
    """A file of certificates, and what it held when the configuration was read.

    A renewed file at the same path is another value.
    """

    path: Path
    pem: str = field(repr=False)
    """ASCII, as Python demands; characters of comments beyond that are question marks."""


def certificates(file: object) -> Certificates:
    """Read a file of certificates.

    Raises:
        ValueError: It cannot be read, or holds none.
    """
    if not isinstance(file, (str, Path)):
        raise ValueError("must be the path of a file")  # noqa: TRY004 - for pydantic
    path = Path(file)
    try:
        content = files.read(path, files.LARGE)
    except OSError as error:
        missing = error.errno == errno.ENOENT
        cause = "there is no such file" if missing else f"cannot read the file: {error.strerror}"
        raise ValueError(cause) from None
    pem = content.decode("ascii", "replace").replace("\N{REPLACEMENT CHARACTER}", "?")
    try:
        ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT).load_verify_locations(cadata=pem)
    except (ssl.SSLError, ValueError):
        raise ValueError("the file has no certificate in PEM form") from None
    return Certificates(path, pem)


CaFile = Annotated[Certificates, PlainValidator(certificates)]
Url = Annotated[str, AfterValidator(api_url)]
Name = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9_.-]*$", max_length=64)]


def once_each(severities: tuple[AlertSeverity, ...]) -> tuple[AlertSeverity, ...]:
    """Drop a severity that is named again."""
    return tuple(dict.fromkeys(severities))


Severities = Annotated[tuple[AlertSeverity, ...], AfterValidator(once_each)]
DEFAULT_SEVERITIES = (AlertSeverity.CRITICAL, AlertSeverity.WARNING)


class CollectorSettings(Strict):
    """What can be set for every collector."""

    enabled: bool = True
    interval: Duration | None = None
    """None: the collector's own default."""


class HttpSettings(Strict):
    """How the calls to one source are made."""

    timeout: Duration = 30.0
    concurrency: Count = Field(default=4, ge=1, le=64)
    requests_per_minute: Count = Field(default=0, ge=0, le=1_000_000)
    """0: no limit."""
    max_response_bytes: Size = 64 * 2**20
    ca_file: CaFile | None = None
    server_name: str | None = None
    insecure_skip_verify: bool = False
    allow_plaintext: bool = False
    proxy: SecretStr | None = None
    """Kept as a secret, because it may carry a password."""

    @model_validator(mode="after")
    def _proxy_is_an_address(self) -> "HttpSettings":
        if self.proxy and not _is_proxy(self.proxy.get_secret_value()):
            raise ValueError("proxy must be an address such as http://proxy.example.net:3128")
        return self


def _is_proxy(address: str) -> bool:
    try:
        return bool(re.match("https?://", address) and URL(address).host)
    except ValueError:
        return False


class SourceSettings(Strict):
    """One entry of `sources`."""

    name: Name
    type: str
    http: HttpSettings = HttpSettings()
    collectors: Strict = Strict()
    """The settings of each collector, by name; `with_collectors` says which there are."""

    @property
    def api(self) -> str:
        """The base address of the API, without a slash at its end."""
        raise NotImplementedError

    @property
    def console(self) -> str:
        """The address of the web interface in which people manage the servers, if it is known."""
        return ""

    @property
    def identity(self) -> tuple[str, ...]:
        """What the source is about: as long as it is the same, so are the servers behind it."""
        return (self.type, self.api)

    @property
    def addresses(self) -> tuple[str, ...]:
        """Every address that is called, in the order of a login."""
        return (self.api,)

    @property
    def credential(self) -> tuple[str, ...]:
        """The names of the settings with which the source logs in."""
        raise NotImplementedError

    @property
    def needed_role(self) -> str:
        """The least that the API user has to be allowed."""
        raise NotImplementedError

    @property
    def by_collector(self) -> Mapping[str, CollectorSettings]:
        """The settings of each collector that the source has; the inventory's first."""
        return {name: getattr(self.collectors, name) for name in _collectors_of(type(self))}

    @property
    def secret(self) -> Secret:
        """What the source logs in with."""
        raise NotImplementedError

    @classmethod
    def mistakes(cls, raw: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
        """Check what concerns several settings, on the entry as it was written.

        Working on the raw entry, it finds its mistakes even where single settings are wrong too.

        Yields:
            The path of a setting within the entry, and what is wrong with it.
        """
        yield from _inventory_mistakes(raw, next(iter(_collectors_of(cls)), ""))
        http = raw.get("http")
        if isinstance(http, Mapping) and truth(http.get("allow_plaintext")) is True:
            return
        for key in ("url", "token_url"):
            address = raw.get(key)
            if isinstance(address, str) and _is_in_the_clear(address):
                yield key, IN_THE_CLEAR


def with_collectors(
    settings: type[SourceSettings], collectors: Mapping[str, type[CollectorSettings]]
) -> type[SourceSettings]:
    """Return the settings of a vendor's sources with those of its collectors.

    Args:
        settings: Of a source.
        collectors: The settings of each collector by its name; the first is the inventory.
    """
    fields: dict[str, Any] = {name: (own, own()) for name, own in collectors.items()}
    section = create_model(f"{settings.__name__}Collectors", __base__=Strict, **fields)
    return create_model(settings.__name__, __base__=settings, collectors=(section, section()))


def _collectors_of(settings: type[SourceSettings]) -> Iterable[str]:
    section = settings.model_fields["collectors"].annotation
    return section.model_fields if section else ()


def _inventory_mistakes(raw: Mapping[str, Any], name: str) -> Iterator[tuple[str, str]]:
    """Refuse to switch off the collector on which the others depend."""
    collectors = raw.get("collectors")
    settings = collectors.get(name) if isinstance(collectors, Mapping) else None
    if isinstance(settings, Mapping) and truth(settings.get("enabled")) is False:
        yield (
            f"collectors.{name}.enabled",
            "the other collectors need the inventory: it stays enabled",
        )


def path_mistakes(raw: Mapping[str, Any], added: str) -> Iterator[tuple[str, str]]:
    """Refuse an address that goes on with a path that the exporter adds itself.

    Args:
        raw: The entry as it was written.
        added: A regular expression for where such a path begins.
    """
    address = raw.get("url")
    try:
        url = URL(address) if isinstance(address, str) else URL()
        found = re.search(added, url.path.rstrip("/"))
        if found and url.host:
            yield "url", f"leave the path out: write {url.origin()}{url.path[: found.start()]}"
    except ValueError:
        return


def truth(value: object) -> bool | None:
    """Read a switch as a setting would: `no` of a variable is False, and None is neither."""
    try:
        return TypeAdapter(bool).validate_python(value)
    except ValidationError:
        return None


def _is_in_the_clear(address: str) -> bool:
    """Tell whether calls would leave this machine unencrypted."""
    try:
        url = URL(address)
        return url.scheme == "http" and not is_loopback(url.host or "")
    except ValueError:
        return False


def is_loopback(host: str) -> bool:
    """Tell whether a host's name or address is this machine's."""
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
