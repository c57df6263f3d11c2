"""Which fields do ordinary answers of the appliance have? Without them a reading is wrong or gone.

Only what every captured answer, or the documentation, shows stands here; units are none of it,
because some builds leave them out.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from msgspec import Struct

from exporter.sources.drift import NO_DRIFT, Drift, Expected, looked
from exporter.sources.ome.records import (
    AlertRecord,
    ConfigBaselineRecord,
    ConfigReportRecord,
    DeviceRecord,
    FirmwareBaselineRecord,
    FirmwareReportRecord,
    GroupRecord,
    InfoRecord,
    InventoryRecord,
    JobRecord,
    MemoryRecord,
    MetricRecord,
    MonitoredRecord,
    PowerRecord,
    SoftwareRecord,
    SubsystemRecord,
    SystemRecord,
    TemperatureRecord,
    WarrantyRecord,
)

SERVER = 1000
"""`Type` of a server: other devices lack what they do not have."""
USER_DEFINED = 3000
"""`TypeId` of the groups that users made, static ones and queries."""


def missing_in(records: Sequence[Struct]) -> Drift:
    """Look for all that is expected of some records of one type."""
    return looked(EXPECTED.get(type(records[0]), ()), records) if records else NO_DRIFT


def _is_server(record: DeviceRecord) -> bool:
    return record.type == SERVER


def _is_of_users(record: GroupRecord) -> bool:
    return record.type_id == USER_DEFINED


_ALL = (
    Expected(
        DeviceRecord,
        "Type",
        "DeviceName",
        "Status",
        "ManagedState",
        "ConnectionState",
        "DeviceManagement",
    ),
    Expected(
        DeviceRecord,
        "Identifier",
        "Model",
        "PowerState",
        "DeviceManagement.NetworkAddress",
        "DeviceManagement.ManagementType",
        "DeviceManagement.ManagementProfile.AgentName",
        "DeviceManagement.ManagementProfile.Version",
        when=_is_server,
    ),
    Expected(AlertRecord, "SeverityType", "StatusType", "AlertDeviceId", "AlertDeviceIdentifier"),
    Expected(SubsystemRecord, "RollupStatus"),
    Expected(PowerRecord, "power", "peakPower", "minimumPower", "systemEnergyConsumption"),
    Expected(TemperatureRecord, "instantaneousTemperature"),
    Expected(MonitoredRecord, "ServiceTag", within="MonitoredDevices."),
    Expected(MetricRecord, "Value", "Timestamp", within="Metrics."),
    Expected(GroupRecord, "Name", "TypeId"),
    Expected(GroupRecord, "GlobalStatus", when=_is_of_users),
    Expected(
        FirmwareBaselineRecord,
        "Name",
        "ComplianceSummary",
        "ComplianceSummary.ComplianceStatus",
        within="UpdateService.",
    ),
    Expected(
        FirmwareReportRecord,
        "DeviceId",
        "ServiceTag",
        "FirmwareStatus",
        "ComponentComplianceReports",
        "ComponentComplianceReports.UpdateAction",
        "ComponentComplianceReports.Criticality",
        within="DeviceComplianceReports.",
    ),
    Expected(
        ConfigBaselineRecord,
        "Name",
        "ConfigComplianceSummary",
        "ConfigComplianceSummary.ComplianceStatus",
        within="TemplateService.",
    ),
    Expected(
        ConfigReportRecord,
        "ServiceTag",
        "ComplianceStatus",
        within="DeviceConfigComplianceReports.",
    ),
    Expected(WarrantyRecord, "DeviceIdentifier", "EndDate"),
    Expected(JobRecord, "JobStatus", "JobStatus.Id", "LastRunStatus.Id"),
    Expected(InventoryRecord, "InventoryInfo"),
    Expected(SystemRecord, "OsName", within="serverOperatingSystems."),
    Expected(MemoryRecord, "Size", within="serverMemoryDevices."),
    Expected(
        SoftwareRecord,
        "Version",
        "SoftwareType",
        "Status",
        "InstanceId",
        within="deviceSoftware.",
    ),
    Expected(InfoRecord, "Version"),
)
EXPECTED: Mapping[type[Struct], tuple[Expected[Any], ...]] = {
    each.record: tuple(other for other in _ALL if other.record is each.record) for each in _ALL
}
