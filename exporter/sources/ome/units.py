"""Units of power, energy and temperature, by the spellings that appliances use."""

from collections.abc import Mapping

from exporter.sources.numbers import converted
from exporter.sources.text import clean

WATT, BTU_AN_HOUR = "watt", "btu/hr"
KILOWATT_HOUR = "kilowatt-hour"
CELSIUS, FAHRENHEIT = "celsius", "fahrenheit"
_SPELLINGS = {
    "watts": WATT,
    "w": WATT,
    "btu/h": BTU_AN_HOUR,
    "kilowatt-hours": KILOWATT_HOUR,
    "killowatt-hour": KILOWATT_HOUR,  # of some builds, and of the documentation
    "kwh": KILOWATT_HOUR,
    "°c": CELSIUS,
    "c": CELSIUS,
    "°f": FAHRENHEIT,
    "f": FAHRENHEIT,
}

WATTS: Mapping[str, float] = {"": 1.0, WATT: 1.0, BTU_AN_HOUR: 0.293071}
"""Watts in one unit of power. Builds that leave a unit out mean the usual one, as below."""
JOULES: Mapping[str, float] = {"": 3.6e6, KILOWATT_HOUR: 3.6e6}
"""Joules in one unit of energy."""
TEMPERATURES = frozenset({"", CELSIUS, FAHRENHEIT})


def unit_of(text: object) -> str:
    """Return the usual spelling of a unit; an unknown one as it is, an empty string for none."""
    plain = clean(text).lower()
    return _SPELLINGS.get(plain, plain)


def celsius_from(degrees: float, unit: str) -> float:
    """Return degrees Celsius; every unit but Fahrenheit is Celsius."""
    return converted((degrees - 32) / 1.8) if unit == FAHRENHEIT else degrees
