"""Open alerts: which are counted, by server and for the whole source."""

from collections import Counter
from collections.abc import Iterable, Mapping

from exporter.config.source import DEFAULT_SEVERITIES, CollectorSettings, Severities
from exporter.model import Alert, AlertCounts, AlertSeverity, Column, Inventory, SourceAlerts


class AlertSettings(CollectorSettings):
    """Settings of the collector `alerts`."""

    severities: Severities = DEFAULT_SEVERITIES
    """Severities counted for each server."""


def tally(
    alerts: Iterable[Alert],
    inventory: Inventory,
    severities: tuple[AlertSeverity, ...],
    totals: Mapping[AlertSeverity, int | None] | None = None,
    *,
    unread: Iterable[str] = (),
) -> tuple[Column[AlertCounts], SourceAlerts]:
    """Count alerts.

    Args:
        alerts: Every open alert that was listed; those of unknown devices count as unassigned.
        inventory: The servers; alerts of those that other shards serve are not unassigned.
        severities: The severities counted for each server; each of them is emitted, zero included.
        totals: Counts that the API gave itself, for severities that were not listed; None where
            it gave none. Nothing is known about which devices those belong to, so they have no
            unassigned count.
        unread: Ids of servers whose alerts could not be read; they have no counts.
    """
    known = {server.id for server in inventory.everyone}
    of_source: Counter[AlertSeverity] = Counter()
    unassigned: Counter[AlertSeverity] = Counter()
    by_server: dict[str, Counter[AlertSeverity]] = {}
    for alert in alerts:
        of_source[alert.severity] += 1
        if alert.device in known:
            by_server.setdefault(alert.device, Counter())[alert.severity] += 1
        else:
            unassigned[alert.severity] += 1
    counted = {**of_source, **(totals or {})}
    column = Column(
        AlertCounts,
        {
            **{server: _counts(found, severities) for server, found in by_server.items()},
            **dict.fromkeys(unread, AlertCounts(())),
        },
        default=_counts(Counter(), severities),
    )
    listed = [severity for severity in AlertSeverity if severity not in (totals or {})]
    counts = ((each, counted.get(each, 0)) for each in AlertSeverity)
    return column, SourceAlerts(
        counts=tuple((severity, count) for severity, count in counts if count is not None),
        unassigned=tuple((severity, unassigned[severity]) for severity in listed),
    )


def _counts(found: Counter[AlertSeverity], severities: tuple[AlertSeverity, ...]) -> AlertCounts:
    return AlertCounts(tuple((severity, found[severity]) for severity in severities))
