"""What does a collector make of changed answers, and what is served then?"""

import asyncio
import json
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from functools import cache
from typing import Any
from unittest.mock import patch
from urllib.parse import parse_qsl, urlsplit

import stamina
from multidict import CIMultiDict

from exporter.clock import SystemClock
from exporter.errors import NotAvailableError, SourceError
from exporter.exposition.page import Pages
from exporter.exposition.store import Store
from exporter.model import Collected, Inventory, Status
from exporter.polling.run_log import AlertLog, DriftLog
from exporter.sources import transport
from exporter.sources.contract import Surroundings
from exporter.sources.observer import Silence
from exporter.sources.transport import Answer, Request, Transport
from exporter.sources.vendors import SOURCES
from tests.e2e.rig import StoppedClock
from tests.fuzz.cases import Case, Change, as_bytes, changed
from tests.fuzz.invariants import check_failure, check_pages
from tests.fuzz.recording import NOW, Recording, recordings

MOST_CALLS = 300
"""Calls of one run, after which no answer comes any more: a count may promise billions of pages."""


class _Clock(StoppedClock):
    async def sleep(self, seconds: float) -> None:  # noqa: ARG002 - nobody waits
        await asyncio.sleep(0)


class _Body:
    """The body of an answer as a stream."""

    def __init__(self, body: bytes) -> None:
        self._body = body

    async def iter_chunked(self, size: int) -> AsyncIterator[bytes]:
        for start in range(0, len(self._body), size):
            yield self._body[start : start + size]


class _Api:
    """Answers as recorded, but for some changes."""

    def __init__(self, recording: Recording, changes: tuple[Change, ...] = ()) -> None:
        self._recording = recording
        self._changes = changes
        self._calls = 0

    async def exchange(self, request: Request, meter: Any) -> Answer:
        """Stand in for the wire, below everything that a transport does with an answer."""
        self._calls += 1
        if self._calls > MOST_CALLS:
            raise TimeoutError
        own = [change for change in self._changes if change.call == request.endpoint]
        known = self._answer(request)
        status, headers, body = known.status, CIMultiDict(known.headers), known.body
        headers.popall("Content-Encoding", None)
        for change in own:
            if change.how == "pages":
                body = _page(body, request.url, *change.numbers)
        body = changed(body, own)
        for change in own:
            if change.how == "status":
                status, body = change.numbers[0], as_bytes(change.value)
            elif change.how == "header":
                headers[str(change.at[0])] = change.value
        received = await meter.read(_Body(body), headers.get("Content-Encoding", "identity"))
        return Answer(status, headers, received)

    def _answer(self, request: Request) -> Answer:
        """Find the recorded answer, or another one to the same call."""
        known = self._recording.answers.get(request.endpoint)
        if not known:
            return Answer(404, {}, b"{}")
        parts = urlsplit(request.url)
        address = f"{parts.path}?{parts.query}" if parts.query else parts.path
        key = address, None if request.private else request.body
        return known.get(key) or next(iter(known.values()))


def _page(body: bytes, url: str, cap: int, shift: int) -> bytes:
    """Give the page of a whole list that is asked for, later ones `shift` items too early."""
    document = json.loads(body or b"{}")
    name = "items" if "items" in document else "value"
    if not isinstance(document.get(name), list):
        return body
    asked = dict(parse_qsl(urlsplit(url).query))
    skip = int(asked.get("offset", asked.get("$skip", "0")))
    start = max(0, skip - shift) if skip else 0
    document[name] = document[name][start : start + cap]
    return json.dumps(document).encode()


@contextmanager
def offline() -> Iterator[None]:
    """Make every transport of the block answer from its `_Api`, without pauses."""
    stamina.set_testing(True, attempts=2)
    try:
        with patch.object(transport, "context_for", lambda *_: True):
            yield
    finally:
        stamina.set_testing(False)


async def collected(
    recording: Recording, collector: str, inventory: Inventory, changes: tuple[Change, ...] = ()
) -> Collected:
    """Run one collector of a new source once."""
    settings: Any = recording.settings
    api = _Api(recording, changes)
    with patch.object(
        Transport, "_exchange", lambda _, request, meter: api.exchange(request, meter)
    ):
        source = SOURCES[settings.type].build(settings, Surroundings(_Clock(NOW), Silence()))
        try:
            chosen = next(each for each in source.collectors if each.name == collector)
            return await chosen.collect(inventory)
        finally:
            await source.close()


@cache
def good(kind: str) -> tuple[Inventory, dict[str, Collected]]:
    """What every collector gives of answers without changes."""
    return asyncio.run(_good(recordings()[kind]))


async def _good(recording: Recording) -> tuple[Inventory, dict[str, Collected]]:
    inventory, found = Inventory(), {}
    for name in recording.asked:
        found[name] = await collected(recording, name, inventory)
        if found[name].servers is not None:
            inventory = inventory_of(found[name])
    return inventory, found


def inventory_of(given: Collected) -> Inventory:
    """Give what the other collectors see of an inventory."""
    statuses: Any = next(each.by_id for each in given.columns if each.facet is Status)
    return Inventory(given.servers or (), statuses)


def outcome(case: Case) -> str:
    """Run a case, and check all that is served then; give the reason of a failure, if there is one.

    Raises:
        AssertionError: Something is served, or said, that may not be.
        Exception: Whatever the collector let through.
    """
    _, whole = good(case.kind)
    return asyncio.run(_outcome(case, whole))


async def _outcome(case: Case, whole: dict[str, Collected]) -> str:
    recording = recordings()[case.kind]
    inventory, _ = good(case.kind)
    is_inventory = case.collector == next(iter(recording.asked))
    before = Inventory() if is_inventory else inventory
    try:
        given = await collected(recording, case.collector, before, case.changes)
    except SourceError as error:
        check_failure(error.reason, error.message, recording.secrets)
        return str(error.reason)
    except NotAvailableError as error:
        check_failure(None, str(error), recording.secrets)
        return "not available"
    await _log(case.collector, given, inventory)
    await _serve(case, given, whole)
    return ""


async def _log(collector: str, given: Collected, inventory: Inventory) -> None:
    servers = {server.id: server for server in inventory.servers}
    await AlertLog(SystemClock()).note("fuzzed", given.alerts or (), servers)
    DriftLog().note("fuzzed", collector, given.drift)


async def _serve(case: Case, given: Collected, whole: dict[str, Collected]) -> None:
    """Serve it after good data, and by itself: what is served now must not hang on what was."""
    after_good, by_itself = _store(case.kind), _store(case.kind)
    beside = _beside(case.collector, whole)
    for name in beside:
        await after_good.publish("fuzzed", name, whole[name], keep_for=60)
    await after_good.publish("fuzzed", case.collector, given, keep_for=60)
    for name in beside:
        each = given if name == case.collector else whole[name]
        await by_itself.publish("fuzzed", name, each, keep_for=60)
    check_pages(Pages(after_good), Pages(by_itself))


def _beside(collector: str, whole: dict[str, Collected]) -> list[str]:
    """Name the collectors that matter to one: the inventory, and those that give the same facets.

    To a new inventory all matter, of which one is enough.
    """
    inventory, alerts, *_ = whole
    own = {column.facet for column in whole[collector].columns}
    sharing = {
        name for name, each in whole.items() if own & {column.facet for column in each.columns}
    }
    near = {inventory, collector, *sharing, *([alerts] if collector == inventory else ())}
    return [name for name in whole if name in near]


def _store(kind: str) -> Store:
    store = Store(_Clock(NOW))
    store.add("fuzzed", SOURCES[kind].vendor)
    return store
