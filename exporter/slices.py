"""How does long work leave room for others on the event loop?"""

import asyncio
import time
from collections.abc import AsyncIterator, Iterable
from typing import TypeVar

T = TypeVar("T")

_SLICE = 0.004


class Slices:
    """Gives the event loop to others at least every few milliseconds of work."""

    def __init__(self) -> None:
        """Start a slice."""
        self._started = time.perf_counter()

    async def through(self, items: Iterable[T]) -> AsyncIterator[T]:
        """Give items one by one, and the event loop to others in between."""
        for item in items:
            yield item
            await self.breathe()

    async def breathe(self) -> None:
        """Let others run if this slice has lasted long enough."""
        if time.perf_counter() - self._started > _SLICE:
            await asyncio.sleep(0)
            self._started = time.perf_counter()
