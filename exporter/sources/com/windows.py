"""Which stretches of time does COM sum energy over, and how are they asked for?"""

from collections.abc import Iterator
from datetime import UTC, datetime

from msgspec import Struct

from exporter.model import Window

SAMPLE_SIZE = {Window.HOUR: "1_HOUR", Window.DAY: "1_DAY"}
FORMAT = {Window.HOUR: "%Y-%m-%dT%H:%M:%SZ", Window.DAY: "%Y-%m-%d"}
LOOK_BACK = {Window.HOUR: 24, Window.DAY: 3}
"""How many windows before now are tried: data arrives late, at worst once a day."""
REACH = 180 * 86400.0
"""Seconds into the past for which windows can be asked."""


class Span(Struct, frozen=True, gc=False):
    """One closed window; both ends in Unix seconds, the end is not part of it."""

    window: Window
    start: int
    end: int

    @property
    def query(self) -> dict[str, str]:
        """The parameters that ask for it."""
        return {
            "start-date": self._written(self.start),
            "end-date": self._written(self.end),
            "sample-size": SAMPLE_SIZE[self.window],
        }

    def _written(self, seconds: int) -> str:
        return datetime.fromtimestamp(seconds, UTC).strftime(FORMAT[self.window])


def closed_spans(window: Window, now: float) -> Iterator[Span]:
    """Give the windows that are over, the newest first; days begin at midnight UTC.

    Args:
        window: The length.
        now: Unix seconds.
    """
    newest_end = int(now) // window.seconds * window.seconds
    for age in range(LOOK_BACK[window]):
        end = newest_end - age * window.seconds
        yield Span(window, end - window.seconds, end)
