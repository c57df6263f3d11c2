"""What an OpenManage Enterprise source is made of."""

from dataclasses import dataclass

from exporter.clock import Clock
from exporter.sources.contract import Surroundings
from exporter.sources.ome.client import KEEPALIVE, OmeClient
from exporter.sources.ome.session import OmeSession
from exporter.sources.ome.settings import OmeSettings
from exporter.sources.ome.systems import OperatingSystems
from exporter.sources.ome.version import ApplianceVersion
from exporter.sources.ome.zone import ApplianceZone
from exporter.sources.transport import Transport


@dataclass(frozen=True, slots=True)
class OmeParts:
    """What the collectors of one appliance share."""

    settings: OmeSettings
    clock: Clock
    transport: Transport
    session: OmeSession
    client: OmeClient
    zone: ApplianceZone
    version: ApplianceVersion
    systems: OperatingSystems

    @property
    def at_once(self) -> int:
        """Calls that may be made at the same time."""
        return self.settings.http.concurrency

    async def close(self) -> None:
        """Log out and close the connections; never raises."""
        try:
            await self.session.log_out()
        finally:
            await self.transport.close()


def connect(settings: OmeSettings, surroundings: Surroundings) -> OmeParts:
    """Build the parts of a source; nothing is sent yet. Needs a running event loop."""
    clock, observer = surroundings.clock, surroundings.observer
    transport = Transport(
        settings.http, clock, observer, keepalive=KEEPALIVE, memory=surroundings.memory
    )
    session = OmeSession(settings, transport, clock, observer)
    client = OmeClient(settings.api, transport, session, clock)
    return OmeParts(
        settings,
        clock,
        transport,
        session,
        client,
        ApplianceZone(client, clock, settings.zone),
        ApplianceVersion(client, observer),
        OperatingSystems(),
    )
