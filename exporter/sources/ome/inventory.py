"""What do the entries of a device's inventory say?"""

import re
from collections.abc import Iterable

from exporter.model import Firmware, Location, Memory
from exporter.sources.drift import Drift, Unseen
from exporter.sources.numbers import measurable
from exporter.sources.ome.device_records import (
    LocationRecord,
    MemoryRecord,
    SoftwareRecord,
    SystemRecord,
)
from exporter.sources.ome.measurements import is_unreadable_number, number_from
from exporter.sources.ome.vocabulary import BIOS, IDRAC, IDRAC_COMPONENT, IDRAC_NAME
from exporter.sources.records import TEXT
from exporter.sources.sharing import shared
from exporter.sources.text import clean

MIB = 1024**2
INSTALLED, IN_USE = "installed", "DCIM:CURRENT#"
"""The appliance lists what is installed, and slots with current, former and available versions."""
NO_SLOT = "0"
_SIZE = re.compile(r"([0-9]{1,18}(?:\.[0-9]{1,18})?)\s*([KMGT])I?B", re.IGNORECASE)
_MIB_IN = {"K": 1 / 1024, "M": 1.0, "G": 1024.0, "T": 1024.0**2}


def os_from(systems: Iterable[SystemRecord]) -> str:
    """Name the first operating system that has a name, with its version."""
    for each in systems:
        if name := clean(each.os_name):
            return " ".join(filter(None, (name, clean(each.os_version))))
    return ""


def memory_from(modules: Iterable[MemoryRecord]) -> Memory | None:
    """Add up the modules; None where there is none, or the size of one is not known."""
    sizes = [mebibytes_from(each.size) for each in modules]
    known = [size for size in sizes if size is not None and size >= 0]
    if len(known) < len(sizes) or not sum(known):
        return None
    return Memory(round(sum(known)) * MIB)


def mebibytes_from(size: float | str | None) -> float | None:
    """Read a size such as `8192`, `"8192"`, `"8192 MB"` or `"931.52 GB"`; a bare one is in MB."""
    found = _SIZE.fullmatch(size.strip()) if isinstance(size, str) else None
    if found is None:
        return number_from(size)
    return measurable(float(found[1]) * _MIB_IN[found[2].upper()])


def unfit_sizes(modules: Iterable[MemoryRecord]) -> Drift:
    """Name the size of modules for which the memory of a device is left out."""
    unseen = Unseen()
    for each in modules:
        if mebibytes_from(each.size) is None and is_unreadable_number(each.size):
            unseen.note("Size", TEXT)
    return unseen.drift


def firmware_from(software: Iterable[SoftwareRecord]) -> Firmware | None:
    """Give the installed versions of BIOS and iDRAC; None where neither is known."""
    versions: dict[str, str] = {}
    for each in sorted(software, key=lambda each: not _is_installed(each)):
        component, version = _component(each), clean(each.version)
        if component and version and (_is_installed(each) or _is_in_use(each)):
            versions.setdefault(component, version)
    return shared(Firmware(tuple(sorted(versions.items())))) if versions else None


def location_from(locations: Iterable[LocationRecord]) -> Location | None:
    """Give the first place that somebody wrote down; the slot 0 alone is none."""
    for each in locations:
        slot = _label(each.rackslot)
        place = Location(
            location=_label(each.datacenter),
            room=_label(each.room),
            aisle=_label(each.aisle),
            rack=_label(each.rack),
            slot="" if slot == NO_SLOT else slot,
        )
        if place != Location():
            return shared(place)
    return None


def _label(text: str | int | None) -> str:
    return clean(str(text))


def _component(software: SoftwareRecord) -> str:
    if clean(software.software_type).upper() == BIOS:
        return "bios"
    is_idrac = (
        str(software.component_id) == IDRAC_COMPONENT
        or clean(software.device_description).lower() == IDRAC_NAME
        or IDRAC in clean(software.instance_id).lower()
    )
    return "bmc" if is_idrac else ""


def _is_installed(software: SoftwareRecord) -> bool:
    return clean(software.status).lower() == INSTALLED


def _is_in_use(software: SoftwareRecord) -> bool:
    return clean(software.instance_id).startswith(IN_USE)
