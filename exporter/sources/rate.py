"""How is a limit of requests per minute kept?"""

import asyncio
from collections import deque

from exporter.clock import Clock

MINUTE = 60.0


class RateLimit:
    """Lets at most `limit` callers pass in any 60 seconds, in the order in which they came."""

    def __init__(self, limit: int, clock: Clock) -> None:
        """Remember the limit; 0 lets everybody pass."""
        self._limit = limit
        self._clock = clock
        self._passed: deque[float] = deque()
        self._turn = asyncio.Lock()

    async def acquire(self) -> None:
        """Wait until one more request is allowed."""
        if not self._limit:
            return
        async with self._turn:
            while len(self._passed) >= self._limit:
                wait = self._passed[0] + MINUTE - self._clock.monotonic()
                if wait <= 0:
                    self._passed.popleft()
                else:
                    await self._clock.sleep(wait)
            self._passed.append(self._clock.monotonic())
