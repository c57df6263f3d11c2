"""The collector `warranty`: the end of the vendor's support for each server."""

from msgspec import Struct

from exporter.config.source import CollectorSettings
from exporter.model import Collected, Column, Inventory, Warranty
from exporter.sources.contract import CollectorSetup
from exporter.sources.drift import drifted
from exporter.sources.ome import calls, records
from exporter.sources.ome.lists import ListReader
from exporter.sources.ome.mapping import DeviceFinder
from exporter.sources.ome.records import WarrantyRecord
from exporter.sources.ome.refusals import needed
from exporter.sources.ome.source import OmeParts
from exporter.sources.ome.times import is_unreadable, unix_time

PAGE_SIZE = 500
NEEDED = "warranties need a user who may see them, and an appliance that lists them"


class ListedWarranty(Struct, frozen=True, gc=False):
    """What is kept of a listed warranty."""

    id: int
    server: str
    """The id of the served server; empty where it is none."""
    end: float | None
    unreadable: bool = False
    """Whether there is an end that cannot be read."""


class WarrantyCollector:
    """Reads the warranties of all devices; of several of one server the latest end counts."""

    def __init__(self, parts: OmeParts, setup: CollectorSetup[CollectorSettings]) -> None:
        """Prepare; nothing is sent yet."""
        self.name, self.interval = setup.name, setup.interval
        self._zone = parts.zone
        self._warranties = ListReader(
            parts.client,
            calls.WARRANTIES,
            records.WARRANTY,
            page_size=PAGE_SIZE,
            at_once=parts.at_once,
        )

    async def collect(self, inventory: Inventory) -> Collected:
        """Read all warranties.

        Raises:
            SourceError: The listing failed or is incomplete.
            NotAvailableError: The appliance does not give warranties to this user.
        """
        whose = DeviceFinder(inventory)

        def mapped(record: WarrantyRecord) -> ListedWarranty:
            server = whose.served(record.device_id, record.device_identifier)
            end = unix_time(record.end_date, self._zone.current)
            return ListedWarranty(record.id, server, end, is_unreadable(record.end_date))

        with needed(NEEDED):
            listing = await self._warranties.read("", mapped)
        return Collected(
            columns=(Column(Warranty, latest_ends(listing.items)),),
            items=len(listing.items),
            problems=listing.problems + sum(each.unreadable for each in listing.items),
            warnings=listing.warnings,
            drift=drifted(listing.drift),
        )


def latest_ends(listed: list[ListedWarranty]) -> dict[str, Warranty]:
    """Give the latest end of each server; none for a server whose warranties name no end."""
    ends: dict[str, float] = {}
    for each in listed:
        if each.server and each.end is not None:
            ends[each.server] = max(each.end, ends.get(each.server, each.end))
    return {server: Warranty(end) for server, end in ends.items()}
