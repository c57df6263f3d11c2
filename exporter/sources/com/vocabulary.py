"""The words of COM's vocabularies and what they mean, in their documented spelling."""

from collections.abc import Mapping

from exporter.model import (
    AlertSeverity,
    ComplianceState,
    FirmwareUpdateState,
    GroupComplianceState,
    Health,
    PowerState,
    RedundancyState,
    SubscriptionState,
)

HEALTH: Mapping[str, Health | None] = {
    "OK": Health.OK,
    "READY": Health.OK,
    "ENABLED": Health.OK,
    "WARNING": Health.WARNING,
    "CRITICAL": Health.CRITICAL,
    "UNKNOWN": Health.UNKNOWN,
    "NOT_PRESENT": Health.UNKNOWN,
}
POWER: Mapping[str, PowerState | None] = {
    "ON": PowerState.ON,
    "OFF": PowerState.OFF,
    "POWERING_ON": PowerState.POWERING_ON,
    "POWERING_OFF": PowerState.POWERING_OFF,
    "RESET": PowerState.POWERING_ON,
    "UNKNOWN": PowerState.UNKNOWN,
}
SUBSCRIPTION: Mapping[str, SubscriptionState | None] = {
    "SUBSCRIBED": SubscriptionState.SUBSCRIBED,
    "ACTIVE": SubscriptionState.SUBSCRIBED,
    "REQUIRED": SubscriptionState.REQUIRED,
    "EXPIRED": SubscriptionState.EXPIRED,
}
FIRMWARE_UPDATE: Mapping[str, FirmwareUpdateState | None] = {
    "OK": FirmwareUpdateState.OK,
    "FAILED": FirmwareUpdateState.FAILED,
    "SKIPPED": FirmwareUpdateState.SKIPPED,
    "NOT_UPDATED": FirmwareUpdateState.NOT_UPDATED,
}
ALERT_SEVERITY: Mapping[str, AlertSeverity] = {
    "CRITICAL": AlertSeverity.CRITICAL,
    "WARNING": AlertSeverity.WARNING,
    **dict.fromkeys(
        ("OK", "INFO", "INFORMATIONAL", "UNKNOWN", "NOT_PRESENT", "REDUNDANT", "NON_REDUNDANT"),
        AlertSeverity.INFO,
    ),
}
ENERGY_IS_COMPLETE: Mapping[str, bool] = {"COMPLETE": True, "PARTIAL": False}
SEVERITY: Mapping[str, int | None] = {
    "OK": 0,
    "READY": 0,
    "ENABLED": 0,
    "WARNING": 1,
    "CRITICAL": 2,
    "UNKNOWN": None,
    "NOT_PRESENT": None,
}
COMPONENTS = {
    "airFilter": "air_filter",
    "bios": "bios",
    "fans": "fans",
    "healthLED": "health_led",
    "liquidCooling": "liquid_cooling",
    "memory": "memory",
    "network": "network",
    "powerSupplies": "power_supplies",
    "processor": "processor",
    "smartStorage": "smart_storage",
    "storage": "storage",
    "temperature": "temperature",
}
REDUNDANCY: Mapping[str, RedundancyState | None] = {
    "REDUNDANT": RedundancyState.REDUNDANT,
    "NON_REDUNDANT": RedundancyState.NON_REDUNDANT,
    "FAILED_REDUNDANT": RedundancyState.FAILED,
    "UNKNOWN": None,
    "NOT_PRESENT": None,
}
REDUNDANT_COMPONENTS = {
    "fanRedundancy": "fans",
    "liquidCoolingRedundancy": "liquid_cooling",
    "powerSupplyRedundancy": "power_supplies",
}
HEALTH_KEYS = frozenset({"summary", *COMPONENTS, *REDUNDANT_COMPONENTS})
OF_GROUP: Mapping[str, GroupComplianceState] = {
    "COMPLIANT": GroupComplianceState.COMPLIANT,
    "NOT_COMPLIANT": GroupComplianceState.NONCOMPLIANT,
    "NONCOMPLIANT": GroupComplianceState.NONCOMPLIANT,
    "UNKNOWN": GroupComplianceState.UNKNOWN,
    "NOT_INITIATED": GroupComplianceState.UNKNOWN,
    "NOT_APPLICABLE": GroupComplianceState.NOT_APPLICABLE,
}
OF_SERVER: Mapping[str, ComplianceState | None] = {
    "COMPLIANT": ComplianceState.COMPLIANT,
    "NOT_COMPLIANT": ComplianceState.NONCOMPLIANT,
    "NONCOMPLIANT": ComplianceState.NONCOMPLIANT,
    "UNKNOWN": ComplianceState.UNKNOWN,
    "NOT_INITIATED": ComplianceState.UNKNOWN,
    "NOT_APPLICABLE": None,
}
IS_FIRMWARE: Mapping[str, bool] = {"FIRMWARE": True, "ILO_SETTINGS": False}
"""By the category of a report."""
HAS_SERVERS: Mapping[str, bool] = {
    "DIRECT_CONNECT_SERVER": True,
    "OVE_APPLIANCE_SYNERGY": False,
    "OVE_APPLIANCE_VM": False,
}
"""Whether the members of a group are servers, by its device type."""
UNFINISHED = {
    "PENDING": "pending",
    "APPROVAL_PENDING": "pending",
    "RUNNING": "running",
    "STALLED": "stalled",
}
JOB_STATES: Mapping[str, str | None] = {**UNFINISHED, "ERROR": "", "COMPLETE": ""}
"""The word of the label for each known state; none for those that are over."""
JOB_RESULTS: Mapping[str, None] = dict.fromkeys(("SUCCESS", "FAILURE", "DECLINED"))
APPLIANCE_STATES: Mapping[str, str | None] = {
    "CONNECTED": "connected",
    "NOT_ACTIVATED": "not_activated",
    "DISCONNECTED": "disconnected",
}
