import asyncio
import gzip
from collections.abc import Iterator
from unittest.mock import patch

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from exporter import slices
from exporter.exposition import block
from exporter.exposition.block import Shard
from exporter.exposition.page import Pages
from exporter.exposition.store import Store, collectors_to_write
from exporter.exposition.text import Format
from exporter.model import Collected, Column, Health, Power, PowerDraw
from tests.support.clock import FakeClock
from tests.support.exposition import as_gzip, joined, series, values
from tests.support.fleet import alerts, inventory, power, server, servers

KEEP = 180.0


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def store(clock: FakeClock) -> Store:
    made = Store(clock)
    made.add("emea", "hpe")
    made.add("apac", "dell")
    return made


@pytest.fixture
def breathless() -> Iterator[None]:
    """Let others run after every single shard."""
    with patch.object(slices, "_SLICE", -1.0), patch.object(block, "SHARD", 2):
        yield


async def publish(store: Store, collector: str, collected: Collected, source: str = "emea") -> None:
    await store.publish(source, collector, collected, keep_for=KEEP)


def text(store: Store) -> bytes:
    return joined(Pages(store).whole(Format.TEXT))


def shards(store: Store, collector: str, family: str) -> tuple[Shard, ...]:
    (found,) = [item for _, name, item in store.served() if name == collector]
    return found.blocks[family].shards


async def test_every_known_server_has_zero_alerts_until_it_has_some(store: Store) -> None:
    await publish(store, "servers", inventory(servers(1, 2)))
    await publish(store, "alerts", alerts({"id-2": 3}))

    assert values(text(store), "serverfleet_server_alerts", serial="SN1") == [0, 0]
    assert values(text(store), "serverfleet_server_alerts", serial="SN2") == [3, 0]


async def test_a_new_server_has_zero_alerts_at_once(store: Store) -> None:
    await publish(store, "servers", inventory(servers(1)))
    await publish(store, "alerts", alerts({}))
    await publish(store, "servers", inventory(servers(1, 2)))

    assert values(text(store), "serverfleet_server_alerts", serial="SN2") == [0, 0]


async def test_a_reading_that_the_vendor_did_not_give_is_absent(store: Store) -> None:
    await publish(store, "servers", inventory(servers(1, 2)))
    await publish(store, "power", power({"id-1": 200.0}))

    assert values(text(store), "serverfleet_server_power_watts") == [200]


async def test_readings_of_a_server_that_is_not_in_the_inventory_are_left_out(
    store: Store,
) -> None:
    await publish(store, "servers", inventory(servers(1)))
    await publish(store, "power", power({"id-1": 200.0, "id-99": 1.0}))

    assert values(text(store), "serverfleet_server_power_watts") == [200]


async def test_a_result_replaces_the_former_one_whole(store: Store) -> None:
    await publish(store, "servers", inventory(servers(1, 2)))
    await publish(store, "power", power({"id-1": 200.0, "id-2": 300.0}))
    await publish(store, "power", power({"id-2": 301.0}))

    assert values(text(store), "serverfleet_server_power_watts") == [301]


async def test_a_server_that_leaves_is_gone_everywhere_in_one_swap(store: Store) -> None:
    await publish(store, "servers", inventory(servers(1, 2)))
    await publish(store, "alerts", alerts({"id-2": 1}))
    await publish(store, "power", power({"id-1": 100.0, "id-2": 200.0}))
    before = store.generation
    assert text(store).count(b'serial="SN2"') == 4 + 2 + 1

    await publish(store, "servers", inventory(servers(1)))

    assert store.generation == before + 1
    assert b"SN2" not in text(store)
    assert values(text(store), "serverfleet_server_power_watts", serial="SN1") == [100]
    assert store.servers("emea") == servers(1)


async def test_a_renamed_server_has_its_new_name_everywhere_in_one_swap(store: Store) -> None:
    await publish(store, "servers", inventory([server(1, "old-name")]))
    await publish(store, "alerts", alerts({}))
    await publish(store, "power", power({"id-1": 100.0}))
    before = store.generation

    await publish(store, "servers", inventory([server(1, "new-name")]))

    assert store.generation == before + 1
    assert b"old-name" not in text(store)
    assert text(store).count(b'server="new-name"') == 4 + 2 + 1


async def test_a_server_that_comes_back_has_its_readings_back(store: Store) -> None:
    await publish(store, "servers", inventory(servers(1, 2)))
    await publish(store, "power", power({"id-1": 100.0, "id-2": 200.0}))
    before = text(store)

    await publish(store, "servers", inventory(servers(1)))
    await publish(store, "servers", inventory(servers(1, 2)))

    assert text(store) == before


async def test_unchanged_shards_keep_their_pieces(store: Store) -> None:
    fleet = servers(*range(1025))
    await publish(store, "servers", inventory(fleet))
    await publish(store, "power", power({each.id: 100.0 for each in fleet}))
    before = shards(store, "power", "serverfleet_server_power_watts")

    changed = {each.id: 100.0 for each in fleet} | {"id-1024": 101.0}
    await publish(store, "power", power(changed))

    after = shards(store, "power", "serverfleet_server_power_watts")
    kept = [new.piece is old.piece for new, old in zip(after, before, strict=True)]
    assert kept == [True, True, False]


async def test_two_servers_of_one_serial_in_two_sources_are_two_series(store: Store) -> None:
    await publish(store, "servers", inventory(servers(1)))
    await publish(store, "devices", inventory(servers(1)), "apac")

    found = values(text(store), "serverfleet_server_health", serial="SN1", state="ok")
    assert found == [1, 1]


async def test_data_are_served_until_their_time_is_over(store: Store, clock: FakeClock) -> None:
    await publish(store, "servers", inventory(servers(1)))

    await clock.advance(KEEP)
    assert values(text(store), "serverfleet_source_servers") == [1]
    store.withdraw_expired()
    assert values(text(store), "serverfleet_source_servers") == [1]

    await clock.advance(0.001)
    assert text(store) == b""


async def test_expired_data_are_let_go_and_come_back_with_the_next_result(
    store: Store, clock: FakeClock
) -> None:
    await publish(store, "servers", inventory(servers(1)))
    await publish(store, "power", power({"id-1": 100.0}))
    before = text(store)
    await clock.advance(KEEP + 1)
    generation = store.generation

    store.withdraw_expired()
    store.withdraw_expired()
    assert store.generation == generation + 1

    await publish(store, "servers", inventory(servers(1)))
    await publish(store, "power", power({"id-1": 100.0}))
    assert text(store) == before


async def test_a_new_inventory_does_not_make_old_readings_younger(
    store: Store, clock: FakeClock
) -> None:
    await publish(store, "servers", inventory(servers(1)))
    await publish(store, "power", power({"id-1": 100.0}))
    await clock.advance(KEEP - 1)
    await publish(store, "servers", inventory(servers(1, 2)))

    await clock.advance(2)

    assert values(text(store), "serverfleet_server_power_watts") == []
    assert values(text(store), "serverfleet_source_servers") == [2]


@pytest.mark.usefixtures("breathless")
async def test_a_scrape_during_a_publication_sees_the_former_data_whole(store: Store) -> None:
    fleet = servers(*range(10))
    await publish(store, "servers", inventory(fleet))
    await publish(store, "power", power({each.id: 1.0 for each in fleet}))
    pages, seen = Pages(store), set()
    before = text(store)

    publication = asyncio.create_task(publish(store, "servers", inventory(fleet[:5])))
    passes = 0
    while not publication.done():
        seen.add(joined(pages.whole(Format.TEXT)))
        await asyncio.sleep(0)
        passes += 1
    await publication

    assert passes > 5
    assert seen <= {before, text(store)}
    assert before in seen


@pytest.mark.usefixtures("breathless")
async def test_readings_that_arrive_with_a_new_inventory_follow_it(store: Store) -> None:
    fleet = servers(*range(10))
    await publish(store, "servers", inventory(fleet))
    watts = {each.id: 1.0 for each in fleet}

    await asyncio.gather(
        publish(store, "power", power(watts)),
        publish(store, "servers", inventory(fleet[:5])),
        publish(store, "alerts", alerts({})),
    )

    assert len(values(text(store), "serverfleet_server_power_watts")) == 5
    assert len(values(text(store), "serverfleet_server_alerts", severity="critical")) == 5


NUMBERS = st.lists(st.integers(0, 6), unique=True, max_size=7)
INVENTORIES = st.builds(
    lambda numbers, names, healths: inventory(
        [server(number, names.get(number)) for number in numbers],
        {f"id-{number}": health for number, health in healths.items()},
    ),
    NUMBERS,
    st.dictionaries(st.integers(0, 6), st.sampled_from(["a", 'b"', "c\\"])),
    st.dictionaries(st.integers(0, 6), st.sampled_from(Health)),
)
IDS = st.sampled_from([f"id-{number}" for number in range(7)])
STEPS = st.one_of(
    st.tuples(st.just("servers"), INVENTORIES),
    st.tuples(
        st.just("power"),
        st.builds(power, st.dictionaries(IDS, st.sampled_from([0.0, 1.0, 99.5]))),
    ),
    st.tuples(st.just("alerts"), st.builds(alerts, st.dictionaries(IDS, st.integers(0, 2)))),
)


async def store_of(steps: list[tuple[str, Collected]]) -> Store:
    made = Store(FakeClock())
    made.add("emea", "hpe")
    for collector, collected in steps:
        await publish(made, collector, collected)
    return made


@given(INVENTORIES, st.lists(STEPS, max_size=8))
@settings(deadline=None, max_examples=40)
async def test_whatever_came_before_the_page_is_the_one_of_the_last_results(
    first: Collected, steps: list[tuple[str, Collected]]
) -> None:
    with patch.object(block, "SHARD", 2):
        history = [("servers", first), *steps]
        latest = list(dict(history).items())

        pages, expected = Pages(await store_of(history)), Pages(await store_of(latest))

    for kind in Format:
        plain = joined(pages.whole(kind))
        assert plain == joined(expected.whole(kind))
        packed = as_gzip(pages.whole(kind))
        assert packed == as_gzip(expected.whole(kind))
        assert gzip.decompress(packed) == plain
    assert series(joined(pages.whole(Format.TEXT))) is not None


def draws(watts: dict[str, float], rank: int) -> Collected:
    readings = {server_id: PowerDraw(each) for server_id, each in watts.items()}
    return Collected(columns=(Column(PowerDraw, readings, rank=rank),))


async def test_of_two_collectors_readings_of_a_server_the_higher_rank_is_served(
    store: Store, clock: FakeClock
) -> None:
    fleet = servers(1, 2)
    await publish(store, "servers", inventory(fleet))
    await publish(store, "power", draws({"id-1": 100, "id-2": 200}, rank=0))
    assert watts_by_serial(store) == {"SN1": 100, "SN2": 200}

    await store.publish("emea", "finer", draws({"id-1": 111}, rank=1), keep_for=60)
    assert watts_by_serial(store) == {"SN1": 111, "SN2": 200}

    await publish(store, "power", draws({"id-1": 101, "id-2": 201}, rank=0))
    assert watts_by_serial(store) == {"SN1": 111, "SN2": 201}

    clock.now += 61
    await publish(store, "power", draws({"id-1": 102, "id-2": 202}, rank=0))
    assert watts_by_serial(store) == {"SN1": 102, "SN2": 202}


async def test_a_reading_that_the_higher_rank_no_longer_has_is_given_back(store: Store) -> None:
    await publish(store, "servers", inventory(servers(1, 2)))
    await publish(store, "power", draws({"id-1": 100, "id-2": 200}, rank=0))
    await publish(store, "finer", draws({"id-1": 111, "id-2": 222}, rank=1))

    await publish(store, "finer", draws({"id-2": 223}, rank=1))

    assert watts_by_serial(store) == {"SN1": 100, "SN2": 223}


async def test_what_is_withdrawn_is_served_no_longer(store: Store) -> None:
    await publish(store, "servers", inventory(servers(1)))
    await publish(store, "power", draws({"id-1": 100}, rank=0))

    store.withdraw("emea", "power")

    assert watts_by_serial(store) == {}
    store.withdraw("emea", "power")


def watts_by_serial(store: Store) -> dict[str, float]:
    """Return watts by serial number; a series that is served twice fails."""
    return {
        dict(labels)["serial"]: value
        for (name, labels), value in series(text(store)).items()
        if name == "serverfleet_server_power_watts"
    }


def of_power(rank: int, *ids: str) -> Collected:
    column = Column(Power, {each: Power(peak_watts=1) for each in ids}, rank=rank)
    return Collected(columns=(column,))


def test_a_new_result_concerns_the_collectors_that_rank_below_it() -> None:
    results = {"low": of_power(0, "a", "b"), "high": of_power(1, "b"), "other": Collected()}

    def written(collector: str, *, every: bool = False) -> dict[str, dict[type, set[str]]]:
        found = collectors_to_write(results, collector, every=every)
        return {
            name: {facet: set(ids) for facet, ids in hidden.items()}
            for name, hidden in found.items()
        }

    assert written("high") == {"low": {Power: {"b"}}, "high": {}}
    assert written("low") == {"low": {Power: {"b"}}}
    assert written("other") == {"other": {}}
    assert written("other", every=True) == {"low": {Power: {"b"}}, "high": {}, "other": {}}
