"""How is the energy of every server in one window read?"""

from dataclasses import dataclass
from operator import attrgetter

from exporter.sources.com import expected
from exporter.sources.com.client import ComClient
from exporter.sources.com.mapping import EnergyReading, energy_reading_from
from exporter.sources.com.records import EnergyPage, energy_decoder, energy_page_decoder
from exporter.sources.com.windows import Span
from exporter.sources.drift import Unseen, joined, looked
from exporter.sources.paging import Listing, Page, read_list
from exporter.sources.records import decode, readable

ENDPOINT = "v1beta1/energy-by-entity"
PAGE = 1000
"""The most that the API allows here."""


@dataclass(frozen=True, slots=True)
class Reading:
    """One window, and whether enough servers are complete in it."""

    span: Span
    listing: Listing[EnergyReading]
    is_enough: bool


class EnergyReader:
    """Reads windows, several pages at the same time."""

    def __init__(self, client: ComClient, at_once: int) -> None:
        """Take the number of calls that may be made at the same time."""
        self._client = client
        self._at_once = at_once

    async def promises_enough(self, span: Span) -> bool:
        """Ask for a single record, to learn cheaply how many there are.

        Raises:
            SourceError: The call failed.
        """
        page = await self._page(span, 0, 1)
        return _is_enough(page.total, page.total + _excluded(page))

    async def read(self, span: Span) -> Reading:
        """Read every record of a window.

        Raises:
            SourceError: A page could not be read, or the list came out short.
        """
        excluded = 0

        async def page(skip: int, size: int) -> Page[EnergyReading]:
            nonlocal excluded
            answer = await self._page(span, skip, size)
            excluded = max(excluded, _excluded(answer))
            found = readable(answer.items, energy_decoder)
            unseen = Unseen()
            readings = [energy_reading_from(record, unseen) for record in found.records]
            drift = joined((unseen.drift, looked(expected.ENERGY, found.records)))
            return Page(readings, len(answer.items), answer.total, drift)

        listing = await read_list(
            page, attrgetter("id"), name=ENDPOINT, page_size=PAGE, at_once=self._at_once
        )
        complete = sum(reading.energy is not None for reading in listing.items)
        return Reading(span, listing, _is_enough(complete, listing.reported + excluded))

    async def _page(self, span: Span, skip: int, size: int) -> EnergyPage:
        query = {
            **span.query,
            # By default sorted by emissions, in which servers without any are all alike.
            "sort": "name asc",
            "limit": str(size),
            "offset": str(skip),
        }
        return decode(await self._client.get(ENDPOINT, query), energy_page_decoder, ENDPOINT)


def _excluded(page: EnergyPage) -> int:
    return max(0, page.excluded or 0)


def _is_enough(complete: int, servers: int) -> bool:
    return complete > 0 and 2 * complete >= servers
