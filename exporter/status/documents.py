"""The bytes of `/status.json` and `/attention.json`.

A document is written at most once for each change, and only when somebody asks.
"""

import asyncio
import hashlib
import heapq
import platform
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import msgspec

from exporter import __version__
from exporter.clock import Clock
from exporter.exposition.crc import checksum
from exporter.exposition.gzipped import HEADER, deflated, trailer
from exporter.exposition.page import Pages
from exporter.exposition.store import Store
from exporter.polling.scheduler import Scheduler
from exporter.polling.source import PolledSource
from exporter.slices import Slices
from exporter.status.attention import Cases, Looked, order, total_counts
from exporter.status.build import source_statement, summary
from exporter.status.schema import FORMAT, ExporterStatement, SourceStatement, Statement, Volume


@dataclass(frozen=True, slots=True)
class Document:
    """A whole answer, in two encodings."""

    plain: bytes
    gzip: bytes
    tag: str
    """Changes with the content."""

    @classmethod
    def of(cls, plain: bytes) -> "Document":
        """Compress an answer."""
        tag = hashlib.blake2b(plain, digest_size=12).hexdigest()
        packed = b"".join((HEADER, deflated(plain), trailer(checksum(plain), len(plain))))
        return cls(plain, packed, tag)

    def body(self, *, compressed: bool) -> bytes:
        """Return the bytes, as they are or as one gzip stream."""
        return self.gzip if compressed else self.plain


class Reporter:
    """Writes both documents."""

    def __init__(
        self,
        scheduler: Scheduler,
        store: Store,
        pages: Pages,
        clock: Clock,
    ) -> None:
        """Take what is reported on."""
        self._scheduler = scheduler
        self._board = scheduler.board
        self._store = store
        self._pages = pages
        self._clock = clock
        self._started = round(clock.wall(), 3)
        self._cases = Cases(store)
        self._turn = asyncio.Lock()
        self._statement: tuple[object, Statement] | None = None
        self._written: tuple[Statement, Document] | None = None
        self._listed: tuple[object, Document] | None = None

    async def current(self) -> tuple[Statement, tuple[Looked, ...]]:
        """Return the statement, and what each of its sources was found to need."""
        found = await self._cases.by_source()
        # From here on nothing waits: what is stated is of one moment.
        sources = self._scheduler.sources
        settings = tuple(polled.settings for polled in sources)
        now = self._board.version, self._store.generation, self._served(), settings
        state = (*now, tuple(found.values()))
        if self._statement is None or self._statement[0] != state:
            self._statement = state, self._stated(sources, found)
        return self._statement[1], tuple(found.values())

    async def status(self) -> Document:
        """Write the statement."""
        stated, _ = await self.current()
        async with self._turn:
            if self._written is None or self._written[0] is not stated:
                self._written = stated, Document.of(msgspec.json.encode(stated))
            return self._written[1]

    async def attention(self) -> Document:
        """List every server that needs attention."""
        found = tuple((await self._cases.by_source()).values())
        async with self._turn:
            if self._listed is None or self._listed[0] != found:
                self._listed = found, await _list_of(found)
            return self._listed[1]

    def _served(self) -> tuple[tuple[str, str], ...]:
        return tuple((source, collector) for source, collector, _ in self._store.served())

    def _stated(self, polled: Iterable[PolledSource], found: Mapping[str, Looked]) -> Statement:
        until = self._until()
        sources = tuple(
            self._source(each, found[each.name], until.get(each.name, {}))
            for each in polled
            if each.name in found
        )
        attention = total_counts(found.values())
        volume = self._pages.volume()
        return Statement(
            summary=summary(sources, attention),
            exporter=ExporterStatement(
                version=__version__,
                python=platform.python_version(),
                started_timestamp_seconds=self._started,
            ),
            volume=Volume(
                series=volume.series, bytes_identity=volume.plain, bytes_gzip=volume.compressed
            ),
            attention=attention,
            sources=sources,
        )

    def _until(self) -> Mapping[str, dict[str, float]]:
        """Return the Unix time up to which data are served, by source and collector."""
        ahead = self._clock.wall() - self._clock.monotonic()
        until: dict[str, dict[str, float]] = {}
        for source, collector, published in self._store.served():
            until.setdefault(source, {})[collector] = float(round(published.until + ahead))
        return until

    def _source(
        self, polled: PolledSource, looked: Looked, until: Mapping[str, float]
    ) -> SourceStatement:
        return source_statement(
            polled,
            [state for state in self._board if state.source == polled.name],
            until,
            servers=len(self._store.servers(polled.name)),
            attention=looked.counts,
        )


async def _list_of(found: Sequence[Looked]) -> Document:
    counts = total_counts(found)
    beginning = {"format": FORMAT, "attention": counts}
    parts = [msgspec.json.encode(beginning)[:-1] + b',"servers":[']
    slices = Slices()
    for case in heapq.merge(*(looked.cases for looked in found), key=order):
        parts += (msgspec.json.encode(case), b",")
        await slices.breathe()
    if parts[-1] == b",":
        parts.pop()
    # For a whole fleet in trouble it is megabytes: too long for the event loop.
    return await asyncio.to_thread(lambda: Document.of(b"".join([*parts, b"]}"])))
