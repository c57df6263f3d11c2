"""What the vendors declare of calls and fields is what their collectors really read."""

import typing
from collections.abc import Iterator
from typing import Any

import msgspec
import pytest
from msgspec import Struct

from exporter.catalogue import SERVER_FAMILIES, SOURCE_FAMILIES
from exporter.sources.calls import ELSE, Feed
from exporter.sources.fields import IDENTITY
from exporter.sources.vendors import SOURCES
from tests.support.feeding import VERSION, Bench, bench_of

KINDS = pytest.mark.parametrize("kind", SOURCES)
COLLECTORS = pytest.mark.parametrize(
    ("kind", "collector"),
    [(kind, collector) for kind, each in SOURCES.items() for collector in each.intervals],
)
ASIDE = {
    "com": {"token"},
    # What is installed, who may ask, what times are meant in: no value comes from them.
    "ome": {
        "SessionService/Sessions",
        "PluginService/Plugins",
        "ApplicationService/Info",
        "ApplicationService/Network/TimeConfiguration",
    },
}
"""Calls that feed no family of the collector that makes them."""


def feeds_of(kind: str, collector: str) -> tuple[Feed, ...]:
    return tuple(feed for feed in SOURCES[kind].feeds[collector] if not feed.is_fallback)


def asked_before(kind: str, collector: str) -> str:
    return next((feed.asked_by for feed in feeds_of(kind, collector) if feed.asked_by), "")


@KINDS
def test_every_collector_declares_what_feeds_its_families(kind: str) -> None:
    assert list(SOURCES[kind].feeds) == list(SOURCES[kind].intervals)


def test_every_family_of_servers_and_sources_is_fed_by_a_call() -> None:
    fed = {
        feed.family for each in SOURCES.values() for feeds in each.feeds.values() for feed in feeds
    }
    families = {family.name for family in (*SERVER_FAMILIES, *SOURCE_FAMILIES)}
    assert fed - {IDENTITY, VERSION} == families


@KINDS
def test_declared_fields_are_fields_of_what_is_decoded(kind: str) -> None:
    for feeds in SOURCES[kind].feeds.values():
        for feed in feeds:
            assert feed.fields
            for path in alternatives(feed):
                assert exists(feed.record, path), f"{feed.record.__name__} has no {path}"


@COLLECTORS
async def test_what_a_collector_serves_is_what_it_declares(
    kind: str, collector: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with bench_of(kind, monkeypatch) as bench:
        served = await bench.values(collector)
    assert served is not None
    assert set(served) == {feed.family for feed in feeds_of(kind, collector)}


@COLLECTORS
async def test_the_declared_calls_are_those_that_a_collector_makes(
    kind: str, collector: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with bench_of(kind, monkeypatch) as bench:
        await bench.values(collector)
    own = {
        feed
        for name in SOURCES[kind].intervals
        for feed in feeds_of(kind, name)
        if (feed.asked_by or name) == collector
    }
    assert {call for call, _ in bench.asked} - ASIDE[kind] == {feed.call for feed in own} - (
        ASIDE[kind]
    )
    for feed in own:
        urls = [url for call, url in bench.asked if call == feed.call]
        assert any(all(part in url for part in feed.query) for url in urls), feed


@COLLECTORS
async def test_a_family_changes_exactly_when_one_of_its_fields_is_taken_away(
    kind: str, collector: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    feeds, before = feeds_of(kind, collector), asked_before(kind, collector)
    async with bench_of(kind, monkeypatch) as bench:
        whole = await bench.values(collector, before)
        assert whole is not None
        for call, record in dict.fromkeys((feed.call, feed.record) for feed in feeds):
            own = [feed for feed in feeds if (feed.call, feed.record) == (call, record)]
            for paths in dict.fromkeys(paths for feed in own for paths in together(feed)):
                changed = await changed_by(bench, collector, before, call, paths, whole)
                for feed in own:
                    if paths in together(feed):
                        assert changed is None or feed.family in changed, (feed.family, paths)
            for path in optional_fields(record):
                changed = await changed_by(bench, collector, before, call, (path,), whole)
                declared = {feed.family for feed in own if path in alternatives(feed)}
                assert (changed or set()) <= declared, path


async def test_alerts_of_single_servers_feed_the_same_families_where_the_fleet_has_no_list(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    feeds = [feed for feed in SOURCES["com"].feeds["alerts"] if feed.is_fallback]
    async with bench_of("com", monkeypatch, com_fleet_alerts=False) as bench:
        whole = await bench.values("alerts")
        assert whole is not None
        assert {feed.call for feed in feeds} < {call for call, _ in bench.asked}
        families = {feed.family for feed in feeds}
        # Every such alert is that of a known server.
        assert set(whole) == families | {"serverfleet_source_alerts_unassigned"}
        for paths in dict.fromkeys(paths for feed in feeds for paths in together(feed)):
            changed = await changed_by(bench, "alerts", "", feeds[0].call, paths, whole)
            assert changed == families


async def changed_by(
    bench: Bench, collector: str, before: str, call: str, paths: tuple[str, ...], whole: Any
) -> set[str] | None:
    """Return the families that change without some fields; None where the whole run fails."""
    found = await bench.values(collector, before, (call, paths))
    if found is None:
        return None
    return {name for name in {*whole, *found} if whole.get(name) != found.get(name)}


def alternatives(feed: Feed) -> list[str]:
    return [path for paths in feed.fields for path in paths.split(ELSE)]


def together(feed: Feed) -> list[tuple[str, ...]]:
    """Give the fields that have to be missing together before the family must change.

    Those are alternatives; and the names below a mapping, of which few servers have all.
    """
    named = [tuple(paths.split(ELSE)) for paths in feed.fields]
    below = tuple(path for paths in named for path in paths if is_below_mapping(feed.record, path))
    apart = [paths for paths in named if not {*paths} & {*below}]
    return [*apart, below] if below else apart


def is_below_mapping(record: type[Struct], path: str) -> bool:
    holder = path.rpartition(".")[0]
    return bool(holder) and holder in mappings(record)


def mappings(record: type[Struct]) -> list[str]:
    """Give the paths of the fields that hold whatever names there are."""
    found = []
    for name, kind in encoded(record):
        found += [f"{name}.{rest}" for each in structs_in(kind) for rest in mappings(each)]
        found += [name] if has_mapping(kind) else []
    return found


def exists(record: type[Struct], path: str) -> bool:
    """Tell whether a record has a field; below a mapping every name is one."""
    for name, kind in encoded(record):
        if path == name:
            return True
        if path.startswith(f"{name}."):
            within = structs_in(kind)
            rest = path.removeprefix(f"{name}.")
            return any(exists(each, rest) for each in within) if within else has_mapping(kind)
    return False


def optional_fields(record: type[Struct]) -> Iterator[str]:
    """Give the paths of the fields that may be missing, down to the last one."""
    for field in msgspec.structs.fields(record):
        within = structs_in(field.type)
        for each in within:
            yield from (f"{field.encode_name}.{rest}" for rest in optional_fields(each))
        if not within and not field.required and not has_mapping(field.type):
            yield field.encode_name


def encoded(record: type[Struct]) -> list[tuple[str, Any]]:
    return [(field.encode_name, field.type) for field in msgspec.structs.fields(record)]


def structs_in(kind: Any) -> list[type[Struct]]:
    if isinstance(kind, type) and issubclass(kind, Struct):
        return [kind]
    return [found for part in typing.get_args(kind) for found in structs_in(part)]


def has_mapping(kind: Any) -> bool:
    return typing.get_origin(kind) is dict or any(has_mapping(p) for p in typing.get_args(kind))
