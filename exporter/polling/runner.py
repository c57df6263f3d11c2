"""One run of a collector: collect, judge, publish, report.

This is the one place that turns a failure into a state, a log line and a counter.
"""

import asyncio
from dataclasses import dataclass, replace

import structlog

from exporter.clock import Clock
from exporter.errors import NotAvailableError, Reason, SourceError
from exporter.exposition.store import Store
from exporter.model import Collected, Inventory
from exporter.polling import timing
from exporter.polling.board import Board, RunOutcome
from exporter.polling.run_log import AdviceLog, AlertLog, DriftLog
from exporter.polling.source import PolledSource, inventory_from, own_part
from exporter.sources.contract import Collector
from exporter.sources.gate import Errand, errand

_log = structlog.get_logger("exporter.polling")


class Telemetry:
    """Observes every run; the exporter's own metrics override this."""

    def run_ended(self, source: str, collector: str, reason: Reason | None) -> None:
        """A run has ended; `reason` is None for a success."""

    def duplicates_dropped(self, count: int) -> None:
        """Servers were left out because another has the same serial number."""


@dataclass(frozen=True, slots=True)
class _Run:
    """A run that has started."""

    polled: PolledSource
    collector: Collector
    started: float
    """Monotonic seconds."""

    @property
    def source(self) -> str:
        return self.polled.name

    @property
    def name(self) -> str:
        return self.collector.name


class Runner:
    """Runs collectors, serves what they return and keeps the board."""

    def __init__(
        self, board: Board, store: Store, clock: Clock, telemetry: Telemetry | None = None
    ) -> None:
        """Take what every run needs."""
        self._board = board
        self._store = store
        self._clock = clock
        self._telemetry = telemetry or Telemetry()
        self._alert_log = AlertLog(clock)
        self._drift_log = DriftLog()
        self._advice_log = AdviceLog()

    def forget(self, source: str) -> None:
        """Forget what is remembered of a source that is no longer polled."""
        self._alert_log.forget(source)
        self._drift_log.forget(source)
        self._advice_log.forget(source)

    async def run(self, polled: PolledSource, collector: Collector) -> bool:
        """Run a collector once and serve what it returns; return whether it succeeded.

        Never raises, unless it is cancelled: the task that calls it would end, and the collector
        with it.
        """
        succeeded = False
        try:
            succeeded = await self._run(_Run(polled, collector, self._clock.monotonic()))
        except Exception:  # noqa: BLE001 - reporting a failure can fail too
            _log.exception("poll crashed", source=polled.name, collector=collector.name)
        if polled.is_inventory(collector):
            polled.attempted.set()
        return succeeded

    async def _run(self, run: _Run) -> bool:
        """Whatever goes wrong up to the last log line of a success makes it a failed run."""
        try:
            self._set_running(run, running=True)
            outcome = await self._outcome(run)
            if outcome.success:
                await self._report_success(run, outcome)
        except Exception as error:  # noqa: BLE001 - the one safety net of every run
            _log.exception("poll crashed", source=run.source, collector=run.name)
            outcome = self._ended(run, failure=_internal(error))
        finally:
            self._set_running(run, running=False)
        if outcome.failure is not None:
            self._report_failure(run, outcome, outcome.failure)
        return outcome.success

    async def _outcome(self, run: _Run) -> RunOutcome:
        """Collect, judge and publish."""
        calls = Errand(run.collector.interval)
        try:
            whole = await self._collect(run, calls)
            _judge(whole, run.polled.inventory)
            collected, inventory = await self._publish(run, whole)
        except NotAvailableError as error:
            self._withdraw(run, str(error))
            return self._ended(run, missing=str(error))
        except SourceError as error:
            return self._ended(run, failure=error)
        finally:
            self._store.withdraw_expired()
        outcome = self._ended(run, collected=collected, calls=calls.calls)
        if collected.servers is not None:
            self._take_inventory(run.polled, inventory, collected.duplicates)
        return outcome

    async def _collect(self, run: _Run, calls: Errand) -> Collected:
        """Read everything once, within the longest time that a run may take."""
        limit = timing.longest_run(run.collector.interval, run.polled.settings.http.timeout)
        errand.set(calls)
        try:
            async with asyncio.timeout(limit):
                return await run.collector.collect(run.polled.inventory)
        except TimeoutError:
            raise SourceError(
                Reason.TIMEOUT,
                f"the run was given up after {limit:g} s; raise http.concurrency or the interval",
            ) from None

    async def _publish(self, run: _Run, whole: Collected) -> tuple[Collected, Inventory]:
        """Serve the own part of a result; return it with the inventory that it is of."""
        polled, inventory = run.polled, run.polled.inventory
        if whole.servers is not None:
            inventory = await inventory_from(whole, polled.shard)
        collected = await own_part(whole, inventory, polled.shard)
        keep_for = timing.max_staleness(run.collector.interval, polled.settings.http.timeout)
        kept = replace(collected, alerts=None)
        await self._store.publish(run.source, run.name, kept, keep_for=keep_for)
        return collected, inventory

    def _withdraw(self, run: _Run, missing: str) -> None:
        """Serve nothing of a collector that has nothing to read, and log that once."""
        if self._board.state(run.source, run.name).unavailable != missing:
            _log.warning(
                "collector not available", source=run.source, collector=run.name, missing=missing
            )
        self._store.withdraw(run.source, run.name)

    def _take_inventory(self, polled: PolledSource, inventory: Inventory, duplicates: int) -> None:
        if not inventory.everyone and not polled.has_inventory.is_set():
            _log.warning("the source has no servers yet", source=polled.name)
        polled.inventory = inventory
        polled.has_inventory.set()
        if duplicates:
            self._telemetry.duplicates_dropped(duplicates)

    async def _report_success(self, run: _Run, outcome: RunOutcome) -> None:
        collected = outcome.collected
        if collected is not None:
            await self._log_news(run, outcome, collected)
        self._telemetry.run_ended(run.source, run.name, None)
        self._board.put(self._board.state(run.source, run.name).after(outcome))
        if collected is not None:
            _log.info(
                "poll succeeded",
                source=run.source,
                collector=run.name,
                items=collected.items,
                problems=collected.problems,
                seconds=round(outcome.duration, 3),
            )

    async def _log_news(self, run: _Run, outcome: RunOutcome, collected: Collected) -> None:
        """Log what the last runs did not say."""
        self._advice_log.warn(run.source, run.name, collected.warnings)
        self._drift_log.note(run.source, run.name, collected.drift)
        http = run.polled.settings.http
        advice = timing.too_slow(outcome.duration, outcome.interval, outcome.calls, http)
        is_first = self._board.state(run.source, run.name).runs == 0
        self._advice_log.pace(run.source, run.name, advice, is_first=is_first)
        if collected.alerts is not None:
            servers = {server.id: server for server in run.polled.inventory.servers}
            await self._alert_log.note(run.source, collected.alerts, servers)

    def _report_failure(self, run: _Run, outcome: RunOutcome, failure: SourceError) -> None:
        if failure.retry_after:
            asked = min(failure.retry_after, timing.LONGEST_BACKOFF * run.collector.interval)
            until = self._clock.monotonic() + asked
            run.polled.held_until = max(run.polled.held_until, until)
        state = self._board.state(run.source, run.name).after(outcome)
        self._board.put(state)
        _log.warning(
            "poll failed",
            source=run.source,
            collector=run.name,
            reason=state.reason,
            error=state.error,
            failures=state.consecutive_failures,
            seconds=round(outcome.duration, 3),
        )
        self._telemetry.run_ended(run.source, run.name, failure.reason)

    def _set_running(self, run: _Run, *, running: bool) -> None:
        state = self._board.state(run.source, run.name)
        self._board.put(replace(state, running=running))

    def _ended(
        self,
        run: _Run,
        *,
        collected: Collected | None = None,
        calls: int = 0,
        missing: str = "",
        failure: SourceError | None = None,
    ) -> RunOutcome:
        interval = run.collector.interval
        return RunOutcome(
            ended=self._clock.wall(),
            duration=self._clock.monotonic() - run.started,
            interval=timing.recheck_interval(interval) if missing else interval,
            collected=collected,
            calls=calls,
            missing=missing,
            failure=failure,
        )


def _judge(collected: Collected, known: Inventory) -> None:
    """Refuse a result that is not plausible.

    Raises:
        SourceError: It lists no servers, where there were some.
    """
    previous = len(known.everyone)
    if collected.servers is not None and not collected.servers and previous:
        raise SourceError(
            Reason.EMPTY,
            f"the API lists no servers, where there were {previous}; "
            "the last good data are kept: check the permissions of the API user, or restart "
            "the exporter if the fleet is really empty",
        )


def _internal(error: Exception) -> SourceError:
    return SourceError(
        Reason.INTERNAL,
        f"{type(error).__name__} in the exporter itself: please report it with the log",
    )
