"""Sources that answer whatever a test puts in."""

import asyncio
from collections.abc import Awaitable, Callable

from exporter.config.source import HttpSettings, SourceSettings
from exporter.model import Collected, Inventory
from exporter.polling.source import PolledSource

Outcome = Collected | BaseException | Callable[[], Awaitable[Collected]]


class StubCollector:
    """Gives one outcome after the other; the last one again and again."""

    def __init__(self, name: str, *outcomes: Outcome, interval: float = 60.0) -> None:
        self.name = name
        self.interval = interval
        self.outcomes = list(outcomes)
        self.calls: list[Inventory] = []

    @property
    def runs(self) -> int:
        return len(self.calls)

    def then(self, *outcomes: Outcome) -> None:
        """Change what comes next."""
        self.outcomes[:] = outcomes

    async def collect(self, inventory: Inventory) -> Collected:
        self.calls.append(inventory)
        outcome = self.outcomes.pop(0) if len(self.outcomes) > 1 else self.outcomes[0]
        if isinstance(outcome, BaseException):
            raise outcome
        return outcome if isinstance(outcome, Collected) else await outcome()


class StubSource:
    """A source of stub collectors; the first is the inventory."""

    def __init__(self, *collectors: StubCollector) -> None:
        self.collectors = collectors
        self.closed = 0

    async def close(self) -> None:
        self.closed += 1


class StubSettings(SourceSettings):
    """The settings of a source of stub collectors."""

    type: str = "stub"

    @property
    def api(self) -> str:
        return f"https://{self.name}.example.net"


def polled(
    name: str, *collectors: StubCollector, vendor: str = "hpe", **http: float
) -> PolledSource:
    """Build a source to poll; `http` may hold a timeout in seconds, and other limits."""
    settings = StubSettings(name=name, http=HttpSettings().model_copy(update=http))
    return PolledSource(settings, vendor, StubSource(*collectors))


async def hang() -> Collected:
    """Never answer."""
    await asyncio.Event().wait()
    raise AssertionError("unreachable")
