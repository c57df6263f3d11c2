"""How do the parts of a COM source fit together?"""

from collections.abc import Callable, Mapping

from exporter.sources.com.alerts import Alerts
from exporter.sources.com.client import ComClient
from exporter.sources.com.energy import EnergyUse
from exporter.sources.com.login import Login
from exporter.sources.com.servers import Servers
from exporter.sources.com.settings import ComSettings
from exporter.sources.com.tokens import Tokens
from exporter.sources.contract import Collector, Surroundings
from exporter.sources.transport import Transport

INTERVALS = {"servers": 60.0, "alerts": 60.0, "energy": 3600.0}
"""Seconds, by collector; the first is the inventory."""


class ComSource:
    """One region of one workspace. Create it on the event loop that uses it."""

    def __init__(self, settings: ComSettings, surroundings: Surroundings) -> None:
        """Prepare the enabled collectors; nothing is sent yet."""
        clock, observer = surroundings.clock, surroundings.observer
        self._transport = Transport(settings.http, clock, observer)
        tokens = Tokens(Login(settings, self._transport, clock, observer), clock)
        client = ComClient(settings, self._transport, tokens, clock)
        at_once = settings.http.concurrency
        severities = settings.collectors.alerts.severities
        build: Mapping[str, Callable[[float], Collector]] = {
            "servers": lambda interval: Servers(client, interval, at_once),
            "alerts": lambda interval: Alerts(client, clock, interval, at_once, severities),
            "energy": lambda interval: EnergyUse(client, clock, interval, at_once),
        }
        self.collectors: tuple[Collector, ...] = tuple(
            build[name](settings.by_collector[name].interval or default)
            for name, default in INTERVALS.items()
            if settings.by_collector[name].enabled
        )

    async def close(self) -> None:
        """Close the connections; a token simply ends."""
        await self._transport.close()
