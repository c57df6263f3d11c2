"""How long is the event loop held by one piece of work?"""

import asyncio
import time

_EVERY = 0.001


class LagProbe:
    """Wakes every millisecond and notes how much later than asked it was."""

    def __init__(self) -> None:
        self._lags: list[float] = []

    def reset(self) -> None:
        """Begin anew."""
        self._lags.clear()

    async def watch(self) -> None:
        """Measure until cancelled."""
        while True:
            due = time.perf_counter() + _EVERY
            await asyncio.sleep(_EVERY)
            self._lags.append(time.perf_counter() - due)

    def figures(self) -> dict[str, float]:
        """Return milliseconds (median, 99.9 %, worst) and how many were taken."""
        lags = sorted(self._lags) or [0.0]
        at = {"p50": 0.5, "p99.9": 0.999, "max": 1.0}
        found = {
            name: lags[min(len(lags) - 1, int(len(lags) * q))] * 1000 for name, q in at.items()
        }
        return {**found, "count": float(len(lags))}
