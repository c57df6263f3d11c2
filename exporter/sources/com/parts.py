"""How are the parts of a server of COM, and which of them have a spare?"""

from collections.abc import Mapping
from functools import lru_cache

from exporter.model import Components, Redundancy
from exporter.sources.com.server_record import Hardware
from exporter.sources.com.vocabulary import (
    COMPONENTS,
    HEALTH_KEYS,
    REDUNDANCY,
    REDUNDANT_COMPONENTS,
    SEVERITY,
)
from exporter.sources.com.words import meaning
from exporter.sources.drift import OTHER, Drift, Unseen
from exporter.sources.sharing import shared

MOST_KEYS = 64
LONGEST_WORD = 64
"""Of sets of states that are remembered: an API that sends more has other reasons."""

Parts = tuple[Components | None, Redundancy | None, Drift]


def parts_from(hardware: Hardware | None) -> Parts:
    """Read the states of the parts, and what of them is not known.

    A fleet has few distinct sets of states, so that reading each of them once is enough.
    """
    health = (hardware.health if hardware else None) or {}
    if len(health) > MOST_KEYS:
        known = {key: health[key] for key in HEALTH_KEYS if key in health}
        health = {**known, OTHER: None}
    states = tuple(health.items())
    try:
        return _parts_once(states)
    except TypeError:  # an array or an object stands where a word should, or something very long
        return _parts(states)


@lru_cache(maxsize=4096)
def _parts_once(health: tuple[tuple[str, object], ...]) -> Parts:
    if any(len(word) > LONGEST_WORD for pair in health for word in pair if isinstance(word, str)):
        raise TypeError("too long to be remembered")
    return _parts(health)


def _parts(health: tuple[tuple[str, object], ...]) -> Parts:
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
