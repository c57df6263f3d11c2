import gzip
import weakref
import zlib
from itertools import pairwise

import pytest

from exporter.exposition.gzipped import NOTHING, Text
from exporter.exposition.page import EOF, Pages
from exporter.exposition.store import BLOCK_FAMILIES, Store
from exporter.exposition.text import Format, unit_of
from exporter.model import (
    Collected,
    Column,
)
from tests.support.clock import FakeClock
from tests.support.exposition import as_gzip, families, joined, openmetrics_families, series, values
from tests.support.fleet import (
    EVERY_SERVER_FACET,
    EVERY_SOURCE_FACET,
    alerts,
    inventory,
    power,
    servers,
)

KEEP = 180.0


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
async def store(clock: FakeClock) -> Store:
    """Two sources; each with an inventory, alerts and power."""
    made = Store(clock)
    for source, vendor, fleet in (("emea", "hpe", servers(1, 2)), ("apac", "dell", servers(3))):
        made.add(source, vendor)
        for collector, collected in (
            ("servers", inventory(fleet)),
            ("alerts", alerts({fleet[0].id: 2})),
            ("power", power({each.id: 100.0 for each in fleet})),
        ):
            await made.publish(source, collector, collected, keep_for=KEEP)
    return made


def whole(pages: Pages, kind: Format = Format.TEXT) -> bytes:
    return joined(pages.whole(kind))


def narrowed(store: Store, sources: list[str] | None, collectors: list[str] | None) -> bytes:
    pages = Pages(store)
    plain = joined(pages.narrowed(Format.TEXT, sources, collectors))
    packed = as_gzip(pages.narrowed(Format.TEXT, sources, collectors))
    assert packed
    assert gzip.decompress(packed) == plain
    return plain


def full() -> Collected:
    """A result with every facet that the catalogue reads."""
    fleet = servers(1, 2)
    return Collected(
        columns=tuple(
            Column(type(each), {"id-1": each, "id-2": each}) for each in EVERY_SERVER_FACET
        ),
        source_facets=EVERY_SOURCE_FACET,
        servers=fleet,
    )


@pytest.fixture
async def everything(clock: FakeClock) -> Pages:
    made = Store(clock)
    for source in ("emea", "apac"):
        made.add(source, "hpe")
        await made.publish(source, "servers", full(), keep_for=KEEP)
    return Pages(made)


def test_every_family_of_the_catalogue_can_be_served(everything: Pages) -> None:
    found = {family.name: family for family in families(whole(everything))}

    expected = {each.name.removesuffix("_total"): each.kind for each in BLOCK_FAMILIES}
    assert {name: family.type for name, family in found.items()} == expected


def test_openmetrics_is_read_strictly_with_types_and_units(everything: Pages) -> None:
    text = whole(everything, Format.OPENMETRICS) + EOF.plain

    found = {family.name: family for family in openmetrics_families(text)}

    assert {name: (each.type, each.unit) for name, each in found.items()} == {
        each.name.removesuffix("_total"): (each.kind, unit_of(each)) for each in BLOCK_FAMILIES
    }
    energy = found["serverfleet_server_energy_joules"].samples
    assert {sample.name for sample in energy} == {"serverfleet_server_energy_joules_total"}


def test_both_formats_carry_the_same_samples(everything: Pages) -> None:
    strict = {
        (sample.name, frozenset(sample.labels.items())): sample.value
        for family in openmetrics_families(whole(everything, Format.OPENMETRICS) + EOF.plain)
        for sample in family.samples
    }

    assert strict == series(whole(everything))


def test_a_family_has_one_header_and_its_samples_stand_together(everything: Pages) -> None:
    lines = whole(everything).decode().splitlines()
    names = [line.split("{")[0] for line in lines if not line.startswith("#")]
    blocks = [name for before, name in zip(["", *names], names, strict=False) if name != before]

    assert len(blocks) == len(set(blocks))
    for family in BLOCK_FAMILIES:
        assert sum(line.startswith(f"# HELP {family.name} ") for line in lines) == 1
        assert sum(line.startswith(f"# TYPE {family.name} ") for line in lines) == 1


def test_a_header_stands_right_before_its_samples(everything: Pages) -> None:
    lines = whole(everything).decode().splitlines()

    for before, line in pairwise(lines):
        if before.startswith("# TYPE "):
            assert line.startswith(before.split()[2] + "{")


def test_a_family_without_samples_has_no_header(store: Store) -> None:
    assert b"serverfleet_server_temperature_celsius" not in whole(Pages(store))


def test_no_sample_carries_a_timestamp(everything: Pages) -> None:
    assert all(
        sample.timestamp is None for each in families(whole(everything)) for sample in each.samples
    )


def test_gzip_is_the_plain_page_in_both_formats(everything: Pages) -> None:
    for kind in Format:
        packed = as_gzip(everything.whole(kind))

        assert gzip.decompress(packed) == whole(everything, kind)


def test_gzip_is_one_stream_for_readers_that_stop_after_the_first(everything: Pages) -> None:
    end = Text.of(b"# the end\n")
    reader = zlib.decompressobj(wbits=31)

    text = reader.decompress(as_gzip(everything.whole(Format.TEXT), end))

    assert reader.eof
    assert not reader.unused_data
    assert text == whole(everything) + end.plain


@pytest.mark.parametrize("count", [0, 1, 511, 512, 513, 1025])
async def test_gzip_is_the_plain_page_at_every_size_of_fleet(clock: FakeClock, count: int) -> None:
    made = Store(clock)
    made.add("emea", "hpe")
    await made.publish("emea", "servers", inventory(servers(*range(count))), keep_for=KEEP)
    pages = Pages(made)

    packed = as_gzip(pages.whole(Format.TEXT))

    assert gzip.decompress(packed) == whole(pages)
    assert values(whole(pages), "serverfleet_source_servers") == [count]
    assert len(values(whole(pages), "serverfleet_server_health", state="ok")) == count


def test_nothing_is_served_before_the_first_result(clock: FakeClock) -> None:
    made = Store(clock)
    made.add("emea", "hpe")

    assert whole(Pages(made)) == b""
    packed = as_gzip(Pages(made).whole(Format.TEXT))
    assert packed
    assert gzip.decompress(packed) == b""


def test_a_page_is_joined_once_while_nothing_changes(store: Store) -> None:
    pages = Pages(store)

    for kind in Format:
        assert pages.whole(kind) is pages.whole(kind)


def test_a_page_is_decompressed_once_while_nothing_changes(store: Store) -> None:
    pages = Pages(store)

    first, second, third = (tuple(pages.whole(Format.TEXT).plain(NOTHING).parts) for _ in range(3))

    assert b"".join(first)
    assert first == second
    assert all(one is other for one, other in zip(second, third, strict=True))
    assert first[0] is second[0]


def test_of_many_readers_at_once_one_keeps_what_it_decompresses(store: Store) -> None:
    body = Pages(store).whole(Format.TEXT)
    readers = [iter(body.plain(NOTHING).parts) for _ in range(3)]
    begun = [next(each) for each in readers]
    assert begun[0] == begun[1] is not begun[0]

    del readers[0]  # it goes away, and nothing of what it kept is used
    rest = [b"".join((one, *each)) for one, each in zip(begun[1:], readers, strict=True)]

    assert rest[0] == rest[1] == joined(body)


async def test_the_text_of_a_format_that_nobody_asks_for_any_more_is_let_go(store: Store) -> None:
    pages = Pages(store)
    body = pages.whole(Format.TEXT)
    joined(body)
    gone = weakref.ref(body)
    del body
    assert gone()

    await store.publish("emea", "power", power({"id-1": 555.0}), keep_for=KEEP)
    pages.whole(Format.OPENMETRICS)

    assert not gone()


async def test_a_new_result_renews_the_page(store: Store) -> None:
    pages = Pages(store)
    whole(pages)

    await store.publish("emea", "power", power({"id-1": 555.0}), keep_for=KEEP)

    assert b" 555\n" in whole(pages)


async def test_a_page_does_not_outlive_the_time_of_its_data(store: Store, clock: FakeClock) -> None:
    pages = Pages(store)
    await clock.advance(KEEP - 1)
    await store.publish("apac", "power", power({"id-3": 1.0}), keep_for=KEEP)
    assert len(values(whole(pages), "serverfleet_server_power_watts")) == 3

    await clock.advance(2)

    assert set(series(whole(pages))) == {
        (
            "serverfleet_server_power_watts",
            frozenset(
                {"source": "apac", "vendor": "dell", "serial": "SN3", "server": "host3"}.items()
            ),
        )
    }


def test_a_page_is_narrowed_to_sources(store: Store) -> None:
    text = narrowed(store, ["apac"], None)

    assert {dict(labels)["source"] for _, labels in series(text)} == {"apac"}
    assert narrowed(store, ["apac", "emea"], None) == whole(Pages(store))


def test_a_page_is_narrowed_to_collectors(store: Store) -> None:
    text = narrowed(store, None, ["power", "alerts"])

    assert {name for name, _ in series(text)} == {
        "serverfleet_server_power_watts",
        "serverfleet_server_alerts",
        "serverfleet_source_alerts",
        "serverfleet_source_alerts_unassigned",
    }


def test_a_page_is_narrowed_to_both_at_once(store: Store) -> None:
    assert len(series(narrowed(store, ["apac"], ["power"]))) == 1
    assert narrowed(store, ["apac"], ["energy"]) == b""
