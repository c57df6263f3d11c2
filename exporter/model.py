"""What do we know about a server, in no vendor's words?

A *facet* is one group of readings that a collector gives for one server. Vendors fill facets in
their `mapping.py`, the catalogue reads them; neither knows the other. `None` means that the vendor
did not say. All types are immutable; `gc=False` is safe because none can be part of a cycle, and
keeps a fleet of readings out of the garbage collector's walks.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Generic, TypeVar

from msgspec import Struct

FacetT_co = TypeVar("FacetT_co", bound=Struct, covariant=True)


class Health(StrEnum):
    """Overall health of a server."""

    OK = "ok"
    WARNING = "warning"
    CRITICAL = "critical"
    UNKNOWN = "unknown"


class PowerState(StrEnum):
    """Whether a server is powered."""

    ON = "on"
    OFF = "off"
    POWERING_ON = "powering_on"
    POWERING_OFF = "powering_off"
    UNKNOWN = "unknown"


class RedundancyState(StrEnum):
    """Whether a group of parts can lose one."""

    REDUNDANT = "redundant"
    NON_REDUNDANT = "non_redundant"
    FAILED = "failed"


class SubscriptionState(StrEnum):
    """Whether the vendor's management licence is valid for a server."""

    SUBSCRIBED = "subscribed"
    REQUIRED = "required"
    EXPIRED = "expired"


class FirmwareUpdateState(StrEnum):
    """How the last firmware update of a server ended."""

    OK = "ok"
    FAILED = "failed"
    SKIPPED = "skipped"
    NOT_UPDATED = "not_updated"


class ComplianceState(StrEnum):
    """Whether a server is as it should be."""

    COMPLIANT = "compliant"
    NONCOMPLIANT = "noncompliant"
    UNKNOWN = "unknown"


class GroupComplianceState(StrEnum):
    """Whether a group, or what a baseline covers, is as it should be."""

    COMPLIANT = "compliant"
    NONCOMPLIANT = "noncompliant"
    UNKNOWN = "unknown"
    NOT_APPLICABLE = "not_applicable"


class AlertSeverity(StrEnum):
    """How bad an alert is; all that is neither critical nor warning is info."""

    CRITICAL = "critical"
    WARNING = "warning"
    INFO = "info"


class Window(StrEnum):
    """Length of a closed window of energy data."""

    HOUR = "1h"
    DAY = "1d"

    @property
    def seconds(self) -> int:
        """Length in seconds."""
        return 3600 if self is Window.HOUR else 86400


class Server(Struct, frozen=True, gc=False):
    """Who a server is: the vendor's id, the serial number and the name to show."""

    id: str
    serial: str
    name: str


class Description(Struct, frozen=True, gc=False, kw_only=True):
    """Descriptive words of a server; the empty string where the vendor gave none."""

    id: str
    model: str = ""
    generation: str = ""
    processor: str = ""
    hostname: str = ""
    os: str = ""
    bmc_address: str = ""
    bmc_model: str = ""
    bmc_version: str = ""
    chassis: str = ""
    device_type: str = "server"


class Status(Struct, frozen=True, gc=False, kw_only=True):
    """State of a server as the management plane lists it."""

    health: Health | None = None
    power: PowerState | None = None
    connected: bool | None = None
    managed: bool | None = None
    maintenance: bool | None = None
    inventory_at: float | None = None
    """Unix seconds of the last full inventory."""


class Memory(Struct, frozen=True, gc=False):
    """Installed memory of one server."""

    bytes: int


class Components(Struct, frozen=True, gc=False):
    """Severity (0 ok, 1 warning, 2 critical) by component name, sorted by name."""

    severities: tuple[tuple[str, int], ...]


class Redundancy(Struct, frozen=True, gc=False):
    """Redundancy by component (fans, power_supplies, liquid_cooling), sorted by name."""

    states: tuple[tuple[str, RedundancyState], ...]


class Subscription(Struct, frozen=True, gc=False, kw_only=True):
    """The management licence of one server."""

    state: SubscriptionState | None = None
    tier: str = ""
    end: float | None = None
    """Unix seconds."""


class FirmwareUpdate(Struct, frozen=True, gc=False):
    """Outcome of the last firmware update."""

    state: FirmwareUpdateState


class AlertCounts(Struct, frozen=True, gc=False):
    """Open alerts of one server, for the severities that are switched on."""

    counts: tuple[tuple[AlertSeverity, int], ...]


class Energy(Struct, frozen=True, gc=False, kw_only=True):
    """What one server used in one closed window."""

    joules: float
    grams_co2e: float | None = None
    cost_usd: float | None = None


class EnergyWindows(Struct, frozen=True, gc=False):
    """Energy of the last complete windows of one server."""

    hour: Energy | None = None
    day: Energy | None = None

    @property
    def windows(self) -> tuple[tuple[Window, Energy], ...]:
        """The windows that are known, the shortest first."""
        both = ((Window.HOUR, self.hour), (Window.DAY, self.day))
        return tuple((window, energy) for window, energy in both if energy is not None)


class Location(Struct, frozen=True, gc=False, kw_only=True):
    """Where a server stands; empty strings for what is not known."""

    location: str = ""
    room: str = ""
    aisle: str = ""
    rack: str = ""
    slot: str = ""


class PowerDraw(Struct, frozen=True, gc=False):
    """What one server drew at the last reading."""

    watts: float


class Power(Struct, frozen=True, gc=False, kw_only=True):
    """Power statistics in watts; energy in joules since the counter began."""

    peak_watts: float | None = None
    minimum_watts: float | None = None
    headroom_watts: float | None = None
    energy_joules: float | None = None


class Temperatures(Struct, frozen=True, gc=False):
    """Degrees celsius by sensor (system, inlet)."""

    sensors: tuple[tuple[str, float], ...]


class Utilization(Struct, frozen=True, gc=False):
    """Average use by resource (cpu, memory, io, cpu_interconnect), each from 0 to 1."""

    resources: tuple[tuple[str, float], ...]


class GroupMembership(Struct, frozen=True, gc=False):
    """Names of the groups that a server is in, sorted."""

    groups: tuple[str, ...]


class Firmware(Struct, frozen=True, gc=False):
    """Version by component (bios, bmc, …), sorted by component."""

    versions: tuple[tuple[str, str], ...]


class FirmwareCompliance(Struct, frozen=True, gc=False, kw_only=True):
    """How far the firmware of a server is as it should be; the worst of several baselines."""

    state: ComplianceState | None = None
    score: float | None = None
    """From 0 to 1."""
    noncompliant: tuple[tuple[str, int], ...] = ()
    """Components that should be updated, by lower-case criticality."""


class ConfigCompliance(Struct, frozen=True, gc=False):
    """Whether the settings of a server are as they should be."""

    state: ComplianceState


class Warranty(Struct, frozen=True, gc=False):
    """Unix seconds at which the support of a server ends."""

    end: float


class Jobs(Struct, frozen=True, gc=False):
    """Jobs of a source by state (pending, running, stalled, failed)."""

    counts: tuple[tuple[str, int], ...]


class Appliances(Struct, frozen=True, gc=False):
    """Appliances of a source: kind (gateway, oneview), state, and how many."""

    counts: tuple[tuple[str, str, int], ...]


class GroupSizes(Struct, frozen=True, gc=False):
    """Members by group, as the API counts them."""

    members: tuple[tuple[str, int], ...]


class GroupHealths(Struct, frozen=True, gc=False):
    """Health by group."""

    states: tuple[tuple[str, Health], ...]


class GroupCompliances(Struct, frozen=True, gc=False):
    """Compliance by group, or by baseline."""

    states: tuple[tuple[str, GroupComplianceState], ...]


class InventoryCount(Struct, frozen=True, gc=False):
    """How many servers are served, and how many the API itself counts."""

    servers: int
    reported: int


class SourceAlerts(Struct, frozen=True, gc=False):
    """Open alerts of a whole source, and those of devices that are not served as servers."""

    counts: tuple[tuple[AlertSeverity, int], ...]
    unassigned: tuple[tuple[AlertSeverity, int], ...]


class EnergyWindowEnds(Struct, frozen=True, gc=False):
    """Unix seconds at which each served window ended."""

    ends: tuple[tuple[Window, float], ...]


class Alert(Struct, frozen=True, gc=False, kw_only=True):
    """One open alert, as far as it is counted and logged."""

    id: str
    severity: AlertSeverity
    device: str = ""
    """The vendor's id of the device; empty or unknown where it is no served server."""
    device_name: str = ""
    message: str = ""


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
