"""Windows over which COM sums energy: which there are, and how one is read.

COM knows windows of the last 180 days.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from operator import attrgetter

from msgspec import Struct

from exporter.clock import Clock
from exporter.model import Energy, Window
from exporter.sources.com import calls
from exporter.sources.com.lists import PAGE_SIZE, ListPath, Lists, Rows
from exporter.sources.com.mapping import EnergyReading, energy_reading_from, serial_from_id
from exporter.sources.com.records import energy_decoder
from exporter.sources.drift import Unseen, joined, looked
from exporter.sources.forms import Form, RequestForms
from exporter.sources.listing import Listing, Page
from exporter.sources.records import readable

SAMPLE_SIZE = {Window.HOUR: "1_HOUR", Window.DAY: "1_DAY"}
FORMAT = {Window.HOUR: "%Y-%m-%dT%H:%M:%SZ", Window.DAY: "%Y-%m-%d"}
LOOK_BACK = {Window.HOUR: 24, Window.DAY: 3}
"""How many windows before now are tried: data arrives late, at worst once a day."""
REACH = 180 * 86400.0
"""Seconds into the past for which windows can be asked."""


class Span(Struct, frozen=True, gc=False):
    """One closed window; both ends in Unix seconds, the end is not part of it."""

    window: Window
    start: int
    end: int

    @property
    def query(self) -> dict[str, str]:
        """The parameters that ask for it."""
        return {
            "start-date": self._written(self.start),
            "end-date": self._written(self.end),
            "sample-size": SAMPLE_SIZE[self.window],
        }

    def _written(self, seconds: int) -> str:
        return datetime.fromtimestamp(seconds, UTC).strftime(FORMAT[self.window])


def closed_spans(window: Window, now: float) -> Iterator[Span]:
    """Give the windows that are over, the newest first; days begin at midnight UTC.

    Args:
        window: The length.
        now: Unix seconds.
    """
    newest_end = int(now) // window.seconds * window.seconds
    for age in range(LOOK_BACK[window]):
        end = newest_end - age * window.seconds
        yield Span(window, end - window.seconds, end)


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


class EnergyArchive:
    """Reads windows that are named, where the collector `energy` looks for the newest."""

    reach = REACH
    page = PAGE_SIZE

    def __init__(self, reader: EnergyReader) -> None:
        """Take who reads a window."""
        self._reader = reader

    async def read(self, window: Window, start: int) -> Mapping[str, Energy]:
        """Read the servers that are complete in a window.

        Args:
            window: Its length.
            start: Its first Unix second; a day begins at midnight UTC.

        Returns:
            What each used, by the server's id; also of servers that are in no inventory any more,
            as far as COM still lists them.

        Raises:
            SourceError: The window could not be read.
        """
        reading = await self._reader.read(Span(window, start, start + window.seconds))
        return {
            record.id: record.energy
            for record in reading.listing.items
            if record.energy is not None
        }

    def serial(self, server_id: str) -> str:
        """Return the serial number of a server that is in no inventory."""
        return serial_from_id(server_id)
