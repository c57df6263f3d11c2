"""How do the subsystems of a device become the contract's components?"""

import re
from collections.abc import Iterable

from exporter.model import Components
from exporter.sources.drift import Drift, Unseen
from exporter.sources.ome.device_records import SubsystemRecord
from exporter.sources.ome.vocabulary import COMPONENT
from exporter.sources.redaction import hidden
from exporter.sources.sharing import shared
from exporter.sources.text import LONGEST

SEVERITY = {"1000": 0, "3000": 1, "4000": 2}
KNOWN_CODES = frozenset({*SEVERITY, "2000", "5000"})
"""2000 and 5000 (unknown, no status) are no reading."""
MOST_COMPONENTS = 64
LONGEST_NAME = 32

_HUMP = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")
_OTHER = re.compile(r"[^a-z0-9]+")


def components_from(rows: Iterable[SubsystemRecord]) -> Components:
    """Map the roll-ups of one device; of several rows of one component the worst counts."""
    worst: dict[str, int] = {}
    for row in rows:
        name, severity = component_of(row.name), SEVERITY.get(_code(row))
        if name and severity is not None:
            worst[name] = max(severity, worst.get(name, 0))
    return shared(Components(tuple(sorted(worst.items())[:MOST_COMPONENTS])))


def component_of(subsystem: str) -> str:
    """Name the component of a subsystem.

    A chassis numbers its parts (`IOM.Slot.A1`, `System.Modular.3`); only what stands before the
    first dot names the kind. An unknown kind becomes its own word in snake_case.
    """
    kind = _kind(subsystem)
    known = COMPONENT.get(kind.lower())
    return known or _OTHER.sub("_", _HUMP.sub("_", kind).lower())[:LONGEST_NAME].strip("_")


def unknown_in(rows: Iterable[SubsystemRecord]) -> Drift:
    """Count the kinds of subsystem and the roll-up codes that are not known."""
    unseen = Unseen()
    for row in rows:
        if _kind(row.name).lower() not in COMPONENT:
            unseen.note("SubSystem", _kind(row.name))
        if row.rollup is not None and _code(row) not in KNOWN_CODES:
            unseen.note("RollupStatus", _code(row))
    return unseen.drift


def _kind(subsystem: str) -> str:
    return hidden(subsystem.strip(), LONGEST).partition(".")[0]


def _code(row: SubsystemRecord) -> str:
    """Return the code of a roll-up, which the appliance writes as a string."""
    return str(row.rollup).strip()
