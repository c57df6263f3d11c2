"""The words and codes of the appliance that records and mappings share."""

from collections.abc import Mapping

from exporter.model import ComplianceState

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
