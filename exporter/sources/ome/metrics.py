"""Rows of Power Manager as values of the model, by the units that it is set to."""

from collections.abc import Collection, Iterable
from datetime import tzinfo

from msgspec import Struct

from exporter.model import PowerDraw, Temperatures, Utilization
from exporter.sources.drift import NO_DRIFT, Drift, Unseen, joined, unknown_values
from exporter.sources.ome.measurements import is_plausible, is_unreadable_number, number_from
from exporter.sources.ome.power_manager_records import MetricRecord, PowerSettingRecord
from exporter.sources.ome.times import unix_time
from exporter.sources.ome.vocabulary import (
    BTU_AN_HOUR,
    CELSIUS,
    FAHRENHEIT,
    WATT,
    WATTS,
    celsius_from,
    unit_of,
)
from exporter.sources.records import TEXT
from exporter.sources.values import converted

POWER, INLET, CPU, MEMORY, IO = 4, 8, 11, 14, 17
ASKED = (POWER, INLET, CPU, MEMORY, IO)
RESOURCES = {CPU: "cpu", MEMORY: "memory", IO: "io"}

TEMPERATURE_UNIT, POWER_UNIT, GATHERING_INTERVAL = 1, 2, 3
"""Ids of settings."""
TEMPERATURE_UNITS = {"1": CELSIUS, "2": FAHRENHEIT, CELSIUS: CELSIUS, FAHRENHEIT: FAHRENHEIT}
POWER_UNITS = {"1": WATT, "2": BTU_AN_HOUR, WATT: WATT, BTU_AN_HOUR: BTU_AN_HOUR}
USUAL_MINUTES = 15.0
MOST_MINUTES = 1440.0
SENSOR = "inlet"


class Units(Struct, frozen=True, gc=False):
    """How Power Manager is set; an empty unit where it does not say it in a known way."""

    temperature: str = ""
    power: str = ""
    gathering: float = USUAL_MINUTES * 60
    """Seconds between two readings of a device."""
    drift: Drift = NO_DRIFT
    """Settings with a unit that is not known, or an interval that is no number."""


class Row(Struct, frozen=True, gc=False):
    """One reading of a device; `at` in Unix seconds."""

    type: int
    value: float
    at: float


def units_from(settings: Iterable[PowerSettingRecord]) -> Units:
    """Read the settings of Power Manager."""
    values = {_plain(each.id): _plain(each.value) for each in settings if each.value is not None}
    interval = values.get(str(GATHERING_INTERVAL))
    minutes = number_from(interval)
    if minutes is None or not 0 < minutes <= MOST_MINUTES:
        minutes = USUAL_MINUTES
    temperature, power = values.get(str(TEMPERATURE_UNIT)), values.get(str(POWER_UNIT))
    drifts = (
        unknown_values("Settings.TEMPERATURE_DISPLAY_UNIT", [temperature], TEMPERATURE_UNITS),
        unknown_values("Settings.POWER_DISPLAY_UNIT", [power], POWER_UNITS),
        _unreadable("Settings.METRIC_GATHERING_INTERVAL", [interval]),
    )
    return Units(
        temperature=TEMPERATURE_UNITS.get(temperature or "", ""),
        power=POWER_UNITS.get(power or "", ""),
        gathering=minutes * 60,
        drift=joined(drifts),
    )


def newest_rows(rows: Iterable[MetricRecord], zone: tzinfo, now: float) -> tuple[Row, ...]:
    """Choose the newest row of each type that was asked for.

    Args:
        rows: The rows of one device.
        zone: What their times are meant in.
        now: Stands for a time that cannot be read, but only where no other row names one.
    """
    newest: dict[int, tuple[bool, float, Row]] = {}
    for each in rows:
        kind, value = number_from(each.type), number_from(each.value)
        if value is None or kind not in ASKED:
            continue
        at = unix_time(each.timestamp, zone)
        row = Row(int(kind), value, now if at is None else at)
        ranked = (at is not None, at or 0.0, row)
        if row.type not in newest or newest[row.type][:2] < ranked[:2]:
            newest[row.type] = ranked
    return tuple(row for _, _, row in newest.values())


def unfit_rows(rows: Collection[MetricRecord]) -> Drift:
    """Name the fields of rows that are left out because they have text for a number."""
    asked = [each.value for each in rows if number_from(each.type) in ASKED]
    types = [each.type for each in rows]
    return joined((_unreadable("Value", asked), _unreadable("Type", types)))


def draw_from(rows: Iterable[Row], units: Units) -> PowerDraw | None:
    """Read watts; None without a reading or a unit."""
    value = _value(rows, POWER)
    if value is None or value < 0 or not units.power:
        return None
    return PowerDraw(converted(value * WATTS[units.power]))


def temperatures_from(rows: Iterable[Row], units: Units) -> Temperatures | None:
    """Read the degrees of the inlet; None without a reading or a unit."""
    value = _value(rows, INLET)
    if value is None or not units.temperature:
        return None
    celsius = celsius_from(value, units.temperature)
    return Temperatures(((SENSOR, celsius),)) if is_plausible(celsius) else None


def utilization_from(rows: Iterable[Row]) -> Utilization | None:
    """Read the averages in percent as parts of one; None without any."""
    found = tuple(
        sorted(
            (RESOURCES[row.type], converted(row.value / 100))
            for row in rows
            if row.type in RESOURCES and 0 <= row.value <= 100
        )
    )
    return Utilization(found) if found else None


def _unreadable(field: str, values: Iterable[float | str | None]) -> Drift:
    unseen = Unseen()
    for value in values:
        if is_unreadable_number(value):
            unseen.note(field, TEXT)
    return unseen.drift


def _plain(value: float | str | None) -> str:
    """Write a setting's id or value in one way: builds write a number as `1`, `1.0` or `"1.0"`."""
    number = number_from(value)
    return unit_of(value) if number is None else f"{number:g}"


def _value(rows: Iterable[Row], kind: int) -> float | None:
    return next((row.value for row in rows if row.type == kind), None)
