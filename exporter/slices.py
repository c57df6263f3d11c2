"""How does long work leave room for others on the event loop?"""

import asyncio
import time

_SLICE = 0.004


class Slices:
    """Gives the event loop to others at least every few milliseconds of work."""

    def __init__(self) -> None:
        """Start a slice."""
        self._started = time.perf_counter()

    async def breathe(self) -> None:
        """Let others run if this slice has lasted long enough."""
        if time.perf_counter() - self._started > _SLICE:
            await asyncio.sleep(0)
            self._started = time.perf_counter()
