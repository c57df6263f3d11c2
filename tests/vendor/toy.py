"""A vendor with two collectors, added as any other would be."""

from dataclasses import dataclass
from typing import Annotated, Any, Literal

import msgspec
from aiohttp import web
from msgspec import Struct
from pydantic import SecretStr

from exporter.config.files import Secret
from exporter.config.source import CollectorSettings, SourceSettings, Url
from exporter.errors import SourceError, reason_of_status
from exporter.model import Collected, Column, Description, Health, Inventory, PowerDraw, Server
from exporter.model import Status as ServerStatus
from exporter.sources.calls import Call
from exporter.sources.contract import (
    ANYTHING,
    CollectorSetup,
    CollectorSpec,
    SourceType,
    StandIn,
    Surroundings,
)
from exporter.sources.fields import IDENTITY, decides, feeds, known
from exporter.sources.records import decode, read_entries
from exporter.sources.text import clean
from exporter.sources.transport import Request, Transport


class ToySettings(SourceSettings):
    type: Literal["toy"]
    url: Url
    key: SecretStr

    @property
    def api(self) -> str:
        return self.url

    @property
    def credential(self) -> tuple[str, ...]:
        return ("key",)

    @property
    def needed_role(self) -> str:
        return "the right to read"

    @property
    def secret(self) -> Secret:
        return Secret(text=self.key, file=None)


HEALTH = {"fine": Health.OK, "broken": Health.CRITICAL}


class Machine(Struct, gc=False):
    """An item of `devices`."""

    id: Annotated[str, decides(IDENTITY)]
    serial: Annotated[str | None, feeds(IDENTITY, label="serial")] = None
    state: Annotated[str | None, feeds("serverfleet_server_health"), known(HEALTH)] = None


class Draw(Struct, gc=False):
    """An item of `power`."""

    machine: Annotated[str, decides("serverfleet_server_power_watts")]
    watts: Annotated[float | None, feeds("serverfleet_server_power_watts")] = None


class Page(Struct):
    items: list[msgspec.Raw] = []


@dataclass(frozen=True)
class ToyParts:
    """The client: every call carries the key."""

    settings: ToySettings
    transport: Transport

    async def read(self, endpoint: str, record: type[Any]) -> list[Any]:
        key = await self.settings.secret.read_async()
        self.transport.redactor.learn("key", key)
        url = f"{self.settings.api}/{endpoint}"
        answer = await self.transport.send(Request("GET", url, endpoint, {"X-Key": key}))
        answer.release()
        if not answer.ok:
            reason = reason_of_status(answer.status)
            raise SourceError(reason, f"{endpoint}: HTTP {answer.status}", status=answer.status)
        page = decode(answer.body, msgspec.json.Decoder(Page), endpoint)
        return (await read_entries(page.items, msgspec.json.Decoder(record), endpoint)).records

    async def close(self) -> None:
        await self.transport.close()


class Machines:
    def __init__(self, parts: ToyParts, setup: CollectorSetup[CollectorSettings]) -> None:
        self.name, self.interval, self._parts = setup.name, setup.interval, parts

    async def collect(self, inventory: Inventory) -> Collected:  # noqa: ARG002 - it makes one
        found: list[Machine] = await self._parts.read("devices", Machine)
        states = {m.id: ServerStatus(health=HEALTH.get(m.state or "")) for m in found}
        return Collected(
            columns=(
                Column(Description, {each.id: Description(id=each.id) for each in found}),
                Column(ServerStatus, states),
            ),
            items=len(found),
            servers=tuple(Server(m.id, clean(m.serial), clean(m.serial)) for m in found),
        )


class Draws:
    def __init__(self, parts: ToyParts, setup: CollectorSetup[CollectorSettings]) -> None:
        self.name, self.interval, self._parts = setup.name, setup.interval, parts

    async def collect(self, inventory: Inventory) -> Collected:  # noqa: ARG002 - lists them all
        found: list[Draw] = await self._parts.read("power", Draw)
        draws = {each.machine: PowerDraw(each.watts) for each in found if each.watts is not None}
        return Collected(columns=(Column(PowerDraw, draws),), items=len(found))


def connect(settings: ToySettings, surroundings: Surroundings) -> ToyParts:
    return ToyParts(settings, Transport(settings.http, surroundings.clock, surroundings.observer))


SOURCE = SourceType(
    vendor="acme",
    own_settings=ToySettings,
    connect=connect,
    specs=(
        CollectorSpec("devices", 60.0, Machines, (Call("devices", Machine, page=Page),)),
        CollectorSpec("power", 300.0, Draws, (Call("power", Draw, page=Page),)),
    ),
    stand_in=StandIn(frozenset({"collectors"}), (), lambda url: {"url": url, "key": ANYTHING}),
)


def simulator(key: str) -> web.Application:
    """The vendor's API: two machines, of which one is broken."""

    async def answer(request: web.Request) -> web.Response:
        if request.headers.get("X-Key") != key:
            return web.json_response({}, status=401)
        states = {"1": "fine", "2": "broken"}
        machines = [{"id": f"m{n}", "serial": f"SN-{n}", "state": s} for n, s in states.items()]
        draws = [{"machine": each["id"], "watts": 250.5} for each in machines]
        return web.json_response({"items": machines if "devices" in request.path else draws})

    app = web.Application()
    app.router.add_get("/{path:devices|power}", answer)
    return app
