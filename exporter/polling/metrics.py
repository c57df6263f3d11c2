"""Metrics of the collectors: counted runs, and mirrored states."""

from collections.abc import Iterable, Sequence

from exporter.catalogue import own as families
from exporter.errors import Reason
from exporter.exposition.store import Store
from exporter.model import DriftKind
from exporter.polling.board import CollectorState, calls_an_hour
from exporter.polling.runner import Telemetry
from exporter.polling.scheduler import Scheduler
from exporter.polling.source import PolledSource
from exporter.telemetry.metrics import OwnMetrics

_DRIFT = {
    DriftKind.UNKNOWN_VALUES: families.COLLECTOR_UNKNOWN_VALUES,
    DriftKind.MISSING: families.COLLECTOR_MISSING_FIELDS,
}
_Drifted = tuple[DriftKind, str, str, str]
"""A kind of drift, with source, collector and field."""


class RunTelemetry(Telemetry):
    """Counts the runs of every collector."""

    def __init__(self, metrics: OwnMetrics) -> None:
        """Take the metrics to count in."""
        self._metrics = metrics

    def begin(self, source: str, collector: str) -> None:
        """Show every counter of a collector at zero, so that the first increase is seen too."""
        self._metrics.increase(families.COLLECTOR_RUNS_TOTAL, source, collector, by=0)
        for reason in Reason:
            family = families.COLLECTOR_FAILURES_TOTAL
            self._metrics.increase(family, source, collector, reason.value, by=0)

    def end(self, source: str, collectors: Iterable[str]) -> None:
        """Let go of the counters of collectors that a source no longer has."""
        for collector in collectors:
            self._metrics.forget_all(source=source, collector=collector)

    def run_ended(self, source: str, collector: str, reason: Reason | None) -> None:
        """Count a run, and its failure."""
        self._metrics.increase(families.COLLECTOR_RUNS_TOTAL, source, collector)
        if reason is not None:
            self._metrics.increase(
                families.COLLECTOR_FAILURES_TOTAL, source, collector, reason.value
            )

    def duplicates_dropped(self, count: int) -> None:
        """Count servers that are left out."""
        self._metrics.increase(families.SERIES_DROPPED_TOTAL, "duplicate", by=count)


class CollectorMetrics:
    """Mirrors the state of every collector; what no longer holds has no series."""

    def __init__(self, metrics: OwnMetrics, scheduler: Scheduler, store: Store) -> None:
        """Take what is mirrored: the states and sources of the scheduler, and what is served."""
        self._metrics = metrics
        self._scheduler = scheduler
        self._store = store
        self._drifted: frozenset[_Drifted] = frozenset()

    def mirror(self) -> None:
        """Bring the families up to date."""
        states = tuple(self._scheduler.board)
        served = {(source, name) for source, name, _ in self._store.served()}
        for state in states:
            self._mirror_collector(state, is_served=(state.source, state.collector) in served)
        self._mirror_drift(states)
        for polled in self._scheduler.sources:
            self._mirror_source(polled, [each for each in states if each.source == polled.name])

    def _mirror_source(self, polled: PolledSource, states: Sequence[CollectorState]) -> None:
        inventory = polled.source.collectors[0].name
        up = any(state.success for state in states if state.collector == inventory)
        self._metrics.set(families.SOURCE_UP, up, polled.name, polled.vendor)
        needed = calls_an_hour(states) / 3600
        self._metrics.set(families.API_NEEDED_REQUESTS_PER_SECOND, needed, polled.name)

    def _mirror_collector(self, state: CollectorState, *, is_served: bool) -> None:
        readings = (
            (families.COLLECTOR_INTERVAL_SECONDS, state.interval),
            (families.COLLECTOR_CONSECUTIVE_FAILURES, state.consecutive_failures),
            (families.COLLECTOR_DATA_SERVED, is_served),
            (families.COLLECTOR_SUCCESS, state.success),
            (families.COLLECTOR_LAST_RUN_TIMESTAMP_SECONDS, state.last_run),
            (families.COLLECTOR_LAST_SUCCESS_TIMESTAMP_SECONDS, state.last_success),
            (families.COLLECTOR_DURATION_SECONDS, state.duration),
            (families.COLLECTOR_LAST_RUN_REQUESTS, state.calls),
            (families.COLLECTOR_AVAILABLE, not state.unavailable),
            (families.COLLECTOR_LAST_RUN_RECORDS, state.items),
            (families.COLLECTOR_LAST_RUN_SKIPPED_RECORDS, state.problems),
        )
        for family, value in readings:
            if value is not None:
                self._metrics.set(family, value, state.source, state.collector)

    def _mirror_drift(self, states: Iterable[CollectorState]) -> None:
        found: dict[_Drifted, int] = {
            (field.kind, state.source, state.collector, field.name): field.records
            for state in states
            for field in state.drift
        }
        for kind, source, collector, field in self._drifted - found.keys():
            self._metrics.forget(_DRIFT[kind], source, collector, field)
        for (kind, source, collector, field), records in found.items():
            self._metrics.set(_DRIFT[kind], records, source, collector, field)
        self._drifted = frozenset(found)
