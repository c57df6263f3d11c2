"""Which open alerts have not been seen before? Each is one log line, up to a limit.

An API that reports new ids at every poll would otherwise fill the disk of the log.
"""

from collections import deque
from collections.abc import Mapping, Sequence

import structlog

from exporter.clock import Clock
from exporter.model import Alert, Server
from exporter.slices import Slices

MOST_LINES = 100
"""Alerts of one source that are logged within `WITHIN`."""
WITHIN = 60.0
"""Seconds."""

_log = structlog.get_logger("exporter.alerts")


class AlertLog:
    """Remembers the alerts of the last successful run of each source."""

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
                _say(source, alert, servers.get(alert.device))
            else:
                left_out += 1
            seen.add(alert.id)
        if left_out:
            _log.warning("alerts not logged", source=source, alerts=left_out, limit=MOST_LINES)

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


def _say(source: str, alert: Alert, server: Server | None) -> None:
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
