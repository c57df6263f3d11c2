"""What happens in one run of a collector, and what becomes of its outcome?

This is the one place that turns a failure into a state, a log line and a counter.
"""

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import structlog

from exporter.clock import Clock
from exporter.errors import NotAvailableError, Reason, SourceError
from exporter.exposition.store import Store
from exporter.model import Collected, Inventory, Server
from exporter.polling import timing
from exporter.polling.advice_log import AdviceLog
from exporter.polling.alert_log import AlertLog
from exporter.polling.board import Board
from exporter.polling.drift_log import DriftLog
from exporter.polling.share import inventory_from, own_part
from exporter.polling.source import PolledSource
from exporter.sources.contract import Collector
from exporter.sources.on_behalf import Errand, errand

_log = structlog.get_logger("exporter.polling")


class Telemetry:
    """Hears of every run; the exporter's own metrics override this."""

    def run_ended(self, source: str, collector: str, reason: Reason | None) -> None:
        """A run has ended; `reason` is None for a success."""

    def duplicates_dropped(self, count: int) -> None:
        """Servers were left out because another has the same serial number."""


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

    async def run(self, polled: PolledSource, collector: Collector) -> bool:
        """Run a collector once and serve what it gives; return whether it succeeded.

        Never raises: the task that calls it would end, and the collector with it.
        """
        succeeded = False
        try:
            succeeded = await self._recorded(polled, collector)
        except Exception:  # noqa: BLE001 - recording a failure can fail too
            _log.exception("poll crashed", source=polled.name, collector=collector.name)
        if polled.is_inventory(collector):
            polled.attempted.set()
        return succeeded

    def forget(self, source: str) -> None:
        """Forget what is remembered of a source that is no longer polled."""
        self._alert_log.forget(source)
        self._drift_log.forget(source)
        self._advice_log.forget(source)

    async def _recorded(self, polled: PolledSource, collector: Collector) -> bool:
        """Run a collector; whatever goes wrong up to the last log line is a failed run."""
        started = self._clock.monotonic()
        try:
            self._board.change(polled.name, collector.name, running=True)
            await self._carried_out(polled, collector, started)
        except SourceError as error:
            failure = error
        except Exception as error:  # noqa: BLE001 - the one safety net of every run
            _log.exception("poll crashed", source=polled.name, collector=collector.name)
            failure = SourceError(
                Reason.INTERNAL,
                f"{type(error).__name__} in the exporter itself: please report it with the log",
            )
        else:
            return True
        finally:
            self._board.change(polled.name, collector.name, running=False)
        self._failed(polled, collector, failure, self._clock.monotonic() - started)
        return False

    async def _carried_out(
        self, polled: PolledSource, collector: Collector, started: float
    ) -> None:
        """Collect, serve and log; the success is recorded last."""
        try:
            collected, inventory = await self._collected(polled, collector)
        except NotAvailableError as error:
            self._not_available(polled, collector, str(error), started)
            return
        finally:
            self._store.withdraw_expired()
        took = self._clock.monotonic() - started
        if collected.servers is not None:
            self._take_inventory(polled, inventory, collected.duplicates)
        await self._log_news(polled, collector, collected, took)
        self._succeeded(polled, collector, collected, took)

    async def _collected(
        self, polled: PolledSource, collector: Collector
    ) -> tuple[Collected, Inventory]:
        """Run a collector and serve the own part; return it with the inventory that it is of."""
        limit = timing.longest_run(collector.interval, polled.timeout)
        run = Errand(collector.interval)
        errand.set(run)
        try:
            async with asyncio.timeout(limit):
                whole = await collector.collect(polled.inventory)
        except TimeoutError:
            raise SourceError(
                Reason.TIMEOUT,
                f"the run was given up after {limit:g} s; raise http.concurrency or the interval",
            ) from None
        former = len(polled.inventory.everyone)
        if whole.servers is not None and not whole.servers and former:
            raise SourceError(
                Reason.EMPTY,
                f"the API lists no servers, where there were {former}; "
                "the last good data are kept: check the permissions of the API user, or restart "
                "the exporter if the fleet is really empty",
            )
        inventory = polled.inventory
        if whole.servers is not None:
            inventory = await inventory_from(whole, polled.shard)
        collected = await own_part(whole, inventory, polled.shard)
        keep_for = timing.max_staleness(collector.interval, polled.timeout)
        kept = replace(collected, alerts=None)
        await self._store.publish(polled.name, collector.name, kept, keep_for=keep_for)
        self._board.change(polled.name, collector.name, calls=run.calls)
        return collected, inventory

    async def _log_news(
        self, polled: PolledSource, collector: Collector, collected: Collected, took: float
    ) -> None:
        """Log what the last runs did not say."""
        where = {"source": polled.name, "collector": collector.name}
        self._advice_log.warn(**where, warnings=collected.warnings)
        self._drift_log.note(**where, drift=collected.drift)
        state = self._board.state(polled.name, collector.name)
        self._advice_log.pace(polled, collector, state, took)
        if collected.alerts is not None:
            servers = _by_id(polled.inventory.servers)
            await self._alert_log.note(polled.name, collected.alerts, servers)

    def _succeeded(
        self, polled: PolledSource, collector: Collector, collected: Collected, took: float
    ) -> None:
        facts = {"items": collected.items, "problems": collected.problems}
        self._telemetry.run_ended(polled.name, collector.name, None)
        self._ended(
            polled,
            collector,
            took,
            success=True,
            last_success=self._clock.wall(),
            consecutive_failures=0,
            reason="",
            error="",
            remedy="",
            unavailable="",
            drift=collected.drift,
            again_after=collected.again_after,
            **facts,
        )
        where = {"source": polled.name, "collector": collector.name}
        _log.info("poll succeeded", **where, **facts, seconds=round(took, 3))

    def _not_available(
        self, polled: PolledSource, collector: Collector, missing: str, started: float
    ) -> None:
        """Put a collector to a slow re-check, and say so once."""
        where = {"source": polled.name, "collector": collector.name}
        if self._board.state(polled.name, collector.name).unavailable != missing:
            _log.warning("collector not available", **where, missing=missing)
        self._store.withdraw(polled.name, collector.name)
        self._telemetry.run_ended(polled.name, collector.name, None)
        self._ended(
            polled,
            collector,
            self._clock.monotonic() - started,
            success=True,
            last_success=self._clock.wall(),
            consecutive_failures=0,
            reason="",
            error="",
            remedy="",
            unavailable=missing,
            drift=(),
            again_after=None,
        )
        self._board.change(
            polled.name, collector.name, interval=timing.recheck_interval(collector.interval)
        )

    def _take_inventory(self, polled: PolledSource, inventory: Inventory, duplicates: int) -> None:
        if not inventory.everyone and not polled.has_inventory.is_set():
            _log.warning("the source has no servers yet", source=polled.name)
        polled.inventory = inventory
        polled.has_inventory.set()
        if duplicates:
            self._telemetry.duplicates_dropped(duplicates)

    def _failed(
        self, polled: PolledSource, collector: Collector, failure: SourceError, took: float
    ) -> None:
        failures = self._board.state(polled.name, collector.name).consecutive_failures + 1
        if failure.retry_after:
            asked = min(failure.retry_after, timing.LONGEST_BACKOFF * collector.interval)
            polled.held_until = max(polled.held_until, self._clock.monotonic() + asked)
        facts = {"reason": failure.reason.value, "error": failure.message}
        self._ended(
            polled,
            collector,
            took,
            success=False,
            consecutive_failures=failures,
            remedy=failure.remedy,
            **facts,
        )
        where = {"source": polled.name, "collector": collector.name}
        _log.warning("poll failed", **where, **facts, failures=failures, seconds=round(took, 3))
        self._telemetry.run_ended(polled.name, collector.name, failure.reason)

    def _ended(
        self, polled: PolledSource, collector: Collector, took: float, **outcome: Any
    ) -> None:
        self._board.change(
            polled.name,
            collector.name,
            runs=self._board.state(polled.name, collector.name).runs + 1,
            interval=collector.interval,
            last_run=self._clock.wall(),
            duration=took,
            **outcome,
        )


def _by_id(servers: Sequence[Server]) -> dict[str, Server]:
    return {server.id: server for server in servers}
