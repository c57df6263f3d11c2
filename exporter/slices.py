"""Long work on the event loop, in slices that leave room for others."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Collection, Iterable
from itertools import chain, islice
from typing import Any, TypeVar

T = TypeVar("T")

_SLICE = 0.004
_BATCH = 1000
_SORTED_AT_ONCE = 10_000


class Slices:
    """Gives the event loop to others at least every few milliseconds of work."""

    def __init__(self) -> None:
        """Start a slice."""
        self._started = time.perf_counter()

    async def through(self, items: Iterable[T]) -> AsyncIterator[T]:
        """Give items one by one, and the event loop to others in between."""
        for item in items:
            yield item
            if time.perf_counter() - self._started > _SLICE:
                await self.breathe()

    async def batches(self, items: Iterable[T]) -> AsyncIterator[list[T]]:
        """Give items some at a time, where each takes about a microsecond."""
        remaining = iter(items)
        while batch := list(islice(remaining, _BATCH)):
            yield batch
            await self.breathe()

    async def sorted(self, items: Collection[T], key: Callable[[T], Any]) -> list[T]:
        """Return items in order, like `sorted`."""
        if len(items) <= _SORTED_AT_ONCE:
            return sorted(items, key=key)
        remaining = iter(items)
        parts: list[list[T]] = []
        while part := sorted(islice(remaining, _SORTED_AT_ONCE), key=key):
            parts.append(part)
            await self.breathe()
        while len(parts) > 1:
            pairs = [parts[place : place + 2] for place in range(0, len(parts), 2)]
            parts = []
            for pair in pairs:
                # Python merges what is sorted already in one pass.
                parts.append(sorted(chain(*pair), key=key))
                await self.breathe()
        return parts[0]

    async def breathe(self) -> None:
        """Let others run if this slice has lasted long enough."""
        if time.perf_counter() - self._started > _SLICE:
            await asyncio.sleep(0)
            self._started = time.perf_counter()
