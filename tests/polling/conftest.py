"""A scheduler over stub sources, on a clock that the test moves."""

from collections.abc import AsyncIterator, Callable

import pytest

from exporter.errors import Reason
from exporter.exposition.page import Pages
from exporter.exposition.store import Store
from exporter.exposition.text import Format
from exporter.polling.board import CollectorState
from exporter.polling.runner import Telemetry
from exporter.polling.scheduler import Scheduler
from exporter.polling.source import PolledSource
from tests.support.clock import FakeClock
from tests.support.exposition import joined, values


class Heard(Telemetry):
    """Remembers what it was told."""

    def __init__(self) -> None:
        self.runs: list[tuple[str, str, Reason | None]] = []
        self.duplicates = 0

    def run_ended(self, source: str, collector: str, reason: Reason | None) -> None:
        self.runs.append((source, collector, reason))

    def duplicates_dropped(self, count: int) -> None:
        self.duplicates += count


class MiddleOfTheRoad:
    """Chance that always gives the middle, so that a test knows the times."""

    def uniform(self, low: float, high: float) -> float:
        return (low + high) / 2


class Polling:
    """A scheduler and what can be seen of it."""

    def __init__(self, *sources: PolledSource) -> None:
        self.clock = FakeClock()
        self.store = Store(self.clock)
        self.heard = Heard()
        self.scheduler = Scheduler(
            sources,
            self.store,
            self.clock,
            telemetry=self.heard,
            chance=MiddleOfTheRoad(),  # type: ignore[arg-type]
        )

    async def begin(self) -> None:
        """Start, and let the first runs end."""
        self.scheduler.start()
        await self.clock.advance(0)

    def state(self, collector: str = "servers", source: str = "emea") -> CollectorState:
        return self.scheduler.board.state(source, collector)

    @property
    def text(self) -> bytes:
        return joined(Pages(self.store).whole(Format.TEXT))

    def values(self, name: str, **labels: str) -> list[float]:
        return values(self.text, f"serverfleet_{name}", **labels)


Make = Callable[..., Polling]


@pytest.fixture
async def make() -> AsyncIterator[Make]:
    made: list[Polling] = []

    def build(*sources: PolledSource) -> Polling:
        made.append(Polling(*sources))
        return made[-1]

    yield build
    for polling in made:
        await polling.scheduler.stop()
