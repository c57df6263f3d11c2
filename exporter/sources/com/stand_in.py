"""How a capture of COM is logged in to when it is replayed."""

from aiohttp import web

from exporter.sources.stand_in import ANYTHING, StandIn


async def _token(_: web.Request) -> web.Response:
    return web.json_response({"access_token": ANYTHING, "token_type": "Bearer", "expires_in": 7199})


STAND_IN = StandIn(
    kept=frozenset({"collectors", "tenant_acid"}),
    routes=(("POST", "/as/token.oauth2", _token),),
    credentials=lambda address: {
        "url": address,
        "token_url": f"{address}/as/token.oauth2",
        "client_id": ANYTHING,
        "client_secret": ANYTHING,
    },
)
