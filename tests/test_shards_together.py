"""Do all shards together serve exactly what one exporter alone would, each thing once?"""

import asyncio
import random
from collections.abc import Sequence
from dataclasses import replace

from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec import Struct

from exporter.catalogue import FAMILIES
from exporter.catalogue.family import Sharding
from exporter.exposition.page import Pages
from exporter.exposition.store import Store
from exporter.exposition.text import Format
from exporter.model import Alert, AlertCounts, AlertSeverity, Collected, Column, Server
from exporter.polling.scheduler import Scheduler
from exporter.polling.source import inventory_from, own_part
from exporter.shard import WHOLE, Shard
from tests.support.clock import FakeClock
from tests.support.exporting import Exporting
from tests.support.exposition import joined, value, values
from tests.support.fleet import (
    EVERY_SERVER_FACET,
    EVERY_SOURCE_FACET,
    NO_ALERTS,
    inventory,
    server,
    servers,
)
from tests.support.source import StubCollector, polled

SPLIT = {family.name for family in FAMILIES if family.sharding is Sharding.SPLIT}


def fleet(size: int, seed: int) -> dict[str, Collected]:
    """Make up what the collectors of a source give: of every server, by chance, any facet."""
    chance = random.Random(seed)  # noqa: S311 - a made-up fleet
    listed = tuple(
        Server(f"id-{number}", f"{chance.getrandbits(40):010X}", f"host{number}")
        for number in range(size)
    )
    # Also of devices that are no servers, and of servers that the inventory does not list yet.
    known = [*(each.id for each in listed), "switch", "newcomer"]

    def columns(of: Sequence[Struct], rank: int = 0) -> tuple[Column[Struct], ...]:
        return tuple(
            Column(
                type(facet),
                {each: facet for each in known if chance.random() < 0.7},
                NO_ALERTS if isinstance(facet, AlertCounts) else None,
                rank,
            )
            for facet in of
        )

    return {
        "servers": Collected(
            columns=columns(EVERY_SERVER_FACET[:7]),
            source_facets=EVERY_SOURCE_FACET[:1],
            servers=listed,
        ),
        "alerts": Collected(
            columns=columns(EVERY_SERVER_FACET[7:9]), source_facets=EVERY_SOURCE_FACET[1:4]
        ),
        "power": Collected(
            columns=columns(EVERY_SERVER_FACET[9:]), source_facets=EVERY_SOURCE_FACET[4:]
        ),
        "power_manager": Collected(columns=columns(EVERY_SERVER_FACET[10:13], rank=1)),
    }


async def served(fleets: Sequence[dict[str, Collected]], shard: Shard) -> list[str]:
    """Return the samples that an exporter serves of sources with these fleets, one a line."""
    clock = FakeClock()
    store = Store(clock)
    sources = [
        replace(
            polled(f"source-{place}", *(StubCollector(name, each) for name, each in made.items())),
            shard=shard,
        )
        for place, made in enumerate(fleets)
    ]
    assert await Scheduler(sources, store, clock).run_all_once()
    text = joined(Pages(store).whole(Format.TEXT)).decode()
    return [line for line in text.splitlines() if not line.startswith("#")]


FLEETS = st.lists(st.tuples(st.integers(0, 30), st.integers(0, 2**32)), min_size=1, max_size=3)


@given(FLEETS, st.integers(1, 8))
@settings(deadline=None, max_examples=40)
def test_all_shards_together_are_the_exporter_alone(
    made: list[tuple[int, int]], total: int
) -> None:
    fleets = [fleet(size, seed) for size, seed in made]

    async def everything() -> tuple[list[str], list[list[str]]]:
        alone = await served(fleets, WHOLE)
        return alone, [await served(fleets, Shard(index, total)) for index in range(total)]

    alone, parts = asyncio.run(everything())

    assert sorted(line for part in parts for line in part) == sorted(alone)
    assert len(set(alone)) == len(alone)
    for index, part in enumerate(parts):
        for line in part:
            of_server = line.partition("{")[0] in SPLIT
            assert of_server or index == 0, line
            serial = line.partition('serial="')[2].partition('"')[0]
            assert not of_server or Shard(index, total).owns(serial), line


async def exported(shard: Shard, *outcomes: Collected) -> Exporting:
    """Run an exporter of one source whose collectors give these results."""
    collectors = [StubCollector(f"c{place}", each) for place, each in enumerate(outcomes)]
    exporting = Exporting(replace(polled("emea", *collectors), shard=shard))
    assert await exporting.scheduler.run_all_once()
    return exporting


def page(exporting: Exporting) -> bytes:
    return joined(exporting.pages.whole(Format.TEXT))


async def test_the_counts_of_a_source_are_served_once_and_whole() -> None:
    whole = inventory(servers(*range(20)))
    first, second = [await exported(Shard(index, 2), whole) for index in (0, 1)]

    assert value(page(first), "serverfleet_source_servers") == 20
    assert values(page(second), "serverfleet_source_servers") == []
    assert values(page(second), "serverfleet_source_servers_reported") == []
    assert value(second.own_text, "serverfleet_source_up") == 1
    assert value(second.own_text, "serverfleet_collector_last_run_records") == 20


async def test_a_collector_is_given_the_own_servers_and_knows_the_others() -> None:
    whole = inventory(servers(*range(20)))
    asked = StubCollector("power", Collected())
    source = replace(polled("emea", StubCollector("servers", whole), asked), shard=Shard(1, 2))

    assert await Exporting(source).scheduler.run_all_once()

    (given_,) = asked.calls
    assert given_.servers == tuple(each for each in servers(*range(20)) if owned(each, 1))
    assert given_.others == tuple(each for each in servers(*range(20)) if owned(each, 0))
    assert set(given_.everyone) == set(servers(*range(20)))
    assert len(given_.statuses) == 20


async def test_an_empty_list_is_judged_by_the_whole_fleet_and_not_by_the_own_part() -> None:
    one = server(1)
    stranger = next(index for index in range(2) if not owned(one, index))
    listing = StubCollector("servers", inventory([one]), inventory([]))
    exporting = Exporting(replace(polled("emea", listing), shard=Shard(stranger, 2)))

    assert await exporting.scheduler.run_all_once()
    assert not await exporting.scheduler.run_all_once()

    state = exporting.scheduler.board.state("emea", "servers")
    assert state.reason == "empty"
    assert "where there were 1" in state.error


async def test_a_fleet_without_a_server_of_ones_own_is_no_empty_fleet() -> None:
    one = server(1)
    stranger = next(index for index in range(2) if not owned(one, index))

    exporting = await exported(Shard(stranger, 2), inventory([one]))

    assert values(page(exporting), "serverfleet_server_health") == []
    assert value(exporting.own_text, "serverfleet_source_up") == 1


async def test_duplicates_are_counted_by_the_first_shard_only() -> None:
    whole = replace(inventory(servers(1, 2)), duplicates=3)
    name = "serverfleet_series_dropped_total"

    counted = [
        values((await exported(Shard(index, 2), whole)).own_text, name) for index in range(2)
    ]

    assert counted == [[3], []]


async def test_every_alert_is_logged_by_one_shard() -> None:
    whole = inventory(servers(*range(9)))
    found = tuple(
        Alert(id=f"alert-{device}", severity=AlertSeverity.WARNING, device=f"id-{device}")
        for device in (*range(9), "switch", "")
    )
    told: list[str] = []
    for index in range(3):
        shard = Shard(index, 3)
        part = await own_part(Collected(alerts=found), await inventory_from(whole, shard), shard)
        assert part.alerts is not None
        told += [each.id for each in part.alerts]
        assert ("alert-switch" in {each.id for each in part.alerts}) == (index == 0)

    assert sorted(told) == sorted(each.id for each in found)


async def test_no_alerts_asked_for_stay_no_alerts_asked_for() -> None:
    shard = Shard(1, 3)
    whole = inventory(servers(1))

    assert (await own_part(whole, await inventory_from(whole, shard), shard)).alerts is None


async def test_readings_of_other_shards_are_not_kept() -> None:
    whole = inventory(servers(*range(50)))
    shard = Shard(0, 2)
    divided = await inventory_from(whole, shard)

    part = await own_part(whole, divided, shard)

    assert part.servers == divided.servers
    assert [set(column.by_id) for column in part.columns] == [{each.id for each in divided.servers}]
    assert 15 < len(divided.servers) < 35


async def test_without_shards_nothing_is_copied() -> None:
    whole = inventory(servers(1, 2))

    assert await own_part(whole, await inventory_from(whole, WHOLE), WHOLE) is whole


def owned(one: Server, index: int) -> bool:
    return Shard(index, 2).owns(one.serial)
