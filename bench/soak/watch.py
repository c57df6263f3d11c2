"""What is looked at in every scrape, and what has become of it in the end?"""

import asyncio
import gzip
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field

import aiohttp

from bench.soak.fleet import LONGEST_TURN, TIMEOUT, Fleet, Signs
from bench.soak.fresh import differences, fresh, of_servers, only
from bench.soak.page import Page

_EVERY = 0.5
"""Seconds from one scrape to the next."""
_NOTED = 0.1
"""Seconds from one look at the truth to the next."""
_FOREIGN = 20
"""Every so manyth scrape is read by prometheus_client too."""
RECOVERED = 300.0
"""Seconds of the machine within which every collector works again after a storm."""
_REMEMBERED = 20
_ACCEPT = {"Accept": "text/plain;version=0.0.4"}


@dataclass(frozen=True)
class Calm:
    """What is true when nothing goes wrong and nobody else scrapes."""

    signs: Signs
    of_servers: int
    own: int
    sessions: int


@dataclass
class Watch:
    """Scrapes, compares and counts."""

    fleet: Fleet
    scrapes: int = 0
    broken: list[str] = field(default_factory=list)
    broken_promises: int = 0
    calm: list[Calm] = field(default_factory=list)
    longest_recovery: float = 0.0
    slowest_scrape: float = 0.0
    most_sessions: int = 0
    compared: int = 0
    """Series that were compared with those of a new exporter."""
    compared_nothing: int = 0
    """Comparisons in which every server had changed."""
    reasons: Counter[str] = field(default_factory=Counter)
    _energy: dict[str, float] = field(default_factory=dict)
    _page: Page | None = None
    _next: asyncio.Event = field(default_factory=asyncio.Event)

    async def remember(self) -> None:
        """Note the truth, until cancelled."""
        while True:
            self.fleet.truth.note()
            await asyncio.sleep(_NOTED)

    async def scrape(self) -> None:
        """Scrape, until cancelled."""
        async with aiohttp.ClientSession(auto_decompress=False) as session:
            while True:
                try:
                    await self._one(session)
                except (aiohttp.ClientError, TimeoutError, ValueError) as error:
                    self.breaks(f"a scrape failed: {type(error).__name__} {error}")
                await asyncio.sleep(_EVERY)

    async def _one(self, session: aiohttp.ClientSession) -> None:
        fleet, known = self.fleet, self.fleet.configured
        headers = _ACCEPT | {"Accept-Encoding": "gzip" if self.scrapes % 2 else "identity"}
        # What is true when it is asked for may be newer than the last note.
        asked, started = fleet.simulation.world.clock(), time.monotonic()
        async with session.get(
            f"http://127.0.0.1:{fleet.port}/metrics",
            headers=headers,
            timeout=aiohttp.ClientTimeout(30),
        ) as response:
            body = await response.read()
        if response.status == 503:
            return  # the slow scrapers have all the places
        self.slowest_scrape = max(self.slowest_scrape, time.monotonic() - started)
        text = gzip.decompress(body) if self.scrapes % 2 else body
        page = Page(asked, fleet.simulation.world.clock(), text.decode())
        self.scrapes += 1
        fleet.truth.note()
        for broken in self._found(page):
            self.breaks(broken)
        # A reload in between leaves open which sources there were.
        if known is not None and known == fleet.configured:
            for broken in fleet.truth.broken(page, TIMEOUT):
                self.breaks(broken)
            sources = {own["source"] for own, _ in page.family("serverfleet_source_info")}
            self._page = page
            if not sources <= known:
                self.breaks(f"a source is served that is not configured: {sources - known}")
        self.most_sessions = max(self.most_sessions, fleet.simulation.open_sessions)
        self._next.set()
        self._next = asyncio.Event()

    def _found(self, page: Page) -> Iterator[str]:
        for series in page.doubled:
            yield f"served twice: {series}"
        yield from self._less_energy(page)
        if self.scrapes % _FOREIGN == 0:
            page.parsed_by_prometheus_client()
        for log in self.fleet.log.follow().bad:
            if log not in self.broken:
                yield log

    def _less_energy(self, page: Page) -> Iterator[str]:
        """Name the counters of energy that fell: the state file carries them over everything."""
        for own, joules in page.family("serverfleet_server_energy_joules_total"):
            # Two digits of a joule are lost when numbers this large are added.
            before = self._energy.get(own["serial"], 0.0) - 0.01
            if joules < before:
                yield f"the energy of {own['serial']} fell from {before:.2f} to {joules:.2f} J"
            self._energy[own["serial"]] = joules

    async def compare_with_a_new_exporter(self) -> None:
        """Hold every series of every family against what a new exporter reads."""
        fleet, clock = self.fleet, self.fleet.clock
        began = clock.wall()
        before = await fresh(fleet.config, clock)
        known = clock.wall()
        while (page := self._page) is None or self._oldest(page) < known + LONGEST_TURN:
            await self._next.wait()
        after = await fresh(fleet.config, clock)
        between = of_servers(page)
        if before is None or after is None:
            self.breaks("a new exporter cannot poll, while nothing is wrong")
            return
        # What ails a server for minutes only may be seen by one of three.
        steady = fleet.truth.steady_since(began)
        found = [only(each, steady) for each in (before, between, after)]
        self.compared += len(found[1])
        self.compared_nothing += not found[1]
        for broken in differences(*found):
            self.breaks(broken)

    def _oldest(self, page: Page) -> float:
        """Say when the collector that has run before all others succeeded."""
        return min(
            page.of_collectors("serverfleet_collector_last_success_timestamp_seconds").values(),
            default=0.0,
        )

    def breaks(self, promise: str) -> None:
        """Count a broken promise, and tell the first ones."""
        self.broken_promises += 1
        if len(self.broken) < _REMEMBERED:
            self.broken.append(promise)
            print(f"BROKEN: {promise}", flush=True)

    async def recovery(self) -> None:
        """Wait until every collector works again."""
        started = time.monotonic()
        failing: list[str] = ["no scrape"]
        while failing and time.monotonic() - started < RECOVERED:
            await self._next.wait()
            failing = self._failing()
        took = time.monotonic() - started
        self.longest_recovery = max(self.longest_recovery, took)
        if failing:
            self.breaks(f"not recovered {took:.0f} s after a storm: {', '.join(failing)}")

    def _failing(self) -> list[str]:
        if self._page is None:
            return ["no scrape"]
        success = self._page.of_collectors("serverfleet_collector_success")
        return ["/".join(key) for key, good in success.items() if not good] or (
            [] if success else ["no collector"]
        )

    def look(self) -> None:
        """Note how things are while it is calm."""
        if self._page is None or not self.fleet.signs:
            return
        of_servers = self._page.of_servers
        self.calm.append(
            Calm(
                self.fleet.signs[-1],
                of_servers,
                self._page.series - of_servers,
                self.fleet.simulation.open_sessions,
            )
        )
        failures = self._page.family("serverfleet_collector_failures_total")
        self.reasons.update(own["reason"] for own, number in failures if number)
