"""The last good reading of each part of a list, served while newer readings of that part fail."""

from collections.abc import Container, Hashable
from typing import Generic, TypeVar

from exporter.clock import Clock

K = TypeVar("K", bound=Hashable)
V = TypeVar("V")


class LastGood(Generic[K, V]):
    """Remembers one reading a part, for a limited time."""

    def __init__(self, clock: Clock, keep: float) -> None:
        """Begin without readings; each is good for `keep` seconds."""
        self._clock = clock
        self._keep = keep
        self._kept: dict[K, tuple[float, V]] = {}

    def put(self, part: K, reading: V) -> None:
        """Remember a new reading."""
        self._kept[part] = (self._clock.monotonic(), reading)

    def get(self, part: K) -> V | None:
        """Return the last reading, None if there is none or it is too old."""
        at, reading = self._kept.get(part, (0.0, None))
        return None if self._clock.monotonic() - at > self._keep else reading

    def drop(self, part: K) -> None:
        """Forget a part."""
        self._kept.pop(part, None)

    def retain(self, parts: Container[K]) -> None:
        """Forget the parts that are gone."""
        self._kept = {part: kept for part, kept in self._kept.items() if part in parts}
