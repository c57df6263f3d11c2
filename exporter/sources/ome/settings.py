"""Settings of a Dell OpenManage Enterprise source."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Annotated, Any, Literal
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, Field, SecretStr

from exporter.config.files import Secret, secret_mistakes
from exporter.config.quantities import Count, Duration
from exporter.config.source import (
    CollectorSettings,
    SourceSettings,
    Url,
    path_mistakes,
)
from exporter.sources.ome.times import zone_named

OWN_PATHS = "/api$|/api/[A-Z]|^/core(?=/|$)"
"""The API itself, such as `/api/DeviceService`, and the pages of the web interface."""


def known_zone(text: str) -> str:
    """Check the name of a time zone.

    Raises:
        ValueError: There is no such zone.
    """
    if zone_named(text) is None:
        raise ValueError(f"{text!r} is no time zone; write one such as Europe/Berlin or UTC")
    return text


def some(types: tuple[int, ...]) -> tuple[int, ...]:
    """Check that at least one type of device is given.

    Raises:
        ValueError: None is.
    """
    if not types:
        raise ValueError("must not be empty")
    return types


DeviceType = Annotated[Count, Field(ge=0, le=2**31 - 1)]


class OmeHealth(CollectorSettings):
    """Settings of the collector `health`."""

    healthy_every: Duration = 3600.0
    """Every healthy device is read at least this often; the unhealthy ones at each run."""


class OmeSettings(SourceSettings):
    """One entry of `sources` of type `ome`."""

    type: Literal["ome"]
    url: Url
    username: str = Field(min_length=1)
    password: SecretStr | None = None
    password_file: Path | None = None
    timezone: Annotated[str, AfterValidator(known_zone)] | None = None
    device_types: Annotated[tuple[DeviceType, ...], AfterValidator(some)] = (1000,)

    @property
    def api(self) -> str:
        """The appliance's base address."""
        return self.url

    @property
    def console(self) -> str:
        """The appliance's own web interface."""
        return self.url

    @property
    def credential(self) -> tuple[str, ...]:
        """The names of the settings with which the source logs in."""
        return ("username", "password_file" if self.password_file else "password")

    @property
    def needed_role(self) -> str:
        """The least that the API user has to be allowed."""
        return "the role VIEWER, with all devices in its scope"

    @property
    def secret(self) -> Secret:
        """The password."""
        return Secret(text=self.password, file=self.password_file)

    @property
    def zone(self) -> ZoneInfo | None:
        """The zone of the appliance's times, which carry none; None: the appliance is asked."""
        return zone_named(self.timezone or "")

    @classmethod
    def mistakes(cls, raw: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
        """Check what concerns several settings; see `SourceSettings.mistakes`."""
        yield from super().mistakes(raw)
        yield from secret_mistakes(raw, "password")
        yield from path_mistakes(raw, OWN_PATHS)
