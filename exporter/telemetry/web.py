"""How do refusals and changes at our own port become metrics?"""

from exporter.telemetry.metrics import OwnMetrics

REASONS = (
    "connections",
    "requests",
    "rate_limit",
    "unauthorized",
    "foreign_site",
    "too_large",
    "malformed",
    "slow",
    "handshake",
    "client_certificate",
)
"""Why a client is refused or let go: the values of the label `reason`."""


class WebTelemetry:
    """Counts what happens at our own port."""

    def __init__(self, metrics: OwnMetrics) -> None:
        """Begin every count at zero, so that the first refusal is an increase."""
        self._metrics = metrics
        for reason in REASONS:
            metrics.increase("serverfleet_web_refused_total", reason, by=0)

    def refused(self, reason: str) -> None:
        """Count a client that was refused or let go."""
        self._metrics.increase("serverfleet_web_refused_total", reason)

    def web_config_read(self, *, ok: bool) -> None:
        """Say whether the web configuration could be (re)read."""
        self._metrics.set("serverfleet_web_config_last_reload_successful", ok)
