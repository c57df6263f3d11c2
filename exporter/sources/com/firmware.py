"""The collector `firmware`: the firmware of each server.

The inventory of one server's firmware is longer than all the rest of its record. So it is read by
a collector of its own, and rarely.
"""

import re
from itertools import islice
from operator import attrgetter

from exporter.errors import Reason, SourceError
from exporter.model import Collected, Column, Firmware, Inventory
from exporter.slices import Slices
from exporter.sources.calls import selected
from exporter.sources.com import calls
from exporter.sources.com.lists import ListPath
from exporter.sources.com.refusals import available
from exporter.sources.com.server_record import FirmwareRecord, firmware_decoder
from exporter.sources.com.settings import ComFirmware
from exporter.sources.com.source import ComParts
from exporter.sources.contract import CollectorSetup
from exporter.sources.drift import drifted
from exporter.sources.text import clean
from exporter.sources.values import shared

PATH = ListPath(calls.FIRMWARE, firmware_decoder, attrgetter("id"), 100)
SELECT = selected(FirmwareRecord)
MOST_ITEMS = 500
"""Entries of one server's inventory; servers have dozens."""
LONGEST_WORD = 64
_BMC = re.compile(r"iLO( \d+)?", re.IGNORECASE)
_MAC = re.compile(r"(?<![0-9a-f])[0-9a-f]{2}([:-][0-9a-f]{2}){5,7}(?![0-9a-f])", re.IGNORECASE)
"""Some adapters have a MAC address or WWN in their name: each would be a component of its own."""
_GAPS = re.compile(r"[^a-z0-9]+")


class FirmwareVersions:
    """Reads the firmware of all servers, once a run."""

    def __init__(self, parts: ComParts, setup: CollectorSetup[ComFirmware]) -> None:
        """Prepare; nothing is sent yet."""
        self.name, self.interval = setup.name, setup.interval
        self._lists = parts.lists
        self._components = setup.settings.components

    async def collect(self, inventory: Inventory) -> Collected:
        """Read everything.

        Raises:
            SourceError: A page could not be read, or the list came out short.
            NotAvailableError: It may not be read.
        """
        told = _told(inventory)
        with available(PATH.endpoint):
            listing = await self._lists.read(
                PATH, {"select": SELECT}, where=lambda record: record.id in told
            )
        if inventory.servers and not listing.reported:
            raise SourceError(
                Reason.EMPTY,
                f"{PATH.endpoint}: the API lists no servers, where there are "
                f"{len(inventory.servers)}; the last good data are kept",
            )
        found = {
            record.id: firmware_from(record, self._components)
            async for record in Slices().through(listing.items)
        }
        return Collected(
            columns=(Column(Firmware, {id: each for id, each in found.items() if each}),),
            items=len(listing.items),
            problems=listing.problems,
            drift=drifted(listing.drift),
            warnings=listing.warnings,
        )


def firmware_from(
    record: FirmwareRecord, components: tuple[str, ...] | None = None
) -> Firmware | None:
    """Map the firmware of a server; of several parts with the same name the first is taken."""
    versions: dict[str, str] = {}
    for item in islice(record.firmware_inventory or (), MOST_ITEMS):
        component, version = component_of(item.name), clean(item.version)
        if component and version and (components is None or component in components):
            versions.setdefault(component, version)
    return shared(Firmware(tuple(sorted(versions.items())))) if versions else None


def _told(inventory: Inventory) -> set[str]:
    """Name the servers that are connected, and subscribed: only those have a health."""
    return {
        server
        for server, status in inventory.statuses.items()
        if status.connected and status.health is not None
    }


def component_of(name: str | None) -> str:
    """Return a word for a part: `bios`, `bmc`, or its name in small letters and underscores."""
    text = _MAC.sub("", clean(name))
    if _BMC.fullmatch(text):
        return "bmc"
    word = _GAPS.sub("_", text.lower()).strip("_")[:LONGEST_WORD].strip("_")
    return "bios" if word == "system_rom" else word
