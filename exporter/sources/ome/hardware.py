"""The collector `hardware`: memory, firmware, location and operating system of each server."""

import re
from collections.abc import Callable, Iterable, Mapping
from typing import Any, Generic, TypeVar

import msgspec
from msgspec import Struct

from exporter.config.source import CollectorSettings
from exporter.errors import Reason, SourceError
from exporter.model import Collected, Column, Firmware, Inventory, Location, Memory
from exporter.sources.calls import Call
from exporter.sources.contract import CollectorSetup
from exporter.sources.drift import NO_DRIFT, Drift, Unseen, drifted, joined, looked
from exporter.sources.ome import calls, device_records
from exporter.sources.ome.device_poller import DevicePoller, poll_parts
from exporter.sources.ome.device_records import (
    LocationRecord,
    MemoryRecord,
    SoftwareRecord,
    SystemRecord,
)
from exporter.sources.ome.device_state import Reading, RoundRobin
from exporter.sources.ome.measurements import is_unreadable_number, number_from
from exporter.sources.ome.refusals import FORBIDDEN, needed
from exporter.sources.ome.source import OmeParts
from exporter.sources.ome.vocabulary import BIOS, IDRAC, IDRAC_COMPONENT, IDRAC_NAME
from exporter.sources.records import TEXT, Readable, decode, read_entries
from exporter.sources.text import clean
from exporter.sources.values import measurable, shared

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


ENDPOINT = calls.SOFTWARE.endpoint
PATH = "DeviceService/Devices({})/InventoryDetails('{}')"
TURNS = 24
"""Runs in which every server has its turn once."""
SHORTEST_TURN = 60.0
NEEDED = "the inventory of devices needs a user who may see it"
NO_INVENTORY = "no device gives its inventory; switch the collector off if none ever will"

R = TypeVar("R", bound=Struct)
V = TypeVar("V")
F = TypeVar("F", bound=Struct)


class InventoryKind(Struct, Generic[R, V], frozen=True):
    """One type of inventory, and what its entries say."""

    call: Call[R]
    decoder: msgspec.json.Decoder[R]
    value: Callable[[Readable[R]], V]
    unfit: Callable[[list[R]], Drift] = lambda _: NO_DRIFT
    """Names the fields of entries that cannot be used."""

    @property
    def name(self) -> str:
        """The type, as it stands in the path."""
        return self.call.query[0]


def _memory(found: Readable[MemoryRecord]) -> Memory | None:
    # A module that cannot be read would make the sum a wrong one.
    return None if found.problems else memory_from(found.records)


SYSTEMS = InventoryKind(calls.SYSTEMS, device_records.SYSTEM, lambda found: os_from(found.records))
MODULES = InventoryKind(calls.MODULES, device_records.MEMORY, _memory, unfit_sizes)
SOFTWARE = InventoryKind(
    calls.SOFTWARE, device_records.SOFTWARE, lambda f: firmware_from(f.records)
)
LOCATIONS = InventoryKind(
    calls.LOCATIONS, device_records.LOCATION, lambda f: location_from(f.records)
)


class HardwareCollector:
    """Reads single types of the inventory of every device, in turns spread over the interval."""

    def __init__(self, parts: OmeParts, setup: CollectorSetup[CollectorSettings]) -> None:
        """Prepare; nothing is sent yet."""
        self.name = setup.name
        self.interval = max(min(setup.interval, SHORTEST_TURN), setup.interval / TURNS)
        self._turns = RoundRobin(interval=self.interval, every=setup.interval)
        self._client = parts.client
        self._clock = parts.clock
        self._systems = parts.systems
        self._at_once, self._keep = parts.at_once, 3 * setup.interval
        self._os = self._poller(SYSTEMS)
        self._memory = self._poller(MODULES)
        self._firmware = self._poller(SOFTWARE)
        self._location = self._poller(LOCATIONS)
        self._parts: dict[str, DevicePoller[Any]] = {
            SYSTEMS.name: self._os,
            MODULES.name: self._memory,
            SOFTWARE.name: self._firmware,
            LOCATIONS.name: self._location,
        }

    async def collect(self, inventory: Inventory) -> Collected:
        """Read the devices whose turn it is, and give what is known of all.

        A type of inventory that fails does not cost the others, nor one device another.

        Raises:
            SourceError: The appliance, and not a device, is in trouble.
            NotAvailableError: The appliance does not give the inventory to this user.
        """
        present = [server.id for server in inventory.servers]
        with needed(NEEDED, frozenset({FORBIDDEN})):
            warnings = await poll_parts(self._parts, present, NO_INVENTORY)
        stats = [poller.stats for poller in self._parts.values()]
        systems, memory = self._os.readings(), self._memory.readings()
        firmware, location = self._firmware.readings(), self._location.readings()
        self._systems.learn({key: each.value for key, each in systems.items() if each.value})
        return Collected(
            columns=(
                Column(Memory, _known(memory)),
                Column(Firmware, _known(firmware)),
                Column(Location, _known(location)),
            ),
            items=max(each.read for each in stats),
            problems=sum(each.problems for each in stats),
            drift=drifted(
                *(each.drift for each in systems.values()),
                *(each.drift for each in memory.values()),
                *(each.drift for each in firmware.values()),
                *(each.drift for each in location.values()),
            ),
            warnings=warnings,
        )

    def _poller(self, kind: InventoryKind[R, V]) -> DevicePoller[V]:
        return DevicePoller(
            lambda device: self._read(device, kind),
            self._clock,
            at_once=self._at_once,
            keep=self._keep,
            turns=self._turns,
        )

    async def _read(self, device: str, kind: InventoryKind[R, V]) -> Reading[V]:
        body = await self._client.get(ENDPOINT, PATH.format(device, kind.name))
        document = decode(body, device_records.INVENTORY, ENDPOINT)
        found = await read_entries(document.inventory_info or (), kind.decoder, ENDPOINT)
        if found.problems and not found.records:
            raise SourceError(Reason.SCHEMA, f"{ENDPOINT}: no entry of {kind.name} could be read")
        misfits = found.drift, kind.unfit(found.records)
        missing = looked(calls.INVENTORY, [document]), kind.call.missing_in(found.records)
        drift = joined((*misfits, *missing))
        return Reading(kind.value(found), found.problems, shared(drift))


def _known(readings: Mapping[str, Reading[F | None]]) -> dict[str, F]:
    return {key: each.value for key, each in readings.items() if each.value is not None}
