"""What is the time at a bench? It stands still until a test moves it."""

import asyncio
from typing import Final

NOW: Final = 1_750_001_400.0
"""Half past three: no window ends while a bench is used."""
BEFORE: Final = 66.0
"""Seconds for which all is well before a fault begins."""


class HandClock:
    """Time that a bench moves."""

    def __init__(self) -> None:
        self.now = 5000.0
        self.ahead = NOW - self.now

    def wall(self) -> float:
        return self.now + self.ahead

    def monotonic(self) -> float:
        return self.now

    async def sleep(self, seconds: float) -> None:
        del seconds
        await asyncio.sleep(0)
