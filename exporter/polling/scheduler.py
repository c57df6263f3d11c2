"""Who starts the runs? One task for each collector, independent of every other."""

import asyncio
import random
from collections.abc import Sequence

from exporter.clock import Clock
from exporter.exposition.store import Store
from exporter.polling import timing
from exporter.polling.board import Board
from exporter.polling.runner import Runner, Telemetry
from exporter.polling.source import PolledSource
from exporter.sources.contract import Collector

_STARTING_SPREAD = 1.0
"""Seconds over which the first runs after the inventory are spread."""
_OVERDUE = 60.0
"""Seconds by which a run may be late before the scheduler counts as stuck."""


class Scheduler:
    """Runs every collector of every source on its schedule."""

    def __init__(
        self,
        sources: Sequence[PolledSource],
        store: Store,
        clock: Clock,
        *,
        telemetry: Telemetry | None = None,
        chance: random.Random | None = None,
    ) -> None:
        """Prepare; nothing runs before `start`."""
        self.sources = tuple(sources)
        self.board = Board()
        self._clock = clock
        self._chance = chance or random.Random()  # noqa: S311 - jitter
        self._runner = Runner(self.board, store, clock, telemetry)
        self._tasks: list[asyncio.Task[None]] = []
        for polled in self.sources:
            store.add(polled.name, polled.vendor)
            for collector in polled.source.collectors:
                self.board.add(polled.name, collector.name, collector.interval)

    @property
    def attempted(self) -> bool:
        """Whether the first attempt of every source has ended."""
        return all(polled.attempted.is_set() for polled in self.sources)

    def stuck(self) -> str:
        """Name what keeps the scheduler from working, or return the empty string."""
        if any(task.done() for task in self._tasks):
            return "a polling task has ended"
        now = self._clock.wall()
        for state in self.board:
            late = state.next_run is not None and now - state.next_run > _OVERDUE
            if late and not state.running:
                return f"{state.source}/{state.collector} is overdue"
        return ""

    def start(self) -> None:
        """Start one task for each collector."""
        for polled in self.sources:
            for collector in polled.source.collectors:
                name = f"{polled.name}/{collector.name}"
                self._tasks.append(
                    asyncio.create_task(self._keep_polling(polled, collector), name=name)
                )

    async def stop(self) -> None:
        """End every run and log out of every source."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        self._tasks.clear()
        await asyncio.gather(*(polled.source.close() for polled in self.sources))

    async def run_all_once(self) -> bool:
        """Run every collector once, each source on its own; return whether all succeeded."""
        results = await asyncio.gather(*(self._run_source_once(polled) for polled in self.sources))
        return all(results)

    async def _run_source_once(self, polled: PolledSource) -> bool:
        inventory, *others = polled.source.collectors
        if not await self._runner.run(polled, inventory):
            return False
        return all(
            await asyncio.gather(*(self._runner.run(polled, collector) for collector in others))
        )

    async def _keep_polling(self, polled: PolledSource, collector: Collector) -> None:
        if not polled.is_inventory(collector):
            await polled.has_inventory.wait()
            spread = min(_STARTING_SPREAD, collector.interval / 20)
            await self._clock.sleep(self._chance.uniform(0, spread))
        while True:
            await self._wait_while_held(polled, collector)
            await self._runner.run(polled, collector)
            wait = self._delay(polled, collector)
            next_run = self._clock.wall() + wait
            self.board.change(polled.name, collector.name, next_run=next_run)
            await self._clock.sleep(wait)

    async def _wait_while_held(self, polled: PolledSource, collector: Collector) -> None:
        """Leave an API alone that asked one of its other collectors to wait."""
        longest = self._clock.monotonic() + timing.LONGEST_BACKOFF * collector.interval
        while (until := min(longest, polled.held_until)) > self._clock.monotonic():
            wait = until - self._clock.monotonic()
            self.board.change(polled.name, collector.name, next_run=self._clock.wall() + wait)
            await self._clock.sleep(wait)

    def _delay(self, polled: PolledSource, collector: Collector) -> float:
        state = self.board.state(polled.name, collector.name)
        if state.success:
            return timing.delay_after_success(state.interval, state.duration or 0.0, self._chance)
        asked = polled.held_until - self._clock.monotonic()
        return timing.delay_after_failure(
            collector.interval, state.consecutive_failures, asked, self._chance
        )
