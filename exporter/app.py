"""How do the parts become one exporter? It wires everything and owns nothing else."""

import asyncio
import platform
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager, suppress

from exporter import __version__
from exporter.clock import Clock, SystemClock
from exporter.config.load import Config
from exporter.exposition.page import Pages
from exporter.exposition.store import Store
from exporter.exposition.text import Format
from exporter.polling.scheduler import Scheduler
from exporter.polling.source import PolledSource
from exporter.sources.contract import Surroundings
from exporter.sources.types import SOURCES
from exporter.telemetry.loop_lag import watch_event_loop
from exporter.telemetry.metrics import OwnMetrics
from exporter.telemetry.page import OwnPage
from exporter.telemetry.source import RunTelemetry, SourceTelemetry
from exporter.telemetry.web import WebTelemetry
from exporter.web.server import Door, Served, Server


class Exporter:
    """A whole exporter. Create it on the event loop on which it runs."""

    def __init__(
        self,
        config: Config,
        clock: Clock | None = None,
        clocks: Mapping[str, Clock] | None = None,
    ) -> None:
        """Build every part; nothing is called or listened on yet.

        Args:
            config: What to poll.
            clock: The exporter's own time.
            clocks: Those of single sources, by name, that do not live in the present.
        """
        self._config = config
        self._clock = clock or SystemClock()
        self._clocks = clocks or {}
        self._metrics = OwnMetrics()
        self.store = Store(self._clock)
        self._pages = Pages(self.store)
        telemetry = RunTelemetry(self._metrics)
        self.scheduler = Scheduler(
            [self._polled(index) for index in range(len(config.sources))],
            self.store,
            self._clock,
            telemetry=telemetry,
        )
        for state in self.scheduler.board:
            telemetry.begin(state.source, state.collector)
        self._own = OwnPage(
            self._metrics,
            self.scheduler.board,
            self.store,
            self._pages,
            self._clock,
            {
                polled.name: (polled.vendor, polled.source.collectors[0].name)
                for polled in self.scheduler.sources
            },
        )
        self._describe_itself()

    def _polled(self, index: int) -> PolledSource:
        settings = self._config.sources[index]
        kind = SOURCES[settings.type]
        observer = SourceTelemetry(self._metrics, settings, kind.vendor)
        clock = self._clocks.get(settings.name, self._clock)
        source = kind.build(settings, Surroundings(clock, observer))
        http = settings.http
        return PolledSource(
            settings.name,
            kind.vendor,
            source,
            timeout=http.timeout,
            concurrency=http.concurrency,
            requests_per_minute=http.requests_per_minute,
        )

    def _describe_itself(self) -> None:
        self._metrics.set("serverfleet_build_info", 1, __version__, platform.python_version())
        self._metrics.set("serverfleet_config_last_reload_successful", 1)
        self._metrics.set(
            "serverfleet_config_last_reload_success_timestamp_seconds", self._clock.wall()
        )
        self._metrics.increase("serverfleet_series_dropped_total", "duplicate", by=0)

    @asynccontextmanager
    async def serving(self, host: str, port: int, door: Door | None = None) -> AsyncIterator[int]:
        """Poll and serve until the block is left; gives the port.

        Args:
            host: A name or address to listen on; empty for every address.
            port: 0 for any free one.
            door: What stands between clients and the handlers.

        Raises:
            ListenError: The address cannot be listened on.
        """
        addresses = tuple(
            (
                settings.name,
                SOURCES[settings.type].vendor,
                settings.api,
                settings.http.requests_per_minute,
            )
            for settings in self._config.sources
        )
        served = Served(
            self.scheduler,
            self.store,
            self._pages,
            self._own,
            self._clock,
            addresses,
            WebTelemetry(self._metrics),
            door or Door(),
        )
        try:
            server = await Server.start(served, host, port)
        except BaseException:
            await self.scheduler.stop()
            raise
        lag = asyncio.create_task(watch_event_loop(self._metrics, self._clock))
        self.scheduler.start()
        try:
            yield server.port
        finally:
            lag.cancel()
            with suppress(asyncio.CancelledError):
                await lag
            await asyncio.gather(server.stop(), self.scheduler.stop())

    def exposition(self) -> bytes:
        """Return what `/metrics` would serve now in the text format."""
        body = self._pages.whole(Format.TEXT, compressed=False)
        return b"".join(body.with_end(self._own.text(Format.TEXT)))
