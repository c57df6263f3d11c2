"""When each hour is read, and when it has been read often enough.

Hours are numbered from 1970 on. An hour is asked for as soon as it is over, and then again and
again with growing pauses, because data come late; after four days it is settled by the next answer
that has data.
"""

from msgspec import Struct

HOUR = 3600
SETTLED_AFTER = 96.0 * HOUR
"""Seconds after its end: what comes in later than that is not counted."""
LONGEST_PAUSE = 24.0 * HOUR
NEVER = -1.0
"""Stands for the time of the last answer of an hour that was not asked for."""
AGAIN = 0.0
"""Stands for it where an answer could not be counted whole: it is asked for in the next run."""


class Progress(Struct, frozen=True, gc=False):
    """How far the hours of a source have come."""

    next_hour: int
    """The first hour that is not on the list."""
    counted_to: int | None = None
    """The newest hour of which something is counted; nothing up to here is listed anew."""


class Listed(Struct, frozen=True, gc=False):
    """An hour that is still to be asked for."""

    hour: int
    asked: float
    """Unix second of the last answer, or NEVER, or AGAIN; negative: of a call without an answer."""

    @property
    def was_read(self) -> bool:
        """Whether there has been an answer."""
        return self.asked >= 0


class Plan(Struct, frozen=True, gc=False):
    """What changes in the list of hours as time goes on."""

    progress: Progress
    new: range
    """Hours that are over now."""
    lost: int
    """Hours that went out of reach before they were on the list."""
    oldest: int
    """The oldest hour that can be asked for."""


def started(now: float) -> Progress:
    """Begin with the hour in which we are; what was before is nobody's."""
    return Progress(int(now) // HOUR)


def planned(progress: Progress, now: float, reach: float) -> Plan:
    """Put the hours on the list that have ended.

    Args:
        progress: How far they have come.
        now: Unix seconds. It may have jumped: hours in the future hold nothing that counts, so
            they are listed again when their time comes, but none up to `counted_to` ever is.
        reach: Seconds into the past that can be asked for.
    """
    current = int(now) // HOUR
    oldest = -int((reach - now) // HOUR)
    first = progress.next_hour
    if first > current:
        first = current if progress.counted_to is None else progress.counted_to + 1
    begin = min(max(first, oldest), max(current, first))
    return Plan(
        progress=Progress(max(current, first), progress.counted_to),
        new=range(begin, current),
        lost=begin - first,
        oldest=oldest,
    )


def is_due(listed: Listed, now: float) -> bool:
    """Tell whether an hour is to be asked for now."""
    tried = abs(listed.asked)
    if tried > now:
        return True  # the clock went back
    return now - tried >= pause(now - _end(listed.hour))


def pause(age: float) -> float:
    """Return the seconds between two answers of an hour that ended so many seconds ago."""
    # A bit less: runs start about one interval apart.
    return 0.9 * min(max(HOUR, age / 4), LONGEST_PAUSE)


def is_settled(hour: int, now: float, *, has_data: bool) -> bool:
    """Tell whether this answer was the last one; without data it was not, within reach."""
    return has_data and now - _end(hour) >= SETTLED_AFTER


def _end(hour: int) -> float:
    return float((hour + 1) * HOUR)
