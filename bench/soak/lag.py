"""How long does the exporter hold its own event loop, on a machine that others use too?"""

import asyncio
import time
from collections import Counter
from pathlib import Path

_EVERY = 0.02
_DELAYS = Path("/proc/self/schedstat")
"""Its second number: nanoseconds for which this thread was ready, and others had the core."""


class Lags:
    """Counts by the millisecond, so that hours need no more room than minutes."""

    def __init__(self) -> None:
        self._counts: Counter[int] = Counter()

    async def watch(self) -> None:
        """Measure until cancelled how much later than asked a task is woken by our own fault."""
        while True:
            waited, due = _waited(), time.perf_counter() + _EVERY
            await asyncio.sleep(_EVERY)
            late = time.perf_counter() - due - (_waited() - waited)
            self._counts[max(0, round(late * 1000))] += 1

    def quantile(self, part: float) -> int:
        """Return milliseconds."""
        left = self._counts.total() * part
        for late, count in sorted(self._counts.items()):
            left -= count
            if left <= 0:
                return late
        return 0


def _waited() -> float:
    return int(_DELAYS.read_text(encoding="ascii").split()[1]) / 1e9
