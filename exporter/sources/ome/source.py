"""An OpenManage Enterprise source: what it is made of, and how its capture is logged in to."""

from collections.abc import Mapping
from dataclasses import dataclass

from aiohttp import web

from exporter.clock import Clock
from exporter.sources.contract import ANYTHING, StandIn, Surroundings
from exporter.sources.ome.client import KEEPALIVE, OmeClient
from exporter.sources.ome.facts import ApplianceVersion, ApplianceZone
from exporter.sources.ome.login import OmeSession
from exporter.sources.ome.settings import OmeSettings
from exporter.sources.transport import Transport


class OperatingSystems:
    """The operating systems of one source's devices: one collector reads, another uses them."""

    def __init__(self) -> None:
        """Begin without knowledge."""
        self.known: Mapping[str, str] = {}
        """Name and version by device id; never changed in place."""

    def learn(self, known: Mapping[str, str]) -> None:
        """Take name and version by device id, in place of what was known."""
        self.known = known

    def of(self, device: str) -> str:
        """Return name and version; the empty string where they are not known."""
        return self.known.get(device, "")


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


async def _session(_: web.Request) -> web.Response:
    path = f"/api/SessionService/Sessions('{ANYTHING}')"
    headers = {"X-Auth-Token": ANYTHING, "Location": path}
    return web.json_response({"Id": ANYTHING, "Name": "API"}, status=201, headers=headers)


async def _logged_out(_: web.Request) -> web.Response:
    return web.Response(status=204)


STAND_IN = StandIn(
    kept=frozenset({"collectors", "device_types", "timezone"}),
    routes=(
        ("POST", "/api/SessionService/Sessions", _session),
        ("DELETE", f"/api/SessionService/Sessions('{ANYTHING}')", _logged_out),
    ),
    credentials=lambda address: {"url": address, "username": ANYTHING, "password": ANYTHING},
)
