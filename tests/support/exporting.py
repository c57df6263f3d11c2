"""Everything between stub sources and the bytes of `/metrics`, without the network."""

import random

from exporter.exposition.page import Pages
from exporter.exposition.store import Store
from exporter.exposition.text import Format
from exporter.polling.scheduler import Scheduler
from exporter.polling.source import PolledSource
from exporter.status.build import Address
from exporter.telemetry.metrics import OwnMetrics
from exporter.telemetry.page import OwnPage
from exporter.telemetry.source import RunTelemetry
from exporter.telemetry.web import WebTelemetry
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
            self.scheduler.board,
            self.store,
            self.pages,
            self.clock,
            lambda: self.scheduler.sources,
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
            self._addresses,
            WebTelemetry(self.metrics),
            self.door,
            self.reload,
        )

    def _addresses(self) -> list[Address]:
        return [
            Address(each.name, each.vendor, f"https://{each.name}.example.net", 0)
            for each in self.scheduler.sources
        ]
