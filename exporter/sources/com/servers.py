"""Which servers does a workspace have, and how are they? The inventory of a COM source."""

from collections.abc import Callable, Mapping
from functools import partial
from operator import attrgetter

from msgspec import Struct

from exporter.model import (
    Collected,
    Column,
    Components,
    Description,
    FirmwareUpdate,
    Inventory,
    InventoryCount,
    Memory,
    Redundancy,
    Status,
    Subscription,
)
from exporter.slices import Slices
from exporter.sources.com import expected
from exporter.sources.com.client import ComClient
from exporter.sources.com.mapping import ServerReadings, readings_from
from exporter.sources.com.records import (
    SERVER_FIELDS,
    ServerRecord,
    page_decoder,
    server_decoder,
)
from exporter.sources.drift import drifted
from exporter.sources.paging import Page, read_list
from exporter.sources.records import decode
from exporter.sources.renewal import Renewal, RenewalRun

ENDPOINT = "v1/servers"
PAGE = 100
"""The most that the API allows here."""


FACETS: Mapping[type[Struct], Callable[[ServerReadings], Struct | None]] = {
    Description: lambda each: each.description,
    Status: lambda each: each.status,
    Memory: lambda each: each.memory,
    Components: lambda each: each.components,
    Redundancy: lambda each: each.redundancy,
    Subscription: lambda each: each.subscription,
    FirmwareUpdate: lambda each: each.firmware_update,
}


class Servers:
    """Reads the list of servers, once a run."""

    name = "servers"

    def __init__(self, client: ComClient, interval: float, at_once: int) -> None:
        """Take the seconds between runs and the number of pages asked for at the same time."""
        self.interval = interval
        self._client = client
        self._at_once = at_once
        self._renewal: Renewal[ServerRecord, ServerReadings] = Renewal(
            server_decoder, expected.SERVER
        )

    async def collect(self, inventory: Inventory) -> Collected:  # noqa: ARG002 - it makes one
        """Read all servers.

        Raises:
            SourceError: A page could not be read, or the list came out short.
        """
        with self._renewal.run(readings_from) as run:
            listing = await read_list(
                partial(self._page, run),
                attrgetter("server.id"),
                name=ENDPOINT,
                page_size=PAGE,
                at_once=self._at_once,
            )
        served = one_per_serial(listing.items)
        slices = Slices()
        columns = []
        for facet, read in FACETS.items():
            await slices.breathe()
            columns.append(column(facet, served, read))
        return Collected(
            columns=tuple(columns),
            source_facets=(InventoryCount(len(served), listing.reported),),
            items=len(listing.items),
            problems=listing.problems,
            servers=tuple(each.server for each in served),
            duplicates=len(listing.items) - len(served),
            drift=drifted(listing.drift),
        )

    async def _page(
        self, run: RenewalRun[ServerRecord, ServerReadings], skip: int, size: int
    ) -> Page[ServerReadings]:
        query = {"limit": str(size), "offset": str(skip), "select": SERVER_FIELDS}
        page = decode(await self._client.get(ENDPOINT, query), page_decoder, ENDPOINT)
        return run.page(page.items, page.total)


def one_per_serial(found: list[ServerReadings]) -> list[ServerReadings]:
    """Sort servers by id, and keep the first of each serial number."""
    by_serial: dict[str, ServerReadings] = {}
    for each in sorted(found, key=attrgetter("server.id")):
        by_serial.setdefault(each.server.serial, each)
    return list(by_serial.values())


def column(
    facet: type[Struct],
    served: list[ServerReadings],
    read: Callable[[ServerReadings], Struct | None],
) -> Column[Struct]:
    """Gather one facet of the servers that have it."""
    return Column(
        facet, {each.server.id: item for each in served if (item := read(each)) is not None}
    )
