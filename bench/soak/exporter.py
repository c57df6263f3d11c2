"""Who is watched? A whole exporter on a fast clock, which tells its vital signs as JSON lines.

It is a process of its own, so that memory, files and tasks are those of an exporter and of
nothing else. SIGHUP reloads, SIGTERM ends it, as with `run`.
"""

import asyncio
import json
import os
import signal
import sys
import time
from collections import Counter
from pathlib import Path

from bench.soak.clock import FastClock
from exporter.commands.options import read
from exporter.commands.serve import freeze_loaded_code, stop_signal
from exporter.lifecycle import Exporter
from exporter.log import configure
from exporter.memory import memory_given_back

_EVERY = 0.02
_DELAYS = Path("/proc/self/schedstat")
"""Its second number: nanoseconds for which this thread was ready, and others had the core."""


class Lags:
    """Counts by the millisecond, so that hours need no more room than minutes."""

    def __init__(self) -> None:
        self._counts: Counter[int] = Counter()

    async def watch(self) -> None:
        """Measure until cancelled how late the exporter itself makes the event loop."""
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


EVERY = 0.5
"""Seconds between two looks at the vital signs."""
_PAGE = os.sysconf("SC_PAGE_SIZE")


async def main(path: Path, state_file: Path, clock: FastClock) -> None:
    """Poll and serve until SIGTERM."""
    stop = stop_signal()
    freeze_loaded_code()
    exporter = Exporter(read(path), clock, state_file=state_file)
    reloader = exporter.reloader(lambda: read(path))
    async with exporter.serving("127.0.0.1", 0) as port, memory_given_back(clock):
        asyncio.get_running_loop().add_signal_handler(signal.SIGHUP, reloader.request)
        _tell(port=port)
        lags = Lags()
        watching = [asyncio.create_task(each) for each in (lags.watch(), _watch(lags))]
        await stop.wait()
        for each in watching:
            each.cancel()
        await reloader.close()


async def _watch(lags: Lags) -> None:
    while True:
        _tell(
            memory=_resident(),
            files=_files(),
            tasks=len(asyncio.all_tasks()),
            lag=lags.quantile(0.999),
        )
        await asyncio.sleep(EVERY)


def _resident() -> int:
    return int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1]) * _PAGE


def _files() -> int:
    return len(os.listdir("/proc/self/fd")) - 1  # noqa: PTH208 - the listing itself is one


def _tell(**signs: int) -> None:
    print(json.dumps(signs), flush=True)


if __name__ == "__main__":
    configure("json", "info")
    began, epoch, speed = map(float, sys.argv[3:6])
    asyncio.run(main(Path(sys.argv[1]), Path(sys.argv[2]), FastClock(began, epoch, speed)))
