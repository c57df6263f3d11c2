"""How a capture of an appliance is logged in to when it is replayed."""

from aiohttp import web

from exporter.sources.stand_in import ANYTHING, StandIn


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
