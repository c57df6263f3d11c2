"""What do we know about a server, in no vendor's words?

A *facet* is one group of readings that a collector gives for one server. Vendors fill facets in
their `mapping.py`, the catalogue reads them; neither knows the other. `None` means that the vendor
did not say. All types are immutable; `gc=False` is safe because none can be part of a cycle, and
keeps a fleet of readings out of the garbage collector's walks.
"""

from exporter.model.alerts import Alert, AlertCounts, AlertSeverity, SourceAlerts
from exporter.model.collected import Collected, Column, Inventory
from exporter.model.compliance import (
    ComplianceState,
    ConfigCompliance,
    FirmwareCompliance,
    GroupCompliances,
    GroupComplianceState,
)
from exporter.model.contracts import Subscription, SubscriptionState, Warranty
from exporter.model.drift import DriftedField, DriftKind
from exporter.model.energy import Energy, EnergyWindowEnds, EnergyWindows, Window
from exporter.model.firmware import Firmware, FirmwareUpdate, FirmwareUpdateState
from exporter.model.groups import GroupHealths, GroupMembership, GroupSizes
from exporter.model.identity import Description, Location, Memory, Server
from exporter.model.power import Power, PowerDraw, Temperatures, Utilization
from exporter.model.status import (
    Components,
    Health,
    PowerState,
    Redundancy,
    RedundancyState,
    Status,
)
from exporter.model.totals import Appliances, InventoryCount, Jobs

__all__ = [
    "Alert",
    "AlertCounts",
    "AlertSeverity",
    "Appliances",
    "Collected",
    "Column",
    "ComplianceState",
    "Components",
    "ConfigCompliance",
    "Description",
    "DriftKind",
    "DriftedField",
    "Energy",
    "EnergyWindowEnds",
    "EnergyWindows",
    "Firmware",
    "FirmwareCompliance",
    "FirmwareUpdate",
    "FirmwareUpdateState",
    "GroupComplianceState",
    "GroupCompliances",
    "GroupHealths",
    "GroupMembership",
    "GroupSizes",
    "Health",
    "Inventory",
    "InventoryCount",
    "Jobs",
    "Location",
    "Memory",
    "Power",
    "PowerDraw",
    "PowerState",
    "Redundancy",
    "RedundancyState",
    "Server",
    "SourceAlerts",
    "Status",
    "Subscription",
    "SubscriptionState",
    "Temperatures",
    "Utilization",
    "Warranty",
    "Window",
]
