"""Metrics of the calls to one source, and of the endpoints whose end its API announces."""

from datetime import UTC, datetime
from http import HTTPStatus

import structlog

from exporter.catalogue import own as families
from exporter.config.source import SourceSettings
from exporter.sources.headers import Deprecation
from exporter.sources.observer import Exchange
from exporter.telemetry.metrics import OwnMetrics

_log = structlog.get_logger("exporter.api")

ERROR, OTHER = "error", "other"
CODES = frozenset({ERROR, *(str(status.value) for status in HTTPStatus)})
"""Values of the label `code`; whatever else an API sends is `OTHER`, so that it cannot make a
series for each number that it invents."""

RATE_LIMITED = "429"
"""The code that every endpoint has from its first request on, at 0 as well: an alert asks for its
rate, and the rate of a series that appears lacks the first increase."""

_COUNTERS = (
    families.API_LOGINS_TOTAL,
    families.API_LOGIN_FAILURES_TOTAL,
    families.API_RESPONSE_BYTES_TOTAL,
)
"""Begin at zero, so that the first increase is seen too."""


class SourceTelemetry:
    """Hears of the calls of one source."""

    def __init__(self, metrics: OwnMetrics, settings: SourceSettings, vendor: str) -> None:
        """Prepare; nothing shows before `begin`."""
        self._metrics = metrics
        self._settings = settings
        self._source = settings.name
        self._vendor = vendor
        self._info = (settings.type, "", settings.api)
        self._retired = False
        self._deprecations = Deprecations(metrics, settings.name)

    def begin(self) -> None:
        """Show what is known before the first call."""
        settings, metrics = self._settings, self._metrics
        verified = settings.api.startswith("https://") and not settings.http.insecure_skip_verify
        own = self._source, self._vendor
        metrics.set(families.SOURCE_INFO, 1, *own, *self._info)
        metrics.set(families.SOURCE_UP, 0, *own)
        metrics.set(families.SOURCE_TLS_VERIFICATION_ENABLED, verified, *own)
        if settings.http.requests_per_minute:
            allowed = settings.http.requests_per_minute / 60
            metrics.set(families.API_LIMIT_REQUESTS_PER_SECOND, allowed, settings.name)
        for counter in _COUNTERS:
            metrics.increase(counter, settings.name, by=0)

    def retire(self, *, succeeded: bool) -> None:
        """Let the series go, and hear no more: a last call may still be under way.

        Args:
            succeeded: Whether the same API is polled on under this name; its counters go on then.
        """
        self._retired = True
        kinds = ("gauge",) if succeeded else ()
        self._metrics.forget_all(*kinds, source=self._source)

    def request(self, endpoint: str, code: str, seconds: float, received: int) -> None:
        """Count a request."""
        if self._retired:
            return
        metrics, source = self._metrics, self._source
        known = code if code in CODES else OTHER
        metrics.increase(families.API_REQUESTS_TOTAL, source, endpoint, RATE_LIMITED, by=0)
        metrics.increase(families.API_REQUESTS_TOTAL, source, endpoint, known)
        metrics.observe(families.API_REQUEST_DURATION_SECONDS, seconds, source, endpoint)
        metrics.increase(families.API_RESPONSE_BYTES_TOTAL, source, by=received)

    def exchange(self, exchange: Exchange) -> None:
        """Ignore an answer: what is in it is the business of its collector."""

    def retry(self, reason: str) -> None:
        """Count a repeated request."""
        if self._retired:
            return
        self._metrics.increase(families.API_RETRIES_TOTAL, self._source, reason)

    def login(self, *, ok: bool) -> None:
        """Count a login."""
        if self._retired:
            return
        self._metrics.increase(families.API_LOGINS_TOTAL, self._source)
        if not ok:
            self._metrics.increase(families.API_LOGIN_FAILURES_TOTAL, self._source)

    def token_expiry(self, timestamp: float) -> None:
        """Show when the present token ends."""
        if not self._retired:
            family = families.API_TOKEN_EXPIRY_TIMESTAMP_SECONDS
            self._metrics.set(family, timestamp, self._source)

    def certificate(self, not_after: float) -> None:
        """Show when the API's certificate ends."""
        if not self._retired:
            family = families.SOURCE_CERTIFICATE_NOT_AFTER_TIMESTAMP_SECONDS
            self._metrics.set(family, not_after, self._source, self._vendor)

    def version(self, text: str) -> None:
        """Show the version that the API names, in place of the former one."""
        kind, former, url = self._info
        if text != former and not self._retired:
            own = self._source, self._vendor
            self._metrics.forget(families.SOURCE_INFO, *own, *self._info)
            self._info = (kind, text, url)
            self._metrics.set(families.SOURCE_INFO, 1, *own, *self._info)

    def deprecation(self, endpoint: str, announced: Deprecation | None) -> None:
        """Show which endpoints are announced to end, and log each once."""
        if not self._retired:
            self._deprecations.note(endpoint, announced)


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
        self._metrics.set(families.API_DEPRECATED, 1, self._source, endpoint)
        if announced.sunset is not None:
            self._metrics.set(
                families.API_SUNSET_TIMESTAMP_SECONDS, announced.sunset, self._source, endpoint
            )
        if endpoint not in self._logged:
            self._logged.add(endpoint)
            self._say(endpoint, announced)

    def _forget(self, endpoint: str) -> None:
        if self._announced.pop(endpoint, None) is not None:
            self._metrics.forget(families.API_DEPRECATED, self._source, endpoint)
            self._metrics.forget(families.API_SUNSET_TIMESTAMP_SECONDS, self._source, endpoint)

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
