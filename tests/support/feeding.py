"""Runs single collectors against the simulators, with fields taken out of the answers."""

import json
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import unquote

import pytest
from msgspec import Struct

from exporter.catalogue import FAMILIES
from exporter.config.load import parse
from exporter.errors import NotAvailableError, SourceError
from exporter.model import Collected, Column, Inventory, Status
from exporter.simulators import Simulation
from exporter.sources import transport
from exporter.sources.contract import Surroundings
from exporter.sources.fields import IDENTITY
from exporter.sources.observer import Silence
from exporter.sources.transport import Answer, Request, Transport
from exporter.sources.vendors import SOURCES
from tests.e2e.rig import StoppedClock

NOW = 1_780_000_000.0
VERSION = "serverfleet_source_info"
Values = Mapping[str, Any]
Missing = tuple[str, tuple[str, ...]]
"""The template of a call, and the paths of the fields that its answers lack."""
NOTHING: Missing = ("", ())


class _Observer(Silence):
    def __init__(self) -> None:
        self.versions: list[str] = []

    def version(self, text: str) -> None:
        self.versions.append(text)


@dataclass
class Bench:
    """Sources of one type in front of a simulation whose answers are remembered."""

    kind: str
    settings: Any
    calls: frozenset[str]
    """The calls of which the answers are remembered and may be spoilt."""
    answers: dict[tuple[str, str, bytes | None], Answer] = field(default_factory=dict)
    asked: list[tuple[str, str]] = field(default_factory=list)
    """Template and readable URL of every request of the last run."""
    missing: Missing = NOTHING

    async def values(
        self, collector: str, asked_by: str = "", missing: Missing = NOTHING
    ) -> Values | None:
        """Run a collector of a new source once; give what it serves by family, None if it failed.

        Args:
            collector: Whose families are wanted.
            asked_by: Another collector that has to run before it.
            missing: What its answers lack; the inventory that it gets is whole.
        """
        observer, clock = _Observer(), StoppedClock(NOW)
        source = SOURCES[self.kind].build(self.settings, Surroundings(clock, observer))
        by_name = {each.name: each for each in source.collectors}
        first = source.collectors[0].name
        self.missing = NOTHING
        try:
            inventory = _inventory(await by_name[first].collect(Inventory()))
            observer.versions.clear()
            self.asked.clear()
            self.missing = missing
            if asked_by:
                await by_name[asked_by].collect(inventory)
            found = dict(values_of(await by_name[collector].collect(inventory)))
        except (SourceError, NotAvailableError):
            return None
        finally:
            asked = self.asked.copy()
            await source.close()
            self.asked = asked
        if observer.versions:
            found[VERSION] = tuple(observer.versions)
        return found

    async def send(
        self, real: Callable[[Transport, Request], Any], sender: Transport, request: Request
    ) -> Answer:
        """Stand in for a transport's method."""
        self.asked.append((request.endpoint, unquote(request.url)))
        if request.endpoint not in self.calls:
            answer: Answer = await real(sender, request)
            return answer
        key = request.method, request.url, request.body
        if key not in self.answers:
            self.answers[key] = await real(sender, request)
        answer = self.answers[key]
        call, paths = self.missing
        if request.endpoint != call or not answer.ok:
            return answer
        document = without(json.loads(answer.body), paths)
        return Answer(answer.status, answer.headers, json.dumps(document).encode())


@asynccontextmanager
async def bench_of(kind: str, patch: pytest.MonkeyPatch, **settings: Any) -> AsyncIterator[Bench]:
    """Serve a small fleet; `settings` are attributes of the simulation."""
    simulation = Simulation(servers=80, seed=5, clock=lambda: NOW)
    for name, value in settings.items():
        setattr(simulation, name, value)
    async with simulation.serving() as url:
        types = {name: each.settings for name, each in SOURCES.items()}
        config = parse(simulation.sources_yaml(url), types, {}, origin="test")
        chosen = next(each for each in config.sources if each.type == kind)
        calls = {feed.call for feeds in SOURCES[kind].feeds.values() for feed in feeds}
        bench = Bench(kind, chosen, frozenset(calls))
        real = Transport.send

        async def send(self: Transport, request: Request) -> Answer:
            return await bench.send(real, self, request)

        patch.setattr(Transport, "send", send)
        # Reading the system's certificates for each of many sources would take most of the time.
        patch.setattr(transport, "context_for", lambda *_: True)
        yield bench


def values_of(collected: Collected) -> Iterator[tuple[str, Any]]:
    """Give every family that has a sample, with all of its samples."""
    items: dict[type[Struct], dict[str, Any]] = {
        **{type(facet): {"": facet} for facet in collected.source_facets},
        **{column.facet: {**column.by_id, **_default(column)} for column in collected.columns},
    }
    for family in FAMILIES:
        of_family = items.get(family.facet, {}) if family.facet else {}
        samples = {key: _samples(family, item) for key, item in of_family.items()}
        if found := {key: each for key, each in samples.items() if each}:
            yield family.name, found
    if collected.servers is not None:
        yield IDENTITY, sorted((each.id, each.serial, each.name) for each in collected.servers)


def _default(column: Column[Struct]) -> dict[str, Any]:
    return {} if column.default is None else {"every other server": column.default}


def _samples(family: Any, item: Any) -> tuple[Any, ...]:
    value = family.read(item)
    if value is None:
        return ()
    return tuple(family.expand(value)) if family.expand else (value,)


def _inventory(collected: Collected) -> Inventory:
    statuses: Any = next(each.by_id for each in collected.columns if each.facet is Status)
    return Inventory(collected.servers or (), statuses)


def without(document: Any, paths: tuple[str, ...]) -> Any:
    """Take fields out of an answer, and out of each item of its lists."""
    lists = [each for each in document.values() if isinstance(each, list)]
    for target in (document, *(item for each in lists for item in each)):
        for path in paths:
            _take_out(target, path.split("."))
    return document


def _take_out(node: Any, way: list[str]) -> None:
    if isinstance(node, list):
        for each in node:
            _take_out(each, way)
    elif isinstance(node, dict):
        # A name with dots of its own, such as `@odata.count`.
        whole = ".".join(way)
        if whole in node:
            node.pop(whole)
        elif way[0] in node:
            _take_out(node[way[0]], way[1:])
