"""The collector `servers`: the inventory of a COM source, with the state of each server."""

from collections.abc import Callable, Mapping
from operator import attrgetter

from msgspec import Struct
from msgspec.structs import replace

from exporter.config.source import CollectorSettings
from exporter.errors import Reason, SourceError
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
    SubscriptionState,
)
from exporter.slices import Slices
from exporter.sources.calls import selected
from exporter.sources.com import calls
from exporter.sources.com.lists import ListPath, Rows
from exporter.sources.com.mapping import ServerReadings, readings_from
from exporter.sources.com.server_record import ServerRecord, server_decoder
from exporter.sources.com.source import ComParts
from exporter.sources.contract import CollectorSetup
from exporter.sources.drift import Unseen, drifted
from exporter.sources.listing import Page
from exporter.sources.renewal import Renewal
from exporter.sources.values import latest, past

INVENTORY_TIME = "lastFullInventoryCollectionAt"
PATH = ListPath(calls.SERVERS, server_decoder, attrgetter("id"), 100)
SELECT = selected(ServerRecord)


FACETS: Mapping[type[Struct], Callable[[ServerReadings], Struct | None]] = {
    Description: attrgetter("description"),
    Status: attrgetter("status"),
    Memory: attrgetter("memory"),
    Components: attrgetter("components"),
    Redundancy: attrgetter("redundancy"),
    Subscription: attrgetter("subscription"),
    FirmwareUpdate: attrgetter("firmware_update"),
}


class Servers:
    """Reads the list of servers, once a run."""

    def __init__(self, parts: ComParts, setup: CollectorSetup[CollectorSettings]) -> None:
        """Prepare; nothing is sent yet."""
        self.name, self.interval = setup.name, setup.interval
        self._lists, self._clock = parts.lists, parts.clock
        self._renewal: Renewal[ServerRecord, ServerReadings] = Renewal(
            server_decoder, calls.SERVERS.expected
        )

    async def collect(self, inventory: Inventory) -> Collected:  # noqa: ARG002 - it makes one
        """Read all servers.

        Raises:
            SourceError: A page could not be read, or the list came out short; `empty`, if it has
                neither servers nor a count.
        """
        with self._renewal.run(readings_from) as run:

            def mapped(rows: Rows) -> Page[ServerReadings]:
                return run.page(rows.items, rows.total)

            listing = await self._lists.read_into(
                PATH, mapped, attrgetter("server.id"), {"select": SELECT}
            )
        if not listing.items and not listing.is_counted:
            raise SourceError(
                Reason.EMPTY,
                f"{PATH.endpoint}: the API returns no servers, and does not count them",
            )
        slices = Slices()
        unseen = Unseen()
        found = await believable(listing.items, latest(self._clock), unseen, slices)
        served = await one_per_serial(found, slices)
        columns = []
        for facet, read in FACETS.items():
            await slices.breathe()
            columns.append(column(facet, served, read))
        return Collected(
            columns=tuple(columns),
            source_facets=(InventoryCount(len(served), listing.api_count),),
            items=len(listing.items),
            problems=listing.problems + sum(each.unreadable for each in listing.items),
            servers=tuple(each.server for each in served),
            duplicates=len(listing.items) - len(served),
            drift=drifted(listing.drift, unseen.drift),
            warnings=listing.warnings,
        )


async def believable(
    listed: list[ServerReadings], until: float, unseen: Unseen, slices: Slices
) -> list[ServerReadings]:
    """Return the servers, without times of the inventory that lie in the future.

    Args:
        listed: The servers.
        until: The last Unix second that is not the future.
        unseen: Takes the times that are left out.
        slices: Yields to others in between.
    """
    found: list[ServerReadings] = []
    async for batch in slices.batches(listed):
        if max(each.status.inventory_at or 0.0 for each in batch) <= until:
            found += batch
            continue
        for each in batch:
            at = past(each.status.inventory_at, until, INVENTORY_TIME, unseen)
            is_past = at == each.status.inventory_at
            found.append(
                each if is_past else replace(each, status=replace(each.status, inventory_at=at))
            )
    return found


async def one_per_serial(found: list[ServerReadings], slices: Slices) -> list[ServerReadings]:
    """Sort servers by id, and keep the one that is in use of each serial number.

    A server that was claimed under another product id leaves its previous record behind.
    """
    by_serial: dict[str, ServerReadings] = {}
    async for batch in slices.batches(found):
        for each in batch:
            other = by_serial.setdefault(each.server.serial, each)
            if other is not each and _precedence(each) < _precedence(other):
                by_serial[each.server.serial] = each
    return await slices.sorted(by_serial.values(), key=attrgetter("server.id"))


def _precedence(each: ServerReadings) -> tuple[bool, bool, float, str]:
    """Put connected servers first, then subscribed ones, then those with the newest inventory."""
    status, subscription = each.status, each.subscription
    is_subscribed = bool(subscription and subscription.state is SubscriptionState.SUBSCRIBED)
    return not status.connected, not is_subscribed, -(status.inventory_at or 0.0), each.server.id


def column(
    facet: type[Struct],
    served: list[ServerReadings],
    read: Callable[[ServerReadings], Struct | None],
) -> Column[Struct]:
    """Gather one facet of the servers that have it."""
    ids = map(attrgetter("server.id"), served)
    readings = zip(ids, map(read, served), strict=True)
    return Column(facet, {id: reading for id, reading in readings if reading is not None})
