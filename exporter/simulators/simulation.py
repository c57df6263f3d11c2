"""How do a synthetic fleet and both APIs become one running server?"""

import ssl
import time
from collections import Counter
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

import yaml
from aiohttp import web

from exporter.simulators.alarms import Alarms
from exporter.simulators.com.api import ComApi
from exporter.simulators.com.energy import Energy
from exporter.simulators.com.tokens import WORKSPACE_PATH, ComCredentials, Tokens
from exporter.simulators.control import Control
from exporter.simulators.faults import Faults
from exporter.simulators.gateway import KEEP_ALIVE_SECONDS, Gateway, Traffic
from exporter.simulators.hashing import noise
from exporter.simulators.ome.api import OmeApi
from exporter.simulators.ome.appliance import Appliance
from exporter.simulators.ome.sessions import OmeCredentials, Sessions
from exporter.simulators.world import World

_SALT_WORKSPACE, _SALT_CLIENT, _SALT_SECRET, _SALT_PASSWORD = 701, 702, 703, 704


class Simulation:
    """A synthetic fleet that speaks COM's and OME's dialect on one port.

    `world` is the truth, `faults` the misbehaviour, `appliance` the settings of the simulated
    OME, `gateway` latency and compression. Nothing listens until `serving` is entered, or the
    application is run by somebody else.
    """

    def __init__(
        self,
        servers: int = 200,
        seed: int = 1,
        clock: Callable[[], float] = time.time,
        com_share: float = 0.5,
    ) -> None:
        """Found a fleet.

        Args:
            servers: Number of servers, up to 100 000.
            seed: Everything else follows from it, and from the time.
            clock: Returns Unix seconds.
            com_share: The part of the servers that is in COM; the rest is in OME.
        """
        self.world = World(servers=servers, seed=seed, clock=clock, com_share=com_share)
        self.faults = Faults()
        self.appliance = Appliance()
        self.alarms = Alarms(self.world)
        self.tokens = Tokens(_com_credentials(seed), clock)
        self.sessions = Sessions(_ome_credentials(seed), clock)
        self._traffic = Traffic()
        self._com = ComApi(self.world, self.alarms, self.tokens)
        self._ome = OmeApi(self.world, self.alarms, self.sessions, self.appliance)
        self.gateway = Gateway(
            self.faults, self._traffic, {"com": self._com.refuse, "ome": self._ome.refuse}
        )

    def app(self) -> web.Application:
        """Return an application with both APIs at their real paths, and the control API."""
        app = web.Application(middlewares=[self.gateway.middleware()])
        app.add_routes(self._com.routes())
        app.add_routes(self._ome.routes())
        app.add_routes(Control(self.world, self.faults, self._traffic).routes())
        return app

    @asynccontextmanager
    async def serving(
        self,
        host: str = "127.0.0.1",
        port: int = 0,
        ssl_context: ssl.SSLContext | None = None,
    ) -> AsyncIterator[str]:
        """Listen while the context is entered, and yield the base URL."""
        runner = web.AppRunner(
            self.app(),
            access_log=None,
            handler_cancellation=True,
            keepalive_timeout=KEEP_ALIVE_SECONDS,
            shutdown_timeout=0.2,
        )
        await runner.setup()
        try:
            await web.TCPSite(runner, host, port, ssl_context=ssl_context).start()
            scheme = "http" if ssl_context is None else "https"
            shown = f"[{host}]" if ":" in host else host
            yield f"{scheme}://{shown}:{runner.addresses[0][1]}"
        finally:
            await runner.cleanup()

    def sources_yaml(self, base_url: str) -> str:
        """Return a `sources:` block of a configuration for the exporter."""
        com, ome = self.com_credentials, self.ome_credentials
        token_path = WORKSPACE_PATH.format(workspace=com.workspace_id)
        sources = [
            {
                "name": "com-demo",
                "type": "com",
                "url": base_url,
                "workspace_id": com.workspace_id,
                "token_url": base_url + token_path,
                "client_id": com.client_id,
                "client_secret": com.client_secret,
            },
            {
                "name": "ome-demo",
                "type": "ome",
                "url": base_url,
                "username": ome.username,
                "password": ome.password,
            },
        ]
        return yaml.safe_dump({"sources": sources}, sort_keys=False)

    @property
    def com_credentials(self) -> ComCredentials:
        """The API client that COM accepts now."""
        return self.tokens.credentials

    @property
    def ome_credentials(self) -> OmeCredentials:
        """The user that OME accepts now."""
        return self.sessions.credentials

    def rotate_com_secret(self, new: str) -> None:
        """Change the API client's secret; tokens given out stay valid until they expire."""
        self.tokens.rotate(new)

    def rotate_ome_password(self, new: str) -> None:
        """Change the user's password; open sessions stay open."""
        self.sessions.rotate(new)

    def expire_com_tokens(self) -> None:
        """Make every token given out worthless."""
        self.tokens.expire_all()

    def expire_ome_sessions(self) -> None:
        """End every session of OME."""
        self.sessions.expire_all()

    @property
    def com_token_lifetime(self) -> float | None:
        """Seconds a new token lives; None leaves it to the endpoint (7199 or 900)."""
        return self.tokens.lifetime

    @com_token_lifetime.setter
    def com_token_lifetime(self, seconds: float | None) -> None:
        self.tokens.lifetime = seconds

    @property
    def ome_session_timeout(self) -> float:
        """Seconds after which an idle session ends."""
        return self.sessions.idle_timeout

    @ome_session_timeout.setter
    def ome_session_timeout(self, seconds: float) -> None:
        self.sessions.idle_timeout = seconds

    @property
    def com_fleet_alerts(self) -> bool:
        """Whether COM knows the fleet's list of alerts; otherwise it is 404."""
        return self._com.fleet_alerts

    @com_fleet_alerts.setter
    def com_fleet_alerts(self, known: bool) -> None:
        self._com.fleet_alerts = known

    @property
    def com_energy(self) -> Energy:
        """The energy that COM tells of, which can be made to come late."""
        return self._com.energy

    @property
    def ome(self) -> OmeApi:
        """The simulated OME, whose parts tell the truth behind their answers."""
        return self._ome

    @property
    def requests(self) -> Counter[tuple[str, str, str]]:
        """Requests so far by (vendor, method, endpoint template)."""
        return self._traffic.requests

    @property
    def max_in_flight(self) -> Counter[str]:
        """The most requests that a vendor had to answer at once."""
        return self._traffic.max_in_flight

    @property
    def open_sessions(self) -> int:
        """How many sessions of OME are open now."""
        return self.sessions.count


def _com_credentials(seed: int) -> ComCredentials:
    return ComCredentials(
        workspace_id=f"{noise(seed, _SALT_WORKSPACE):016x}{noise(seed, _SALT_CLIENT):016x}",
        client_id=f"demo-client-{noise(seed, _SALT_CLIENT) % 10**6:06d}",
        client_secret=f"demo-secret-{noise(seed, _SALT_SECRET):014x}",
    )


def _ome_credentials(seed: int) -> OmeCredentials:
    password = f"demo-password-{noise(seed, _SALT_PASSWORD):014x}"
    return OmeCredentials(username="svc-prometheus", password=password)
