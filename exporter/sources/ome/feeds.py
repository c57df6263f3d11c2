"""Which calls to OpenManage Enterprise, and which fields of the answers, feed each family?"""

from exporter.sources.feeds import IDENTITY, Feeds, fed_by
from exporter.sources.ome import (
    alerts,
    compliance,
    devices,
    groups,
    hardware,
    health,
    jobs,
    plugins,
    power,
    power_manager,
    records,
    version,
    warranty,
)
from exporter.sources.ome.baselines import BASELINES

_PROFILE = "DeviceManagement.ManagementProfile"
_SOFTWARE = (
    "Version",
    "SoftwareType",
    "ComponentId | DeviceDescription | InstanceId",
    "Status | InstanceId",
)
_MEMBERS = {"serverfleet_server_group_info": ("Id",), "serverfleet_group_servers": ("Id",)}
_METRIC = ("Type", "Value")
_SETTING = ("Id", "Value")

FEEDS: Feeds = {
    "devices": (
        *fed_by(
            devices.RESOURCE,
            records.DeviceRecord,
            {
                IDENTITY: ("Identifier | DeviceServiceTag", "DeviceName"),
                "serverfleet_server_info": (
                    "Id",
                    "Model",
                    "Type",
                    "ChassisServiceTag",
                    "DeviceManagement.ManagementType",
                    "DeviceManagement.NetworkAddress",
                    "DeviceManagement.DnsName",
                    f"{_PROFILE}.AgentName",
                    f"{_PROFILE}.Version",
                ),
                "serverfleet_server_health": ("Status",),
                "serverfleet_server_power_state": ("PowerState",),
                "serverfleet_server_connected": ("ConnectionState",),
                "serverfleet_server_managed": ("ManagedState",),
                "serverfleet_server_inventory_timestamp_seconds": ("LastInventoryTime",),
                "serverfleet_source_servers": ("Identifier | DeviceServiceTag",),
            },
        ),
        *fed_by(
            devices.RESOURCE,
            records.PageRecord,
            {"serverfleet_source_servers_reported": ("@odata.count",)},
        ),
        *fed_by(
            hardware.ENDPOINT,
            records.SystemRecord,
            {"serverfleet_server_info": ("OsName", "OsVersion")},
            query=("serverOperatingSystems",),
            asked_by="hardware",
        ),
    ),
    "alerts": (
        *fed_by(
            alerts.RESOURCE,
            records.AlertRecord,
            {
                "serverfleet_server_alerts": ("AlertDeviceId | AlertDeviceIdentifier",),
                "serverfleet_source_alerts": ("Id",),
                "serverfleet_source_alerts_unassigned": ("AlertDeviceId | AlertDeviceIdentifier",),
            },
            # The severity is what is asked for, once for each.
            query=("SeverityType eq", alerts.OPEN),
        ),
    ),
    "health": fed_by(
        health.ENDPOINT,
        records.SubsystemRecord,
        {"serverfleet_server_component_health_severity": ("SubSystem", "RollupStatus")},
    ),
    "power": (
        *fed_by(
            power.POWER,
            records.PowerRecord,
            {
                "serverfleet_server_power_watts": ("power",),
                "serverfleet_server_power_peak_watts": ("peakPower",),
                "serverfleet_server_power_minimum_watts": ("minimumPower",),
                "serverfleet_server_power_headroom_watts": ("instantaneousHeadroom",),
                "serverfleet_server_energy_joules_total": ("systemEnergyConsumption",),
            },
        ),
        *fed_by(
            power.TEMPERATURE,
            records.TemperatureRecord,
            {"serverfleet_server_temperature_celsius": ("instantaneousTemperature",)},
        ),
    ),
    "power_manager": (
        *fed_by(
            power_manager.METRICS,
            records.MetricRecord,
            {
                "serverfleet_server_power_watts": _METRIC,
                "serverfleet_server_temperature_celsius": _METRIC,
                "serverfleet_server_utilization_ratio": _METRIC,
            },
        ),
        *fed_by(
            power_manager.MONITORED,
            records.MonitoredRecord,
            {
                "serverfleet_server_power_watts": ("Id | ServiceTag",),
                "serverfleet_server_temperature_celsius": ("Id | ServiceTag",),
                "serverfleet_server_utilization_ratio": ("Id | ServiceTag",),
            },
        ),
        *fed_by(
            plugins.SETTINGS,
            records.PowerSettingRecord,
            {
                "serverfleet_server_power_watts": _SETTING,
                "serverfleet_server_temperature_celsius": _SETTING,
            },
        ),
    ),
    "groups": (
        *fed_by(
            groups.RESOURCE,
            records.GroupRecord,
            {
                "serverfleet_server_group_info": ("Name", "TypeId", "Visible"),
                "serverfleet_group_servers": ("Name", "TypeId", "Visible"),
                "serverfleet_group_health": ("Name", "TypeId", "Visible", "GlobalStatus"),
            },
        ),
        *fed_by(groups.MEMBERS, records.MemberRecord, _MEMBERS),
        *fed_by(groups.DIRECT_MEMBERS, records.MemberRecord, _MEMBERS, is_fallback=True),
    ),
    "compliance": (
        *fed_by(
            compliance.FIRMWARE.resource,
            records.FirmwareBaselineRecord,
            {"serverfleet_group_compliance": ("Name", "ComplianceSummary.ComplianceStatus")},
        ),
        *fed_by(
            compliance.CONFIG.resource,
            records.ConfigBaselineRecord,
            {"serverfleet_group_compliance": ("Name", "ConfigComplianceSummary.ComplianceStatus")},
        ),
        *fed_by(
            f"{BASELINES}/{compliance.FIRMWARE.report}",
            records.FirmwareReportRecord,
            {
                "serverfleet_server_firmware_compliance": (
                    "DeviceId | ServiceTag",
                    "FirmwareStatus | ComplianceStatus",
                ),
                "serverfleet_server_firmware_noncompliant_components": (
                    "DeviceId | ServiceTag",
                    "ComponentComplianceReports.UpdateAction",
                    "ComponentComplianceReports.Criticality",
                ),
            },
        ),
        *fed_by(
            f"{BASELINES}/{compliance.CONFIG.report}",
            records.ConfigReportRecord,
            {"serverfleet_server_config_compliance": ("ServiceTag | Id", "ComplianceStatus")},
        ),
    ),
    "warranty": fed_by(
        warranty.RESOURCE,
        records.WarrantyRecord,
        {
            "serverfleet_server_warranty_end_timestamp_seconds": (
                "DeviceId | DeviceIdentifier",
                "EndDate",
            )
        },
    ),
    "jobs": fed_by(
        jobs.RESOURCE,
        records.JobRecord,
        {"serverfleet_source_jobs": ("JobStatus.Id", "LastRunStatus.Id")},
    ),
    "hardware": (
        *fed_by(
            hardware.ENDPOINT,
            records.MemoryRecord,
            {"serverfleet_server_memory_bytes": ("Size",)},
            query=("serverMemoryDevices",),
        ),
        *fed_by(
            hardware.ENDPOINT,
            records.SoftwareRecord,
            {"serverfleet_server_firmware_info": _SOFTWARE},
            query=("deviceSoftware",),
        ),
        *fed_by(
            hardware.ENDPOINT,
            records.LocationRecord,
            {
                "serverfleet_server_location_info": (
                    "Datacenter",
                    "Room",
                    "Aisle",
                    "Rack",
                    "Rackslot",
                )
            },
            query=("deviceLocation",),
        ),
    ),
    "appliance": fed_by(
        version.RESOURCE, records.InfoRecord, {"serverfleet_source_info": ("Version",)}
    ),
}
"""By collector."""
