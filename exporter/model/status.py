"""How is a server, and each of its parts?"""

from enum import StrEnum

from msgspec import Struct


class Health(StrEnum):
    """Overall health of a server."""

    OK = "ok"
    WARNING = "warning"
    CRITICAL = "critical"
    UNKNOWN = "unknown"


class PowerState(StrEnum):
    """Whether a server is powered."""

    ON = "on"
    OFF = "off"
    POWERING_ON = "powering_on"
    POWERING_OFF = "powering_off"
    UNKNOWN = "unknown"


class RedundancyState(StrEnum):
    """Whether a group of parts can lose one."""

    REDUNDANT = "redundant"
    NON_REDUNDANT = "non_redundant"
    FAILED = "failed"


class Status(Struct, frozen=True, gc=False, kw_only=True):
    """State of a server as the management plane lists it."""

    health: Health | None = None
    power: PowerState | None = None
    connected: bool | None = None
    managed: bool | None = None
    maintenance: bool | None = None
    inventory_at: float | None = None
    """Unix seconds of the last full inventory."""


class Components(Struct, frozen=True, gc=False):
    """Severity (0 ok, 1 warning, 2 critical) by component name, sorted by name."""

    severities: tuple[tuple[str, int], ...]


class Redundancy(Struct, frozen=True, gc=False):
    """Redundancy by component (fans, power_supplies, liquid_cooling), sorted by name."""

    states: tuple[tuple[str, RedundancyState], ...]
