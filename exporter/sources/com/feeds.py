"""Which calls to Compute Ops Management, and which fields of the answers, feed each family?"""

from exporter.sources.com import (
    alerts,
    appliances,
    energy_reader,
    firmware,
    groups,
    jobs,
    records,
    servers,
    utilization,
    warranty,
)
from exporter.sources.com.parts import COMPONENTS, REDUNDANT_COMPONENTS
from exporter.sources.feeds import IDENTITY, Feeds, fed_by

_DEVICE = "serverId | device.id | server.id | resourceUri"
_MEASURED = ("status", "kwh.collected")
_EMITTED = ("status", "co2eKg.collected")
_PAID = ("status", "cost.collected")
_ANY_FIGURE = ("status", "kwh.collected | co2eKg.collected | cost.collected")


_OPEN = (alerts.OPEN["filter"],)

FEEDS: Feeds = {
    "servers": (
        *fed_by(
            servers.ENDPOINT,
            records.ServerRecord,
            {
                IDENTITY: ("hardware.serialNumber | id", "name | host.hostname"),
                "serverfleet_server_info": (
                    "id",
                    "hardware.model",
                    "serverGeneration",
                    "processorVendor",
                    "host.hostname",
                    "host.osName",
                    "host.osVersion",
                    "hardware.bmc.ip | hardware.bmc.userDefined.host",
                    "hardware.bmc.model",
                    "hardware.bmc.version",
                ),
                "serverfleet_server_health": ("hardware.health.summary",),
                "serverfleet_server_component_health_severity": tuple(
                    f"hardware.health.{key}" for key in COMPONENTS
                ),
                "serverfleet_server_redundancy": tuple(
                    f"hardware.health.{key}" for key in REDUNDANT_COMPONENTS
                ),
                "serverfleet_server_power_state": ("hardware.powerState",),
                "serverfleet_server_connected": ("state.connected",),
                "serverfleet_server_managed": ("state.managed",),
                "serverfleet_server_maintenance": ("maintenanceMode | oneview.maintenanceMode",),
                "serverfleet_server_memory_bytes": ("hardware.memoryMb",),
                "serverfleet_server_inventory_timestamp_seconds": (
                    "lastFullInventoryCollectionAt",
                ),
                "serverfleet_server_subscription": ("state.subscriptionState",),
                "serverfleet_server_subscription_end_timestamp_seconds": (
                    "state.subscriptionExpiresAt",
                    "state.subscriptionTier",
                ),
                "serverfleet_server_firmware_update": ("lastFirmwareUpdate.status",),
                "serverfleet_source_servers": ("id",),
            },
        ),
        *fed_by(
            servers.ENDPOINT, records.Page, {"serverfleet_source_servers_reported": ("total",)}
        ),
    ),
    "alerts": (
        *fed_by(
            alerts.OF_FLEET.endpoint,
            records.AlertRecord,
            {
                "serverfleet_server_alerts": ("severity", _DEVICE),
                "serverfleet_source_alerts": ("severity",),
                "serverfleet_source_alerts_unassigned": ("severity", _DEVICE),
            },
            query=_OPEN,
        ),
        *fed_by(
            alerts.OF_SERVER.endpoint,
            records.AlertRecord,
            {
                "serverfleet_server_alerts": ("severity",),
                "serverfleet_source_alerts": ("severity",),
            },
            query=_OPEN,
            is_fallback=True,
        ),
    ),
    "energy": fed_by(
        energy_reader.ENDPOINT,
        records.EnergyRecord,
        {
            "serverfleet_server_power_average_watts": _MEASURED,
            "serverfleet_server_energy_window_joules": _MEASURED,
            "serverfleet_server_emissions_window_grams": _EMITTED,
            "serverfleet_server_energy_cost_window_usd": _PAID,
            "serverfleet_source_energy_window_end_timestamp_seconds": _ANY_FIGURE,
            "serverfleet_server_location_info": ("entityDetails.location",),
        },
    ),
    "utilization": fed_by(
        utilization.PATH.endpoint,
        records.UtilizationRecord,
        {"serverfleet_server_utilization_ratio": ("collected.average",)},
    ),
    "groups": (
        *fed_by(
            groups.GROUPS.endpoint,
            records.GroupRecord,
            {
                "serverfleet_server_group_info": (
                    "name",
                    "devices.deviceId | devices.productId | devices.serial",
                ),
                "serverfleet_group_servers": ("name", "devices"),
                "serverfleet_group_compliance": (
                    "name",
                    "groupCompliance.summary | complianceStatus"
                    " | groupCompliance.firmware.status | groupCompliance.iloSettings.status",
                ),
            },
        ),
        *fed_by(
            groups.FIRMWARE.endpoint,
            records.ComplianceRecord,
            {
                "serverfleet_server_firmware_compliance": ("deviceId", "complianceState"),
                "serverfleet_server_firmware_compliance_score_ratio": (
                    "deviceId",
                    "complianceState",
                    "score",
                ),
            },
        ),
        *fed_by(
            groups.ILO_SETTINGS.endpoint,
            records.ComplianceRecord,
            {"serverfleet_server_config_compliance": ("deviceId", "complianceState")},
        ),
    ),
    "jobs": fed_by(
        jobs.PATH.endpoint,
        records.JobRecord,
        {"serverfleet_source_jobs": ("state", "resultCode", "updatedAt")},
    ),
    "appliances": tuple(
        feed
        for path in appliances.PATHS.values()
        for feed in fed_by(
            path.endpoint, records.ApplianceRecord, {"serverfleet_source_appliances": ("state",)}
        )
    ),
    "firmware": fed_by(
        firmware.PATH.endpoint,
        records.FirmwareRecord,
        {
            "serverfleet_server_firmware_info": (
                "firmwareInventory.name",
                "firmwareInventory.version",
            )
        },
    ),
    "warranty": fed_by(
        warranty.PATH.endpoint,
        records.WarrantyRecord,
        {"serverfleet_server_warranty_end_timestamp_seconds": ("deviceId", "supportEndDate")},
    ),
}
"""By collector."""
