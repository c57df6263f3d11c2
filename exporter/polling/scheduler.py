"""Starts the runs: one task for each collector, independent of every other."""

import asyncio
import random
from collections.abc import Collection, Iterable, Sequence
from dataclasses import replace

import structlog

from exporter.clock import Clock
from exporter.exposition.store import Store
from exporter.polling import timing
from exporter.polling.board import Board
from exporter.polling.runner import Runner, Telemetry
from exporter.polling.source import PolledSource
from exporter.sources.contract import Collector

_log = structlog.get_logger("exporter.polling")
_LONGEST_FAREWELL = 5.0
"""Seconds that a source gets to log out."""
_TOLD_AGAIN = 0.2
"""Seconds after which a task that was told to end is told so again."""
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
        self.sources: tuple[PolledSource, ...] = ()
        self.board = Board()
        self._store = store
        self._clock = clock
        self._chance = chance or random.Random()  # noqa: S311 - jitter
        self._runner = Runner(self.board, store, clock, telemetry)
        self._tasks: dict[str, tuple[asyncio.Task[None], ...]] = {}
        self._farewells: set[asyncio.Task[None]] = set()
        self._all_attempted = False
        self._started = False
        self.arrange(sources)

    @property
    def attempted(self) -> bool:
        """Whether every source of the start has been tried; what comes later does not undo it."""
        if not self._all_attempted:
            self._all_attempted = all(polled.attempted.is_set() for polled in self.sources)
        return self._all_attempted

    def stuck(self) -> str:
        """Name what keeps the scheduler from working, or return the empty string."""
        if any(task.done() for tasks in self._tasks.values() for task in tasks):
            return "a polling task has ended"
        now = self._clock.monotonic()
        for state in self.board:
            late = state.due is not None and now - state.due > _OVERDUE
            if late and not state.running:
                return f"{state.source}/{state.collector} is overdue"
        return ""

    def start(self) -> None:
        """Start one task for each collector."""
        self._started = True
        for polled in self.sources:
            self._start(polled)

    def _start(self, polled: PolledSource) -> None:
        self._tasks[polled.name] = tuple(
            asyncio.create_task(
                self._keep_polling(polled, collector), name=f"{polled.name}/{collector.name}"
            )
            for collector in polled.source.collectors
        )

    async def halt(self, names: Iterable[str]) -> None:
        """End the runs of some sources; what they gave stays as it is."""
        ended = set(names)
        tasks = [task for name in ended for task in self._tasks.pop(name, ())]
        await _ended(tasks)
        for state in tuple(self.board):
            if state.source in ended:
                # Nobody expects a run before the source is polled again.
                self.board.put(replace(state, due=None))

    def arrange(self, sources: Sequence[PolledSource], heirs: Collection[str] = ()) -> None:
        """Poll these sources from now on, in this order; the others are forgotten at once.

        It does not wait, so that nobody sees a half of it. Sources that are left out or replaced
        must have been halted; they are logged out in the background, see `settled`.

        Args:
            sources: Those that stay are the same objects as before.
            heirs: Names of replaced sources whose data are served until there are newer ones.
        """
        former = {polled.name: polled for polled in self.sources}
        self.sources = tuple(sources)
        present = {polled.name: polled for polled in sources}
        for name, polled in former.items():
            if present.get(name) is not polled:
                self._dismiss(polled, forget=name not in heirs)
        for name, polled in present.items():
            if former.get(name) is not polled:
                self._welcome(polled, former[name] if name in heirs else None)
        names = tuple(present)
        self._store.arrange(names)
        self.board.arrange(names)

    def _dismiss(self, polled: PolledSource, *, forget: bool) -> None:
        if forget:
            self._store.remove(polled.name)
            self.board.remove(polled.name)
            self._runner.forget(polled.name)
        farewell = asyncio.create_task(_log_out(polled), name=f"{polled.name}/logout")
        self._farewells.add(farewell)
        farewell.add_done_callback(self._farewells.discard)

    def _welcome(self, polled: PolledSource, former: PolledSource | None) -> None:
        intervals = polled.intervals
        if former is None:
            self._store.add(polled.name, polled.vendor)
        else:
            polled.inventory = former.inventory
            self._store.withdraw_others(polled.name, intervals)
        self.board.renew(polled.name, intervals)
        if self._started:
            self._start(polled)

    async def settled(self) -> None:
        """Wait until every dismissed source is logged out."""
        await asyncio.gather(*map(asyncio.shield, self._farewells))

    async def stop(self) -> None:
        """End every run and log out of every source."""
        await self.halt(tuple(self._tasks))
        await asyncio.gather(self.settled(), *(polled.source.close() for polled in self.sources))

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
            self._expect(polled, collector, wait)
            await self._clock.sleep(wait)

    async def _wait_while_held(self, polled: PolledSource, collector: Collector) -> None:
        """Leave an API alone that asked one of its other collectors to wait."""
        longest = self._clock.monotonic() + timing.LONGEST_BACKOFF * collector.interval
        while (until := min(longest, polled.held_until)) > self._clock.monotonic():
            wait = until - self._clock.monotonic()
            self._expect(polled, collector, wait)
            await self._clock.sleep(wait)

    def _expect(self, polled: PolledSource, collector: Collector, wait: float) -> None:
        """Note when a collector runs next: for people, and by a clock that never jumps."""
        state = self.board.state(polled.name, collector.name)
        wall, now = self._clock.wall(), self._clock.monotonic()
        self.board.put(replace(state, next_run=wall + wait, due=now + wait))

    def _delay(self, polled: PolledSource, collector: Collector) -> float:
        state = self.board.state(polled.name, collector.name)
        if state.success:
            wished = state.interval if state.again_after is None else state.again_after
            interval = min(state.interval, wished)
            return timing.delay_after_success(interval, state.duration or 0.0, self._chance)
        asked = polled.held_until - self._clock.monotonic()
        return timing.delay_after_failure(
            collector.interval, state.consecutive_failures, asked, self._chance
        )


async def _ended(tasks: Collection[asyncio.Task[None]]) -> None:
    """End tasks; those that are still there a moment later are told again.

    A library that turns a cancellation into a time limit of its own loses ours if both come at
    the same time, and the task would go on for ever.
    """
    left = set(tasks)
    while left:
        for task in left:
            task.cancel()
        _, left = await asyncio.wait(left, timeout=_TOLD_AGAIN)


async def _log_out(polled: PolledSource) -> None:
    try:
        async with asyncio.timeout(_LONGEST_FAREWELL):
            await polled.source.close()
    except TimeoutError:
        _log.warning("a source could not be logged out in time", source=polled.name)
