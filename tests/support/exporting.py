"""Everything between stub sources and the bytes of `/metrics`, without the network."""

import random

from exporter.exposition.page import Pages
from exporter.exposition.store import Store
from exporter.exposition.text import Format
from exporter.polling.metrics import CollectorMetrics, RunTelemetry
from exporter.polling.scheduler import Scheduler
from exporter.polling.source import PolledSource
from exporter.telemetry.metrics import OwnMetrics
from exporter.telemetry.page import OwnPage
from exporter.telemetry.process import WebTelemetry
from exporter.web.management import Reload
from exporter.web.server import Door, Served
from tests.support.clock import FakeClock


class Exporting:
    """A scheduler, a store and the pages."""

    def __init__(self, *sources: PolledSource) -> None:
        self.clock = FakeClock()
        self.door = Door()
        self.metrics = OwnMetrics()
        self.store = Store(self.clock)
        self.pages = Pages(self.store)
        self.scheduler = Scheduler(
            sources,
            self.store,
            self.clock,
            telemetry=RunTelemetry(self.metrics),
            chance=random.Random(1),  # noqa: S311 - jitter
        )
        self.reload: Reload | None = None
        self.own = OwnPage(
            self.metrics,
            self.store,
            self.pages,
            self.clock,
            CollectorMetrics(self.metrics, self.scheduler, self.store).mirror,
        )

    async def begin(self) -> None:
        """Start, and let the first runs end."""
        self.scheduler.start()
        await self.clock.advance(1)

    @property
    def own_text(self) -> bytes:
        return self.own.text(Format.TEXT).plain

    @property
    def served(self) -> Served:
        return Served(
            self.scheduler,
            self.store,
            self.pages,
            self.own,
            self.clock,
            WebTelemetry(self.metrics),
            self.door,
            self.reload,
        )
