"""Power, temperature, utilization and energy of a server, and the totals of a source."""

from enum import StrEnum

from msgspec import Struct


class PowerDraw(Struct, frozen=True, gc=False):
    """What one server drew at the last reading."""

    watts: float


class Power(Struct, frozen=True, gc=False, kw_only=True):
    """Power statistics in watts; energy in joules since the counter began."""

    peak_watts: float | None = None
    minimum_watts: float | None = None
    headroom_watts: float | None = None
    energy_joules: float | None = None


class Temperatures(Struct, frozen=True, gc=False):
    """Degrees celsius by sensor (system, inlet)."""

    sensors: tuple[tuple[str, float], ...]


class Utilization(Struct, frozen=True, gc=False):
    """Average use by resource (cpu, memory, io, cpu_interconnect), each from 0 to 1."""

    resources: tuple[tuple[str, float], ...]


class Window(StrEnum):
    """Length of a closed window of energy data."""

    HOUR = "1h"
    DAY = "1d"

    @property
    def seconds(self) -> int:
        """Length in seconds."""
        return 3600 if self is Window.HOUR else 86400

    @property
    def word(self) -> str:
        """The length in the names of metric families."""
        return "hour" if self is Window.HOUR else "day"


class Energy(Struct, frozen=True, gc=False, kw_only=True):
    """What one server used in one closed window; a figure is None where it is not known."""

    joules: float | None = None
    grams_co2e: float | None = None
    cost_usd: float | None = None


class EnergyWindows(Struct, frozen=True, gc=False):
    """Energy of the last complete windows of one server."""

    hour: Energy | None = None
    day: Energy | None = None

    @property
    def windows(self) -> tuple[tuple[Window, Energy], ...]:
        """The windows that are known, the shortest first."""
        both = ((Window.HOUR, self.hour), (Window.DAY, self.day))
        return tuple((window, energy) for window, energy in both if energy is not None)


class EnergyWindowEnds(Struct, frozen=True, gc=False):
    """Unix seconds at which each served window ended."""

    ends: tuple[tuple[Window, float], ...]


class InventoryCount(Struct, frozen=True, gc=False):
    """How many servers are served, and how many the API itself counts, where it does."""

    servers: int
    reported: int | None


class Jobs(Struct, frozen=True, gc=False):
    """Jobs of a source by state (pending, running, stalled, failed)."""

    counts: tuple[tuple[str, int], ...]


class Appliances(Struct, frozen=True, gc=False):
    """Appliances of a source: kind (gateway, oneview), state, and how many."""

    counts: tuple[tuple[str, str, int], ...]
