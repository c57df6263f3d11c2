"""A COM source: what it is made of, and how a capture of it is logged in to."""

from dataclasses import dataclass

from aiohttp import web

from exporter.clock import Clock
from exporter.sources.com.client import ComClient
from exporter.sources.com.energy_windows import EnergyReader
from exporter.sources.com.lists import Lists
from exporter.sources.com.login import Tokens
from exporter.sources.com.settings import ComSettings
from exporter.sources.contract import ANYTHING, StandIn, Surroundings
from exporter.sources.transport import Transport


@dataclass(frozen=True, slots=True)
class ComParts:
    """What the collectors of one region of one workspace share."""

    clock: Clock
    transport: Transport
    tokens: Tokens
    lists: Lists
    energy: EnergyReader

    async def close(self) -> None:
        """Close the connections; a token expires by itself."""
        await self.tokens.close(grace=0.0)
        await self.transport.close()


def connect(settings: ComSettings, surroundings: Surroundings) -> ComParts:
    """Build the parts of a source; nothing is sent yet. Needs a running event loop."""
    clock, observer = surroundings.clock, surroundings.observer
    transport = Transport(settings.http, clock, observer, memory=surroundings.memory)
    tokens = Tokens(settings, transport, clock, observer)
    lists = Lists(ComClient(settings, transport, tokens, clock), clock, settings.http.concurrency)
    return ComParts(clock, transport, tokens, lists, EnergyReader(lists, clock))


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
