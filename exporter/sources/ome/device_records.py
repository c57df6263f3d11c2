"""The fields of the answers about one device that are read, and what each of them is for."""

import re
from typing import Annotated

from msgspec import Raw, Struct, field, json

from exporter.sources.fields import (
    EXPECTED,
    NAME,
    TIME,
    VERSION,
    decides,
    feeds,
    known,
)
from exporter.sources.ome.vocabulary import (
    BIOS,
    COMPONENT,
    IDRAC_NAME,
    JOULES,
    TEMPERATURES,
    WATTS,
    unit_of,
)

_INFO = "serverfleet_server_info"
_WATTS = "serverfleet_server_power_watts"
_TEMPERATURE = "serverfleet_server_temperature_celsius"
_COMPONENTS = "serverfleet_server_component_health_severity"
_PEAK = "serverfleet_server_power_peak_watts"
_MINIMUM = "serverfleet_server_power_minimum_watts"
_HEADROOM = "serverfleet_server_power_headroom_watts"
_ENERGY = "serverfleet_server_energy_joules_total"
_FIRMWARE = "serverfleet_server_firmware_info"
_LOCATION = "serverfleet_server_location_info"
_SUBSYSTEM = re.compile(r"(?P<kind>[A-Za-z/]+)((\.[A-Za-z]{1,8})?\.[A-Z]?\d{1,2})?", re.ASCII)
_SLOT = re.compile(r"DCIM:[A-Z]{1,12}#\d{1,6}__(BIOS\.Setup|iDRAC\.Embedded)\.\d-\d", re.ASCII)
_SIZE = re.compile(r"\d{1,7}(\.\d{1,9})? ?[KMGT]i?B", re.IGNORECASE | re.ASCII)
_UNIT_OF_POWER = known(lambda text: unit_of(text) in WATTS)
_UNIT_OF_ENERGY = known(lambda text: unit_of(text) in JOULES)
_UNIT_OF_TEMPERATURE = known(lambda text: unit_of(text) in TEMPERATURES)


def _is_subsystem(text: str) -> bool:
    found = _SUBSYSTEM.fullmatch(text)
    return found is not None and found["kind"].lower() in COMPONENT


class SubsystemRecord(Struct, frozen=True, gc=False):
    """An item of `Devices(id)/SubSystemHealth`."""

    name: Annotated[str, feeds(_COMPONENTS, label="component"), known(_is_subsystem)] = field(
        name="SubSystem"
    )
    rollup: Annotated[int | str | None, EXPECTED, feeds(_COMPONENTS)] = field(
        name="RollupStatus", default=None
    )


class PowerRecord(Struct, frozen=True, gc=False, rename="camel"):
    """`Devices(id)/Power`."""

    power: Annotated[float | str | None, EXPECTED, feeds(_WATTS)] = None
    power_unit: Annotated[str | None, decides(_WATTS), _UNIT_OF_POWER] = None
    peak_power: Annotated[float | str | None, EXPECTED, feeds(_PEAK)] = None
    peak_power_unit: Annotated[str | None, decides(_PEAK), _UNIT_OF_POWER] = None
    peak_power_time_stamp: Annotated[str | None, decides(_PEAK), TIME] = None
    minimum_power: Annotated[float | str | None, EXPECTED, feeds(_MINIMUM)] = None
    minimum_power_unit: Annotated[str | None, decides(_MINIMUM), _UNIT_OF_POWER] = None
    minimum_power_time_stamp: Annotated[str | None, decides(_MINIMUM), TIME] = None
    instantaneous_headroom: Annotated[float | str | None, feeds(_HEADROOM)] = None
    instantaneous_headroom_unit: Annotated[str | None, decides(_HEADROOM), _UNIT_OF_POWER] = None
    instantaneous_headroom_time_stamp: Annotated[str | None, decides(_HEADROOM), TIME] = None
    system_energy_consumption: Annotated[float | str | None, EXPECTED, feeds(_ENERGY)] = None
    system_energy_consumption_unit: Annotated[str | None, decides(_ENERGY), _UNIT_OF_ENERGY] = None
    system_energy_consumption_time_stamp: Annotated[str | None, decides(_ENERGY), TIME] = None


class TemperatureRecord(Struct, frozen=True, gc=False, rename="camel"):
    """`Devices(id)/Temperature`."""

    instantaneous_temperature: Annotated[float | str | None, EXPECTED, feeds(_TEMPERATURE)] = None
    instantaneous_temperature_unit: Annotated[
        str | None, decides(_TEMPERATURE), _UNIT_OF_TEMPERATURE
    ] = None


class InventoryRecord(Struct, frozen=True, gc=False, rename="pascal"):
    """One type of `Devices(id)/InventoryDetails`, which has no `value`."""

    inventory_info: Annotated[list[Raw] | None, EXPECTED] = None


class SystemRecord(Struct, frozen=True, gc=False, rename="pascal"):
    """An entry of `serverOperatingSystems`."""

    os_name: Annotated[str | None, EXPECTED, feeds(_INFO, label="os")] = None
    os_version: Annotated[str | None, feeds(_INFO, label="os")] = None


class MemoryRecord(Struct, frozen=True, gc=False, rename="pascal"):
    """An entry of `serverMemoryDevices`; the size is in MB, unless it names a unit itself."""

    size: Annotated[
        float | str | None,
        EXPECTED,
        feeds("serverfleet_server_memory_bytes"),
        known(lambda text: _SIZE.fullmatch(text) is not None),
    ] = None


class SoftwareRecord(Struct, frozen=True, gc=False, rename="pascal"):
    """An entry of `deviceSoftware`."""

    version: Annotated[str | None, EXPECTED, feeds(_FIRMWARE, label="version"), VERSION] = None
    status: Annotated[
        str | None, EXPECTED, feeds(_FIRMWARE, choice=1), known(("Installed", "Available"))
    ] = None
    software_type: Annotated[
        str | None, EXPECTED, feeds(_FIRMWARE, label="component"), known((BIOS, "FRMW", "DRVR"))
    ] = None
    component_id: Annotated[str | int | None, feeds(_FIRMWARE, label="component", choice=1)] = None
    device_description: Annotated[
        str | None, feeds(_FIRMWARE, label="component", choice=2), known((IDRAC_NAME,))
    ] = None
    instance_id: Annotated[
        str | None,
        EXPECTED,
        feeds(_FIRMWARE, label="component", choice=3),
        feeds(_FIRMWARE, choice=2),
        known(lambda text: _SLOT.fullmatch(text) is not None),
    ] = None


class LocationRecord(Struct, frozen=True, gc=False, rename="pascal"):
    """An entry of `deviceLocation`; what people number comes as a number or as text."""

    datacenter: Annotated[str | int | None, feeds(_LOCATION, label="location"), NAME] = None
    room: Annotated[str | int | None, feeds(_LOCATION, label="room"), NAME] = None
    aisle: Annotated[str | int | None, feeds(_LOCATION, label="aisle"), NAME] = None
    rack: Annotated[str | int | None, feeds(_LOCATION, label="rack"), NAME] = None
    rackslot: Annotated[str | int | None, feeds(_LOCATION, label="slot"), NAME, known(("0",))] = (
        None
    )


INVENTORY = json.Decoder(InventoryRecord)
LOCATION = json.Decoder(LocationRecord)
MEMORY = json.Decoder(MemoryRecord)
POWER = json.Decoder(PowerRecord)
SOFTWARE = json.Decoder(SoftwareRecord)
SUBSYSTEM = json.Decoder(SubsystemRecord)
SYSTEM = json.Decoder(SystemRecord)
TEMPERATURE = json.Decoder(TemperatureRecord)
