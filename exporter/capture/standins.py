"""How does a capture look like the API that it was taken from, to a client that logs in?"""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any

from aiohttp import web

from exporter.config.source import SourceSettings

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]
ANYTHING = "replay"
"""Stands for every credential."""
_TENANT = "0" * 32


@dataclass(frozen=True, slots=True)
class StandIn:
    """What a replay has to know of one type of source."""

    kept: frozenset[str]
    """Settings that say how to ask, and nothing about whom."""
    routes: tuple[tuple[str, str, Handler], ...]
    """Method, path and handler of each login."""
    credentials: Callable[[str], dict[str, Any]]
    """Settings with which the stand-in at an address is logged in to."""


async def _token(_: web.Request) -> web.Response:
    return web.json_response({"access_token": ANYTHING, "token_type": "Bearer", "expires_in": 7199})


async def _session(_: web.Request) -> web.Response:
    path = f"/api/SessionService/Sessions('{ANYTHING}')"
    headers = {"X-Auth-Token": ANYTHING, "Location": path}
    return web.json_response({"Id": ANYTHING, "Name": "API"}, status=201, headers=headers)


async def _logged_out(_: web.Request) -> web.Response:
    return web.Response(status=204)


STAND_INS: Mapping[str, StandIn] = {
    "com": StandIn(
        kept=frozenset({"collectors", "tenant_acid"}),
        routes=(("POST", "/as/token.oauth2", _token),),
        credentials=lambda address: {
            "url": address,
            "token_url": f"{address}/as/token.oauth2",
            "client_id": ANYTHING,
            "client_secret": ANYTHING,
        },
    ),
    "ome": StandIn(
        kept=frozenset({"collectors", "device_types", "timezone"}),
        routes=(
            ("POST", "/api/SessionService/Sessions", _session),
            ("DELETE", f"/api/SessionService/Sessions('{ANYTHING}')", _logged_out),
        ),
        credentials=lambda address: {
            "url": address,
            "username": ANYTHING,
            "password": ANYTHING,
        },
    ),
}
"""By type of source."""


def kept_settings(settings: SourceSettings) -> dict[str, Any]:
    """Return the settings that a replay needs, as they could stand in a configuration."""
    kept = settings.model_dump(
        mode="json", include=set(STAND_INS[settings.type].kept), exclude_unset=True
    )
    # That there is a tenant decides what is asked; who it is does not.
    return {name: _TENANT if name == "tenant_acid" else value for name, value in kept.items()}
