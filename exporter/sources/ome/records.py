"""Which fields of the appliance's answers do we read?

Every field may be missing or null, unless a record means nothing without it. Numbers that the
appliance writes as strings (roll-ups, power, temperature) are taken in both forms. `gc=False` is
safe: nothing decoded from JSON can be part of a cycle.
"""

from msgspec import Raw, Struct, field, json


class PageRecord(Struct, frozen=True, gc=False):
    """One page of a list; both fields are needed to know whether the list is complete."""

    value: list[Raw]
    count: int = field(name="@odata.count")


class RowsRecord(Struct, frozen=True, gc=False):
    """A list that is never paged, such as the subsystems of one device."""

    value: list[Raw]


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

    id: int
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

    id: int
    severity_type: int | None = None
    status_type: int | None = None
    alert_device_id: int | None = None
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


class InfoRecord(Struct, frozen=True, gc=False, rename="pascal"):
    """`ApplicationService/Info`."""

    version: str | None = None


PAGE = json.Decoder(PageRecord)
ROWS = json.Decoder(RowsRecord)
DEVICE = json.Decoder(DeviceRecord)
ALERT = json.Decoder(AlertRecord)
SUBSYSTEM = json.Decoder(SubsystemRecord)
POWER = json.Decoder(PowerRecord)
TEMPERATURE = json.Decoder(TemperatureRecord)
INFO = json.Decoder(InfoRecord)
