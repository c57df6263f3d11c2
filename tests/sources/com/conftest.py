"""A small Compute Ops Management that answers whatever a test puts in."""

import asyncio
import json
import re
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from typing import Any
from urllib.parse import parse_qsl

import pytest
import yaml
from aioresponses import CallbackResult, aioresponses
from yarl import URL

from exporter.errors import SourceError
from exporter.model import Collected, Inventory, Server
from exporter.simulators import Simulation
from exporter.sources.com import SOURCE
from exporter.sources.com.client import ComClient
from exporter.sources.com.login import Tokens
from exporter.sources.com.settings import ComSettings
from exporter.sources.com.source import ComParts
from exporter.sources.contract import Surroundings, VendorSource
from exporter.sources.observer import Silence
from exporter.sources.transport import Transport

BASE = "https://eu-central.api.greenlake.hpe.com"
SECRET = "planted-secret-7f3a"
NOW = 1_784_000_000.0
HTTP = {"timeout": "5s", "max_response_bytes": "4MiB"}


class FakeClock:
    """Time that moves when a test says so."""

    def __init__(self, wall: float = 1_750_000_000.0) -> None:
        self.now = wall
        self._began = wall

    def wall(self) -> float:
        return self.now

    def monotonic(self) -> float:
        return self.now - self._began

    async def sleep(self, seconds: float) -> None:
        self.now += seconds


class Witness(Silence):
    """Remembers what it was told."""

    def __init__(self) -> None:
        self.logins: list[bool] = []
        self.expiries: list[float] = []
        self.requests: list[tuple[str, str, float, int]] = []

    def login(self, *, ok: bool) -> None:
        self.logins.append(ok)

    def token_expiry(self, timestamp: float) -> None:
        self.expiries.append(timestamp)

    def request(self, endpoint: str, code: str, seconds: float, received: int) -> None:
        self.requests.append((endpoint, code, seconds, received))


@dataclass
class Call:
    """A request as it came in."""

    url: URL
    headers: dict[str, str]

    @property
    def query(self) -> dict[str, str]:
        return dict(self.url.query)


Reply = tuple[int, Any] | tuple[int, Any, dict[str, str]]


@dataclass
class FakeCom:
    """Issues tokens `token-1`, `token-2`, …; a page or a reply for each path."""

    logins: list[dict[str, str]] = field(default_factory=list)
    login_urls: list[str] = field(default_factory=list)
    calls: list[Call] = field(default_factory=list)
    replies: dict[str, Callable[[Call], Reply]] = field(default_factory=dict)
    on_login: Callable[[dict[str, str]], Reply] | None = None
    revoked: set[str] = field(default_factory=set)

    def reply(
        self, path: str, status: int, payload: Any, headers: dict[str, str] | None = None
    ) -> None:
        """Answer a path after `/compute-ops-mgmt/` always the same."""
        self.replies[path] = lambda _: (status, payload, headers or {})

    def items(self, path: str, items: list[Any], **more: Any) -> None:
        """Serve a list in pages."""
        self.replies[path] = lambda call: (200, page_of(items, call, **more))

    def asked(self, path: str) -> list[Call]:
        return [call for call in self.calls if call.url.path == f"/compute-ops-mgmt/{path}"]

    async def answer(self, url: URL, **kwargs: Any) -> CallbackResult:
        await asyncio.sleep(0)
        call = Call(url, dict(kwargs["headers"]))
        self.calls.append(call)
        token = call.headers["Authorization"].removeprefix("Bearer ")
        if token in self.revoked or not token.startswith("token-"):
            return _result((401, {"message": f"the token {token} has expired"}))
        handler = self.replies.get(url.path.removeprefix("/compute-ops-mgmt/"))
        return _result(handler(call) if handler else (404, {"message": "no such path"}))

    async def login(self, url: URL, **kwargs: Any) -> CallbackResult:
        await asyncio.sleep(0)
        self.login_urls.append(str(url))
        form = dict(parse_qsl(kwargs["data"].decode()))
        self.logins.append(form)
        if self.on_login:
            return _result(self.on_login(form))
        return _result((200, {"access_token": f"token-{len(self.logins)}", "expires_in": 7199}))


def page_of(items: list[Any], call: Call, **more: Any) -> dict[str, Any]:
    offset, limit = int(call.query["offset"]), int(call.query["limit"])
    part = items[offset : offset + limit]
    return {"offset": offset, "count": len(part), "total": len(items), "items": part, **more}


def _result(reply: Reply) -> CallbackResult:
    status, payload = reply[0], reply[1]
    body = payload if isinstance(payload, bytes) else json.dumps(payload).encode()
    return CallbackResult(status=status, body=body, headers=reply[2] if len(reply) > 2 else {})


@pytest.fixture
def com(api: aioresponses) -> FakeCom:
    fake = FakeCom()
    api.get(re.compile(re.escape(BASE)), callback=fake.answer, repeat=True)
    api.post(re.compile(r"https://(sso|global)\."), callback=fake.login, repeat=True)
    return fake


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def witness() -> Witness:
    return Witness()


MakeSettings = Callable[..., ComSettings]


@pytest.fixture
def make_settings() -> MakeSettings:
    def make(**changes: Any) -> ComSettings:
        entry: dict[str, Any] = {
            "name": "emea",
            "type": "com",
            "region": "eu-central",
            "client_id": "client-1",
        }
        if "client_secret_file" not in changes:
            entry["client_secret"] = SECRET
        settings = SOURCE.settings.model_validate(entry | changes)
        assert isinstance(settings, ComSettings)
        return settings

    return make


@dataclass
class Stack:
    """A client and what is under it."""

    transport: Transport
    tokens: Tokens
    client: ComClient


@pytest.fixture
async def make_stack(clock: FakeClock, witness: Witness, make_settings: MakeSettings) -> Any:
    opened: list[Transport] = []

    def make(**changes: Any) -> Stack:
        settings = make_settings(**changes)
        transport = Transport(settings.http, clock, witness)
        opened.append(transport)
        tokens = Tokens(settings, transport, clock, witness)
        return Stack(transport, tokens, ComClient(settings, transport, tokens, clock))

    yield make
    for transport in opened:
        await transport.close()


@pytest.fixture
async def run(com: FakeCom, clock: FakeClock, witness: Witness, make_settings: MakeSettings) -> Any:
    """Run one collector of a source; every call within a test uses the same source."""
    sources: list[VendorSource[ComParts]] = []

    async def collect(name: str, inventory: Inventory | None = None, **changes: Any) -> Collected:
        if not sources:
            sources.append(SOURCE.build(make_settings(**changes), Surroundings(clock, witness)))
        collector = next(each for each in sources[0].collectors if each.name == name)
        return await collector.collect(inventory or Inventory())

    yield collect
    for source in sources:
        await source.close()


Run = Callable[..., Awaitable[Collected]]


@pytest.fixture
def fleet() -> Callable[..., Inventory]:
    """An inventory of servers `P1-B21+S1`, `P1-B21+S2`, …, by their numbers."""

    def inventory(*numbers: int) -> Inventory:
        return Inventory(
            tuple(Server(f"P1-B21+S{each}", f"S{each}", f"host{each}") for each in numbers)
        )

    return inventory


class Connected:
    """A simulation and a source that reads it."""

    def __init__(self, simulation: Simulation, source: VendorSource[ComParts]) -> None:
        self.simulation = simulation
        self.source = source
        self.inventory = Inventory()

    async def run(self, name: str) -> Collected:
        collector = next(each for each in self.source.collectors if each.name == name)
        found = await collector.collect(self.inventory)
        if found.servers is not None:
            self.inventory = replace(self.inventory, servers=found.servers)
        return found

    async def failure(self, name: str = "servers") -> SourceError:
        with pytest.raises(SourceError) as caught:
            await self.run(name)
        secret = self.simulation.com_credentials.client_secret
        assert secret not in str(caught.value)
        assert "Bearer" not in str(caught.value)
        return caught.value


@pytest.fixture
def connected(clock: FakeClock, witness: Witness) -> Callable[..., Any]:
    clock.now = NOW

    @asynccontextmanager
    async def connect(servers: int = 500, **changes: Any) -> AsyncIterator[Connected]:
        simulation = Simulation(servers=servers, seed=3, clock=clock.wall, com_share=1.0)
        async with simulation.serving() as base:
            entry = yaml.safe_load(simulation.sources_yaml(base))["sources"][0]
            settings = SOURCE.settings.model_validate(entry | {"http": HTTP} | changes)
            source = SOURCE.build(settings, Surroundings(clock, witness))
            try:
                yield Connected(simulation, source)
            finally:
                await source.close()

    return connect
