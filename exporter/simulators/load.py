"""How many watts does a machine draw at a time, and how many joules between two times?

The draw is a sum of sines (day and night, and a shorter swing), so that its integral is exact:
a counter of kWh, an hour's energy and a reading of watts never contradict each other.
"""

import math
from dataclasses import dataclass

from exporter.simulators.episodes import POWERED_OFF, Episodes, off_span
from exporter.simulators.hashing import unit

STANDBY_WATTS = 14.0
JOULES_PER_KWH = 3.6e6
DAY = 86_400.0

_SALT_SCALE, _SALT_SWING, _SALT_PERIOD, _SALT_SHIFT = 301, 302, 303, 304


@dataclass(frozen=True, slots=True)
class Span:
    """A time during which a machine was held on or off by hand; `ends` is infinite while it is."""

    starts: float
    ends: float
    off: bool


@dataclass(frozen=True, slots=True)
class Curve:
    """The draw of one machine when it is on: mean and two amplitudes in watts."""

    mean: float
    day: float
    swing: float
    day_shift: float
    swing_period: float
    swing_shift: float

    def watts(self, t: float) -> float:
        """Return the draw at a Unix time."""
        return (
            self.mean
            + self.day * math.sin(math.tau * (t - self.day_shift) / DAY)
            + self.swing * math.sin(math.tau * (t - self.swing_shift) / self.swing_period)
        )

    def joules(self, begin: float, end: float) -> float:
        """Return the energy between two Unix times, the integral of `watts`."""
        return self._primitive(end) - self._primitive(begin)

    @property
    def highest(self) -> float:
        """Return the watts that are never exceeded."""
        return self.mean + self.day + self.swing

    @property
    def lowest(self) -> float:
        """Return the watts that are never gone below while the machine is on."""
        return self.mean - self.day - self.swing

    def _primitive(self, t: float) -> float:
        # Whole days and swings integrate to nothing; reducing t keeps the cosines exact.
        return (
            self.mean * t
            - self.day * DAY / math.tau * math.cos(math.tau * ((t - self.day_shift) % DAY) / DAY)
            - self.swing * self.swing_period / math.tau
            * math.cos(
                math.tau * ((t - self.swing_shift) % self.swing_period) / self.swing_period
            )
        )  # fmt: skip


def curve(seed: int, slot: int, watts: float, hours_from_utc: int) -> Curve:
    """Return the curve of a slot around the mean of its model; it peaks at 15:00 local time."""
    mean = watts * (0.8 + 0.4 * unit(seed, _SALT_SCALE, slot))
    return Curve(
        mean=mean,
        day=mean * 0.22,
        swing=mean * (0.03 + 0.07 * unit(seed, _SALT_SWING, slot)),
        day_shift=(9 - hours_from_utc) * 3600.0,
        swing_period=1800.0 + 3600.0 * unit(seed, _SALT_PERIOD, slot),
        swing_shift=3600.0 * unit(seed, _SALT_SHIFT, slot),
    )


class Load:
    """The draw of every slot, with the times a machine is off taken out."""

    def __init__(self, episodes: Episodes) -> None:
        """Take the course of events; spans held by hand are added by the world."""
        self._episodes = episodes
        self._held: dict[int, list[Span]] = {}

    def hold(self, slot: int, at: float, off: bool | None) -> None:
        """From a Unix time on, keep a slot off or on, or (None) give it back to its own course."""
        spans = self._held.setdefault(slot, [])
        if spans and spans[-1].ends == math.inf:
            last = spans.pop()
            spans.append(Span(last.starts, at, last.off))
        if off is not None:
            spans.append(Span(at, math.inf, off))

    def watts(self, slot: int, shape: Curve, t: float) -> float:
        """Return the draw at a Unix time."""
        return STANDBY_WATTS if self._is_off(slot, t) else shape.watts(t)

    def joules(self, slot: int, shape: Curve, begin: float, end: float) -> float:
        """Return the energy between two Unix times."""
        if end <= begin:
            return 0.0
        total = shape.joules(begin, end)
        for starts, ends in self._off_spans(slot, begin, end):
            total += STANDBY_WATTS * (ends - starts) - shape.joules(starts, ends)
        return total

    def was_off(self, slot: int, begin: float, end: float) -> bool:
        """Tell whether the machine was off at any time of a span."""
        return bool(self._off_spans(slot, begin, end))

    def _is_off(self, slot: int, t: float) -> bool:
        for span in reversed(self._held.get(slot, [])):
            if span.starts <= t < span.ends:
                return span.off
        episode = self._episodes.at(slot, t)
        starts, ends = off_span(episode)
        return episode.role == POWERED_OFF and starts <= t < ends

    def _off_spans(self, slot: int, begin: float, end: float) -> list[tuple[float, float]]:
        spans = []
        for episode in self._episodes.between(slot, POWERED_OFF, begin, end):
            starts, ends = off_span(episode)
            if ends >= begin and starts <= end:
                spans.append((max(starts, begin), min(ends, end)))
        for held in self._held.get(slot, []):
            spans = _replaced(spans, held, begin, end)
        return spans


def _replaced(
    spans: list[tuple[float, float]], held: Span, begin: float, end: float
) -> list[tuple[float, float]]:
    kept: list[tuple[float, float]] = []
    for starts, ends in spans:
        if starts < held.starts:
            kept.append((starts, min(ends, held.starts)))
        if ends > held.ends:
            kept.append((max(starts, held.ends), ends))
    low, high = max(held.starts, begin), min(held.ends, end)
    return [*kept, (low, high)] if held.off and low < high else kept
