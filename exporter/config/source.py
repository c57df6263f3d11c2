"""What can be set for every source, of whichever vendor?"""

import ipaddress
import re
from collections.abc import Iterator, Mapping
from typing import Annotated, Any

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    FilePath,
    SecretStr,
    StringConstraints,
    model_validator,
)
from yarl import URL

from exporter.config.quantities import Duration, Size

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
    if url.query_string or url.fragment:
        raise ValueError("an address must end before any ? or #")
    return text.rstrip("/")


Url = Annotated[str, AfterValidator(api_url)]
Name = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9_.-]*$", max_length=64)]


class CollectorSettings(Strict):
    """What can be set for every collector."""

    enabled: bool = True
    interval: Duration | None = None
    """None: the collector's own default."""


class HttpSettings(Strict):
    """How the calls to one source are made."""

    timeout: Duration = 30.0
    concurrency: int = Field(default=4, ge=1, le=64)
    requests_per_minute: int = Field(default=0, ge=0)
    """0: no limit."""
    max_response_bytes: Size = 64 * 2**20
    ca_file: FilePath | None = None
    server_name: str | None = None
    insecure_skip_verify: bool = False
    allow_plaintext: bool = False
    proxy: SecretStr | None = None
    """Kept as a secret, because it may carry a password."""

    @model_validator(mode="after")
    def _proxy_is_an_address(self) -> "HttpSettings":
        if self.proxy and not re.match(r"https?://[^/]", self.proxy.get_secret_value()):
            raise ValueError("proxy must be an address such as http://proxy.example.net:3128")
        return self


class SourceSettings(Strict):
    """One entry of `sources`."""

    name: Name
    type: str
    http: HttpSettings = HttpSettings()

    @property
    def api(self) -> str:
        """The base address of the API, without a slash at its end."""
        raise NotImplementedError

    @property
    def by_collector(self) -> Mapping[str, CollectorSettings]:
        """The settings of each collector that the source has."""
        raise NotImplementedError

    @classmethod
    def mistakes(cls, raw: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
        """Check what concerns several settings, on the entry as it was written.

        Working on the raw entry, it finds its mistakes even where single settings are wrong too.

        Yields:
            The path of a setting within the entry, and what is wrong with it.
        """
        http = raw.get("http")
        plaintext = isinstance(http, Mapping) and http.get("allow_plaintext") is True
        for key in ("url", "token_url"):
            address = raw.get(key)
            in_the_clear = isinstance(address, str) and address.startswith("http://")
            if in_the_clear and not plaintext and not is_loopback(str(address)):
                yield key, IN_THE_CLEAR


def inventory_mistakes(raw: Mapping[str, Any], name: str) -> Iterator[tuple[str, str]]:
    """Refuse to switch off the collector on which the others depend."""
    collectors = raw.get("collectors")
    settings = collectors.get(name) if isinstance(collectors, Mapping) else None
    if isinstance(settings, Mapping) and settings.get("enabled") is False:
        yield (
            f"collectors.{name}.enabled",
            "the other collectors need the inventory: it stays enabled",
        )


def is_loopback(address: str) -> bool:
    """Tell whether an address stays on this machine."""
    try:
        host = URL(address).host or ""
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
