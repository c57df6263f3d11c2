"""How does somebody change a running simulation over HTTP? From the same machine only.

`/-/simulator/faults`: POST orders a misbehaviour, GET lists, DELETE takes all back.
`/-/simulator/servers`: GET sums up, POST adds a server.
`/-/simulator/servers/{serial}`: POST sets its state by hand, DELETE gives it back to its course.
"""

import ipaddress
from collections import Counter
from collections.abc import Awaitable, Callable
from typing import Any, Final

import msgspec
from aiohttp import web

from exporter.simulators.answer import Answer
from exporter.simulators.faults import Faults
from exporter.simulators.gateway import Traffic
from exporter.simulators.machines import SERVER
from exporter.simulators.world import World

PREFIX: Final = "/-/simulator"

Handler = Callable[[web.Request], Awaitable[web.Response]]


class Control:
    """The control API of a simulation."""

    def __init__(self, world: World, faults: Faults, traffic: Traffic) -> None:
        """Control a world and its misbehaviour."""
        self._world = world
        self._faults = faults
        self._traffic = traffic

    def routes(self) -> list[web.RouteDef]:
        """Return the routes."""
        return [
            web.post(f"{PREFIX}/faults", _local(self._add_fault)),
            web.get(f"{PREFIX}/faults", _local(self._list_faults)),
            web.delete(f"{PREFIX}/faults", _local(self._clear_faults)),
            web.get(f"{PREFIX}/servers", _local(self._summary)),
            web.post(f"{PREFIX}/servers", _local(self._add_server)),
            web.post(f"{PREFIX}/servers/{{serial}}", _local(self._override)),
            web.delete(f"{PREFIX}/servers/{{serial}}", _local(self._clear_override)),
        ]

    async def _add_fault(self, request: web.Request) -> web.Response:
        handle = self._faults.add(**await _object(request))
        return Answer({"id": handle.id}, status=201)

    async def _list_faults(self, request: web.Request) -> web.Response:
        del request
        return Answer([fault.described() for fault in self._faults])

    async def _clear_faults(self, request: web.Request) -> web.Response:
        del request
        self._faults.clear()
        return web.Response(status=204)

    async def _summary(self, request: web.Request) -> web.Response:
        del request
        com = self._world.com_servers()
        ome = self._world.ome_devices()
        return Answer(
            {
                "com": {
                    "servers": len(com),
                    "health": Counter(each.situation.health for each in com),
                },
                "ome": {
                    "devices": len(ome),
                    "servers": sum(each.type == SERVER for each in ome),
                    "health": Counter(each.situation.health for each in ome),
                },
                "overridden": sorted(self._world.overrides),
                "requests": {" ".join(key): n for key, n in self._traffic.requests.items()},
                "most_in_flight": self._traffic.max_in_flight,
            }
        )

    async def _add_server(self, request: web.Request) -> web.Response:
        wish = await _object(request)
        vendor = wish.get("vendor", "com")
        if vendor not in ("com", "ome") or set(wish) - {"vendor"}:
            raise ValueError("vendor is com or ome")
        return Answer({"serial": self._world.add(vendor)}, status=201)

    async def _override(self, request: web.Request) -> web.Response:
        self._world.override(request.match_info["serial"], **await _object(request))
        return web.Response(status=204)

    async def _clear_override(self, request: web.Request) -> web.Response:
        self._world.clear_override(request.match_info["serial"])
        return web.Response(status=204)


def _local(handler: Handler) -> Handler:
    async def guarded(request: web.Request) -> web.Response:
        if not ipaddress.ip_address(request.remote or "0.0.0.0").is_loopback:  # noqa: S104
            return Answer({"error": "only from this machine"}, status=403)
        try:
            return await handler(request)
        except KeyError as error:
            return Answer({"error": f"no machine has the serial number {error}"}, status=404)
        except (ValueError, TypeError) as error:
            return Answer({"error": str(error)}, status=400)

    return guarded


async def _object(request: web.Request) -> dict[str, Any]:
    body = await request.read()
    try:
        found = msgspec.json.decode(body) if body else {}
    except msgspec.DecodeError as error:
        raise ValueError(f"the body is no JSON: {error}") from error
    if not isinstance(found, dict):
        raise ValueError("the body is no JSON object")  # noqa: TRY004
    return found
