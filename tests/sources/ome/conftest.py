"""What the tests of the OME source share: a clock, an observer and a small appliance."""

import asyncio
import json
import re
from collections.abc import AsyncIterator, Callable
from typing import Any

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from exporter.config.source import SourceSettings
from exporter.simulators import Simulation
from exporter.sources.contract import Surroundings, VendorSource
from exporter.sources.observer import Silence
from exporter.sources.ome import SOURCE
from exporter.sources.ome.source import OmeParts

PASSWORD = "planted-p4ssw0rd"


class FakeClock:
    """A clock that the test moves."""

    def __init__(self) -> None:
        self.now = 1_000_000.0

    def wall(self) -> float:
        return self.now

    def monotonic(self) -> float:
        return self.now

    async def sleep(self, seconds: float) -> None:
        self.now += seconds


class Recorder(Silence):
    """An observer that writes everything down."""

    def __init__(self) -> None:
        self.logins: list[bool] = []
        self.versions: list[str] = []
        self.requests: list[tuple[str, str, float, int]] = []

    def request(self, endpoint: str, code: str, seconds: float, received: int) -> None:
        self.requests.append((endpoint, code, seconds, received))

    def login(self, *, ok: bool) -> None:
        self.logins.append(ok)

    def version(self, text: str) -> None:
        self.versions.append(text)


Handler = Callable[[web.Request], web.StreamResponse]


def reply(body: Any, status: int = 200, **headers: str) -> web.Response:
    """Answer with JSON, or with text as it is."""
    text = body if isinstance(body, str) else json.dumps(body)
    return web.Response(text=text, status=status, content_type="application/json", headers=headers)


def complaint(message_id: str, message: str, status: int) -> web.Response:
    """Answer with the appliance's error envelope."""
    info = {"MessageId": message_id, "Message": message, "Severity": "Critical"}
    error = {"code": "Base.1.0.GeneralError", "message": "x", "@Message.ExtendedInfo": [info]}
    return reply({"error": error}, status)


class Appliance:
    """An appliance on a local socket: sessions, and one handler for each path below `/api/`."""

    def __init__(self) -> None:
        self.password = PASSWORD
        self.tokens: dict[str, str] = {}
        self.raw: list[str] = []
        """Method and undecoded path of every request, in order."""
        self.login_bodies: list[Any] = []
        self.login_gate = asyncio.Event()
        self.login_gate.set()
        self.login: Handler | None = None
        self.handlers: dict[str, Handler] = {}
        self.logged_out: list[str] = []
        self.url = ""

    def serve(
        self,
        resource: str,
        items: list[dict[str, Any]],
        *,
        cap: int = 10_000,
        keep: Callable[[dict[str, Any], str], bool] = lambda *_: True,
    ) -> None:
        """Serve a list with `$skip`, `$top`, and a filter that the test brings along."""

        def handler(request: web.Request) -> web.Response:
            where = request.query.get("$filter", "")
            found = [item for item in items if keep(item, where)]
            skip, top = int(request.query.get("$skip", 0)), int(request.query.get("$top", 50))
            page = found[skip : skip + min(top, cap)]
            return reply(
                {
                    "@odata.count": len(found),
                    "@odata.nextLink": f"/api/{resource}?skip=1&top=1",
                    "value": page,
                }
            )

        self.handlers[resource] = handler

    def expire(self) -> None:
        """Forget every session."""
        self.tokens.clear()

    def asked(self, word: str) -> list[str]:
        """Give the requests whose path contains a word."""
        return [each for each in self.raw if word in each]

    async def handle(self, request: web.Request) -> web.StreamResponse:
        self.raw.append(f"{request.method} {request.raw_path}")
        path = request.path.removeprefix("/api/")
        if path == "SessionService/Sessions" and request.method == "POST":
            return await self._login(request)
        if request.headers.get("X-Auth-Token") not in self.tokens.values():
            return complaint("CGEN1001", "the user is not authenticated.", 401)
        session = re.fullmatch(r"SessionService/Sessions\('(.+)'\)", path)
        if session and request.method == "DELETE":
            self.logged_out.append(session[1])
            return web.Response(status=204)
        handler = self.handlers.get(path)
        return handler(request) if handler else complaint("CGEN1006", "no such URI", 404)

    async def _login(self, request: web.Request) -> web.StreamResponse:
        body = await request.json()
        self.login_bodies.append(body)
        await self.login_gate.wait()
        if self.login:
            return self.login(request)
        if body["Password"] != self.password:
            return complaint("CUSR1005", "wrong user name or password", 401)
        number = len(self.login_bodies)
        identity, token = f"7b723932-a119-{number}", f"planted-t0ken-{number}"
        self.tokens[identity] = token
        return reply({"Id": identity, "Name": "API"}, 201, **{"X-Auth-Token": token})


@pytest.fixture
async def appliance() -> AsyncIterator[Appliance]:
    fake = Appliance()
    app = web.Application()
    app.router.add_route("*", "/{path:.*}", fake.handle)
    server = TestServer(app)
    await server.start_server()
    fake.url = str(server.make_url("")).rstrip("/")
    yield fake
    await server.close()


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def recorder() -> Recorder:
    return Recorder()


def settings_for(url: str, **more: Any) -> SourceSettings:
    entry = {"name": "ome", "type": "ome", "url": url, "username": "svc", "password": PASSWORD}
    return SOURCE.settings.model_validate({**entry, "http": {"concurrency": 2}, **more})


Build = Callable[..., VendorSource[OmeParts]]


@pytest.fixture
async def build(clock: FakeClock, recorder: Recorder) -> AsyncIterator[Build]:
    """Build sources that are closed at the end of the test."""
    built: list[VendorSource[OmeParts]] = []

    def source(url: str, **more: Any) -> VendorSource[OmeParts]:
        built.append(SOURCE.build(settings_for(url, **more), Surroundings(clock, recorder)))
        return built[-1]

    yield source
    for each in built:
        await each.close()


@pytest.fixture
def simulation(clock: FakeClock) -> Simulation:
    """A fleet of Dell alone, in the hands of the test's clock."""
    clock.now = 1_750_000_400.0
    simulation = Simulation(servers=150, seed=7, clock=clock.wall, com_share=0)
    simulation.appliance.page_cap = 60
    return simulation


@pytest.fixture
async def source(
    simulation: Simulation, build: Callable[..., VendorSource[OmeParts]]
) -> AsyncIterator[VendorSource[OmeParts]]:
    """A source that polls the simulated appliance."""
    credentials = simulation.ome_credentials
    async with simulation.serving() as url:
        source = build(url, username=credentials.username, password=credentials.password)
        yield source
        await source.close()
