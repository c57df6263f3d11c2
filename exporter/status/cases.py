"""Which of the served servers need attention now? Looked at only when somebody asks.

What was found of a source is kept until one of the readings that it hangs on is replaced.
"""

import asyncio
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from msgspec import Struct

from exporter.exposition.block import Rows
from exporter.exposition.store import Store
from exporter.model import Server
from exporter.slices import Slices
from exporter.status.attention import FACETS, RANK, Case, Readings, Severity, case_of


@dataclass(frozen=True, slots=True)
class Counted:
    """How many servers need attention, by severity."""

    by_severity: Mapping[Severity, int]

    @property
    def total(self) -> int:
        """All of them."""
        return sum(self.by_severity.values())


@dataclass(frozen=True, slots=True, eq=False)
class Looked:
    """What was found at one source; each look is itself and like no other."""

    seen: "_Seen"
    cases: tuple[Case, ...]
    counted: Counted


@dataclass(frozen=True, slots=True)
class _Seen:
    """Everything that the cases of a source hang on, as it was at one moment."""

    source: str
    vendor: str
    servers: tuple[Server, ...]
    rows: Mapping[type[Struct], tuple[Rows, ...]]

    def is_as(self, other: "_Seen") -> bool:
        """Tell whether nothing was replaced; equal readings that were read anew count as new."""
        return (
            self.servers is other.servers
            and self.vendor == other.vendor
            and all(
                len(self.rows[facet]) == len(other.rows[facet])
                and all(map(_same, self.rows[facet], other.rows[facet]))
                for facet in FACETS
            )
        )


class Cases:
    """Keeps what was found at every source."""

    def __init__(self, store: Store) -> None:
        """Take what is served."""
        self._store = store
        self._looked: dict[str, Looked] = {}
        self._turn = asyncio.Lock()

    async def by_source(self) -> Mapping[str, Looked]:
        """Return what is found at every source that is served now, in their order."""
        async with self._turn:
            found = {}
            for seen in _seen_now(self._store):
                known = self._looked.get(seen.source)
                if known is None or not known.seen.is_as(seen):
                    known = await _looked(seen)
                found[seen.source] = known
            self._looked = found
            return found


def _same(one: Rows, other: Rows) -> bool:
    return one is other


def _seen_now(store: Store) -> list[_Seen]:
    """Take hold of all sources at one moment; what is served is never changed in place."""
    rows: dict[str, dict[type[Struct], tuple[Rows, ...]]] = {
        source: dict.fromkeys(FACETS, ()) for source in store.sources
    }
    for source, _, published in store.served():
        for facet in FACETS:
            if facet in published.rows:
                rows[source][facet] += (published.rows[facet],)
    return [
        _Seen(source, store.vendor(source), store.servers(source), found)
        for source, found in rows.items()
    ]


async def _looked(seen: _Seen) -> Looked:
    slices = Slices()
    cases: list[Case] = []
    readings = zip(*(_column(seen, facet) for facet in FACETS), strict=True)
    for server, row in zip(seen.servers, readings, strict=True):
        case = case_of(seen.source, seen.vendor, server, Readings(*row))
        if case is not None:
            cases.append(case)
        await slices.breathe()
    cases.sort(key=order)
    counts = dict.fromkeys(Severity, 0)
    for case in cases:
        counts[case.severity] += 1
    return Looked(seen, tuple(cases), Counted(counts))


def _column(seen: _Seen, facet: type[Struct]) -> Sequence[Any]:
    """Return a facet of every server; where two collectors give it, only one is not None."""
    found = [rows.facets for rows in seen.rows[facet]]
    if len(found) == 1:
        return found[0]
    if not found:
        return (None,) * len(seen.servers)
    return [_first(each) for each in zip(*found, strict=True)]


def _first(facets: tuple[Struct | None, ...]) -> Struct | None:
    return next((facet for facet in facets if facet is not None), None)


def order(case: Case) -> tuple[int, str, str]:
    """Put the most urgent servers first, then by name."""
    return RANK[case.severity], case.server, case.serial


def all_counted(looked: Iterable[Looked]) -> Counted:
    """Add up what was found at several sources."""
    counts = dict.fromkeys(Severity, 0)
    for each in looked:
        for severity, count in each.counted.by_severity.items():
            counts[severity] += count
    return Counted(counts)
