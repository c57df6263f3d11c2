"""Which fields of the appliance's answers do we read?

Every field may be missing or null, unless a record means nothing without it. Numbers that the
appliance writes as strings (roll-ups, power, temperature) are taken in both forms. `gc=False` is
safe: nothing decoded from JSON can be part of a cycle.
"""

from typing import Annotated

from msgspec import Meta, Raw, Struct, field, json

Id = Annotated[int, Meta(ge=-(2**63), le=2**63 - 1)]
"""As the appliance stores it; JSON alone would allow thousands of digits, and so would a label."""


class PageRecord(Struct, frozen=True, gc=False):
    """One page of a list; the count and the link are taken as they come."""

    value: list[Raw] | None
    count: object = field(name="@odata.count", default=None)
    next_link: object = field(name="@odata.nextLink", default=None)


class ProfileRecord(Struct, frozen=True, gc=False, rename="pascal"):
    """An entry of `DeviceManagement[].ManagementProfile[]`."""

    agent_name: str | None = None
    version: str | None = None


class ManagementRecord(Struct, frozen=True, gc=False, rename="pascal"):
    """An entry of `DeviceManagement[]`: an address under which the device is managed."""

    network_address: str | None = None
    management_type: int | None = None
    dns_name: str | None = None
    management_profile: tuple[ProfileRecord, ...] | None = None


class DeviceRecord(Struct, frozen=True, gc=False, rename="pascal"):
    """An item of `DeviceService/Devices`."""

    id: Id
    type: int | None = None
    identifier: str | None = None
    device_service_tag: str | None = None
    chassis_service_tag: str | None = None
    model: str | None = None
    device_name: str | None = None
    power_state: int | None = None
    managed_state: int | None = None
    status: int | None = None
    connection_state: bool | None = None
    last_inventory_time: str | None = None
    device_management: tuple[ManagementRecord, ...] | None = None


class AlertRecord(Struct, frozen=True, gc=False, rename="pascal"):
    """An item of `AlertService/Alerts`."""

    id: Id
    severity_type: int | None = None
    status_type: int | None = None
    alert_device_id: Id | None = None
    alert_device_identifier: str | None = None
    alert_device_name: str | None = None
    message: str | None = None


class SubsystemRecord(Struct, frozen=True, gc=False):
    """An item of `Devices(id)/SubSystemHealth`."""

    name: str = field(name="SubSystem")
    rollup: int | str | None = field(name="RollupStatus", default=None)


class PowerRecord(Struct, frozen=True, gc=False, rename="camel"):
    """`Devices(id)/Power`."""

    power: float | str | None = None
    power_unit: str | None = None
    peak_power: float | str | None = None
    peak_power_unit: str | None = None
    peak_power_time_stamp: str | None = None
    minimum_power: float | str | None = None
    minimum_power_unit: str | None = None
    minimum_power_time_stamp: str | None = None
    instantaneous_headroom: float | str | None = None
    instantaneous_headroom_unit: str | None = None
    instantaneous_headroom_time_stamp: str | None = None
    system_energy_consumption: float | str | None = None
    system_energy_consumption_unit: str | None = None
    system_energy_consumption_time_stamp: str | None = None


class TemperatureRecord(Struct, frozen=True, gc=False, rename="camel"):
    """`Devices(id)/Temperature`."""

    instantaneous_temperature: float | str | None = None
    instantaneous_temperature_unit: str | None = None


class WarrantyRecord(Struct, frozen=True, gc=False, rename="pascal"):
    """An item of `WarrantyService/Warranties`."""

    id: Id
    device_id: Id | None = None
    device_identifier: str | None = None
    end_date: str | None = None


class CodeRecord(Struct, frozen=True, gc=False, rename="pascal"):
    """A code of the appliance with its name."""

    id: Id | None = None


class JobRecord(Struct, frozen=True, gc=False, rename="pascal"):
    """An item of `JobService/Jobs`."""

    id: Id
    job_status: CodeRecord | None = None
    last_run_status: CodeRecord | None = None


class GroupRecord(Struct, frozen=True, gc=False, rename="pascal"):
    """An item of `GroupService/Groups`."""

    id: Id
    name: str | None = None
    global_status: int | None = None
    type_id: int | None = None
    visible: bool | None = None


class MemberRecord(Struct, frozen=True, gc=False, rename="pascal"):
    """An item of `Groups(id)/AllLeafDevices` or `/Devices`, of which nothing else is needed."""

    id: Id


class SummaryRecord(Struct, frozen=True, gc=False, rename="pascal"):
    """What a baseline says about all of its devices."""

    compliance_status: str | int | None = None


class FirmwareBaselineRecord(Struct, frozen=True, gc=False, rename="pascal"):
    """An item of `UpdateService/Baselines`."""

    id: Id
    name: str | None = None
    compliance_summary: SummaryRecord | None = None


class ConfigBaselineRecord(Struct, frozen=True, gc=False, rename="pascal"):
    """An item of `TemplateService/Baselines`."""

    id: Id
    name: str | None = None
    config_compliance_summary: SummaryRecord | None = None


class ComponentReportRecord(Struct, frozen=True, gc=False, rename="pascal"):
    """An entry of `ComponentComplianceReports`."""

    update_action: str | None = None
    criticality: str | None = None


class FirmwareReportRecord(Struct, frozen=True, gc=False, rename="pascal"):
    """An item of `Baselines(id)/DeviceComplianceReports`."""

    id: Id
    device_id: Id | None = None
    service_tag: str | None = None
    firmware_status: str | None = None
    compliance_status: str | None = None
    component_compliance_reports: tuple[ComponentReportRecord, ...] | None = None


class ConfigReportRecord(Struct, frozen=True, gc=False, rename="pascal"):
    """An item of `Baselines(id)/DeviceConfigComplianceReports`; `Id` is the device's."""

    id: Id
    service_tag: str | None = None
    compliance_status: str | int | None = None


class InventoryRecord(Struct, frozen=True, gc=False, rename="pascal"):
    """One type of `Devices(id)/InventoryDetails`, which has no `value`."""

    inventory_info: list[Raw] | None = None


class SystemRecord(Struct, frozen=True, gc=False, rename="pascal"):
    """An entry of `serverOperatingSystems`."""

    os_name: str | None = None
    os_version: str | None = None


class MemoryRecord(Struct, frozen=True, gc=False, rename="pascal"):
    """An entry of `serverMemoryDevices`; the size is in MB, unless it names a unit itself."""

    size: float | str | None = None


class SoftwareRecord(Struct, frozen=True, gc=False, rename="pascal"):
    """An entry of `deviceSoftware`."""

    version: str | None = None
    status: str | None = None
    software_type: str | None = None
    component_id: str | int | None = None
    device_description: str | None = None
    instance_id: str | None = None


class LocationRecord(Struct, frozen=True, gc=False, rename="pascal"):
    """An entry of `deviceLocation`; what people number comes as a number or as text."""

    datacenter: str | int | None = None
    room: str | int | None = None
    aisle: str | int | None = None
    rack: str | int | None = None
    rackslot: str | int | None = None


class PluginRecord(Struct, frozen=True, gc=False, rename="pascal"):
    """An item of `PluginService/Plugins`."""

    id: str
    installed: bool | None = None
    enabled: bool | None = None


class PowerSettingRecord(Struct, frozen=True, gc=False, rename="pascal"):
    """An item of `PowerService/Settings`."""

    id: float | str
    value: float | str | None = None


class MonitoredRecord(Struct, frozen=True, gc=False, rename="pascal"):
    """An item of `PowerService/MonitoredDevices`."""

    id: Id
    service_tag: str | None = None


class MetricsRecord(Struct, frozen=True, gc=False, rename="pascal"):
    """The answer of `MetricService/Metrics`; null where the device is not monitored."""

    value: list[Raw] | None = None


class MetricRecord(Struct, frozen=True, gc=False, rename="pascal"):
    """A row of `MetricService/Metrics`."""

    type: float | str
    value: float | str | None = None
    timestamp: str | None = None


class TimeConfigurationRecord(Struct, frozen=True, gc=False, rename="pascal"):
    """`ApplicationService/Network/TimeConfiguration`."""

    time_zone: str | None = None
    time_zone_id_linux: str | None = None
    system_time: str | None = None
    utc_time: str | None = None


class TimeZoneRecord(Struct, frozen=True, gc=False, rename="pascal"):
    """An item of `ApplicationService/Network/TimeZones`."""

    id: str
    utc_offset_minutes: float | str | None = field(name="Utcoffsetminutes", default=None)


class InfoRecord(Struct, frozen=True, gc=False, rename="pascal"):
    """`ApplicationService/Info`."""

    version: str | None = None


PAGE = json.Decoder(PageRecord)
DEVICE = json.Decoder(DeviceRecord)
ALERT = json.Decoder(AlertRecord)
SUBSYSTEM = json.Decoder(SubsystemRecord)
POWER = json.Decoder(PowerRecord)
TEMPERATURE = json.Decoder(TemperatureRecord)
WARRANTY = json.Decoder(WarrantyRecord)
JOB = json.Decoder(JobRecord)
GROUP = json.Decoder(GroupRecord)
MEMBER = json.Decoder(MemberRecord)
FIRMWARE_BASELINE = json.Decoder(FirmwareBaselineRecord)
CONFIG_BASELINE = json.Decoder(ConfigBaselineRecord)
FIRMWARE_REPORT = json.Decoder(FirmwareReportRecord)
CONFIG_REPORT = json.Decoder(ConfigReportRecord)
INVENTORY = json.Decoder(InventoryRecord)
SYSTEM = json.Decoder(SystemRecord)
MEMORY = json.Decoder(MemoryRecord)
SOFTWARE = json.Decoder(SoftwareRecord)
LOCATION = json.Decoder(LocationRecord)
PLUGIN = json.Decoder(PluginRecord)
POWER_SETTING = json.Decoder(PowerSettingRecord)
MONITORED = json.Decoder(MonitoredRecord)
METRICS = json.Decoder(MetricsRecord)
METRIC = json.Decoder(MetricRecord)
TIME_CONFIGURATION = json.Decoder(TimeConfigurationRecord)
TIME_ZONE = json.Decoder(TimeZoneRecord)
INFO = json.Decoder(InfoRecord)
