"""How does OME answer `Devices(id)/Power` and `/Temperature`?

Every value is a string. A server that was never measured has the sentinel 65535 and a time of
1969; what is not known now is "N/A" or "-1". Units are spelled in several ways. One server in
sixteen has no statistics at all, and says so in one of three ways.
"""

from typing import Any, Final

from exporter.simulators.machines import SERVER, OmeDevice, PowerReading
from exporter.simulators.ome.appliance import cim_time
from exporter.simulators.ome.envelope import RefusalError
from exporter.simulators.world import World

NEVER: Final = "19691231180000.000000-360"
NEVER_MEASURED: Final = "65535"
UNKNOWN: Final = ("N/A", "-1")
WATT: Final = ("watt", "Watts", "W")

_REFUSALS: Final = {3: (404, "CGEN1006"), 19: (400, "CGEN1007"), 35: (501, "CGEN1007")}


def power(world: World, device: OmeDevice) -> dict[str, Any]:
    """Return the body of `/Power`; watts and kWh as text.

    Raises:
        RefusalError: The device has no such statistics.
    """
    _check(device)
    reading = world.power(device)
    hours = device.place.hours_from_utc
    watt = WATT[device.index % len(WATT)]
    found = {
        "@odata.context": "/api/$metadata#DeviceService.PowerResponseModel",
        "@odata.type": "#DeviceService.PowerResponseModel",
        "@odata.id": f"/api/DeviceService/Devices({device.id})/Power",
        "avgPower": str(round(reading.average_watts)),
        "systemEnergyConsumptionUnit": "kilowatt-hour" if device.index % 4 else "killowatt-hour",
        "systemEnergyConsumptionTimeStamp": cim_time(device.at, hours),
        "powerUnit": watt,
        "minimumPowerTimeStamp": cim_time(reading.since, hours),
        "avgPowerUnit": watt,
        "minimumPower": str(round(reading.minimum_watts)),
        "peakPower": str(round(reading.peak_watts)),
        "DateFormat": "CIM",
        "systemEnergyConsumption": f"{reading.kwh:.3f}",
        "Since": cim_time(reading.since, hours),
        "peakPowerTimeStamp": cim_time(reading.since, hours),
        "power": _power_now(device, reading),
        "peakPowerUnit": watt,
        "minimumPowerUnit": watt,
    }
    if device.index % 48 == 7:
        found |= {"minimumPower": NEVER_MEASURED, "minimumPowerTimeStamp": NEVER}
    return found | _headroom(device, reading) if device.index % 3 else found


def temperature(world: World, device: OmeDevice) -> dict[str, Any]:
    """Return the body of `/Temperature`; degrees Celsius as text.

    Raises:
        RefusalError: The device has no such statistics.
    """
    _check(device)
    reading = world.power(device)
    hours = device.place.hours_from_utc
    off = device.situation.power == "OFF"
    now = UNKNOWN[device.index % 2] if off else str(celsius(reading))
    return {
        "@odata.context": "/api/$metadata#DeviceService.TemperatureResponseModel",
        "@odata.type": "#DeviceService.TemperatureResponseModel",
        "@odata.id": f"/api/DeviceService/Devices({device.id})/Temperature",
        "peakTemperatureUnit": "celsius",
        "avgTemperatureUnit": "celsius",
        "DateFormat": "CIM",
        "instantaneousTemperatureUnit": "celsius",
        "startTime": cim_time(reading.since, hours),
        "avgTemperatureTimeStamp": cim_time(device.at, hours),
        "avgTemperature": "22",
        "instantaneousTemperature": now,
        "peakTemperature": NEVER_MEASURED if device.index % 48 == 39 else "29",
        "peakTemperatureTimeStamp": NEVER
        if device.index % 48 == 39
        else cim_time(reading.since, hours),
    }


def celsius(reading: PowerReading) -> int:
    """Return the true temperature: it follows the draw, between 18 and 28 degrees."""
    shape = reading.shape
    part = (reading.watts - shape.lowest) / (shape.highest - shape.lowest)
    return 18 + round(10 * min(1.0, max(0.0, part)))


def _power_now(device: OmeDevice, reading: PowerReading) -> str:
    if device.index % 48 == 23 or not device.situation.connected:
        return UNKNOWN[device.index % 2]
    return str(round(reading.watts))


def _headroom(device: OmeDevice, reading: PowerReading) -> dict[str, str]:
    return {
        "instantaneousHeadroom": str(round(reading.headroom_watts)),
        "instantaneousHeadroomUnit": "watt",
        "instantaneousHeadroomTimeStamp": cim_time(device.at, device.place.hours_from_utc),
        "peakHeadroom": str(round(reading.headroom_watts - 20)),
        "peakHeadroomUnit": "watt",
        "DurationTime": str(round(device.at - reading.since)),
    }


def _check(device: OmeDevice) -> None:
    if device.type != SERVER:
        raise RefusalError(501, "CGEN1007")
    if not device.has_power:
        raise RefusalError(*_REFUSALS[device.index % 48])
