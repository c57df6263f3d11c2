import asyncio
from contextlib import suppress

from exporter.exposition.text import Format
from exporter.telemetry.metrics import OwnMetrics
from exporter.telemetry.process import watch_event_loop
from tests.support.clock import FakeClock
from tests.support.exposition import value


class LateClock(FakeClock):
    """Wakes every sleeper late."""

    async def sleep(self, seconds: float) -> None:
        await super().sleep(seconds)
        self.now += 0.2


async def lag_of(clock: FakeClock) -> tuple[float, float]:
    """Give how often and how much in all."""
    metrics = OwnMetrics()
    watch = asyncio.create_task(watch_event_loop(metrics, clock))
    await clock.advance(0.25)
    watch.cancel()
    with suppress(asyncio.CancelledError):
        await watch
    text = metrics.text(Format.TEXT)
    name = "serverfleet_event_loop_lag_seconds"
    return value(text, f"{name}_count"), value(text, f"{name}_sum")


async def test_an_event_loop_in_time_has_no_lag() -> None:
    assert await lag_of(FakeClock()) == (1, 0)


async def test_a_late_event_loop_shows_how_late_it_is() -> None:
    count, total = await lag_of(LateClock())

    assert count == 1
    assert round(total, 3) == 0.2
