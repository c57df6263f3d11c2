"""Servers and readings of no vendor."""

from collections.abc import Iterable, Mapping

from msgspec import Struct

from exporter.model import (
    AlertCounts,
    AlertSeverity,
    Appliances,
    Collected,
    Column,
    ComplianceState,
    Components,
    ConfigCompliance,
    Description,
    Energy,
    EnergyWindowEnds,
    EnergyWindows,
    Firmware,
    FirmwareCompliance,
    FirmwareUpdate,
    FirmwareUpdateState,
    GroupCompliances,
    GroupComplianceState,
    GroupHealths,
    GroupMembership,
    GroupSizes,
    Health,
    InventoryCount,
    Jobs,
    Location,
    Memory,
    Power,
    PowerDraw,
    PowerState,
    Redundancy,
    RedundancyState,
    Server,
    SourceAlerts,
    Status,
    Subscription,
    SubscriptionState,
    Temperatures,
    Utilization,
    Warranty,
    Window,
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
    readings = {server_id: PowerDraw(value) for server_id, value in watts.items()}
    return Collected(columns=(Column(PowerDraw, readings),))


EVERY_SERVER_FACET: tuple[Struct, ...] = (
    Description(id="id-1", model='ProLiant "DL380"'),
    Status(
        health=Health.OK,
        power=PowerState.ON,
        connected=True,
        managed=True,
        maintenance=False,
        inventory_at=1.75e9,
    ),
    Memory(2**40),
    Components((("fans", 0),)),
    Redundancy((("fans", RedundancyState.REDUNDANT),)),
    Subscription(state=SubscriptionState.SUBSCRIBED, tier="standard", end=1.8e9),
    FirmwareUpdate(FirmwareUpdateState.OK),
    AlertCounts(tuple((severity, 1) for severity in AlertSeverity)),
    EnergyWindows(
        hour=Energy(joules=9e6, grams_co2e=1.5, cost_usd=0.2),
        day=Energy(joules=9e6, grams_co2e=1.5, cost_usd=0.2),
    ),
    Location(room="R1"),
    PowerDraw(200),
    Power(peak_watts=400.5, minimum_watts=90, headroom_watts=10, energy_joules=3.6e12),
    Temperatures((("system", 23.0),)),
    Utilization((("cpu", 0.25), ("memory", 0.5))),
    GroupMembership(("databases", "emea")),
    Firmware((("bios", "A43 v2.56"), ("bmc", "2.70"))),
    FirmwareCompliance(
        state=ComplianceState.NONCOMPLIANT, score=0.56, noncompliant=(("critical", 2),)
    ),
    ConfigCompliance(ComplianceState.COMPLIANT),
    Warranty(1.9e9),
)
"""One example of every facet of a server."""

EVERY_SOURCE_FACET: tuple[Struct, ...] = (
    InventoryCount(2, 2),
    SourceAlerts(
        tuple((severity, 1) for severity in AlertSeverity),
        tuple((severity, 1) for severity in AlertSeverity),
    ),
    EnergyWindowEnds(tuple((each, 1.75e9) for each in Window)),
    Jobs((("pending", 1), ("running", 2), ("stalled", 0), ("failed", 0))),
    Appliances((("gateway", "connected", 2), ("oneview", "disconnected", 1))),
    GroupSizes((("databases", 12),)),
    GroupHealths((("databases", Health.WARNING),)),
    GroupCompliances((("databases", GroupComplianceState.NONCOMPLIANT),)),
)
"""One example of every facet of a source."""
