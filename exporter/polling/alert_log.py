"""Which open alerts have not been seen before? Each gives one log line, for the log store."""

from collections.abc import Mapping, Sequence

import structlog

from exporter.model import Alert, Server
from exporter.slices import Slices

_log = structlog.get_logger("exporter.alerts")


class AlertLog:
    """Remembers the alerts of the last successful run of each source."""

    def __init__(self) -> None:
        """Begin with nothing seen; after a start every open alert is logged once."""
        self._seen: dict[str, frozenset[str]] = {}

    async def note(
        self, source: str, alerts: Sequence[Alert], servers: Mapping[str, Server]
    ) -> None:
        """Log the alerts that were not open at the last run.

        Args:
            source: The source's name.
            alerts: Every open critical or warning alert.
            servers: The served servers, by the vendor's id.
        """
        seen = self._seen.get(source, frozenset())
        self._seen[source] = frozenset(alert.id for alert in alerts)
        slices = Slices()
        for alert in alerts:
            await slices.breathe()
            if alert.id not in seen:
                server = servers.get(alert.device)
                _log.warning(
                    "new alert",
                    source=source,
                    id=alert.id,
                    severity=alert.severity.value,
                    serial=server.serial if server else "",
                    server=server.name if server else alert.device_name,
                    device=alert.device,
                    message=alert.message,
                )

    def forget(self, source: str) -> None:
        """Let go of a source that is no longer polled."""
        self._seen.pop(source, None)
