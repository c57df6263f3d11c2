"""The collector `warranty`: the end of HPE's support for each server."""

from msgspec import Struct

from exporter.config.source import CollectorSettings
from exporter.model import Collected, Column, Inventory, Warranty
from exporter.sources.com import calls
from exporter.sources.com.lists import ListPath
from exporter.sources.com.records import WarrantyRecord, warranty_decoder
from exporter.sources.com.refusals import available
from exporter.sources.com.source import ComParts
from exporter.sources.com.vocabulary import instant, is_unreadable
from exporter.sources.contract import CollectorSetup
from exporter.sources.drift import drifted


def _itself(record: WarrantyRecord) -> Struct:
    return record


PATH = ListPath(calls.WARRANTY, warranty_decoder, _itself, 100)


class Warranties:
    """Reads the support contracts of all servers, once a run."""

    def __init__(self, parts: ComParts, setup: CollectorSetup[CollectorSettings]) -> None:
        """Prepare; nothing is sent yet."""
        self.name, self.interval = setup.name, setup.interval
        self._lists = parts.lists

    async def collect(self, inventory: Inventory) -> Collected:  # noqa: ARG002 - lists them all
        """Read everything.

        Raises:
            SourceError: A page could not be read, or the list came out short.
            NotAvailableError: It may not be read, or is not offered here.
        """
        with available(PATH.endpoint):
            listing = await self._lists.read(PATH)
        ends: dict[str, float] = {}
        for record in listing.items:
            end = instant(record.support_end_date)
            if end is not None:
                ends[record.device_id] = max(end, ends.get(record.device_id, end))
        return Collected(
            columns=(Column(Warranty, {server: Warranty(end) for server, end in ends.items()}),),
            items=len(listing.items),
            problems=listing.problems
            + sum(is_unreadable(record.support_end_date) for record in listing.items),
            drift=drifted(listing.drift),
            warnings=listing.warnings,
        )
