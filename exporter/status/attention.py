"""Does a server need attention, and why? Pure rules over its readings.

They are the conditions of the shipped alerts, at this moment and without their patience. That a
server is off is shown, but is no reason: only Prometheus knows whether it was on before.
"""

from collections.abc import Iterator
from enum import StrEnum
from typing import NamedTuple

from msgspec import Struct

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
    reasons: tuple[str, ...]
    """The worst first."""


def case_of(source: str, vendor: str, server: Server, readings: Readings) -> Case | None:
    """Describe a server that needs attention; None for any other."""
    found = sorted(reasons_of(readings), key=_rank)
    if not found:
        return None
    status = readings.status or Status()
    return Case(
        severity=found[0][0],
        server=server.name,
        serial=server.serial,
        source=source,
        vendor=vendor,
        model=readings.description.model if readings.description else "",
        power=status.power.value if status.power else "",
        maintenance=bool(status.maintenance),
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
