"""The input and the result of a collector's run."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Generic, TypeVar

from msgspec import Struct

from exporter.model.health import Alert, Status
from exporter.model.server import Description, Server


class DriftKind(StrEnum):
    """In which way a field of an API does not fit what we know of it."""

    UNKNOWN_VALUES = "unknown_values"
    MISSING = "missing"


class DriftedField(Struct, frozen=True, gc=False):
    """A field of an API that does not fit what we know of it: the vendor has changed something."""

    kind: DriftKind
    name: str
    """In the API's own words, such as `hardware.health.summary`."""
    records: int
    """With an unknown value, or without the field; then these are all that should have it."""
    values: tuple[str, ...] = ()
    """Some of the unknown values, shortened, the commonest first."""

    def __str__(self) -> str:
        if self.kind is DriftKind.MISSING:
            return f"{self.name} is missing from all {self.records} record(s) that should have it"
        named = f": {', '.join(self.values)}" if self.values else ""
        return f"{self.name} has values that are not known, in {self.records} record(s){named}"


FacetT_co = TypeVar("FacetT_co", bound=Struct, covariant=True)


@dataclass(frozen=True, slots=True)
class Column(Generic[FacetT_co]):
    """One facet for the servers of a source, by the vendor's server id.

    `default` stands for every server that has no entry: it makes zero alerts a fact, while a
    facet without default is absent.
    """

    facet: type[FacetT_co]
    by_id: Mapping[str, FacetT_co]
    default: FacetT_co | None = None
    rank: int = 0
    """Where two collectors give the same facet of one server, the higher rank is served."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Collected:
    """What one successful run of a collector gives; it replaces the former one whole."""

    columns: tuple[Column[Struct], ...] = ()
    source_facets: tuple[Struct, ...] = ()
    items: int = 0
    """Records read."""
    problems: int = 0
    """Records or readings that had to be skipped."""
    servers: tuple[Server, ...] | None = None
    """The whole inventory; only the inventory collector gives it."""
    duplicates: int = 0
    """Servers left out because another one has the same serial number."""
    alerts: tuple[Alert, ...] | None = None
    """Open critical and warning alerts, with their text for the log; None: not asked for."""
    drift: tuple[DriftedField, ...] = ()
    """Fields with values that are not known, and expected fields that no record had."""
    again_after: float | None = None
    """Seconds after which the collector asks for its next run, where its interval is too long."""
    warnings: tuple[str, ...] = ()
    """Sentences for the log; each is logged once until it changes."""


@dataclass(frozen=True, slots=True)
class Inventory:
    """The servers of a source, as the collectors that depend on them see them."""

    servers: tuple[Server, ...] = ()
    """Those that are served here: what is asked server by server is asked of them."""
    statuses: Mapping[str, Status] = field(default_factory=dict)
    """Of every server, those of other shards included."""
    descriptions: Mapping[str, Description] = field(default_factory=dict)
    others: tuple[Server, ...] = ()
    """Those that other shards serve."""

    @property
    def everyone(self) -> tuple[Server, ...]:
        """Every server of the source: by them a list is judged, and an alert finds its server."""
        return self.servers + self.others
