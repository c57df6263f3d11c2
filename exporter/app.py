"""How do the parts become one exporter? It wires everything and owns nothing else."""

import asyncio
import platform
from collections.abc import AsyncIterator, Callable, Iterable, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from exporter import __version__
from exporter.clock import Clock, SystemClock
from exporter.config.load import Changes, Config, Planned, changes, plan_of
from exporter.energy.collectors import kept
from exporter.energy.ledger import Ledger
from exporter.exposition.page import Pages
from exporter.exposition.store import Store
from exporter.exposition.text import Format
from exporter.polling.scheduler import Scheduler
from exporter.polling.source import PolledSource
from exporter.reload import Reloader
from exporter.sources.contract import Surroundings
from exporter.sources.response_memory import ResponseMemory
from exporter.sources.types import SOURCES
from exporter.status.build import Address
from exporter.telemetry.ledger import LedgerTelemetry
from exporter.telemetry.loop_lag import watch_event_loop
from exporter.telemetry.metrics import OwnMetrics
from exporter.telemetry.page import OwnPage
from exporter.telemetry.source import RunTelemetry, SourceTelemetry
from exporter.telemetry.web import WebTelemetry
from exporter.web.server import Door, Served, Server


@dataclass(frozen=True, slots=True)
class _Built:
    """A source that is polled, and what it was built from."""

    planned: Planned
    polled: PolledSource
    telemetry: SourceTelemetry


class Exporter:
    """A whole exporter. Create it on the event loop on which it runs."""

    def __init__(
        self,
        config: Config,
        clock: Clock | None = None,
        clocks: Mapping[str, Clock] | None = None,
        state_file: Path | None = None,
    ) -> None:
        """Build every part; nothing is called or listened on yet.

        Args:
            config: What to poll.
            clock: The exporter's own time.
            clocks: Those of single sources, by name, that do not live in the present.
            state_file: Where the energy of every server is kept; None: nowhere.
        """
        self._config = config
        self._clock = clock or SystemClock()
        self._clocks = clocks or {}
        self._metrics = OwnMetrics()
        self._memory = ResponseMemory()
        self.ledger = self._ledger_in(state_file)
        self.store = Store(self._clock)
        self._pages = Pages(self.store)
        self._runs = RunTelemetry(self._metrics)
        self._sources = {planned.name: self._built(planned) for planned in plan_of(config)}
        self.scheduler = Scheduler(
            [built.polled for built in self._sources.values()],
            self.store,
            self._clock,
            telemetry=self._runs,
        )
        self._begin(self._sources.values())
        self._own = OwnPage(
            self._metrics,
            self.scheduler.board,
            self.store,
            self._pages,
            self._clock,
            lambda: self.scheduler.sources,
        )
        self.listening: tuple[tuple[str, int], ...] = ()
        """Host and port of every address on which the metrics are served."""
        self._describe_itself()

    def _ledger_in(self, state_file: Path | None) -> Ledger | None:
        if state_file is None:
            return None
        return Ledger(state_file, self._clock, LedgerTelemetry(self._metrics))

    def _built(self, planned: Planned) -> _Built:
        settings = planned.settings
        kind = SOURCES[settings.type]
        telemetry = SourceTelemetry(self._metrics, settings, kind.vendor)
        clock = self._clocks.get(settings.name, self._clock)
        source = kind.build(settings, Surroundings(clock, telemetry, self._memory))
        if self.ledger is not None:
            source = kept(source, settings, kind.energy, self.ledger, clock)
        http = settings.http
        polled = PolledSource(
            settings.name,
            kind.vendor,
            source,
            timeout=http.timeout,
            concurrency=http.concurrency,
            requests_per_minute=http.requests_per_minute,
            shard=self._config.shard,
        )
        return _Built(planned, polled, telemetry)

    def _begin(self, sources: Iterable[_Built]) -> None:
        """Show what is known of sources before their first runs."""
        for built in sources:
            built.telemetry.begin()
            for collector in built.polled.source.collectors:
                self._runs.begin(built.planned.name, collector.name)

    def _describe_itself(self) -> None:
        self._metrics.set("serverfleet_build_info", 1, __version__, platform.python_version())
        self._note_load(succeeded=True)
        shard = self._config.shard
        self._metrics.set("serverfleet_shard_ordinal", shard.index, str(shard.index))
        self._metrics.set("serverfleet_total_shards", shard.total)
        self._metrics.increase("serverfleet_series_dropped_total", "duplicate", by=0)

    def _note_load(self, *, succeeded: bool) -> None:
        self._metrics.set("serverfleet_config_last_reload_successful", succeeded)
        if succeeded:
            name = "serverfleet_config_last_reload_success_timestamp_seconds"
            self._metrics.set(name, self._clock.wall())

    def reloader(self, read: Callable[[], Config]) -> Reloader:
        """Return what puts in force whatever `read` gives; see `Reloader`."""
        return Reloader(
            self._config, read, self.apply, lambda good: self._note_load(succeeded=good)
        )

    async def apply(self, config: Config) -> Changes:
        """Poll the sources of another configuration; return when the former ones are logged out.

        Everything new is built before anything that runs is touched, and the exchange itself does
        not wait: nobody sees a half of it. Calls must not overlap.

        Raises:
            OSError: A source cannot be built; everything stays as it was.
        """
        plan = plan_of(config)
        found = changes((built.planned for built in self._sources.values()), plan)
        async with AsyncExitStack() as undo:
            fresh: dict[str, _Built] = {}
            for planned in plan:
                if planned.name in found.starting:
                    fresh[planned.name] = self._built(planned)
                    undo.push_async_callback(fresh[planned.name].polled.source.close)
                    # Reading the trusted certificates takes a while; let scrapes in between.
                    await asyncio.sleep(0)
            await self.scheduler.halt(found.ending)
            undo.pop_all()
        self._exchange(plan, found, fresh)
        await self.scheduler.settled()
        return found

    def _exchange(
        self, plan: Sequence[Planned], found: Changes, fresh: Mapping[str, _Built]
    ) -> None:
        former = self._sources
        self._sources = {
            planned.name: fresh.get(planned.name) or former[planned.name] for planned in plan
        }
        for name in found.ending:
            former[name].telemetry.retire(succeeded=name in found.changed)
        for name in found.changed:
            gone = former[name].polled.intervals.keys() - fresh[name].polled.intervals.keys()
            self._runs.end(name, gone)
        polled = [built.polled for built in self._sources.values()]
        self.scheduler.arrange(polled, heirs=found.changed)
        self._begin(fresh.values())

    def _addresses(self) -> tuple[Address, ...]:
        found = []
        for built in self._sources.values():
            settings = built.planned.settings
            per_minute = settings.http.requests_per_minute
            found.append(Address(settings.name, built.polled.vendor, settings.api, per_minute))
        return tuple(found)

    @asynccontextmanager
    async def serving(
        self,
        host: str,
        port: int,
        door: Door | None = None,
        reloader: Reloader | None = None,
    ) -> AsyncIterator[int]:
        """Poll and serve until the block is left; gives the port.

        Args:
            host: A name or address to listen on; empty for every address.
            port: 0 for any free one.
            door: What stands between clients and the handlers.
            reloader: What may be asked for over HTTP; None refuses it.

        Raises:
            ListenError: The address cannot be listened on.
            StateFileError: The state file cannot be used.
        """
        served = Served(
            self.scheduler,
            self.store,
            self._pages,
            self._own,
            self._clock,
            self._addresses,
            WebTelemetry(self._metrics),
            door or Door(),
            reloader.reload if reloader else None,
        )
        try:
            if self.ledger is not None:
                await self.ledger.open()
            server = await Server.start(served, host, port)
        except BaseException:
            await self._stop()
            raise
        lag = asyncio.create_task(watch_event_loop(self._metrics, self._clock))
        self.scheduler.start()
        self.listening = server.addresses
        try:
            yield server.port
        finally:
            lag.cancel()
            with suppress(asyncio.CancelledError):
                await lag
            await asyncio.gather(server.stop(), self._stop())

    async def _stop(self) -> None:
        await self.scheduler.stop()
        if self.ledger is not None:
            await self.ledger.close()

    def exposition(self) -> bytes:
        """Return what `/metrics` would serve now in the text format."""
        return self.answer(compressed=False)

    def answer(self, *, compressed: bool) -> bytes:
        """Return what `/metrics` would serve now in the text format, perhaps with gzip."""
        body, end = self._pages.whole(Format.TEXT), self._own.text(Format.TEXT)
        answer = body.compressed(end) if compressed else body.plain(end)
        return b"".join(answer.parts)
