"""How much energy did a server use in a closed window?"""

from enum import StrEnum

from msgspec import Struct


class Window(StrEnum):
    """Length of a closed window of energy data."""

    HOUR = "1h"
    DAY = "1d"

    @property
    def seconds(self) -> int:
        """Length in seconds."""
        return 3600 if self is Window.HOUR else 86400


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
