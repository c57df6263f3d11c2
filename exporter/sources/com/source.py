"""How do the parts of a COM source fit together?"""

from collections.abc import Callable, Mapping

from exporter.sources.com.alerts import Alerts
from exporter.sources.com.appliances import ApplianceStates
from exporter.sources.com.client import ComClient
from exporter.sources.com.energy import EnergyUse
from exporter.sources.com.energy_archive import EnergyArchive
from exporter.sources.com.energy_reader import EnergyReader
from exporter.sources.com.firmware import FirmwareVersions
from exporter.sources.com.groups import Groups
from exporter.sources.com.jobs import JobCounts
from exporter.sources.com.lists import Lists
from exporter.sources.com.login import Login
from exporter.sources.com.servers import Servers
from exporter.sources.com.settings import ComSettings
from exporter.sources.com.tokens import Tokens
from exporter.sources.com.utilization import UtilizationUse
from exporter.sources.com.warranty import Warranties
from exporter.sources.contract import Collector, Surroundings
from exporter.sources.transport import Transport

INTERVALS = {
    "servers": 60.0,
    "alerts": 60.0,
    "energy": 3600.0,
    "utilization": 3600.0,
    "groups": 600.0,
    "jobs": 300.0,
    "appliances": 300.0,
    "firmware": 21600.0,
    "warranty": 86400.0,
}
"""Seconds, by collector; the first is the inventory."""


class ComSource:
    """One region of one workspace. Create it on the event loop that uses it."""

    def __init__(self, settings: ComSettings, surroundings: Surroundings) -> None:
        """Prepare the enabled collectors; nothing is sent yet."""
        clock, observer = surroundings.clock, surroundings.observer
        self._transport = Transport(settings.http, clock, observer, memory=surroundings.memory)
        tokens = Tokens(Login(settings, self._transport, clock, observer), clock)
        client = ComClient(settings, self._transport, tokens, clock)
        at_once = settings.http.concurrency
        lists = Lists(client, clock, at_once)
        reader = EnergyReader(lists, clock)
        self.energy_archive = EnergyArchive(reader)
        severities = settings.collectors.alerts.severities
        components = settings.collectors.firmware.components
        build: Mapping[str, Callable[[float], Collector]] = {
            "servers": lambda interval: Servers(lists, clock, interval),
            "alerts": lambda interval: Alerts(lists, clock, interval, severities),
            "energy": lambda interval: EnergyUse(reader, clock, interval),
            "utilization": lambda interval: UtilizationUse(lists, clock, interval),
            "groups": lambda interval: Groups(lists, clock, interval),
            "jobs": lambda interval: JobCounts(lists, clock, interval),
            "appliances": lambda interval: ApplianceStates(lists, clock, interval),
            "firmware": lambda interval: FirmwareVersions(lists, interval, components),
            "warranty": lambda interval: Warranties(lists, interval),
        }
        self.collectors: tuple[Collector, ...] = tuple(
            build[name](settings.by_collector[name].interval or default)
            for name, default in INTERVALS.items()
            if settings.by_collector[name].enabled
        )

    async def close(self) -> None:
        """Close the connections; a token simply ends."""
        await self._transport.close()
