"""The state of a server and its parts, its alerts, and whether it complies with its baselines."""

from enum import StrEnum

from msgspec import Struct


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


class Status(Struct, frozen=True, gc=False, kw_only=True):
    """State of a server as the management plane lists it."""

    health: Health | None = None
    power: PowerState | None = None
    connected: bool | None = None
    managed: bool | None = None
    maintenance: bool | None = None
    inventory_at: float | None = None
    """Unix seconds of the last full inventory."""


class Components(Struct, frozen=True, gc=False):
    """Severity (0 ok, 1 warning, 2 critical) by component name, sorted by name."""

    severities: tuple[tuple[str, int], ...]


class Redundancy(Struct, frozen=True, gc=False):
    """Redundancy by component (fans, power_supplies, liquid_cooling), sorted by name."""

    states: tuple[tuple[str, RedundancyState], ...]


class AlertSeverity(StrEnum):
    """How bad an alert is; all that is neither critical nor warning is info."""

    CRITICAL = "critical"
    WARNING = "warning"
    INFO = "info"


class Alert(Struct, frozen=True, gc=False, kw_only=True):
    """One open alert, as far as it is counted and logged."""

    id: str
    severity: AlertSeverity
    device: str = ""
    """The vendor's id of the device; empty or unknown where it is no served server."""
    device_name: str = ""
    message: str = ""


class AlertCounts(Struct, frozen=True, gc=False):
    """Open alerts of one server, for the severities that are switched on."""

    counts: tuple[tuple[AlertSeverity, int], ...]


class SourceAlerts(Struct, frozen=True, gc=False):
    """Open alerts of a whole source, and those of devices that are not served as servers."""

    counts: tuple[tuple[AlertSeverity, int], ...]
    unassigned: tuple[tuple[AlertSeverity, int], ...]


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


class GroupCompliances(Struct, frozen=True, gc=False):
    """Compliance by group, or by baseline."""

    states: tuple[tuple[str, GroupComplianceState], ...]
