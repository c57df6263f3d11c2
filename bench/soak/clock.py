"""How does a fleet live through hours within minutes?"""

import asyncio
import time
from dataclasses import dataclass

from exporter.clock import SystemClock


@dataclass(frozen=True)
class FastClock(SystemClock):
    """A clock that runs faster than the machine's; processes that share its three numbers agree."""

    began: float
    """Monotonic time of the machine at which it was started."""
    epoch: float
    """Unix time that it showed then."""
    speed: float
    """Its seconds in one of the machine's."""

    @classmethod
    def starting(cls, epoch: float, speed: float) -> "FastClock":
        """Start it now."""
        return cls(time.monotonic(), epoch, speed)

    def wall(self) -> float:
        """Return its Unix time."""
        return self.epoch + (time.monotonic() - self.began) * self.speed

    def monotonic(self) -> float:
        """Return its seconds that never go back."""
        return time.monotonic() * self.speed

    async def sleep(self, seconds: float) -> None:
        """Wait for seconds of its own."""
        await asyncio.sleep(seconds / self.speed)


@dataclass(frozen=True)
class FastCalendar(SystemClock):
    """Shows the date of a fast clock, and waits and ages as the machine does.

    For an exporter whose results are to be good until they have been looked at.
    """

    fast: FastClock

    def wall(self) -> float:
        """Return the fast clock's Unix time."""
        return self.fast.wall()
