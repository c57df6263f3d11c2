"""What does a run of a collector give, and what does it get?"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Generic, TypeVar

from msgspec import Struct

from exporter.model.alerts import Alert
from exporter.model.drift import DriftedField
from exporter.model.identity import Description, Server
from exporter.model.status import Status

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
