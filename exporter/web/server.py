"""The routes of the HTTP server, and how it is started and stopped."""

from dataclasses import dataclass, field

from aiohttp import web

from exporter.clock import Clock
from exporter.exposition.page import Pages
from exporter.exposition.store import Store
from exporter.polling.scheduler import Scheduler
from exporter.status.documents import Reporter
from exporter.telemetry.page import OwnPage
from exporter.telemetry.process import WebTelemetry
from exporter.web.connections import Connections
from exporter.web.discovery import add_discovery
from exporter.web.guard import Guard
from exporter.web.limits import LARGEST_BODY, Limits
from exporter.web.listener import Listener, listening_sockets
from exporter.web.management import Reload, add_management
from exporter.web.metrics import MetricsHandler
from exporter.web.protection import Protected
from exporter.web.status import add_status

_STOP_WITHIN = 0.5


class ListenError(Exception):
    """The address cannot be listened on."""


@dataclass(frozen=True, slots=True)
class Door:
    """What stands between clients and the handlers."""

    limits: Limits = field(default_factory=Limits)
    protected: Protected = field(default_factory=Protected)
    grafana_url: str = ""
    """Base address of Grafana, to which the status page links; empty: no links."""


@dataclass(frozen=True, slots=True)
class Served:
    """What the handlers read."""

    scheduler: Scheduler
    store: Store
    pages: Pages
    own: OwnPage
    clock: Clock
    telemetry: WebTelemetry
    door: Door = field(default_factory=Door)
    reload: Reload | None = None
    """Puts the changed configuration in force; None: that is not allowed over HTTP."""


def application(served: Served) -> web.Application:
    """Build the routes; GET routes answer HEAD too."""
    app = web.Application(client_max_size=LARGEST_BODY)
    Guard(served.door.protected, served.door.limits, served.telemetry).install(app)
    metrics = MetricsHandler(served.pages, served.own, served.scheduler.board)
    app.router.add_get("/metrics", metrics.answer)
    reporter = Reporter(served.scheduler, served.store, served.pages, served.clock)
    add_status(app, reporter, served.clock, served.door.grafana_url)
    protected = served.door.protected
    add_management(app, served.scheduler, protected, served.reload, served.telemetry)
    add_discovery(app, lambda: served.scheduler.sources)
    return app


class Server:
    """A running HTTP server."""

    def __init__(self, runner: web.AppRunner, listener: Listener, connections: Connections) -> None:
        """Keep what is needed to stop it, and where it listens."""
        self._runner = runner
        self._listener = listener
        self._connections = connections
        self.addresses = listener.addresses
        """Every address, as host and port."""
        self.port = listener.addresses[0][1]

    @classmethod
    async def start(cls, served: Served, host: str, port: int) -> "Server":
        """Listen.

        Args:
            served: What is served, and what stands before it.
            host: A name or address; empty for every address.
            port: 0 for any free one.

        Raises:
            ListenError: The address is taken, not this machine's, or not allowed.
        """
        try:
            sockets = await listening_sockets(host, port)
        except (OSError, UnicodeError) as error:
            cause = getattr(error, "strerror", None) or str(error)
            raise ListenError(f"cannot listen on {host}:{port}: {cause}") from None
        runner = web.AppRunner(application(served), access_log=None, shutdown_timeout=_STOP_WITHIN)
        await runner.setup()
        door, telemetry = served.door, served.telemetry
        if runner.server is None:
            raise AssertionError("unreachable: the runner is set up")
        connections = Connections(runner.server, door.limits, door.protected, telemetry)
        listener = Listener(sockets, connections.take_in, lambda: telemetry.refused("connections"))
        return cls(runner, listener, connections)

    async def stop(self) -> None:
        """Close every connection."""
        self._listener.close()
        await self._connections.close()
        await self._runner.cleanup()
