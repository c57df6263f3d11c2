"""Values of a vendor that can be measurements or past times, and objects that are shared."""

from collections.abc import Hashable
from typing import TypeVar

from exporter.clock import Clock
from exporter.sources.drift import Unseen

T = TypeVar("T", bound=Hashable)

SKEW = 300.0
"""Seconds by which the clock of an API may be ahead of the local one."""
FUTURE = "<future>"
_MOST_SHARED = 4096
_shared: dict[Hashable, Hashable] = {}
LARGEST = 1e18
"""No server has more of anything in any unit; what is converted or summed up stays a number that
Prometheus can read, which refuses a whole scrape for one that it cannot."""


def converted(value: float) -> float:
    """Return a converted measurement without the digits that the conversion alone has added."""
    return float(f"{value:.12g}")


def measurable(value: float) -> float | None:
    """Return a number, unless it is NaN, infinite or beyond every measurement."""
    # Whole numbers are compared before they become floats, of which the longest cannot.
    return float(value) if -LARGEST <= value <= LARGEST else None


def latest(clock: Clock) -> float:
    """Return the last Unix second that does not lie in the future."""
    return clock.wall() + SKEW


def past(at: float | None, until: float, field: str, unseen: Unseen) -> float | None:
    """Return a time, or None where it lies in the future.

    Args:
        at: Unix seconds, None where there is none.
        until: The last second that is not the future.
        field: The API's name of the time.
        unseen: Takes the field whose time is left out.
    """
    if at is None or at <= until:
        return at
    unseen.note(field, FUTURE)
    return None


def shared(reading: T) -> T:
    """Return an equal reading that was given before, or else this one.

    A fleet has few distinct sets of component states. Sharing them saves memory and, because they
    hold tuples, much of the walk of every full garbage collection, which holds the event loop.
    """
    if len(_shared) >= _MOST_SHARED:
        _shared.clear()
    return _shared.setdefault(reading, reading)  # type: ignore[return-value]
