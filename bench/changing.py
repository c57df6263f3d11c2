"""What if exactly so many records change between two polls? Both APIs, with answers kept ready.

The simulators make every list once, and this server remembers it. `POST /-/change?share=0.05` then
changes that share of the servers and alerts, others each time: the state, and the times that go
with it, so that a changed record is one that is worth serving. It runs in a process of its own,
and answers from ready bytes, so that neither side of a comparison waits for it.
"""

import asyncio
import itertools
import random
import sys
from collections.abc import Callable
from typing import Any, cast

import aiohttp
import msgspec
from aiohttp import web
from isal import isal_zlib
from yarl import URL

from exporter.commands.serve import stop_signal
from exporter.simulators import Simulation

CHANGE = "/-/change"


class Remembered:
    """The lists of both APIs as the simulators made them, changed on demand."""

    def __init__(self, base_url: str, session: aiohttp.ClientSession) -> None:
        """Ask the simulators at `base_url` for what is not known yet."""
        self._base_url = base_url
        self._session = session
        self._documents: dict[str, dict[str, Any]] = {}
        self._bodies: dict[str, bytes] = {}
        self._turn = itertools.count(1)
        self._chance = random.Random(1)  # noqa: S311 - a reproducible choice, no secret

    async def answer(self, request: web.Request) -> web.Response:
        """Answer from memory; what is no list is passed on."""
        where = request.raw_path
        if request.method != "GET":
            return await self._passed_on(request)
        if where not in self._bodies:
            found = await self._passed_on(request)
            document = msgspec.json.decode(cast("bytes", found.body))
            if found.status != 200 or not isinstance(document, dict):
                return found
            self._documents[where] = document
            self._bodies[where] = _packed(document)
        headers = {"Content-Type": "application/json", "Content-Encoding": "gzip"}
        return web.Response(body=self._bodies[where], headers=headers)

    async def change(self, request: web.Request) -> web.Response:
        """Change a share of all records that were asked for so far."""
        share, turn = float(request.query["share"]), next(self._turn)
        changed = 0
        for where, document in self._documents.items():
            items = document.get("items", document.get("value", []))
            chosen = [item for item in items if self._chance.random() < share]
            for item in chosen:
                _changed(item, where, turn)
            changed += len(chosen)
            self._bodies[where] = _packed(document)
        return web.json_response({"changed": changed})

    async def _passed_on(self, request: web.Request) -> web.Response:
        headers = {
            name: value
            for name, value in request.headers.items()
            if name.lower() not in ("host", "content-length", "accept-encoding")
        }
        async with self._session.request(
            request.method,
            URL(self._base_url + request.raw_path, encoded=True),
            headers=headers,
            data=await request.read(),
        ) as response:
            kept = {
                name: value
                for name, value in response.headers.items()
                if name.lower() in ("content-type", "x-auth-token", "location")
            }
            return web.Response(body=await response.read(), status=response.status, headers=kept)


def _packed(document: dict[str, Any]) -> bytes:
    packer = isal_zlib.compressobj(level=1, wbits=31)
    packed: bytes = packer.compress(msgspec.json.encode(document)) + packer.flush()
    return packed


def _changed(item: dict[str, Any], where: str, turn: int) -> None:
    """Change one record in place."""
    change = next(each for part, each in _CHANGES.items() if part in where)
    change(item, turn)


def _com_server(item: dict[str, Any], turn: int) -> None:
    hardware = item.get("hardware") or {}
    if health := hardware.get("health"):
        health["summary"] = health["memory"] = ("OK", "WARNING")[turn % 2]
    if "powerState" in hardware:
        hardware["powerState"] = ("ON", "OFF")[turn % 2]
    if "lastFullInventoryCollectionAt" in item:
        item["lastFullInventoryCollectionAt"] = _time(turn, "T") + "+00:00"
    if state := item.get("state"):
        state["connected"] = bool(turn % 2)


def _ome_device(item: dict[str, Any], turn: int) -> None:
    item["Status"] = (1000, 3000)[turn % 2]
    item["PowerState"] = (17, 18)[turn % 2]
    item["LastInventoryTime"] = item["LastStatusTime"] = _time(turn, " ")


def _com_alert(item: dict[str, Any], turn: int) -> None:
    item["message"] = f"Fan {turn} failed."


def _ome_alert(item: dict[str, Any], turn: int) -> None:
    item["Message"] = f"Fan {turn} failed."


def _time(turn: int, between: str) -> str:
    return f"2026-01-02{between}{turn // 3600 % 24:02}:{turn // 60 % 60:02}:{turn % 60:02}.125"


_CHANGES: dict[str, Callable[[dict[str, Any], int], None]] = {
    "/v1/servers": _com_server,
    "/v1/alerts": _com_alert,
    "/Devices": _ome_device,
    "/Alerts": _ome_alert,
}


async def main(servers: int) -> None:
    """Serve until told to stop; standard output gets a `sources:` block."""
    simulation, stop = Simulation(servers=servers), stop_signal()
    async with simulation.serving() as base_url, aiohttp.ClientSession() as session:
        remembered = Remembered(base_url, session)
        app = web.Application(client_max_size=2**24)
        app.router.add_post(CHANGE, remembered.change)
        app.router.add_route("*", "/{rest:.*}", remembered.answer)
        runner = web.AppRunner(app, access_log=None)
        await runner.setup()
        try:
            await web.TCPSite(runner, "127.0.0.1", 0).start()
            sys.stdout.write(simulation.sources_yaml(f"http://127.0.0.1:{runner.addresses[0][1]}"))
            sys.stdout.flush()
            await stop.wait()
        finally:
            await runner.cleanup()


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1])))
