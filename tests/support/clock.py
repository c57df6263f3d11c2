"""Time that stands still until a test moves it."""

import asyncio
import heapq
import itertools

_PASSES = 30
"""Turns of the event loop after which everything that can go on has gone on."""


async def settle() -> None:
    """Let every task run until it waits for something."""
    for _ in range(_PASSES):
        await asyncio.sleep(0)


class FakeClock:
    """A clock whose sleepers wake when `advance` reaches their time, in order."""

    def __init__(self, wall: float = 1_750_000_000.0, monotonic: float = 5000.0) -> None:
        self.now = monotonic
        self._ahead = wall - monotonic
        self._order = itertools.count()
        self._sleepers: list[tuple[float, int, asyncio.Future[None]]] = []

    def wall(self) -> float:
        return self.now + self._ahead

    def monotonic(self) -> float:
        return self.now

    async def sleep(self, seconds: float) -> None:
        if seconds <= 0:
            await asyncio.sleep(0)
            return
        woken = asyncio.get_running_loop().create_future()
        heapq.heappush(self._sleepers, (self.now + seconds, next(self._order), woken))
        await woken

    @property
    def sleeping(self) -> int:
        """How many tasks wait for the time to move."""
        return sum(not woken.done() for _, _, woken in self._sleepers)

    async def advance(self, seconds: float) -> None:
        """Move the time, and let everything happen that happens within it."""
        until = self.now + seconds
        await settle()
        while self._sleepers and self._sleepers[0][0] <= until:
            due, _, woken = heapq.heappop(self._sleepers)
            if not woken.done():
                self.now = max(self.now, due)
                woken.set_result(None)
                await settle()
        self.now = until
        await settle()
