import asyncio
import gzip
from collections.abc import AsyncIterator
from typing import Any

import msgspec
import pytest

from exporter.errors import Reason, SourceError
from exporter.model import Collected, Column, Components, Health
from exporter.status.documents import Document, Reporter
from tests.support.exporting import Exporting
from tests.support.fleet import alerts, inventory, servers
from tests.support.source import StubCollector, polled

DOWN = SourceError(Reason.CONNECT, "cannot connect")


class Desk:
    """A reporter over stub sources; the first inventory is `listing`."""

    def __init__(self) -> None:
        fleet = servers(1, 2, 3)
        healths = {"id-1": Health.OK, "id-2": Health.WARNING, "id-3": Health.CRITICAL}
        self.listing = StubCollector("servers", inventory(fleet, healths))
        self.alerts = StubCollector("alerts", alerts({"id-1": 2}))
        self.exporting = Exporting(
            polled("emea", self.listing, self.alerts, requests_per_minute=10),
            polled("apac", StubCollector("devices", inventory(servers(4))), vendor="dell"),
        )
        self.reporter = Reporter(
            self.exporting.scheduler,
            self.exporting.store,
            self.exporting.pages,
            self.exporting.clock,
        )

    async def status(self) -> Any:
        return read(await self.reporter.status())

    async def attention(self) -> Any:
        return read(await self.reporter.attention())


def read(document: Document) -> Any:
    assert gzip.decompress(document.gzip) == document.plain
    return msgspec.json.decode(document.plain)


@pytest.fixture
async def desk() -> AsyncIterator[Desk]:
    made = Desk()
    yield made
    await made.exporting.scheduler.stop()


async def test_before_the_first_run_everything_waits(desk: Desk) -> None:
    said = await desk.status()

    assert said["summary"]["state"] == "starting"
    assert [each["state"] for each in said["sources"]] == ["starting", "starting"]
    assert said["sources"][0]["collectors"][0]["last_success_timestamp_seconds"] is None
    assert await desk.attention() == {"format": 1, "attention": said["attention"], "servers": []}


async def test_the_status_tells_of_sources_collectors_and_volume(desk: Desk) -> None:
    await desk.exporting.begin()
    now = desk.exporting.clock.wall()

    said = await desk.status()

    assert said["format"] == 1
    sources, servers = "All 2 sources up", "3 of 4 servers need attention: 2 critical, 1 warning"
    assert said["summary"]["text"] == f"{sources} · {servers}"
    assert said["summary"]["overall"] == "critical"
    assert said["attention"] == {"total": 3, "critical": 2, "warning": 1, "unknown": 0}
    assert said["volume"]["series"] == desk.exporting.pages.volume().series > 0
    emea, apac = said["sources"]
    assert (emea["name"], emea["vendor"], emea["servers"]) == ("emea", "hpe", 3)
    assert emea["calls"] == {"needed_per_hour": 0.0, "allowed_per_hour": 600}
    assert apac["attention"]["total"] == 0
    listing = emea["collectors"][0]
    assert listing["data_until_timestamp_seconds"] == pytest.approx(now + 179, abs=2)
    assert listing["next_run_timestamp_seconds"] > now


async def test_a_failure_and_its_end_are_told(desk: Desk) -> None:
    await desk.exporting.begin()
    good = desk.listing.outcomes[0]
    desk.listing.then(DOWN)
    await desk.exporting.clock.advance(70)

    said = await desk.status()
    collector = said["sources"][0]["collectors"][0]
    assert said["summary"]["state"] == "down"
    assert collector["state"] == "failing"
    assert collector["failure"]["text"] == "cannot connect"
    assert said["summary"]["servers"] == 4

    await desk.exporting.clock.advance(300)
    said = await desk.status()
    assert said["sources"][0]["collectors"][0]["state"] == "no_data"
    assert said["attention"]["total"] == 1, "vendor alerts are a collector of their own"

    desk.listing.then(good)
    await desk.exporting.clock.advance(700)
    said = await desk.status()
    assert said["sources"][0]["collectors"][0]["failure"] is None
    assert said["summary"]["state"] == "ok"


async def test_the_servers_that_need_attention_come_worst_first_across_sources(desk: Desk) -> None:
    await desk.exporting.begin()

    found = (await desk.attention())["servers"]

    assert [(each["serial"], each["severity"]) for each in found] == [
        ("SN1", "critical"),
        ("SN3", "critical"),
        ("SN2", "warning"),
    ]
    assert found[0]["reasons"] == ["2 critical alerts open"]


async def test_a_document_is_written_once_for_each_change(desk: Desk) -> None:
    await desk.exporting.begin()
    first = await desk.reporter.status(), await desk.reporter.attention()

    again = await desk.reporter.status(), await desk.reporter.attention()

    assert again[0] is first[0]
    assert again[1] is first[1]


async def test_readings_that_came_anew_but_are_the_same_keep_the_tag(desk: Desk) -> None:
    await desk.exporting.begin()
    first = await desk.reporter.attention()
    desk.listing.then(
        inventory(servers(1, 2, 3), {"id-2": Health.WARNING, "id-3": Health.CRITICAL})
    )
    await desk.exporting.clock.advance(70)

    again = await desk.reporter.attention()

    assert again is not first
    assert again.tag == first.tag


async def test_a_change_of_readings_changes_both_documents(desk: Desk) -> None:
    await desk.exporting.begin()
    first = await desk.reporter.status(), await desk.reporter.attention()
    desk.listing.then(inventory(servers(1, 2, 3)))
    await desk.exporting.clock.advance(70)

    status, attention = await desk.reporter.status(), await desk.reporter.attention()

    assert status.tag != first[0].tag
    assert attention.tag != first[1].tag
    assert (await desk.status())["attention"]["total"] == 1


async def test_data_that_ended_by_time_alone_are_no_longer_counted(desk: Desk) -> None:
    await desk.exporting.begin()
    await desk.status()
    desk.exporting.clock.now += 1000

    said = await desk.status()

    assert said["attention"]["total"] == 0
    assert (await desk.attention())["servers"] == []


async def test_sources_may_come_and_go(desk: Desk) -> None:
    await desk.exporting.begin()
    first = await desk.reporter.status()
    scheduler = desk.exporting.scheduler
    await scheduler.halt(["apac"])
    scheduler.arrange([each for each in scheduler.sources if each.name == "emea"])

    said = await desk.status()

    assert [each["name"] for each in said["sources"]] == ["emea"]
    assert (await desk.reporter.status()).tag != first.tag
    assert said["summary"]["servers"] == 3


async def test_clients_that_ask_at_once_share_one_look(desk: Desk) -> None:
    await desk.exporting.begin()

    documents = await asyncio.gather(*(desk.reporter.attention() for _ in range(5)))

    assert len({id(document) for document in documents}) == 1


async def test_of_two_collectors_that_give_a_reading_the_served_one_counts(desk: Desk) -> None:
    """The health collector ranks above the inventory, for the servers that it has read."""
    fleet = servers(1, 2)
    better = Components((("fans", 2),))
    plain = Column(Components, {each.id: Components((("fans", 1),)) for each in fleet})
    base = inventory(fleet)
    listing = StubCollector(
        "servers", Collected(columns=(*base.columns, plain), servers=fleet, items=2)
    )
    health = StubCollector(
        "health", Collected(columns=(Column(Components, {"id-1": better}, rank=1),))
    )
    exporting = Exporting(polled("emea", listing, health))
    reporter = Reporter(exporting.scheduler, exporting.store, exporting.pages, exporting.clock)
    await exporting.begin()
    await exporting.clock.advance(3)

    found = read(await reporter.attention())["servers"]
    await exporting.scheduler.stop()

    assert [(each["serial"], each["severity"]) for each in found] == [
        ("SN1", "critical"),
        ("SN2", "warning"),
    ]


async def test_hostile_words_are_written_as_json(desk: Desk) -> None:
    hostile = '"}]\u202e\x00</script><img src=x onerror=alert(1)>' + "x" * 300
    fleet = servers(1)
    named = (msgspec.structs.replace(fleet[0], name=hostile),)
    desk.listing.then(inventory(named, Health.CRITICAL))
    await desk.exporting.begin()

    (found,) = (await desk.attention())["servers"]

    assert found["server"] == hostile
