"""Turns of requests, where concurrency and requests per minute are limited.

Those who wait are let in by urgency: a request has time for as long as the interval of its
collector, and the one whose time ends first goes first. So a long sweep does not make the inventory
late, and where more is urgent than the limits allow, what runs seldom still has its turn.
"""

import asyncio
import heapq
import itertools
from collections import deque
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from contextvars import ContextVar
from dataclasses import dataclass

from exporter.clock import Clock

MINUTE = 60.0


class Gate:
    """Lets a number of callers in at a time, and at most so many in any 60 seconds."""

    def __init__(self, concurrency: int, per_minute: int, clock: Clock) -> None:
        """Remember the limits; 0 requests per minute means as many as come."""
        self._free = concurrency
        self._per_minute = per_minute
        self._clock = clock
        self._waiting: list[tuple[float, int, asyncio.Future[None]]] = []
        self._order = itertools.count()
        self._entered: deque[float] = deque()
        self._alarm: asyncio.Task[None] | None = None

    @asynccontextmanager
    async def turn(self) -> AsyncIterator[None]:
        """Wait until it is this caller's turn, and hold the place while the block lasts."""
        admitted = asyncio.get_running_loop().create_future()
        run = errand.get()
        due = self._clock.monotonic() + run.interval if run else 0.0
        heapq.heappush(self._waiting, (due, next(self._order), admitted))
        self._admit()
        try:
            await admitted
        except asyncio.CancelledError:
            if admitted.done() and not admitted.cancelled():
                self._leave()
            raise
        try:
            yield
        finally:
            self._leave()

    def close(self) -> None:
        """Stop waiting for the next minute."""
        if self._alarm is not None:
            self._alarm.cancel()

    def _leave(self) -> None:
        self._free += 1
        self._admit()

    def _admit(self) -> None:
        """Let in whoever may enter now."""
        while self._waiting and self._free:
            if self._waiting[0][2].done():
                heapq.heappop(self._waiting)
                continue
            wait = self._seconds_to_wait()
            if wait > 0:
                self._wake_after(wait)
                return
            _, _, admitted = heapq.heappop(self._waiting)
            self._free -= 1
            if self._per_minute:
                self._entered.append(self._clock.monotonic())
            admitted.set_result(None)

    def _seconds_to_wait(self) -> float:
        """Return how long the limit of requests per minute lasts; 0 if it does not bind."""
        now = self._clock.monotonic()
        while self._entered and self._entered[0] + MINUTE <= now:
            self._entered.popleft()
        if not self._per_minute or len(self._entered) < self._per_minute:
            return 0.0
        return self._entered[0] + MINUTE - now

    def _wake_after(self, seconds: float) -> None:
        if self._alarm is None:
            self._alarm = asyncio.create_task(self._sound_the_alarm(seconds))

    async def _sound_the_alarm(self, seconds: float) -> None:
        await self._clock.sleep(seconds)
        self._alarm = None
        self._admit()


@dataclass(slots=True)
class Errand:
    """One run of a collector: how urgent its requests are, and how many it has sent."""

    interval: float
    """Seconds between two runs: the shorter, the more urgent."""
    calls: int = 0


errand: ContextVar[Errand | None] = ContextVar("errand", default=None)
