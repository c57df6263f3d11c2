"""Log lines about runs that are news: what holds run after run is logged once."""

from collections import deque
from collections.abc import Iterable, Mapping, Sequence

import structlog

from exporter.clock import Clock
from exporter.model import Alert, DriftedField, DriftKind, Server
from exporter.slices import Slices

MOST_LINES = 100
"""Alerts of one source that are logged within `WITHIN`."""
WITHIN = 60.0
"""Seconds."""
MOST_TOLD = 20
"""Values logged for one field: an API that puts numbers into its words could go on for ever."""
REPORT = (
    "look for a newer version of the exporter; if that does not know it either, report it with "
    "what `serverfleet-exporter capture` saves"
)

_polling_log = structlog.get_logger("exporter.polling")
_alerts_log = structlog.get_logger("exporter.alerts")
_drift_log = structlog.get_logger("exporter.drift")
_Collector = tuple[str, str]
"""The names of a source and of one of its collectors."""


class AdviceLog:
    """Logs warnings of collectors, and runs that are longer than their interval."""

    def __init__(self) -> None:
        """Begin with nothing said."""
        self._said: dict[_Collector, tuple[str, ...]] = {}
        self._slow: set[_Collector] = set()

    def warn(self, source: str, collector: str, warnings: tuple[str, ...]) -> None:
        """Log the warnings that the previous run did not have."""
        own = source, collector
        for sentence in warnings:
            if sentence not in self._said.get(own, ()):
                _polling_log.warning(sentence, source=source, collector=collector)
        self._said[own] = warnings

    def pace(self, source: str, collector: str, advice: str, *, is_first: bool) -> None:
        """Log that runs do not fit into their interval, once until one fits.

        Args:
            source: The source's name.
            collector: The collector's name.
            advice: What would help; empty where the run fits.
            is_first: Whether it is the first run, which may read more than those that follow.
        """
        own = source, collector
        if not advice:
            self._slow.discard(own)
        elif not is_first and own not in self._slow:
            self._slow.add(own)
            _polling_log.warning("poll too slow", source=source, collector=collector, advice=advice)

    def forget(self, source: str) -> None:
        """Forget a source that is no longer polled."""
        self._said = {own: said for own, said in self._said.items() if own[0] != source}
        self._slow = {own for own in self._slow if own[0] != source}


class AlertLog:
    """Logs open alerts that the previous successful run of a source did not have.

    An API that reports new ids at every poll would fill the disk of the log: there is a limit.
    """

    def __init__(self, clock: Clock) -> None:
        """Begin with nothing seen; after a start every open alert is new."""
        self._clock = clock
        self._seen: dict[str, set[str]] = {}
        self._logged: dict[str, deque[float]] = {}
        """Monotonic times of the newest lines of each source, the oldest first."""

    async def note(
        self, source: str, alerts: Sequence[Alert], servers: Mapping[str, Server]
    ) -> None:
        """Log the alerts that were not open at the last run.

        At most `MOST_LINES` within `WITHIN`; the others are counted in one line, and are not new
        at the next run either.

        Args:
            source: The source's name.
            alerts: Every open critical or warning alert.
            servers: The served servers, by the vendor's id.
        """
        before = self._seen.get(source, set())
        # Filled one by one: after an interruption only the alerts not handled yet are new.
        seen = self._seen[source] = {alert.id for alert in alerts if alert.id in before}
        slices, left_out = Slices(), 0
        for alert in alerts:
            await slices.breathe()
            if alert.id in seen:
                continue
            if self._may_log(source):
                _log_alert(source, alert, servers.get(alert.device))
            else:
                left_out += 1
            seen.add(alert.id)
        if left_out:
            _alerts_log.warning(
                "alerts not logged", source=source, alerts=left_out, limit=MOST_LINES
            )

    def forget(self, source: str) -> None:
        """Forget a source that is no longer polled."""
        self._seen.pop(source, None)
        self._logged.pop(source, None)

    def _may_log(self, source: str) -> bool:
        """Take one of the lines of a source, if there is one left."""
        now = self._clock.monotonic()
        logged = self._logged.setdefault(source, deque(maxlen=MOST_LINES))
        if len(logged) == MOST_LINES and now - logged[0] < WITHIN:
            return False
        logged.append(now)
        return True


def _log_alert(source: str, alert: Alert, server: Server | None) -> None:
    _alerts_log.warning(
        "new alert",
        source=source,
        id=alert.id,
        severity=alert.severity.value,
        serial=server.serial if server else "",
        server=server.name if server else alert.device_name,
        device=alert.device,
        message=alert.message,
    )


class DriftLog:
    """Logs fields of an API that have drifted.

    A value is logged once for each field, however often it comes; a field that is missing, once
    until it is back.
    """

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
                _log_drift("expected field is missing", own, field)
        self._missing[own] = frozenset(missing)

    def forget(self, source: str) -> None:
        """Forget a source that is no longer polled."""
        self._values = {key: told for key, told in self._values.items() if key[0][0] != source}
        self._missing = {own: names for own, names in self._missing.items() if own[0] != source}

    def _note_values(self, own: _Collector, field: DriftedField) -> None:
        told = self._values.setdefault((own, field.name), set())
        for value in field.values:
            if value not in told and len(told) < MOST_TOLD:
                told.add(value)
                _log_drift("unknown value", own, field, value=value)


def _log_drift(event: str, own: _Collector, field: DriftedField, **more: str) -> None:
    source, collector = own
    _drift_log.warning(
        event,
        source=source,
        collector=collector,
        field=field.name,
        **more,
        records=field.records,
        todo=REPORT,
    )
