"""The servers that need attention, and why.

The rules are the conditions of the shipped alerts at this moment, without their `for`. That a
server is off is shown, but is no reason: only Prometheus knows whether it was on before.

What was found at a source is kept until one of the readings that it depends on is replaced.
"""

import asyncio
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, NamedTuple

from msgspec import Struct

from exporter.exposition.block import Rows
from exporter.exposition.store import Store
from exporter.exposition.targets import target_of
from exporter.model import (
    AlertCounts,
    AlertSeverity,
    Components,
    Description,
    FirmwareUpdate,
    FirmwareUpdateState,
    Health,
    Redundancy,
    RedundancyState,
    Server,
    Status,
)
from exporter.slices import Slices
from exporter.status.schema import AttentionCounts


class Severity(StrEnum):
    """How urgent it is, the most urgent first."""

    CRITICAL = "critical"
    WARNING = "warning"
    UNKNOWN = "unknown"


Reason = tuple[Severity, str]
"""A few words for people, such as `fans critical`."""

RANK = {severity: rank for rank, severity in enumerate(Severity)}
_OF_HEALTH = {
    Health.CRITICAL: Severity.CRITICAL,
    Health.WARNING: Severity.WARNING,
    Health.UNKNOWN: Severity.UNKNOWN,
}
_OF_COMPONENT = {1: Severity.WARNING, 2: Severity.CRITICAL}
_OF_REDUNDANCY = {
    RedundancyState.NON_REDUNDANT: (Severity.WARNING, "redundancy of {} lost"),
    RedundancyState.FAILED: (Severity.CRITICAL, "redundancy of {} failed"),
}


class Readings(NamedTuple):
    """What is known of one server; None for what is not read or not served."""

    status: Status | None = None
    components: Components | None = None
    redundancy: Redundancy | None = None
    alerts: AlertCounts | None = None
    update: FirmwareUpdate | None = None
    description: Description | None = None


FACETS: tuple[type[Struct], ...] = (
    Status,
    Components,
    Redundancy,
    AlertCounts,
    FirmwareUpdate,
    Description,
)
"""In the order of `Readings`."""


class Case(Struct, frozen=True, gc=False, kw_only=True):
    """A server that needs attention."""

    severity: Severity
    """The worst of its reasons."""
    server: str
    serial: str
    source: str
    vendor: str
    model: str = ""
    power: str = ""
    """The power state; empty where it is not known."""
    maintenance: bool = False
    bmc_address: str = ""
    """An IP address or a host name; empty where none is known that can be reached."""
    reasons: tuple[str, ...]
    """The worst first."""


def case_of(source: str, vendor: str, server: Server, readings: Readings) -> Case | None:
    """Describe a server that needs attention; None for any other."""
    found = sorted(reasons_of(readings), key=_rank)
    if not found:
        return None
    status = readings.status or Status()
    described = readings.description or Description(id=server.id)
    return Case(
        severity=found[0][0],
        server=server.name,
        serial=server.serial,
        source=source,
        vendor=vendor,
        model=described.model,
        power=status.power.value if status.power else "",
        maintenance=bool(status.maintenance),
        bmc_address=target_of(described.bmc_address).strip("[]"),
        reasons=tuple(words for _, words in found),
    )


def reasons_of(readings: Readings) -> Iterator[Reason]:
    """Yield every reason for which a server needs attention."""
    status, components, redundancy, alerts, update, _ = readings
    if status is not None:
        yield from _of_status(status)
    if components is not None:
        yield from _of_components(components)
    if redundancy is not None:
        yield from _of_redundancies(redundancy)
    if alerts is not None:
        yield from _of_alerts(alerts)
    if update is not None and update.state is FirmwareUpdateState.FAILED:
        yield Severity.WARNING, "last firmware update failed"


def _of_status(status: Status) -> Iterator[Reason]:
    if status.health in _OF_HEALTH:
        yield _OF_HEALTH[status.health], f"health {status.health}"
    if status.connected is False and not status.maintenance:
        yield Severity.WARNING, "not connected to its management"


def _of_components(components: Components) -> Iterator[Reason]:
    for name, severity in components.severities:
        if severity in _OF_COMPONENT:
            worst = _OF_COMPONENT[severity]
            yield worst, f"{_spoken(name)} {worst}"


def _of_redundancies(redundancy: Redundancy) -> Iterator[Reason]:
    for name, state in redundancy.states:
        if state in _OF_REDUNDANCY:
            severity, words = _OF_REDUNDANCY[state]
            yield severity, words.format(_spoken(name))


def _of_alerts(alerts: AlertCounts) -> Iterator[Reason]:
    for severity, count in alerts.counts:
        if severity is AlertSeverity.CRITICAL and count:
            yield Severity.CRITICAL, f"{count} critical alert{'' if count == 1 else 's'} open"


def _spoken(name: str) -> str:
    return name.replace("_", " ")


def _rank(reason: Reason) -> int:
    return RANK[reason[0]]


@dataclass(frozen=True, slots=True, eq=False)
class Looked:
    """What was found at one source; each look is itself and like no other."""

    seen: "_Seen"
    cases: tuple[Case, ...]
    counts: AttentionCounts


@dataclass(frozen=True, slots=True)
class _Seen:
    """Everything that the cases of a source hang on, as it was at one moment."""

    source: str
    vendor: str
    servers: tuple[Server, ...]
    rows: Mapping[type[Struct], tuple[Rows, ...]]

    def is_as(self, other: "_Seen") -> bool:
        """Return whether nothing was replaced; equal readings of a later run count as new."""
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
    counts = attention_counts(Counter(case.severity for case in cases))
    return Looked(seen, tuple(cases), counts)


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


def attention_counts(by_severity: Mapping[Severity, int]) -> AttentionCounts:
    """Count servers; a severity that is missing has none."""
    counts = {severity.value: by_severity.get(severity, 0) for severity in Severity}
    return AttentionCounts(total=sum(counts.values()), **counts)


def total_counts(looked: Iterable[Looked]) -> AttentionCounts:
    """Add up what was found at several sources."""
    total: Counter[Severity] = Counter()
    for each in looked:
        total.update({severity: getattr(each.counts, severity) for severity in Severity})
    return attention_counts(total)
