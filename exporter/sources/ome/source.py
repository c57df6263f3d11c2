"""How is one OpenManage Enterprise source put together?"""

from collections.abc import Callable

from exporter.sources.contract import Collector, Surroundings
from exporter.sources.ome.alerts import AlertsCollector
from exporter.sources.ome.appliance import ApplianceCollector
from exporter.sources.ome.client import KEEPALIVE, OmeClient
from exporter.sources.ome.compliance import ComplianceCollector
from exporter.sources.ome.devices import DevicesCollector
from exporter.sources.ome.groups import GroupsCollector
from exporter.sources.ome.hardware import HardwareCollector
from exporter.sources.ome.health import HealthCollector
from exporter.sources.ome.jobs import JobsCollector
from exporter.sources.ome.power import PowerCollector
from exporter.sources.ome.power_manager import PowerManagerCollector
from exporter.sources.ome.session import OmeSession
from exporter.sources.ome.settings import OmeSettings
from exporter.sources.ome.systems import OperatingSystems
from exporter.sources.ome.version import ApplianceVersion
from exporter.sources.ome.warranty import WarrantyCollector
from exporter.sources.ome.zone import ApplianceZone
from exporter.sources.transport import Transport

INTERVALS = {
    "devices": 60.0,
    "alerts": 60.0,
    "health": 300.0,
    "power": 300.0,
    "power_manager": 900.0,
    "groups": 600.0,
    "compliance": 1800.0,
    "warranty": 86400.0,
    "jobs": 300.0,
    "hardware": 6 * 3600.0,
    "appliance": 3600.0,
}
"""Default seconds between two runs; the first collector is the inventory."""


class OmeSource:
    """One appliance: a session, its connections and the enabled collectors."""

    def __init__(self, settings: OmeSettings, surroundings: Surroundings) -> None:
        """Put the parts together; nothing is sent yet. Needs a running event loop."""
        clock, observer = surroundings.clock, surroundings.observer
        self._transport = Transport(settings.http, clock, observer, keepalive=KEEPALIVE)
        self._session = OmeSession(settings, self._transport, clock, observer)
        client = OmeClient(settings.api, self._transport, self._session, clock)
        version, systems = ApplianceVersion(client, observer), OperatingSystems()
        self.zone = zone = ApplianceZone(client, clock, settings.zone)
        builders: dict[str, Callable[[float], Collector]] = {
            "devices": lambda every: DevicesCollector(
                settings, client, zone, version, systems, interval=every
            ),
            "alerts": lambda every: AlertsCollector(settings, client, interval=every),
            "health": lambda every: HealthCollector(settings, client, clock, interval=every),
            "power": lambda every: PowerCollector(settings, client, clock, interval=every),
            "power_manager": lambda every: PowerManagerCollector(
                settings, client, clock, zone, interval=every
            ),
            "groups": lambda every: GroupsCollector(settings, client, clock, interval=every),
            "compliance": lambda every: ComplianceCollector(
                settings, client, clock, interval=every
            ),
            "warranty": lambda every: WarrantyCollector(settings, client, zone, interval=every),
            "jobs": lambda every: JobsCollector(settings, client, interval=every),
            "hardware": lambda every: HardwareCollector(
                settings, client, clock, systems, interval=every
            ),
            "appliance": lambda every: ApplianceCollector(version, interval=every),
        }
        chosen = settings.by_collector
        self._collectors = tuple(
            build(chosen[name].interval or INTERVALS[name])
            for name, build in builders.items()
            if chosen[name].enabled
        )

    @property
    def collectors(self) -> tuple[Collector, ...]:
        """The enabled collectors; the first is the inventory."""
        return self._collectors

    async def close(self) -> None:
        """Log out and close the connections; never raises."""
        try:
            await self._session.close()
        finally:
            await self._transport.close()
