"""The fields of `/status.json`, which docs/status.md describes for its readers.

Times are Unix seconds; `None` is null and means that something is not known (yet). Fields may be
added; one that is renamed or removed, or changes its meaning, makes a new number of `format`.
"""

from enum import StrEnum

from msgspec import Struct

FORMAT = 1


class SourceState(StrEnum):
    """How a source is doing."""

    OK = "ok"
    DEGRADED = "degraded"
    """Its servers are listed, but another collector fails."""
    DOWN = "down"
    """Its servers cannot be listed."""
    STARTING = "starting"
    """The first run has not ended."""


class Overall(StrEnum):
    """The worst of the sources and of the servers."""

    HEALTHY = "healthy"
    """Every source is up, and no server needs attention."""
    STARTING = "starting"
    """A source is in its first run; nothing worse is known."""
    WARNING = "warning"
    CRITICAL = "critical"
    """A source is down, or a server is critical."""


class CollectorCondition(StrEnum):
    """How a collector is doing."""

    OK = "ok"
    FAILING = "failing"
    """The last run failed; the last good data are still served."""
    NO_DATA = "no_data"
    """The last run failed, and nothing is served."""
    UNAVAILABLE = "unavailable"
    """A licence, plugin or permission is missing; it is looked for now and then."""
    WAITING = "waiting"
    """The first run has not ended."""


class Failure(Struct, frozen=True, kw_only=True):
    """Why the last run failed, and what to do about it."""

    reason: str
    """A value of the label `reason`."""
    text: str
    """In the exporter's own words."""
    advice: str
    runbook: str
    """Address of the section of docs/runbooks.md."""


class DriftedFieldStatement(Struct, frozen=True, kw_only=True):
    """A field in which the vendor's API has changed."""

    kind: str
    """unknown_values or missing."""
    field: str
    records: int
    values: tuple[str, ...]
    text: str


class Drift(Struct, frozen=True, kw_only=True):
    """What has changed in the vendor's API, and what to do about it."""

    fields: tuple[DriftedFieldStatement, ...]
    text: str
    advice: str
    runbook: str
    """Address of the section of docs/runbooks.md."""


class CollectorStatement(Struct, frozen=True, kw_only=True):
    """One collector of a source."""

    name: str
    state: CollectorCondition
    running: bool
    data_served: bool
    interval_seconds: float
    last_run_timestamp_seconds: float | None
    last_success_timestamp_seconds: float | None
    data_until_timestamp_seconds: float | None
    """When the data that are served now will be taken out, if no run succeeds before."""
    next_run_timestamp_seconds: float | None
    duration_seconds: float | None
    consecutive_failures: int
    calls: int | None
    items: int | None
    problems: int | None
    failure: Failure | None
    unavailable: str
    """What is missing; empty unless the state is unavailable."""
    drift: Drift | None


class Calls(Struct, frozen=True, kw_only=True):
    """Requests an hour."""

    needed_per_hour: float
    allowed_per_hour: int | None
    """None: no limit is set."""


class AttentionCounts(Struct, frozen=True, kw_only=True):
    """How many servers need attention."""

    total: int
    critical: int
    warning: int
    unknown: int


class SourceStatement(Struct, frozen=True, kw_only=True):
    """One source."""

    name: str
    vendor: str
    address: str
    console: str
    """Address of the web interface in which its servers are managed; empty if it is not known."""
    state: SourceState
    servers: int
    attention: AttentionCounts
    calls: Calls
    collectors: tuple[CollectorStatement, ...]


class Volume(Struct, frozen=True, kw_only=True):
    """What a scrape gets, without the exporter's own metrics."""

    series: int
    bytes_identity: int
    bytes_gzip: int


class ExporterStatement(Struct, frozen=True, kw_only=True):
    """The exporter itself."""

    version: str
    python: str
    started_timestamp_seconds: float


class Summary(Struct, frozen=True, kw_only=True):
    """The state of everything."""

    overall: Overall
    state: SourceState
    """The worst of the sources."""
    text: str
    """`sources_text` and `servers_text`."""
    sources_text: str
    servers_text: str
    sources: int
    sources_read: int
    servers: int


class Statement(Struct, frozen=True, kw_only=True):
    """The whole document."""

    format: int = FORMAT
    summary: Summary
    exporter: ExporterStatement
    volume: Volume
    attention: AttentionCounts
    sources: tuple[SourceStatement, ...]
