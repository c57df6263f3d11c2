"""How do the calls and runs of one source become metrics?"""

from collections.abc import Iterable
from http import HTTPStatus

from exporter.config.source import SourceSettings
from exporter.errors import Reason
from exporter.polling.runner import Telemetry
from exporter.sources.deprecation import Deprecation
from exporter.sources.observer import Exchange
from exporter.telemetry.deprecations import Deprecations
from exporter.telemetry.metrics import OwnMetrics

ERROR, OTHER = "error", "other"
CODES = frozenset({ERROR, *(str(status.value) for status in HTTPStatus)})
"""Values of the label `code`; whatever else an API sends is `OTHER`, so that it cannot make a
series for each number that it invents."""


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
        metrics.set("serverfleet_source_info", 1, *own, *self._info)
        metrics.set("serverfleet_source_up", 0, *own)
        metrics.set("serverfleet_source_tls_verification_enabled", verified, *own)
        if settings.http.requests_per_minute:
            allowed = settings.http.requests_per_minute * 60
            metrics.set("serverfleet_api_limit_requests_per_hour", allowed, settings.name)
        for counter in ("rate_limited", "logins", "login_failures", "response_bytes"):
            metrics.increase(f"serverfleet_api_{counter}_total", settings.name, by=0)

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
        metrics.increase("serverfleet_api_requests_total", source, endpoint, known)
        metrics.observe("serverfleet_api_request_duration_seconds", seconds, source, endpoint)
        metrics.increase("serverfleet_api_response_bytes_total", source, by=received)
        if code == "429":
            metrics.increase("serverfleet_api_rate_limited_total", source)

    def exchange(self, exchange: Exchange) -> None:
        """Ignore an answer: what is in it is the business of its collector."""

    def retry(self, reason: str) -> None:
        """Count a repeated request."""
        if self._retired:
            return
        self._metrics.increase("serverfleet_api_retries_total", self._source, reason)

    def login(self, *, ok: bool) -> None:
        """Count a login."""
        if self._retired:
            return
        self._metrics.increase("serverfleet_api_logins_total", self._source)
        if not ok:
            self._metrics.increase("serverfleet_api_login_failures_total", self._source)

    def token_expiry(self, timestamp: float) -> None:
        """Show when the present token ends."""
        if not self._retired:
            name = "serverfleet_api_token_expiry_timestamp_seconds"
            self._metrics.set(name, timestamp, self._source)

    def certificate(self, not_after: float) -> None:
        """Show when the API's certificate ends."""
        if not self._retired:
            name = "serverfleet_source_certificate_not_after_timestamp_seconds"
            self._metrics.set(name, not_after, self._source, self._vendor)

    def version(self, text: str) -> None:
        """Show the version that the API names, in place of the former one."""
        kind, former, url = self._info
        if text != former and not self._retired:
            own = self._source, self._vendor
            self._metrics.forget("serverfleet_source_info", *own, *self._info)
            self._info = (kind, text, url)
            self._metrics.set("serverfleet_source_info", 1, *own, *self._info)

    def deprecation(self, endpoint: str, announced: Deprecation | None) -> None:
        """Show which endpoints are announced to end, and log each once."""
        if not self._retired:
            self._deprecations.note(endpoint, announced)


class RunTelemetry(Telemetry):
    """Counts the runs of every collector."""

    def __init__(self, metrics: OwnMetrics) -> None:
        """Take the metrics to count in."""
        self._metrics = metrics

    def begin(self, source: str, collector: str) -> None:
        """Show every counter of a collector at zero, so that the first increase is seen too."""
        self._metrics.increase("serverfleet_collector_runs_total", source, collector, by=0)
        for reason in Reason:
            name = "serverfleet_collector_failures_total"
            self._metrics.increase(name, source, collector, reason.value, by=0)

    def end(self, source: str, collectors: Iterable[str]) -> None:
        """Let go of the counters of collectors that a source no longer has."""
        for collector in collectors:
            self._metrics.forget_all(source=source, collector=collector)

    def run_ended(self, source: str, collector: str, reason: Reason | None) -> None:
        """Count a run, and its failure."""
        self._metrics.increase("serverfleet_collector_runs_total", source, collector)
        if reason is not None:
            self._metrics.increase(
                "serverfleet_collector_failures_total", source, collector, reason.value
            )

    def duplicates_dropped(self, count: int) -> None:
        """Count servers that are left out."""
        self._metrics.increase("serverfleet_series_dropped_total", "duplicate", by=count)
