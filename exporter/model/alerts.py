"""Which alerts are open?"""

from enum import StrEnum

from msgspec import Struct


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
