"""Words of COM in their documented spelling, and how words, times and numbers are read."""

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import TypeVar

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
from exporter.sources.drift import Unseen
from exporter.sources.redaction import hidden
from exporter.sources.text import LONGEST
from exporter.sources.values import measurable

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


T = TypeVar("T")

EARLIEST = datetime(2000, 1, 1, tzinfo=UTC).timestamp()
"""No event of a server is older: the API's 1969, 1970 and 0001 stand for no time at all."""
_NOTHING = frozenset({"", "NONE", "NULL", "N/A"})
_EARLIER = re.compile(r"\s*[01][0-9]{3}-")
_GAPS = re.compile(r"[\s-]+")


def normal(text: object) -> str:
    """Return a word of a vocabulary in its documented spelling, empty where nothing is said.

    Live answers have shown `Not Compliant` where `NOT_COMPLIANT` is documented.
    """
    if not isinstance(text, str):
        return ""
    # Secrets are hidden first: with other gaps they would not be recognised.
    word = _GAPS.sub("_", hidden(text.strip(), LONGEST)).upper()
    return "" if word in _NOTHING else word


def meaning(
    text: object, vocabulary: Mapping[str, T], field: str, unseen: Unseen, otherwise: T
) -> T | None:
    """Translate a word.

    Args:
        text: The word as the API wrote it.
        vocabulary: What each known word means.
        field: Where the word stands, in the API's own words.
        unseen: Takes a word that is not in the vocabulary.
        otherwise: What such a word means.

    Returns:
        The meaning; None where nothing is said.
    """
    # Nearly every word is spelt as documented; a fleet has dozens of them per server.
    word = text if isinstance(text, str) and text in vocabulary else normal(text)
    if not word:
        return None
    if word not in vocabulary:
        unseen.note(field, word)
    return vocabulary.get(word, otherwise)


def instant(text: str | None) -> float | None:
    """Read an RFC 3339 time into Unix seconds; one without a zone is in UTC."""
    seconds = _seconds(text)
    return seconds if seconds is not None and seconds >= EARLIEST else None


def is_unreadable(text: str | None) -> bool:
    """Report whether a text is neither a time nor one of the ways to write that there is none."""
    return bool(normal(text)) and not _EARLIER.match(text or "") and _seconds(text) is None


def _seconds(text: str | None) -> float | None:
    if not text:
        return None
    try:
        time = datetime.fromisoformat(text.strip())
        return (time if time.tzinfo else time.replace(tzinfo=UTC)).timestamp()
    except (ValueError, OverflowError):
        return None


def amount(value: object) -> float | None:
    """Read a quantity: a number that is not negative, and that something can measure."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    return measurable(value) if value >= 0 else None
