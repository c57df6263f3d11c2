"""Metrics and log lines of endpoints whose end an API announces."""

from datetime import UTC, datetime

import structlog

from exporter.sources.deprecation import Deprecation
from exporter.telemetry.metrics import OwnMetrics

DEPRECATED = "serverfleet_api_deprecated"
SUNSET = "serverfleet_api_sunset_timestamp_seconds"

_log = structlog.get_logger("exporter.api")


class Deprecations:
    """The announcements of one source, by endpoint."""

    def __init__(self, metrics: OwnMetrics, source: str) -> None:
        """Begin without announcements."""
        self._metrics = metrics
        self._source = source
        self._announced: dict[str, Deprecation] = {}
        self._logged: set[str] = set()

    def note(self, endpoint: str, announced: Deprecation | None) -> None:
        """Show what an endpoint announces now; the first time, log it."""
        if announced == self._announced.get(endpoint):
            return
        self._forget(endpoint)
        if announced is None:
            return
        self._announced[endpoint] = announced
        self._metrics.set(DEPRECATED, 1, self._source, endpoint)
        if announced.sunset is not None:
            self._metrics.set(SUNSET, announced.sunset, self._source, endpoint)
        if endpoint not in self._logged:
            self._logged.add(endpoint)
            self._say(endpoint, announced)

    def _forget(self, endpoint: str) -> None:
        if self._announced.pop(endpoint, None) is not None:
            self._metrics.forget(DEPRECATED, self._source, endpoint)
            self._metrics.forget(SUNSET, self._source, endpoint)

    def _say(self, endpoint: str, announced: Deprecation) -> None:
        more = {"sunset": _date(announced.sunset), "link": announced.link}
        _log.warning(
            "endpoint is deprecated",
            source=self._source,
            endpoint=endpoint,
            **{name: text for name, text in more.items() if text},
            todo="look for a newer version of the exporter before the endpoint is removed",
        )


def _date(timestamp: float | None) -> str:
    """Write a Unix time as RFC 3339; empty if there is none."""
    return "" if timestamp is None else datetime.fromtimestamp(timestamp, UTC).isoformat()
