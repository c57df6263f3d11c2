"""How does the drift of every collector become metrics? A field that fits again has no series."""

from collections.abc import Iterable

from exporter.model import DriftKind
from exporter.polling.board import CollectorState
from exporter.telemetry.metrics import OwnMetrics

FAMILIES = {
    DriftKind.UNKNOWN_VALUES: "serverfleet_collector_unknown_values",
    DriftKind.MISSING: "serverfleet_collector_missing_fields",
}
_Series = tuple[str, ...]


class DriftMetrics:
    """Mirrors the drift of the last successful run of each collector."""

    def __init__(self, metrics: OwnMetrics) -> None:
        """Begin without series."""
        self._metrics = metrics
        self._shown: frozenset[_Series] = frozenset()

    def mirror(self, states: Iterable[CollectorState]) -> None:
        """Show what has drifted now, and nothing else."""
        found = {
            (FAMILIES[field.kind], state.source, state.collector, field.name): field.records
            for state in states
            for field in state.drift
        }
        for series in self._shown - found.keys():
            self._metrics.forget(*series)
        for (name, *labels), records in found.items():
            self._metrics.set(name, records, *labels)
        self._shown = frozenset(found)
