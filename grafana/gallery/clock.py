"""How do days of polling pass in minutes? A clock that leaps over the time in which all sleep."""

import asyncio
import heapq
import itertools
import time
from collections.abc import Callable

_PASSES = 6
"""Turns of the event loop in which a woken task gets to its work or to its next sleep."""
_GLANCE = 0.002


class LeapingClock:
    """Runs like any clock while something works, so that what takes time is measured truly."""

    def __init__(self, wall: float) -> None:
        """Begin at a Unix time."""
        self._ahead = wall - time.time()
        self._leapt = 0.0
        self._order = itertools.count()
        self._sleepers: list[tuple[float, int, asyncio.Future[None]]] = []

    def wall(self) -> float:
        """Return Unix time in seconds."""
        return time.time() + self._ahead + self._leapt

    def monotonic(self) -> float:
        """Return seconds that never go back."""
        return time.monotonic() + self._leapt

    async def sleep(self, seconds: float) -> None:
        """Wait until the time has passed or was leapt over."""
        woken: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        heapq.heappush(self._sleepers, (self.monotonic() + seconds, next(self._order), woken))
        await woken

    async def pass_until(self, wall: float, busy: Callable[[], bool]) -> None:
        """Let everything happen that happens before a Unix time.

        Args:
            wall: The time to go on to.
            busy: Tells whether something works, so that no time may be leapt over.
        """
        while True:
            await self._let_work(busy)
            remaining = wall - self.wall()
            if remaining <= 0:
                return
            due = self._sleepers[0][0] - self.monotonic() if self._sleepers else remaining
            self._leapt += max(0.0, min(due, remaining))

    async def go_on(self) -> None:
        """Let the time pass as it does, for ever."""
        while True:
            self._wake()
            await asyncio.sleep(_GLANCE)

    async def _let_work(self, busy: Callable[[], bool]) -> None:
        self._wake()
        for _ in range(_PASSES):
            await asyncio.sleep(0)
        while busy():
            self._wake()
            await asyncio.sleep(_GLANCE)

    def _wake(self) -> None:
        now = self.monotonic()
        while self._sleepers and self._sleepers[0][0] <= now:
            _, _, woken = heapq.heappop(self._sleepers)
            if not woken.done():
                woken.set_result(None)
