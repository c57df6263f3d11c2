"""The numbers of `/Power` and `/Temperature` that are measurements.

The appliance writes numbers as strings, and says "never measured" with `N/A`, with `65535`, with
`-1`, or with a time of 1969 beside the number.
"""

import math
from collections.abc import Container, Mapping

from exporter.model import Power, PowerDraw, Temperatures
from exporter.sources.drift import Drift, Unseen
from exporter.sources.ome.device_records import PowerRecord, TemperatureRecord
from exporter.sources.ome.times import is_never
from exporter.sources.ome.vocabulary import JOULES, TEMPERATURES, WATTS, celsius_from, unit_of
from exporter.sources.records import TEXT
from exporter.sources.values import converted, measurable, shared

NOT_MEASURED = frozenset({-1.0, *(2.0**bits - 1 for bits in (16, 31, 32, 63, 64))})
"""Mean "not available": -1 itself, and the largest integers of each width, with and without
sign. (Those of 8 bits are readings: 255 W.)"""
COLDEST, HOTTEST = -100.0, 200.0
SENSOR = "system"


def draw_from(record: PowerRecord) -> PowerDraw | None:
    """Read what a device draws now; None where that is no measurement."""
    watts = _measured(record.power, record.power_unit, WATTS)
    return None if watts is None else PowerDraw(watts)


def power_from(record: PowerRecord) -> Power:
    """Read watts, and kilowatt-hours as joules; what is no measurement is None."""
    return Power(
        peak_watts=_measured(
            record.peak_power, record.peak_power_unit, WATTS, record.peak_power_time_stamp
        ),
        minimum_watts=_measured(
            record.minimum_power, record.minimum_power_unit, WATTS, record.minimum_power_time_stamp
        ),
        headroom_watts=_measured(
            record.instantaneous_headroom,
            record.instantaneous_headroom_unit,
            WATTS,
            record.instantaneous_headroom_time_stamp,
        ),
        energy_joules=_measured(
            record.system_energy_consumption,
            record.system_energy_consumption_unit,
            JOULES,
            record.system_energy_consumption_time_stamp,
        ),
    )


def temperatures_from(record: TemperatureRecord) -> Temperatures:
    """Read `instantaneousTemperature`; no sensor where it is no plausible measurement."""
    degrees = number_from(record.instantaneous_temperature)
    unit = unit_of(record.instantaneous_temperature_unit)
    if degrees is None or unit not in TEMPERATURES:
        return Temperatures(())
    celsius = celsius_from(degrees, unit)
    return shared(Temperatures(((SENSOR, celsius),) if is_plausible(celsius) else ()))


def is_plausible(celsius: float) -> bool:
    """Tell whether a sensor in a server can be that warm."""
    return COLDEST <= celsius <= HOTTEST


def unfit_power(record: PowerRecord) -> Drift:
    """Name the units and numbers of a record for which a number is left out."""
    watts = {
        "powerUnit": record.power_unit,
        "peakPowerUnit": record.peak_power_unit,
        "minimumPowerUnit": record.minimum_power_unit,
        "instantaneousHeadroomUnit": record.instantaneous_headroom_unit,
    }
    energy = {"systemEnergyConsumptionUnit": record.system_energy_consumption_unit}
    numbers = {
        "power": record.power,
        "peakPower": record.peak_power,
        "minimumPower": record.minimum_power,
        "instantaneousHeadroom": record.instantaneous_headroom,
        "systemEnergyConsumption": record.system_energy_consumption,
    }
    return _unfit(numbers, (watts, WATTS), (energy, JOULES))


def unfit_temperature(record: TemperatureRecord) -> Drift:
    """Name the unit and the number of a record for which its number is left out."""
    units = {"instantaneousTemperatureUnit": record.instantaneous_temperature_unit}
    numbers = {"instantaneousTemperature": record.instantaneous_temperature}
    return _unfit(numbers, (units, TEMPERATURES))


def _unfit(
    numbers: Mapping[str, float | str | None],
    *expected: tuple[Mapping[str, str | None], Container[str]],
) -> Drift:
    unseen = Unseen()
    for field, value in numbers.items():
        if is_unreadable_number(value):
            unseen.note(field, TEXT)
    for units, fitting in expected:
        for field, unit in units.items():
            if unit_of(unit) not in fitting:
                unseen.note(field, unit)
    return unseen.drift


def is_unreadable_number(value: float | str | None) -> bool:
    """Return whether a value is text with digits but no number, such as `123 W` or `1,234`.

    A word without digits, such as `N/A`, stands for no number.
    """
    if not isinstance(value, str) or not any(map(str.isdecimal, value)):
        return False
    try:
        float(value)
    except ValueError:
        return True
    return False


def number_from(value: float | str | None) -> float | None:
    """Read a number; None for `N/A`, `65535`, `-1` and whatever else is no measurement."""
    try:
        number = float(value) if value is not None else math.nan
    except (ValueError, OverflowError):
        return None
    return None if number in NOT_MEASURED else measurable(number)


def _measured(
    value: float | str | None,
    unit: str | None,
    factors: Mapping[str, float],
    time: str | None = None,
) -> float | None:
    number, factor = number_from(value), factors.get(unit_of(unit))
    if number is None or number < 0 or is_never(time) or factor is None:
        return None
    return converted(number * factor)
