"""`/sd`, as Prometheus asks for it."""

import gzip
import json
from typing import Any

import pytest

from exporter.errors import Reason, SourceError
from exporter.model import Collected, Column, Description
from tests.support.exporting import Exporting
from tests.support.fleet import inventory, servers
from tests.support.source import StubCollector, polled
from tests.web.conftest import Client, Connect

DOWN = SourceError(Reason.CONNECT, "cannot connect")


def described(*numbers: int) -> Collected:
    plain = inventory(servers(*numbers))
    words = {
        f"id-{n}": Description(id=f"id-{n}", model=f"M{n}", bmc_address=f"10.0.0.{n}")
        for n in numbers
    }
    return Collected(
        columns=(*plain.columns, Column(Description, words)), servers=plain.servers, items=1
    )


@pytest.fixture
def listing() -> StubCollector:
    return StubCollector("servers", described(1, 2))


@pytest.fixture
async def exporting(listing: StubCollector) -> Any:
    devices = StubCollector("devices", described(3))
    made = Exporting(polled("emea", listing), polled("apac", devices, vendor="dell"))
    yield made
    await made.scheduler.stop()


async def targets(client: Client, path: str = "/sd") -> list[str]:
    response = await client.get(path)
    assert (response.status, response.headers["Content-Type"]) == (200, "application/json")
    return [group["targets"][0] for group in json.loads(await response.read())]


async def test_every_bmc_is_a_target(client: Client) -> None:
    assert await targets(client) == ["10.0.0.1", "10.0.0.2", "10.0.0.3"]


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("source=apac", ["10.0.0.3"]),
        ("source=apac&source=emea", ["10.0.0.1", "10.0.0.2", "10.0.0.3"]),
        ("vendor=hpe", ["10.0.0.1", "10.0.0.2"]),
        ("vendor=hpe&source=apac", []),
        ("model=M2&model=M3", ["10.0.0.2", "10.0.0.3"]),
        ("model=other", []),
    ],
)
async def test_it_can_be_narrowed(client: Client, query: str, expected: list[str]) -> None:
    assert await targets(client, f"/sd?{query}") == expected


@pytest.mark.parametrize(
    ("query", "text"),
    [
        ("source=nobody", "unknown source; known: apac, emea\n"),
        ("vendor=acme", "unknown vendor; known: dell, hpe\n"),
    ],
)
async def test_an_unknown_name_is_404_with_the_known_ones(
    client: Client, query: str, text: str
) -> None:
    response = await client.get(f"/sd?{query}")

    assert (response.status, await response.text()) == (404, text)


async def test_gzip_is_used_where_it_is_accepted(client: Client) -> None:
    plain = await client.get("/sd")
    packed = await client.get("/sd", headers={"Accept-Encoding": "gzip"})

    assert "Content-Encoding" not in plain.headers
    assert packed.headers["Content-Encoding"] == "gzip"
    assert gzip.decompress(await packed.read()) == await plain.read()


async def test_who_has_the_list_already_gets_nothing(
    client: Client, exporting: Exporting, listing: StubCollector
) -> None:
    tag = (await client.get("/sd")).headers["ETag"]
    assert (await client.get("/sd", headers={"If-None-Match": tag})).status == 304

    listing.then(described(1, 2, 4))
    await exporting.clock.advance(70)

    assert (await client.get("/sd", headers={"If-None-Match": tag})).status == 200


async def test_a_source_that_was_never_read_is_no_empty_list(
    exporting: Exporting, listing: StubCollector, connect: Connect
) -> None:
    listing.then(DOWN)
    await exporting.begin()
    client = await connect(exporting)

    refused = await client.get("/sd")

    assert refused.status == 503
    assert "not read since the start: emea" in await refused.text()
    assert await targets(client, "/sd?source=apac") == ["10.0.0.3"]
    assert await targets(client, "/sd?vendor=dell") == ["10.0.0.3"]


async def test_the_targets_stay_while_a_source_is_down(
    client: Client, exporting: Exporting, listing: StubCollector
) -> None:
    listing.then(DOWN)

    await exporting.clock.advance(3600)

    assert await targets(client, "/sd?source=emea") == ["10.0.0.1", "10.0.0.2"]


async def test_a_server_that_is_gone_is_no_target(
    client: Client, exporting: Exporting, listing: StubCollector
) -> None:
    assert len(await targets(client)) == 3
    listing.then(described(2))

    await exporting.clock.advance(70)

    assert await targets(client) == ["10.0.0.2", "10.0.0.3"]
