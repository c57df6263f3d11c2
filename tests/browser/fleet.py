"""An exporter of stub sources, on a port of its own, for a browser to look at."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from exporter.errors import Reason, SourceError
from exporter.model import Collected, Column, Description, Health, Server, Status
from exporter.web.server import Server as HttpServer
from tests.support.exporting import Exporting
from tests.support.fleet import alerts, inventory, servers
from tests.support.source import StubCollector, polled

DOWN = SourceError(Reason.CONNECT, "cannot connect to ome.example.net:443")
NAMES = (
    "<img src=x onerror=alert(1)>",
    '"><script>alert(2)</script>',
    "\u202egnp.exe\u202c",
    "&amp;&lt;b&gt;",
    "x" * 300,
    "' onmouseover='alert(3)",
)
"""What somebody may call a server."""


def hostile() -> Collected:
    """Build an inventory of servers with hostile names, serials and models."""
    fleet = tuple(
        Server(f"id-{place}", f"{name[:280]}{place}", name) for place, name in enumerate(NAMES)
    )
    described = {
        each.id: Description(id=each.id, model=f"{each.name} </td><svg onload=alert(4)>")
        for each in fleet
    }
    statuses = {each.id: Status(health=Health.CRITICAL) for each in fleet}
    return Collected(
        columns=(Column(Status, statuses), Column(Description, described)),
        servers=fleet,
        items=len(fleet),
    )


class Fleet:
    """Two sources; every third server of the first is critical, every fifth one warns."""

    def __init__(self, count: int = 30) -> None:
        fleet = servers(*range(count))
        healths = {each.id: _health(place) for place, each in enumerate(fleet)}
        self.listing = StubCollector("servers", inventory(fleet, healths))
        self.devices = StubCollector("devices", inventory(servers("a", "b"), Health.WARNING))
        self.exporting = Exporting(
            polled("emea", self.listing, StubCollector("alerts", alerts({"id-1": 2}))),
            polled("apac", self.devices, vendor="dell"),
        )
        self.port = 0
        self._server: HttpServer | None = None

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.port}/"

    async def listen(self) -> None:
        """Answer, at the same port as before."""
        self._server = await HttpServer.start(self.exporting.served, "127.0.0.1", self.port)
        self.port = self._server.port

    async def hang_up(self) -> None:
        """Answer no more."""
        if self._server is not None:
            await self._server.stop()
            self._server = None


class ManySources(Fleet):
    """Thirty sources of 20 servers, of which every odd one and the first are down."""

    def __init__(self) -> None:
        super().__init__(1)
        listing = inventory(servers(*range(20)), {"id-0": Health.WARNING})
        self.exporting = Exporting(
            *(
                polled(
                    f"site-{place:02d}",
                    StubCollector("servers", DOWN if place % 2 or not place else listing),
                    StubCollector("alerts", alerts({})),
                )
                for place in range(30)
            )
        )


def _health(place: int) -> Health:
    if place % 3 == 0:
        return Health.CRITICAL
    return Health.WARNING if place % 5 == 0 else Health.OK


@asynccontextmanager
async def serving(fleet: Fleet) -> AsyncIterator[Fleet]:
    """Serve a fleet whose first runs have ended."""
    await fleet.exporting.begin()
    await fleet.listen()
    try:
        yield fleet
    finally:
        await fleet.hang_up()
        await fleet.exporting.scheduler.stop()
