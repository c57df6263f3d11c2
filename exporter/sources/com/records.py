"""What do the answers of Compute Ops Management look like, as far as we read them?

Records are lenient: every field but the id may be missing or null, because a server without a
subscription has next to none.
Numbers are taken as they come (`object`), so that an absurd one costs its own reading and not the
record.
"""

from typing import Annotated

import msgspec
from msgspec import UNSET, Meta, Raw, Struct, UnsetType

_IN_LINE = r"[^\x00-\x1f\x7f]*"
Id = Annotated[str, Meta(pattern=rf"^{_IN_LINE}[^\s\x00-\x1f\x7f]{_IN_LINE}\Z", max_length=256)]
"""Becomes a label value and a part of a path as it is, so it has to be a line of bounded length."""


class Page(Struct, gc=False):
    """One page of any list; the items are decoded one by one, the numbers taken as they come."""

    items: list[Raw] | UnsetType | None = UNSET
    total: object = None
    """Missing on several lists."""
    excluded: object = None
    """Of energy: servers without data in the window; they are not among `total`."""


class UserDefined(Struct, gc=False):
    """`hardware.bmc.userDefined`; it may hold a password, so nothing else of it is read."""

    host: str | None = None


class Bmc(Struct, rename="camel", gc=False):
    """`hardware.bmc`; a third-party server has its address in `userDefined`."""

    ip: str | None = None
    model: str | None = None
    version: str | None = None
    user_defined: UserDefined | None = None


class Hardware(Struct, rename="camel", gc=False):
    """`hardware`; missing as a whole without a subscription."""

    serial_number: str | None = None
    model: str | None = None
    memory_mb: object = None
    power_state: str | None = None
    health: dict[str, object] | None = None
    bmc: Bmc | None = None


class Host(Struct, rename="camel", gc=False):
    """`host`: the operating system."""

    hostname: str | None = None
    os_name: str | None = None
    os_version: str | None = None


class State(Struct, rename="camel", gc=False):
    """`state`: the relation of a server to the management plane."""

    managed: bool | None = None
    connected: bool | None = None
    subscription_state: str | None = None
    subscription_tier: str | None = None
    subscription_expires_at: str | None = None


class LastFirmwareUpdate(Struct, rename="camel", gc=False):
    """`lastFirmwareUpdate`."""

    status: str | None = None


class OneView(Struct, rename="camel", gc=False):
    """`oneview`: what the OneView appliance of a server says of it."""

    maintenance_mode: bool | None = None


class ServerRecord(Struct, rename="camel", gc=False):
    """One item of `v1/servers`."""

    id: Id
    name: str | None = None
    hardware: Hardware | None = None
    host: Host | None = None
    state: State | None = None
    maintenance_mode: bool | None = None
    oneview: OneView | None = None
    processor_vendor: str | None = None
    server_generation: str | None = None
    last_full_inventory_collection_at: str | None = None
    last_firmware_update: LastFirmwareUpdate | None = None


SERVER_FIELDS = (
    "id,name,hardware,host,state,maintenanceMode,oneview,processorVendor,serverGeneration,"
    "lastFullInventoryCollectionAt,lastFirmwareUpdate"
)
"""`select` of `v1/servers`: whole objects; what a nested selection looks like is not documented."""


class Device(Struct, gc=False):
    """`device` or `server` of an alert; a `device` is a server, or an appliance."""

    id: str | None = None


class AlertRecord(Struct, rename="camel", gc=False):
    """One item of `v1/alerts` or `v1/servers/{id}/alerts`."""

    id: Id
    severity: str | None = None
    server_id: str | None = None
    device: Device | None = None
    server: Device | None = None
    resource_uri: str | None = None
    cleared: bool | None = None
    cleared_at: str | None = None
    message: str | None = None
    description: str | None = None


ALERT_FIELDS = (
    "id,severity,serverId,device,server,resourceUri,cleared,clearedAt,message,description"
)
"""`select` of the alert lists; `server` was seen, but is not documented."""


class Measure(Struct, gc=False):
    """A sum over a window; projections into the future are not read."""

    collected: object = None


class EntityDetails(Struct, gc=False):
    """`entityDetails` of an energy record."""

    location: str | None = None


class EnergyRecord(
    Struct, rename={"co2e_kg": "co2eKg", "entity_details": "entityDetails"}, gc=False
):
    """One item of `energy-by-entity`: kWh, kg of CO2 equivalent, USD."""

    id: Id
    status: str | None = None
    entity_details: EntityDetails | None = None
    kwh: Measure | None = None
    co2e_kg: Measure | None = None
    cost: Measure | None = None


class Average(Struct, gc=False):
    """`collected` of a utilization record: per cent over the days asked for."""

    average: object = None


class UtilizationRecord(Struct, rename="camel", gc=False):
    """One item of `utilization-by-entity`."""

    id: Id
    status: str | None = None
    status_reason: str | None = None
    collected: Average | None = None


class GroupDevice(Struct, rename="camel", gc=False):
    """One of `devices` of a group."""

    device_id: str | None = None
    product_id: str | None = None
    serial: str | None = None


class Verdict(Struct, gc=False):
    """Compliance of a group with one of its settings."""

    status: str | None = None


class GroupVerdicts(Struct, rename="camel", gc=False):
    """`groupCompliance`."""

    summary: str | None = None
    firmware: Verdict | None = None
    ilo_settings: Verdict | None = None


class GroupRecord(Struct, rename="camel", gc=False):
    """One item of `v1/groups`."""

    id: Id
    name: str | None = None
    device_type: str | None = None
    compliance_status: str | None = None
    group_compliance: GroupVerdicts | None = None
    devices: list[GroupDevice] | None = None


class ComplianceRecord(Struct, rename="camel", gc=False):
    """One item of a group's compliance: one server, and what is compared."""

    device_id: Id
    compliance_category: str | None = None
    compliance_state: str | None = None
    score: object = None


class WarrantyRecord(Struct, rename="camel", frozen=True, gc=False):
    """One item of `server-warranty`; a server may have several, told apart by all that they say."""

    device_id: Id
    id: str | None = None
    support_state: str | None = None
    support_level: str | None = None
    contract_level: str | None = None
    support_start_date: str | None = None
    support_end_date: str | None = None


class JobRecord(Struct, rename="camel", gc=False):
    """One item of `v1/jobs`."""

    id: Id
    state: str | None = None
    result_code: str | None = None
    updated_at: str | None = None


JOB_FIELDS = "id,state,resultCode,updatedAt"
"""`select` of `v1/jobs`."""


class ApplianceRecord(Struct, gc=False):
    """One item of `appliances` or `oneview-appliances`."""

    id: Id
    state: str | None = None


class FirmwareItem(Struct, gc=False):
    """One of `firmwareInventory`."""

    name: str | None = None
    version: str | None = None


class FirmwareRecord(Struct, rename={"firmware_inventory": "firmwareInventory"}, gc=False):
    """One item of `v1/servers`, with its firmware alone."""

    id: Id
    firmware_inventory: list[FirmwareItem] | None = None


FIRMWARE_FIELDS = "id,firmwareInventory"
"""`select` of `v1/servers` for the firmware."""


page_decoder = msgspec.json.Decoder(Page)
server_decoder = msgspec.json.Decoder(ServerRecord)
alert_decoder = msgspec.json.Decoder(AlertRecord)
energy_decoder = msgspec.json.Decoder(EnergyRecord)
utilization_decoder = msgspec.json.Decoder(UtilizationRecord)
group_decoder = msgspec.json.Decoder(GroupRecord)
compliance_decoder = msgspec.json.Decoder(ComplianceRecord)
warranty_decoder = msgspec.json.Decoder(WarrantyRecord)
job_decoder = msgspec.json.Decoder(JobRecord)
appliance_decoder = msgspec.json.Decoder(ApplianceRecord)
firmware_decoder = msgspec.json.Decoder(FirmwareRecord)
