"""How does the state of the ledger become metrics?"""

from exporter.energy.ledger import REASONS
from exporter.telemetry.metrics import OwnMetrics


class LedgerTelemetry:
    """Hears how the ledger is doing."""

    def __init__(self, metrics: OwnMetrics) -> None:
        """Show every reason for an error at zero, so that the first one is seen too."""
        self._metrics = metrics
        for reason in REASONS:
            metrics.increase("serverfleet_ledger_errors_total", reason, by=0)

    def pending(self, source: str, hours: int) -> None:
        """Show how many hours have not been read yet."""
        self._metrics.set("serverfleet_ledger_hours_pending", hours, source)
        self._metrics.increase("serverfleet_ledger_hours_lost_total", source, by=0)

    def lost(self, source: str, hours: int) -> None:
        """Count hours that can not be read any more."""
        self._metrics.increase("serverfleet_ledger_hours_lost_total", source, by=hours)

    def written(self, source: str, at: float, size: int) -> None:
        """Show when something was committed, and the size of the file."""
        self._metrics.set("serverfleet_ledger_last_write_timestamp_seconds", at, source)
        self._metrics.set("serverfleet_ledger_file_bytes", size)

    def failed(self, reason: str) -> None:
        """Count that the file could not be used."""
        self._metrics.increase("serverfleet_ledger_errors_total", reason)
