"""Times that an API states of the past: one that lies in the future is wrong."""

from exporter.clock import Clock
from exporter.sources.drift import Unseen

SKEW = 300.0
"""Seconds by which the clock of an API may be ahead of the local one."""
FUTURE = "<future>"


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
