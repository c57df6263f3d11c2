"""Metrics of the exporter's own process: its port, its state file and its event loop."""

from exporter.catalogue import own as families
from exporter.clock import Clock
from exporter.energy.ledger import REASONS as LEDGER_REASONS
from exporter.telemetry.metrics import OwnMetrics

WEB_REASONS = (
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

_EVERY = 0.25
"""Seconds between two looks at the event loop."""


class WebTelemetry:
    """Counts what happens at our own port."""

    def __init__(self, metrics: OwnMetrics) -> None:
        """Begin every count at zero, so that the first refusal is an increase."""
        self._metrics = metrics
        for reason in WEB_REASONS:
            metrics.increase(families.WEB_REFUSED_TOTAL, reason, by=0)

    def refused(self, reason: str) -> None:
        """Count a client that was refused or let go."""
        self._metrics.increase(families.WEB_REFUSED_TOTAL, reason)

    def web_config_read(self, *, ok: bool) -> None:
        """Say whether the web configuration could be (re)read."""
        self._metrics.set(families.WEB_CONFIG_LAST_RELOAD_SUCCESSFUL, ok)


class LedgerTelemetry:
    """Hears how the ledger is doing."""

    def __init__(self, metrics: OwnMetrics) -> None:
        """Show every reason for an error at zero, so that the first one is seen too."""
        self._metrics = metrics
        for reason in LEDGER_REASONS:
            metrics.increase(families.LEDGER_ERRORS_TOTAL, reason, by=0)

    def pending(self, source: str, hours: int) -> None:
        """Show how many hours have not been read yet."""
        self._metrics.set(families.LEDGER_HOURS_PENDING, hours, source)
        self._metrics.increase(families.LEDGER_HOURS_LOST_TOTAL, source, by=0)

    def lost(self, source: str, hours: int) -> None:
        """Count hours that can not be read any more."""
        self._metrics.increase(families.LEDGER_HOURS_LOST_TOTAL, source, by=hours)

    def written(self, source: str, at: float, size: int) -> None:
        """Show when something was committed, and the size of the file."""
        self._metrics.set(families.LEDGER_LAST_WRITE_TIMESTAMP_SECONDS, at, source)
        self._metrics.set(families.LEDGER_FILE_BYTES, size)

    def failed(self, reason: str) -> None:
        """Count that the file could not be used."""
        self._metrics.increase(families.LEDGER_ERRORS_TOTAL, reason)


async def watch_event_loop(metrics: OwnMetrics, clock: Clock) -> None:
    """Measure for ever how much later than asked a sleeping task is woken."""
    while True:
        due = clock.monotonic() + _EVERY
        await clock.sleep(_EVERY)
        lag = max(0.0, clock.monotonic() - due)
        metrics.observe(families.EVENT_LOOP_LAG_SECONDS, lag)
