"""The fields of the appliance's lists that are read, and what each of them is for.

Every field may be missing or null, unless a record means nothing without it. `EXPECTED` is only
what every captured answer, or the documentation, shows; units are none of it, because some builds
leave them out. Numbers that the appliance writes as strings (roll-ups, power, temperature) are
taken in both forms. `gc=False` is safe: nothing decoded from JSON can be part of a cycle.
"""

from typing import Annotated

from msgspec import Meta, Raw, Struct, field, json

from exporter.sources.fields import (
    ALERT_LOG,
    EXPECTED,
    IDENTITY,
    LINK,
    NAME,
    TIME,
    VERSION,
    decides,
    expected,
    feeds,
    known,
)
from exporter.sources.ome.vocabulary import (
    ACTIONS,
    CRITICALITIES,
    SERVER,
    USER_DEFINED,
    VERDICT,
)

Code = Annotated[int, Meta(ge=-(2**63), le=2**63 - 1)]
"""As the appliance stores it; JSON alone would allow thousands of digits, and so would a label."""
Id = Annotated[Code, NAME]

_INFO = "serverfleet_server_info"
_SERVER_ALERTS = "serverfleet_server_alerts"
_SOURCE_ALERTS = "serverfleet_source_alerts"
_UNASSIGNED = "serverfleet_source_alerts_unassigned"
_WARRANTY = "serverfleet_server_warranty_end_timestamp_seconds"
_INVENTORY_TIME = "serverfleet_server_inventory_timestamp_seconds"
_JOBS = "serverfleet_source_jobs"
_GROUP_INFO = "serverfleet_server_group_info"
_GROUP_SERVERS = "serverfleet_group_servers"
_GROUP_HEALTH = "serverfleet_group_health"
_GROUP_COMPLIANCE = "serverfleet_group_compliance"
_GROUPS = (_GROUP_INFO, _GROUP_SERVERS, _GROUP_HEALTH)
_FIRMWARE_COMPLIANCE = "serverfleet_server_firmware_compliance"
_NONCOMPLIANT = "serverfleet_server_firmware_noncompliant_components"
_CONFIG_COMPLIANCE = "serverfleet_server_config_compliance"

_VERDICT = known(VERDICT)


def _is_server(record: "DeviceRecord") -> bool:
    return record.type == SERVER


def _is_of_users(record: "GroupRecord") -> bool:
    return record.type_id == USER_DEFINED


class PageRecord(Struct, frozen=True, gc=False):
    """One page of a list; the count and the link are taken as they come."""

    value: list[Raw] | None
    count: Annotated[object, feeds("serverfleet_source_servers_reported")] = field(
        name="@odata.count", default=None
    )
    next_link: Annotated[object, decides("serverfleet_source_servers"), LINK] = field(
        name="@odata.nextLink", default=None
    )


class ProfileRecord(Struct, frozen=True, gc=False, rename="pascal"):
    """An entry of `DeviceManagement[].ManagementProfile[]`."""

    agent_name: Annotated[
        str | None, expected(when=_is_server), feeds(_INFO, label="bmc_model")
    ] = None
    version: Annotated[
        str | None, expected(when=_is_server), feeds(_INFO, label="bmc_version"), VERSION
    ] = None


class ManagementRecord(Struct, frozen=True, gc=False, rename="pascal"):
    """An entry of `DeviceManagement[]`: an address under which the device is managed."""

    network_address: Annotated[
        str | None, expected(when=_is_server), feeds(_INFO, label="bmc_address")
    ] = None
    management_type: Annotated[int | None, expected(when=_is_server), feeds(_INFO)] = None
    dns_name: Annotated[str | None, feeds(_INFO, label="hostname")] = None
    management_profile: tuple[ProfileRecord, ...] | None = None


class DeviceRecord(Struct, frozen=True, gc=False, rename="pascal"):
    """An item of `DeviceService/Devices`."""

    id: Annotated[Id, feeds(_INFO, label="id")]
    type: Annotated[int | None, EXPECTED, feeds(_INFO, label="device_type")] = None
    identifier: Annotated[
        str | None,
        expected(when=_is_server),
        feeds(IDENTITY, "serverfleet_source_servers", label="serial", choice=1),
    ] = None
    device_service_tag: Annotated[
        str | None, feeds(IDENTITY, "serverfleet_source_servers", label="serial", choice=2)
    ] = None
    chassis_service_tag: Annotated[str | None, feeds(_INFO, label="chassis")] = None
    model: Annotated[str | None, expected(when=_is_server), feeds(_INFO, label="model")] = None
    device_name: Annotated[str | None, EXPECTED, feeds(IDENTITY, label="server")] = None
    power_state: Annotated[
        int | None, expected(when=_is_server), feeds("serverfleet_server_power_state")
    ] = None
    managed_state: Annotated[int | None, EXPECTED, feeds("serverfleet_server_managed")] = None
    status: Annotated[int | None, EXPECTED, feeds("serverfleet_server_health")] = None
    connection_state: Annotated[bool | None, EXPECTED, feeds("serverfleet_server_connected")] = None
    last_inventory_time: Annotated[str | None, feeds(_INVENTORY_TIME), TIME] = None
    device_management: Annotated[tuple[ManagementRecord, ...] | None, EXPECTED] = None


class AlertRecord(Struct, frozen=True, gc=False, rename="pascal"):
    """An item of `AlertService/Alerts`."""

    id: Annotated[Id, feeds(_SOURCE_ALERTS)]
    severity_type: Annotated[
        int | None, EXPECTED, decides(_SERVER_ALERTS, _SOURCE_ALERTS, _UNASSIGNED)
    ] = None
    status_type: Annotated[
        int | None, EXPECTED, decides(_SERVER_ALERTS, _SOURCE_ALERTS, _UNASSIGNED)
    ] = None
    alert_device_id: Annotated[
        Id | None, EXPECTED, feeds(_SERVER_ALERTS, _UNASSIGNED, label="server", choice=1)
    ] = None
    alert_device_identifier: Annotated[
        str | None, EXPECTED, feeds(_SERVER_ALERTS, _UNASSIGNED, label="server", choice=2)
    ] = None
    alert_device_name: Annotated[str | None, decides(ALERT_LOG)] = None
    message: Annotated[str | None, decides(ALERT_LOG)] = None


class WarrantyRecord(Struct, frozen=True, gc=False, rename="pascal"):
    """An item of `WarrantyService/Warranties`."""

    id: Annotated[Id, decides(_WARRANTY)]
    device_id: Annotated[Id | None, feeds(_WARRANTY, label="serial", choice=1)] = None
    device_identifier: Annotated[
        str | None, EXPECTED, feeds(_WARRANTY, label="serial", choice=2)
    ] = None
    end_date: Annotated[str | None, EXPECTED, feeds(_WARRANTY), TIME] = None


class CodeRecord(Struct, frozen=True, gc=False, rename="pascal"):
    """A code of the appliance with its name."""

    id: Annotated[Code | None, EXPECTED] = None


class JobRecord(Struct, frozen=True, gc=False, rename="pascal"):
    """An item of `JobService/Jobs`."""

    id: Annotated[Id, decides(_JOBS)]
    job_status: Annotated[CodeRecord | None, EXPECTED, feeds(_JOBS)] = None
    last_run_status: Annotated[CodeRecord | None, feeds(_JOBS)] = None


class GroupRecord(Struct, frozen=True, gc=False, rename="pascal"):
    """An item of `GroupService/Groups`."""

    id: Annotated[Id, decides(*_GROUPS)]
    name: Annotated[str | None, EXPECTED, feeds(*_GROUPS, label="group")] = None
    global_status: Annotated[int | None, expected(when=_is_of_users), feeds(_GROUP_HEALTH)] = None
    type_id: Annotated[int | None, EXPECTED, feeds(*_GROUPS)] = None
    visible: Annotated[bool | None, feeds(*_GROUPS)] = None


class MemberRecord(Struct, frozen=True, gc=False, rename="pascal"):
    """An item of `Groups(id)/AllLeafDevices` or `/Devices`, of which nothing else is needed."""

    id: Annotated[Id, feeds(_GROUP_INFO, _GROUP_SERVERS, label="serial")]


class SummaryRecord(Struct, frozen=True, gc=False, rename="pascal"):
    """What a baseline says about all of its devices."""

    compliance_status: Annotated[str | int | None, EXPECTED, _VERDICT] = None


class FirmwareBaselineRecord(Struct, frozen=True, gc=False, rename="pascal"):
    """An item of `UpdateService/Baselines`."""

    id: Annotated[Id, decides(_GROUP_COMPLIANCE, _FIRMWARE_COMPLIANCE, _NONCOMPLIANT)]
    name: Annotated[str | None, EXPECTED, feeds(_GROUP_COMPLIANCE, label="group")] = None
    compliance_summary: Annotated[SummaryRecord | None, EXPECTED, feeds(_GROUP_COMPLIANCE)] = None


class ConfigBaselineRecord(Struct, frozen=True, gc=False, rename="pascal"):
    """An item of `TemplateService/Baselines`."""

    id: Annotated[Id, decides(_GROUP_COMPLIANCE, _CONFIG_COMPLIANCE)]
    name: Annotated[str | None, EXPECTED, feeds(_GROUP_COMPLIANCE, label="group")] = None
    config_compliance_summary: Annotated[
        SummaryRecord | None, EXPECTED, feeds(_GROUP_COMPLIANCE)
    ] = None


class ComponentReportRecord(Struct, frozen=True, gc=False, rename="pascal"):
    """An entry of `ComponentComplianceReports`."""

    update_action: Annotated[str | None, EXPECTED, feeds(_NONCOMPLIANT), known(ACTIONS)] = None
    criticality: Annotated[
        str | None, EXPECTED, feeds(_NONCOMPLIANT, label="criticality"), known(CRITICALITIES)
    ] = None


class FirmwareReportRecord(Struct, frozen=True, gc=False, rename="pascal"):
    """An item of `Baselines(id)/DeviceComplianceReports`."""

    id: Annotated[Id, decides(_FIRMWARE_COMPLIANCE, _NONCOMPLIANT)]
    device_id: Annotated[
        Id | None,
        EXPECTED,
        feeds(_FIRMWARE_COMPLIANCE, _NONCOMPLIANT, label="serial", choice=1),
    ] = None
    service_tag: Annotated[
        str | None,
        EXPECTED,
        feeds(_FIRMWARE_COMPLIANCE, _NONCOMPLIANT, label="serial", choice=2),
    ] = None
    firmware_status: Annotated[
        str | None, EXPECTED, feeds(_FIRMWARE_COMPLIANCE, choice=1), _VERDICT
    ] = None
    compliance_status: Annotated[str | None, feeds(_FIRMWARE_COMPLIANCE, choice=2), _VERDICT] = None
    component_compliance_reports: Annotated[tuple[ComponentReportRecord, ...] | None, EXPECTED] = (
        None
    )


class ConfigReportRecord(Struct, frozen=True, gc=False, rename="pascal"):
    """An item of `Baselines(id)/DeviceConfigComplianceReports`; `Id` is the device's."""

    id: Annotated[Id, feeds(_CONFIG_COMPLIANCE, label="serial", choice=2)]
    service_tag: Annotated[
        str | None, EXPECTED, feeds(_CONFIG_COMPLIANCE, label="serial", choice=1)
    ] = None
    compliance_status: Annotated[
        str | int | None, EXPECTED, feeds(_CONFIG_COMPLIANCE), _VERDICT
    ] = None


class TimeConfigurationRecord(Struct, frozen=True, gc=False, rename="pascal"):
    """`ApplicationService/Network/TimeConfiguration`."""

    time_zone: Annotated[str | None, decides(_INVENTORY_TIME, _WARRANTY)] = None
    time_zone_id_linux: Annotated[str | None, decides(_INVENTORY_TIME, _WARRANTY)] = None
    system_time: Annotated[str | None, decides(_INVENTORY_TIME, _WARRANTY), TIME] = None
    utc_time: Annotated[str | None, decides(_INVENTORY_TIME, _WARRANTY), TIME] = None


class TimeZoneRecord(Struct, frozen=True, gc=False, rename="pascal"):
    """An item of `ApplicationService/Network/TimeZones`."""

    id: Annotated[str, decides(_INVENTORY_TIME, _WARRANTY)]
    utc_offset_minutes: Annotated[float | str | None, decides(_INVENTORY_TIME, _WARRANTY)] = field(
        name="Utcoffsetminutes", default=None
    )


class InfoRecord(Struct, frozen=True, gc=False, rename="pascal"):
    """`ApplicationService/Info`."""

    version: Annotated[
        str | None, EXPECTED, feeds("serverfleet_source_info", label="version"), VERSION
    ] = None


PAGE = json.Decoder(PageRecord)
DEVICE = json.Decoder(DeviceRecord)
ALERT = json.Decoder(AlertRecord)
WARRANTY = json.Decoder(WarrantyRecord)
JOB = json.Decoder(JobRecord)
GROUP = json.Decoder(GroupRecord)
MEMBER = json.Decoder(MemberRecord)
FIRMWARE_BASELINE = json.Decoder(FirmwareBaselineRecord)
CONFIG_BASELINE = json.Decoder(ConfigBaselineRecord)
FIRMWARE_REPORT = json.Decoder(FirmwareReportRecord)
CONFIG_REPORT = json.Decoder(ConfigReportRecord)
TIME_CONFIGURATION = json.Decoder(TimeConfigurationRecord)
TIME_ZONE = json.Decoder(TimeZoneRecord)
INFO = json.Decoder(InfoRecord)
