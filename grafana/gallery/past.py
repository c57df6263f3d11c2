"""What would Prometheus have scraped in the days before? Every exposition, with its time."""

import asyncio
import re
import time
from collections.abc import AsyncIterator, Callable, Collection, Iterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from exporter.lifecycle import Exporter
from grafana.gallery.clock import LeapingClock
from grafana.gallery.fleet import Collectors, Fleet
from grafana.gallery.story import Event

TARGET = 'job="serverfleet",instance="localhost:10450"'
_SERIES = re.compile(rb"([a-zA-Z_:][a-zA-Z0-9_:]*)(?:\{(.*)\})? (\S+)$")


@dataclass(frozen=True, slots=True, kw_only=True)
class Stretch:
    """A time over which one exporter is scraped; times are Unix seconds."""

    begins: float
    ends: float
    every: float
    """Seconds between two scrapes."""
    file_every: float
    """Seconds of scrapes in one file."""
    families: Collection[str] | None = None
    """Only these are written down; None for all."""
    collectors: Collectors
    served: bool
    """Whether the exporter listens too, and watches how late its tasks are."""


class Scrapes:
    """Writes expositions as OpenMetrics with times, as `promtool` reads them."""

    def __init__(self, families: Collection[str] | None) -> None:
        """Keep only some families, or with None all."""
        self._families = None if families is None else {name.encode() for name in families}
        self._heads: dict[bytes, bytes] = {}

    def lines(self, exposition: bytes, at: float, took: float) -> Iterator[bytes]:
        """Give the lines of one scrape."""
        stamp = f" {at:.0f}\n".encode()
        count = 0
        for line in exposition.splitlines():
            if line.startswith(b"#"):
                continue
            count += 1
            series, _, value = line.rpartition(b" ")
            head = self._heads.get(series)
            if head is None:
                head = self._heads[series] = self._head(line)
            if head:
                yield head + value + stamp
        for name, number in (
            ("up", 1),
            ("scrape_duration_seconds", took),
            ("scrape_samples_scraped", count),
        ):
            yield f"{name}{{{TARGET}}} {number}".encode() + stamp

    def _head(self, line: bytes) -> bytes:
        match = _SERIES.match(line)
        if match is None:
            raise ValueError(f"not a sample: {line!r}")
        name, labels = match[1], match[2]
        if self._families is not None and name not in self._families:
            return b""
        return b"%s{%s%s} " % (name, TARGET.encode(), b"," + labels if labels else b"")


@asynccontextmanager
async def lived_through(
    stretch: Stretch, fleet: Fleet, clock: LeapingClock, events: Sequence[Event], folder: Path
) -> AsyncIterator[int]:
    """Poll and scrape from begin to end, and stay at the end; yields the exporter's port."""
    state_file = folder / "state.db" if stretch.served else None
    exporter = Exporter(fleet.config(stretch.collectors), clock, state_file=state_file)
    states = exporter.scheduler.board

    def busy() -> bool:
        return any(state.running for state in states)

    await clock.pass_until(stretch.begins, lambda: False)
    async with _running(exporter, stretch) as port:
        pending = list(events)
        scrapes = Scrapes(stretch.families)
        for number, times in enumerate(_files(stretch)):
            with (folder / f"{stretch.begins:.0f}-{number:03d}.om").open("wb") as file:
                for at in times:
                    await _pass_with_events(clock, at, busy, pending, stretch.ends)
                    started = time.perf_counter()
                    exposition = exporter.exposition()
                    file.writelines(scrapes.lines(exposition, at, time.perf_counter() - started))
                file.write(b"# EOF\n")
        going_on = asyncio.create_task(clock.go_on())
        try:
            yield port
        finally:
            going_on.cancel()


@asynccontextmanager
async def _running(exporter: Exporter, stretch: Stretch) -> AsyncIterator[int]:
    if stretch.served:
        async with exporter.serving("127.0.0.1", 0) as port:
            yield port
        return
    exporter.scheduler.start()
    try:
        yield 0
    finally:
        await exporter.scheduler.stop()


async def _pass_with_events(
    clock: LeapingClock, at: float, busy: Callable[[], bool], pending: list[Event], ends: float
) -> None:
    while pending and ends - pending[0].before <= at:
        event = pending.pop(0)
        await clock.pass_until(ends - event.before, busy)
        event.happen()
    await clock.pass_until(at, busy)


def _files(stretch: Stretch) -> Iterator[list[float]]:
    """Give the times of the scrapes of each file; the first poll takes a moment."""
    times: list[float] = []
    at = stretch.begins + stretch.every
    while at <= stretch.ends:
        if times and at // stretch.file_every != times[0] // stretch.file_every:
            yield times
            times = []
        times.append(at)
        at += stretch.every
    if times:
        yield times
