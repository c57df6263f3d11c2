"""Which of the numbers of `/Power` and `/Temperature` are measurements?

The appliance writes numbers as strings, and says "never measured" with `N/A`, with `65535`, or
with a time of 1969 beside the number.
"""

import math
from collections.abc import Mapping

from exporter.model import Power, PowerDraw, Temperatures
from exporter.sources.drift import Drift, Unseen
from exporter.sources.numbers import measurable
from exporter.sources.ome.records import PowerRecord, TemperatureRecord
from exporter.sources.ome.times import is_never
from exporter.sources.sharing import shared

NOT_MEASURED = 65535.0
JOULES_PER_KWH = 3.6e6
WATT = frozenset({"watt"})
KILOWATT_HOUR = frozenset({"kilowatt-hour", "killowatt-hour"})
"""The second spelling is the appliance's own on some builds."""
CELSIUS = frozenset({"celsius"})
COLDEST, HOTTEST = -100.0, 200.0
SENSOR = "system"


def draw_from(record: PowerRecord) -> PowerDraw | None:
    """Read what a device draws now; None where that is no measurement."""
    watts = _measured(record.power, record.power_unit, WATT)
    return None if watts is None else PowerDraw(watts)


def power_from(record: PowerRecord) -> Power:
    """Read watts, and kilowatt-hours as joules; what is no measurement is None."""
    kwh = _measured(
        record.system_energy_consumption,
        record.system_energy_consumption_unit,
        KILOWATT_HOUR,
        record.system_energy_consumption_time_stamp,
    )
    return Power(
        peak_watts=_measured(
            record.peak_power, record.peak_power_unit, WATT, record.peak_power_time_stamp
        ),
        minimum_watts=_measured(
            record.minimum_power, record.minimum_power_unit, WATT, record.minimum_power_time_stamp
        ),
        headroom_watts=_measured(
            record.instantaneous_headroom,
            record.instantaneous_headroom_unit,
            WATT,
            record.instantaneous_headroom_time_stamp,
        ),
        energy_joules=None if kwh is None else kwh * JOULES_PER_KWH,
    )


def temperatures_from(record: TemperatureRecord) -> Temperatures:
    """Read `instantaneousTemperature`; no sensor where it is no plausible measurement."""
    celsius = number_from(record.instantaneous_temperature)
    if celsius is None or not _unit_fits(record.instantaneous_temperature_unit, CELSIUS):
        return Temperatures(())
    return shared(Temperatures(((SENSOR, celsius),) if is_plausible(celsius) else ()))


def is_plausible(celsius: float) -> bool:
    """Tell whether a sensor in a server can be that warm."""
    return COLDEST <= celsius <= HOTTEST


def unfit_power_units(record: PowerRecord) -> Drift:
    """Name the units of a record for which its numbers are left out."""
    watts = {
        "powerUnit": record.power_unit,
        "peakPowerUnit": record.peak_power_unit,
        "minimumPowerUnit": record.minimum_power_unit,
        "instantaneousHeadroomUnit": record.instantaneous_headroom_unit,
    }
    energy = {"systemEnergyConsumptionUnit": record.system_energy_consumption_unit}
    return _unfit((watts, WATT), (energy, KILOWATT_HOUR))


def unfit_temperature_units(record: TemperatureRecord) -> Drift:
    """Name the unit of a record for which its number is left out."""
    units = {"instantaneousTemperatureUnit": record.instantaneous_temperature_unit}
    return _unfit((units, CELSIUS))


def _unfit(*expected: tuple[Mapping[str, str | None], frozenset[str]]) -> Drift:
    unseen = Unseen()
    for units, fitting in expected:
        for field, unit in units.items():
            if not _unit_fits(unit, fitting):
                unseen.note(field, unit)
    return unseen.drift


def number_from(value: float | str | None) -> float | None:
    """Read a number; None for `N/A`, `65535` and whatever else is no measurement."""
    try:
        number = float(value) if value is not None else math.nan
    except (ValueError, OverflowError):
        return None
    return measurable(number) if number != NOT_MEASURED else None


def _measured(
    value: float | str | None, unit: str | None, fitting: frozenset[str], time: str | None = None
) -> float | None:
    number = number_from(value)
    if number is None or number < 0 or is_never(time) or not _unit_fits(unit, fitting):
        return None
    return number


def _unit_fits(unit: str | None, fitting: frozenset[str]) -> bool:
    """Tell whether a unit is the expected one; builds that leave it out mean that one."""
    return not unit or unit.strip().lower() in fitting
