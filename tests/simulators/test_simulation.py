import asyncio
import ssl
import time

import aiohttp
import msgspec
import pytest
import trustme
import yaml

from exporter.simulators import Simulation
from exporter.simulators.gateway import KEEP_ALIVE_SECONDS


def best(simulation: Simulation, path: str) -> float:
    """Return the least seconds of processor time that a page of 100 took."""
    took = []
    for _ in range(8):
        begin = time.process_time()
        world = simulation.world
        if path == "com":
            simulation._com._servers.page({"limit": "100"})
        else:
            query = {"$top": "100", "$filter": "Type eq 1000", "$orderby": "Identifier"}
            simulation._ome._devices.page(query)
        took.append(time.process_time() - begin)
        assert world.roster.com
    return min(took)


def test_the_sources_block_describes_both_sources() -> None:
    simulation = Simulation(servers=2)
    com, ome = yaml.safe_load(simulation.sources_yaml("http://127.0.0.1:1"))["sources"]

    assert (com["name"], com["type"], com["url"]) == ("com-demo", "com", "http://127.0.0.1:1")
    assert com["token_url"].endswith(f"/{com['workspace_id']}/token")
    assert len(com["workspace_id"]) == 32
    assert (ome["name"], ome["type"]) == ("ome-demo", "ome")
    assert ome["password"] == simulation.ome_credentials.password


async def test_it_speaks_tls() -> None:
    authority = trustme.CA()
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("127.0.0.1").configure_cert(server)
    client = ssl.create_default_context()
    authority.configure_trust(client)
    async with (
        Simulation(servers=2).serving(ssl_context=server) as base,
        aiohttp.ClientSession() as session,
        session.get(f"{base}/api/DeviceService/Devices", ssl=client) as response,
    ):
        assert base.startswith("https://")
        assert response.status == 401


async def test_an_idle_connection_is_closed_after_the_announced_time(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    assert KEEP_ALIVE_SECONDS == 5
    monkeypatch.setattr("exporter.simulators.simulation.KEEP_ALIVE_SECONDS", 0.3)
    async with Simulation(servers=2).serving() as base:
        port = int(base.rpartition(":")[2])
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(b"GET /api/x HTTP/1.1\r\nHost: x\r\n\r\n")
        begin = asyncio.get_running_loop().time()
        async with asyncio.timeout(60):
            await reader.read()
        writer.close()

        assert asyncio.get_running_loop().time() - begin > 0.2


def test_a_page_of_a_huge_fleet_is_as_cheap_as_that_of_a_small_one() -> None:
    huge, small = Simulation(servers=100_000), Simulation(servers=200)

    for path in ("com", "ome"):
        assert best(huge, path) < max(5 * best(small, path), 0.02)


def test_answers_are_the_same_on_every_run() -> None:
    def answer() -> bytes:
        simulation = Simulation(servers=50, seed=3, clock=lambda: 1_780_000_000.0)
        body = simulation._com._servers.page({"limit": "100"}).body
        assert isinstance(body, bytes)
        return body

    assert answer() == answer()
    assert msgspec.json.decode(answer())["total"] == 25
