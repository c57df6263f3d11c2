"""Which fields of an API have drifted since we last looked? Each gives one log line.

A value is logged once for each field, however often it comes; a field that is missing, once until
it is back.
"""

from collections.abc import Iterable

import structlog

from exporter.model import DriftedField, DriftKind

MOST_TOLD = 20
"""Values logged for one field: an API that puts numbers into its words could go on for ever."""
REPORT = (
    "look for a newer version of the exporter; if that does not know it either, report it with "
    "what `serverfleet-exporter capture` saves"
)

_log = structlog.get_logger("exporter.drift")
_Collector = tuple[str, str]


class DriftLog:
    """Remembers what it has told of each collector."""

    def __init__(self) -> None:
        """Begin with nothing told; after a start every drift is logged once."""
        self._values: dict[tuple[_Collector, str], set[str]] = {}
        self._missing: dict[_Collector, frozenset[str]] = {}

    def note(self, source: str, collector: str, drift: Iterable[DriftedField]) -> None:
        """Log what is new in the drift of a successful run."""
        own = source, collector
        former, missing = self._missing.get(own, frozenset()), set()
        for field in drift:
            if field.kind is DriftKind.UNKNOWN_VALUES:
                self._note_values(own, field)
                continue
            missing.add(field.name)
            if field.name not in former:
                _say("expected field is missing", own, field)
        self._missing[own] = frozenset(missing)

    def forget(self, source: str) -> None:
        """Let go of a source that is no longer polled."""
        self._values = {key: told for key, told in self._values.items() if key[0][0] != source}
        self._missing = {own: names for own, names in self._missing.items() if own[0] != source}

    def _note_values(self, own: _Collector, field: DriftedField) -> None:
        told = self._values.setdefault((own, field.name), set())
        for value in field.values:
            if value not in told and len(told) < MOST_TOLD:
                told.add(value)
                _say("unknown value", own, field, value=value)


def _say(event: str, own: _Collector, field: DriftedField, **more: str) -> None:
    source, collector = own
    _log.warning(
        event,
        source=source,
        collector=collector,
        field=field.name,
        **more,
        records=field.records,
        todo=REPORT,
    )
