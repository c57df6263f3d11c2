import socket

import pytest
from aiohttp import ClientSession

from exporter.errors import Reason, SourceError
from exporter.web.server import ListenError, Server
from tests.support.exporting import Exporting
from tests.support.source import StubCollector, hang
from tests.web.conftest import Client, Connect

DOWN = SourceError(Reason.CONNECT, "cannot connect to <api> & co")


async def test_an_exporter_is_healthy_whatever_its_sources_do(
    exporting: Exporting, listing: StubCollector, connect: Connect
) -> None:
    listing.then(DOWN)
    client = await connect(exporting)
    await exporting.begin()

    response = await client.get("/-/healthy")

    assert (response.status, await response.text()) == (200, "healthy\n")


async def test_an_exporter_that_no_longer_polls_is_not_healthy(
    exporting: Exporting, client: Client
) -> None:
    exporting.clock.now += 200

    response = await client.get("/-/healthy")

    assert response.status == 503
    assert "is overdue" in await response.text()


async def test_an_exporter_is_ready_when_every_source_has_been_tried(
    exporting: Exporting, listing: StubCollector, connect: Connect
) -> None:
    listing.then(hang)
    client = await connect(exporting)
    assert (await client.get("/-/ready")).status == 503
    await exporting.begin()
    response = await client.get("/-/ready")
    assert response.status == 503
    assert (await response.text()).startswith("not ready: ")


async def test_a_first_attempt_that_failed_makes_ready_too(
    exporting: Exporting, listing: StubCollector, connect: Connect
) -> None:
    listing.then(DOWN)
    client = await connect(exporting)
    await exporting.begin()

    response = await client.get("/-/ready")

    assert (response.status, await response.text()) == (200, "ready\n")


async def test_a_server_listens_on_a_free_port_and_stops(exporting: Exporting) -> None:
    server = await Server.start(exporting.served, "127.0.0.1", 0)
    async with ClientSession() as session:
        async with session.get(f"http://127.0.0.1:{server.port}/-/healthy") as response:
            assert response.status == 200

        await server.stop()

        with pytest.raises(OSError, match="onnect"):
            await session.get(f"http://127.0.0.1:{server.port}/-/healthy")


async def test_a_port_that_is_taken_is_named(exporting: Exporting) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]

        with pytest.raises(ListenError) as caught:
            await Server.start(exporting.served, "127.0.0.1", port)

    assert str(caught.value).startswith(f"cannot listen on 127.0.0.1:{port}: ")


async def test_an_address_of_another_machine_is_named(exporting: Exporting) -> None:
    with pytest.raises(ListenError, match=r"cannot listen on 192\.0\.2\.1:10450"):
        await Server.start(exporting.served, "192.0.2.1", 10450)


@pytest.mark.parametrize("path", ["/", "/metrics", "/sd", "/-/healthy", "/-/ready", "/nothing"])
async def test_no_cache_keeps_an_answer(client: Client, path: str) -> None:
    response = await client.get(path)

    assert response.headers["Cache-Control"] == "no-store"


async def test_every_address_has_the_same_free_port(exporting: Exporting) -> None:
    server = await Server.start(exporting.served, "", 0)
    await server.stop()

    assert {host for host, _ in server.addresses} <= {"0.0.0.0", "::"}  # noqa: S104 - all are wanted
    assert {port for _, port in server.addresses} == {server.port}


async def test_a_host_that_does_not_exist_is_named(exporting: Exporting) -> None:
    with pytest.raises(ListenError, match=r"cannot listen on nowhere\.invalid:10450: "):
        await Server.start(exporting.served, "nowhere.invalid", 10450)
