"""How are the parts of a server of COM, and which of them have a spare?"""

from collections.abc import Mapping
from functools import lru_cache

from exporter.model import Components, Redundancy, RedundancyState
from exporter.sources.com.records import Hardware
from exporter.sources.com.words import meaning
from exporter.sources.drift import Drift, Unseen
from exporter.sources.sharing import shared

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

Parts = tuple[Components | None, Redundancy | None, Drift]


def parts_from(hardware: Hardware | None) -> Parts:
    """Read the states of the parts, and what of them is not known.

    A fleet has few distinct sets of states, so that reading each of them once is enough.
    """
    health = (hardware.health if hardware else None) or {}
    try:
        return _parts_once(tuple(health.items()))
    except TypeError:  # an array or an object stands where a word should
        return _parts_once.__wrapped__(tuple(health.items()))


@lru_cache(maxsize=4096)
def _parts_once(health: tuple[tuple[str, object], ...]) -> Parts:
    words, unseen = dict(health), Unseen()
    for key in words.keys() - HEALTH_KEYS:
        unseen.note("hardware.health", key)
    return _components(words, unseen), _redundancy(words, unseen), unseen.drift


def _components(health: Mapping[str, object], unseen: Unseen) -> Components | None:
    found = (
        (name, meaning(health.get(key), SEVERITY, f"hardware.health.{key}", unseen, None))
        for key, name in COMPONENTS.items()
    )
    severities = sorted((name, severity) for name, severity in found if severity is not None)
    return shared(Components(tuple(severities))) if severities else None


def _redundancy(health: Mapping[str, object], unseen: Unseen) -> Redundancy | None:
    found = (
        (name, meaning(health.get(key), REDUNDANCY, f"hardware.health.{key}", unseen, None))
        for key, name in REDUNDANT_COMPONENTS.items()
    )
    states = sorted((name, state) for name, state in found if state is not None)
    return shared(Redundancy(tuple(states))) if states else None
