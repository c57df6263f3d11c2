"""The calls to OpenManage Enterprise: one row each."""

from exporter.sources.calls import Call, expected_of
from exporter.sources.ome.device_records import (
    InventoryRecord,
    LocationRecord,
    MemoryRecord,
    PowerRecord,
    SoftwareRecord,
    SubsystemRecord,
    SystemRecord,
    TemperatureRecord,
)
from exporter.sources.ome.mapping import NOT_ACKNOWLEDGED
from exporter.sources.ome.power_manager_records import (
    MetricRecord,
    MetricsRecord,
    MonitoredRecord,
    PluginRecord,
    PowerSettingRecord,
)
from exporter.sources.ome.records import (
    AlertRecord,
    ConfigBaselineRecord,
    ConfigReportRecord,
    DeviceRecord,
    FirmwareBaselineRecord,
    FirmwareReportRecord,
    GroupRecord,
    InfoRecord,
    JobRecord,
    MemberRecord,
    PageRecord,
    TimeConfigurationRecord,
    TimeZoneRecord,
    WarrantyRecord,
)
from exporter.sources.ome.vocabulary import POWER_MANAGER

OPEN_ALERTS = f"StatusType eq {NOT_ACKNOWLEDGED}"
_INVENTORY = "Devices(id)/InventoryDetails"

DEVICES = Call("DeviceService/Devices", DeviceRecord, page=PageRecord)
DEVICE_PAGES = Call(DEVICES.endpoint, PageRecord)
"""What a page itself says: how many devices there are, and whether there are more pages."""
INFO = Call("ApplicationService/Info", InfoRecord)
TIME_CONFIGURATION = Call("ApplicationService/Network/TimeConfiguration", TimeConfigurationRecord)
TIME_ZONES = Call("ApplicationService/Network/TimeZones", TimeZoneRecord, page=PageRecord)
ALERTS = Call(
    "AlertService/Alerts",
    AlertRecord,
    page=PageRecord,
    # The severity is what is asked for, once for each.
    query=("SeverityType eq", OPEN_ALERTS),
)
SUBSYSTEMS = Call("Devices(id)/SubSystemHealth", SubsystemRecord, page=PageRecord)
POWER = Call("Devices(id)/Power", PowerRecord)
TEMPERATURE = Call("Devices(id)/Temperature", TemperatureRecord)
METRICS = Call("MetricService/Metrics", MetricRecord, page=MetricsRecord, within="Metrics.")
MONITORED = Call(
    "PowerService/MonitoredDevices", MonitoredRecord, page=PageRecord, within="MonitoredDevices."
)
PLUGINS = Call("PluginService/Plugins", PluginRecord, page=PageRecord)
POWER_SETTINGS = Call("PowerService/Settings", PowerSettingRecord, page=PageRecord)
GROUPS = Call("GroupService/Groups", GroupRecord, page=PageRecord)
MEMBERS = Call("Groups(id)/AllLeafDevices", MemberRecord, page=PageRecord)
DIRECT_MEMBERS = Call("Groups(id)/Devices", MemberRecord, page=PageRecord, is_fallback=True)
FIRMWARE_BASELINES = Call(
    "UpdateService/Baselines", FirmwareBaselineRecord, page=PageRecord, within="UpdateService."
)
CONFIG_BASELINES = Call(
    "TemplateService/Baselines", ConfigBaselineRecord, page=PageRecord, within="TemplateService."
)
FIRMWARE_REPORTS = Call(
    "Baselines(id)/DeviceComplianceReports",
    FirmwareReportRecord,
    page=PageRecord,
    within="DeviceComplianceReports.",
)
CONFIG_REPORTS = Call(
    "Baselines(id)/DeviceConfigComplianceReports",
    ConfigReportRecord,
    page=PageRecord,
    within="DeviceConfigComplianceReports.",
)
WARRANTIES = Call("WarrantyService/Warranties", WarrantyRecord, page=PageRecord)
JOBS = Call("JobService/Jobs", JobRecord, page=PageRecord)
SYSTEMS = Call(
    _INVENTORY,
    SystemRecord,
    page=InventoryRecord,
    query=("serverOperatingSystems",),
    asked_by="hardware",
    within="serverOperatingSystems.",
)
MODULES = Call(
    _INVENTORY,
    MemoryRecord,
    page=InventoryRecord,
    query=("serverMemoryDevices",),
    within="serverMemoryDevices.",
)
SOFTWARE = Call(
    _INVENTORY,
    SoftwareRecord,
    page=InventoryRecord,
    query=("deviceSoftware",),
    within="deviceSoftware.",
)
INVENTORY = expected_of(InventoryRecord)
"""What ordinary answers have around their records."""
LOCATIONS = Call(_INVENTORY, LocationRecord, page=InventoryRecord, query=("deviceLocation",))

WORDS = frozenset(
    {
        "api",
        "$filter",
        "$orderby",
        "$top",
        "$skip",
        "TimeStamp",
        "PluginId",
        "EntityType",
        "EntityId",
        "MetricTypes",
        "Duration",
        "SortOrder",
    }
) | {POWER_MANAGER}
"""Words of requests that are the same for everybody."""
