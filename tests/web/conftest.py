"""The routes over stub sources, on a clock that the test moves."""

from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient

from exporter.web.server import application
from tests.support.exporting import Exporting
from tests.support.fleet import alerts, inventory, servers
from tests.support.source import StubCollector, polled

Client = TestClient[web.Request, web.Application]
Connect = Callable[[Exporting], Awaitable[Client]]


@pytest.fixture
def listing() -> StubCollector:
    return StubCollector("servers", inventory(servers(1, 2)))


@pytest.fixture
async def exporting(listing: StubCollector) -> AsyncIterator[Exporting]:
    devices = StubCollector("devices", inventory(servers(3)))
    made = Exporting(
        polled("emea", listing, StubCollector("alerts", alerts({"id-1": 2}))),
        polled("apac", devices, vendor="dell"),
    )
    yield made
    await made.scheduler.stop()


@pytest.fixture
def connect(aiohttp_client: Callable[..., Awaitable[Client]]) -> Connect:
    async def connected(exporting: Exporting) -> Client:
        """Connect a client that adds nothing to what the test sends and reads raw bodies."""
        options: dict[str, Any] = {
            "auto_decompress": False,
            "skip_auto_headers": ["Accept", "Accept-Encoding"],
        }
        return await aiohttp_client(application(exporting.served), **options)

    return connected


@pytest.fixture
async def client(exporting: Exporting, connect: Connect) -> Client:
    """A client of an exporter whose first runs have ended."""
    await exporting.begin()
    return await connect(exporting)
