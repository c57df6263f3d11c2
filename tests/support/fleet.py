"""Servers and readings of no vendor."""

from collections.abc import Iterable, Mapping

from exporter.model import (
    AlertCounts,
    AlertSeverity,
    Collected,
    Column,
    Health,
    InventoryCount,
    Power,
    Server,
    SourceAlerts,
    Status,
)

NO_ALERTS = AlertCounts(((AlertSeverity.CRITICAL, 0), (AlertSeverity.WARNING, 0)))


def server(number: int | str, name: str | None = None) -> Server:
    return Server(f"id-{number}", f"SN{number}", name or f"host{number}")


def servers(*numbers: int | str) -> tuple[Server, ...]:
    return tuple(map(server, numbers))


def inventory(
    found: Iterable[Server], health: Health | Mapping[str, Health] = Health.OK
) -> Collected:
    """Build what an inventory collector gives; `health` of all, or by server id."""
    listed = tuple(found)
    healths = health if isinstance(health, Mapping) else {each.id: health for each in listed}
    statuses = {each.id: Status(health=healths.get(each.id)) for each in listed}
    return Collected(
        columns=(Column(Status, statuses),),
        source_facets=(InventoryCount(len(listed), len(listed)),),
        servers=listed,
        items=len(listed),
    )


def alerts(critical: Mapping[str, int]) -> Collected:
    """Build what an alerts collector gives: critical alerts by server id, none for the others."""
    by_id = {
        server_id: AlertCounts(((AlertSeverity.CRITICAL, count), (AlertSeverity.WARNING, 0)))
        for server_id, count in critical.items()
    }
    total = tuple((each, sum(critical.values()) * (each == "critical")) for each in AlertSeverity)
    nothing = tuple((each, 0) for each in AlertSeverity)
    return Collected(
        columns=(Column(AlertCounts, by_id, NO_ALERTS),),
        source_facets=(SourceAlerts(total, nothing),),
    )


def power(watts: Mapping[str, float]) -> Collected:
    """Build what a power collector gives: watts by server id."""
    readings = {server_id: Power(watts=value) for server_id, value in watts.items()}
    return Collected(columns=(Column(Power, readings),))
