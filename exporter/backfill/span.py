"""The windows of a range of past time."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime

from msgspec import Struct

from exporter.model import Window

_DATE = re.compile(r"\d{4}-\d\d-\d\d(T\d\d:00(:00)?Z)?")


class PastWindow(Struct, frozen=True, gc=False):
    """One window; its start in Unix seconds."""

    window: Window
    start: int


@dataclass(frozen=True, slots=True)
class Past:
    """A stretch of whole hours, in Unix seconds; the end is not part of it."""

    start: int
    end: int

    def windows(self) -> Iterator[PastWindow]:
        """Give every hour, and every UTC day that lies within, the oldest first."""
        for window in Window:
            first = -(-self.start // window.seconds) * window.seconds
            for start in range(first, self.end - window.seconds + 1, window.seconds):
                yield PastWindow(window, start)


def moment(text: str) -> int:
    """Read a date, or a full hour in UTC; the result is in Unix seconds.

    Raises:
        ValueError: It is neither.
    """
    if not _DATE.fullmatch(text):
        raise ValueError("write a date such as 2026-05-31, or an hour such as 2026-05-31T14:00Z")
    try:
        return int(datetime.fromisoformat(text.rstrip("Z")).replace(tzinfo=UTC).timestamp())
    except ValueError:
        raise ValueError(f"there is no {text}") from None


def past(start: int, end: int, now: float, reach: float) -> Past:
    """Check a stretch of time.

    Args:
        start: Unix seconds.
        end: Unix seconds; not part of it.
        now: Unix seconds.
        reach: How far back the API remembers, in seconds.

    Raises:
        ValueError: It is empty, not over yet, or goes too far back.
    """
    if start >= end:
        raise ValueError("--from must be before --to")
    if start < now - reach:
        hour = Window.HOUR.seconds
        raise ValueError(
            f"the API remembers {reach / 86400:.0f} days: "
            f"the earliest --from is {written(-int((reach - now) // hour) * hour)}"
        )
    if end > now:
        last = int(now) // Window.HOUR.seconds * Window.HOUR.seconds
        raise ValueError(f"--to must be over: the latest is {written(last)}")
    return Past(start, end)


def written(seconds: float) -> str:
    """Write an hour as `moment` reads it."""
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:00Z")
