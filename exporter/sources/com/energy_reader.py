"""How is the energy of every server in one window read?"""

from dataclasses import dataclass
from operator import attrgetter

from exporter.clock import Clock
from exporter.sources.com import calls
from exporter.sources.com.lists import PAGE_SIZE, ListPath, Lists, Rows
from exporter.sources.com.mapping import EnergyReading, energy_reading_from
from exporter.sources.com.records import energy_decoder
from exporter.sources.com.windows import Span
from exporter.sources.drift import Unseen, joined, looked
from exporter.sources.forms import Form, RequestForms
from exporter.sources.listing import Listing, Page
from exporter.sources.records import readable

PATH = ListPath(calls.ENERGY, energy_decoder, attrgetter("id"), PAGE_SIZE, of_many=True)
ORDER = {"sort": "name asc"}
"""By default sorted by emissions, in which servers without any are all alike."""


@dataclass(frozen=True, slots=True)
class Reading:
    """One window, and whether enough servers are complete in it."""

    span: Span
    listing: Listing[EnergyReading]
    is_enough: bool


class EnergyReader:
    """Reads windows, several pages at the same time."""

    def __init__(self, lists: Lists, clock: Clock) -> None:
        """Take the clock that says when what was refused is tried again."""
        self._lists = lists
        # One record is asked for, so there is no smaller page.
        self._probe = RequestForms(clock, 1, tuple(ORDER), of_many=True)

    async def promises_enough(self, span: Span) -> bool:
        """Ask for a single record, to learn cheaply how many there are.

        An API that does not count them promises nothing, and the window has to be read.

        Raises:
            SourceError: The call failed.
        """

        async def first(form: Form) -> Rows:
            order = {name: text for name, text in ORDER.items() if name not in form.left_out}
            return await self._lists.rows(
                PATH.endpoint, {**span.query, **order, "limit": "1", "offset": "0"}
            )

        rows = await self._probe.send(first)
        if rows.total is None:
            return bool(rows.items)
        return _is_enough(rows.total, rows.total + rows.excluded)

    async def read(self, span: Span) -> Reading:
        """Read every record of a window.

        Raises:
            SourceError: A page could not be read, or the list came out short.
        """
        excluded = 0

        def mapped(rows: Rows) -> Page[EnergyReading]:
            nonlocal excluded
            excluded = max(excluded, rows.excluded)
            found = readable(rows.items, energy_decoder)
            unseen = Unseen()
            readings = [energy_reading_from(record, unseen) for record in found.records]
            fields = looked(PATH.expected, found.records)
            drift = joined((found.drift, unseen.drift, fields))
            return Page(readings, len(rows.items), rows.total, drift)

        query = {**span.query, **ORDER}
        listing = await self._lists.read_into(PATH, mapped, attrgetter("id"), query)
        complete = sum(reading.energy is not None for reading in listing.items)
        return Reading(span, listing, _is_enough(complete, listing.reported + excluded))


def _is_enough(complete: int, servers: int) -> bool:
    return complete > 0 and 2 * complete >= servers
