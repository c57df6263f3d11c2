"""Codes and words of the appliance, and the units of power, energy and temperature."""

from collections.abc import Mapping

from exporter.model import ComplianceState
from exporter.sources.text import clean
from exporter.sources.values import converted

SERVER = 1000
"""`Type` of a server: other devices lack what they do not have."""
USER_DEFINED = 3000
"""`TypeId` of the groups that users made, static ones and queries."""
POWER_MANAGER = "2F6D05BE-EE4B-4B0E-B873-C8D2F64A4625"
"""`Id` of the plugin."""
VERDICT: Mapping[str, ComplianceState] = {
    "1": ComplianceState.COMPLIANT,
    "2": ComplianceState.NONCOMPLIANT,
    "3": ComplianceState.UNKNOWN,
    "ok": ComplianceState.COMPLIANT,
    "compliant": ComplianceState.COMPLIANT,
    "noncompliant": ComplianceState.NONCOMPLIANT,
    "critical": ComplianceState.NONCOMPLIANT,
    "warning": ComplianceState.NONCOMPLIANT,
    "downgrade": ComplianceState.NONCOMPLIANT,
    "notinventoried": ComplianceState.UNKNOWN,
    "unknown": ComplianceState.UNKNOWN,
}
"""By what is left of a word in lower case without blanks, hyphens and underscores."""
UPGRADE = "UPGRADE"
ACTIONS = frozenset({"", UPGRADE, "DOWNGRADE", "EQUAL"})
COMPONENT: Mapping[str, str] = {
    "battery": "battery",
    "current": "current",
    "fan": "fans",
    "intrusion": "intrusion",
    "iom": "iom",
    "memory": "memory",
    "miscellaneous": "sel",
    "mm": "management_module",
    "powersupply": "power_supplies",
    "processor": "processor",
    "sel/misc": "sel",
    "storage": "storage",
    "system": "system",
    "temperature": "temperature",
    "voltage": "voltage",
}
BIOS, IDRAC = "BIOS", "idrac.embedded"
IDRAC_COMPONENT = "25227"
IDRAC_NAME = "integrated dell remote access controller"
CRITICALITIES = frozenset({"OK", "OPTIONAL", "RECOMMENDED", "URGENT"})


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
