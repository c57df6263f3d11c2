"""How much energy did each server use in the last hour and the last day that are complete?

COM has no counter and no live power: it sums what the servers have reported over a window that is
asked for, and it gets that late. So windows are tried from the newest on, until one is complete for
at least half of the servers.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from operator import attrgetter

from exporter.clock import Clock
from exporter.errors import Reason, SourceError
from exporter.model import (
    Collected,
    Column,
    DriftedField,
    EnergyWindowEnds,
    EnergyWindows,
    Inventory,
    Location,
    Window,
)
from exporter.sources.com import expected
from exporter.sources.com.client import ComClient
from exporter.sources.com.mapping import EnergyReading, energy_reading_from
from exporter.sources.com.records import EnergyPage, energy_decoder, energy_page_decoder
from exporter.sources.com.windows import LOOK_BACK, Span, closed_spans
from exporter.sources.drift import Drift, Unseen, drifted, joined, looked
from exporter.sources.paging import Listing, Page, read_list
from exporter.sources.records import decode, readable

ENDPOINT = "v1beta1/energy-by-entity"
PAGE = 1000
"""The most that the API allows here."""
NOTHING = (
    f"{ENDPOINT}: none of the last {LOOK_BACK[Window.HOUR]} hours and {LOOK_BACK[Window.DAY]} days "
    "is complete for half of the servers; check that the metrics collection of this workspace is "
    "enabled and scheduled (not on demand), and allow at least one day for the first data"
)


@dataclass(frozen=True, slots=True)
class _Reading:
    """One window, and whether enough servers are complete in it."""

    span: Span
    listing: Listing[EnergyReading]
    is_enough: bool


class EnergyUse:
    """Reads the energy of the newest complete windows, once a run."""

    name = "energy"

    def __init__(self, client: ComClient, clock: Clock, interval: float, at_once: int) -> None:
        """Take the clock that says which windows are over, and the seconds between runs."""
        self.interval = interval
        self._client = client
        self._clock = clock
        self._at_once = at_once

    async def collect(self, inventory: Inventory) -> Collected:
        """Read one hour and one day.

        Raises:
            SourceError: A call failed; `empty`, if there are servers but no window is complete.
        """
        readings: list[_Reading] = []
        refusals: list[SourceError] = []
        tried: list[Drift] = []
        for window in Window:
            try:
                reading = await self._newest(window, tried)
            except SourceError as error:
                # One kind of window may not be offered; that is no reason to lose the other.
                if error.reason is not Reason.HTTP_4XX:
                    raise
                refusals.append(error)
            else:
                readings += [reading] if reading else []
        if not readings and (refusals or inventory.everyone):
            raise refusals[0] if refusals else _nothing(drifted(*tried))
        return _collected(readings, tuple(error.message for error in refusals))

    async def _newest(self, window: Window, tried: list[Drift]) -> _Reading | None:
        """Find the newest window that is complete enough.

        Nothing is remembered between runs: the windows that are newer than the last one are looked
        at first in any case, and that one is read again, because late data may have changed it.
        What does not fit in the windows that are not taken is added to `tried`.
        """
        for span in closed_spans(window, self._clock.wall()):
            if await self._promises_enough(span):
                reading = await self._read(span)
                if reading.is_enough:
                    return reading
                tried.append(reading.listing.drift)
        return None

    async def _promises_enough(self, span: Span) -> bool:
        """Ask for a single record, to learn cheaply how many there are."""
        page = await self._page(span, 0, 1)
        return _is_enough(page.total, page.total + _excluded(page))

    async def _read(self, span: Span) -> _Reading:
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
        return _Reading(span, listing, _is_enough(complete, listing.reported + excluded))

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


def _nothing(drift: tuple[DriftedField, ...]) -> SourceError:
    """Say why no window is complete: a changed API looks like one without data."""
    if drift:
        return SourceError(Reason.SCHEMA, f"{ENDPOINT}: {'; '.join(map(str, drift))}")
    return SourceError(Reason.EMPTY, NOTHING)


def _collected(readings: list[_Reading], warnings: tuple[str, ...]) -> Collected:
    records = [record for reading in readings for record in reading.listing.items]
    incomplete = sum(record.energy is None for record in records)
    return Collected(
        columns=(
            Column(EnergyWindows, _windows(readings)),
            Column(Location, _locations(records)),
        ),
        source_facets=(
            EnergyWindowEnds(tuple((each.span.window, float(each.span.end)) for each in readings)),
        ),
        items=len(records),
        problems=incomplete + sum(reading.listing.problems for reading in readings),
        drift=drifted(*(reading.listing.drift for reading in readings)),
        warnings=warnings,
    )


def _windows(readings: Iterable[_Reading]) -> dict[str, EnergyWindows]:
    of = {
        reading.span.window: {
            record.id: record.energy
            for record in reading.listing.items
            if record.energy is not None
        }
        for reading in readings
    }
    hours, days = of.get(Window.HOUR, {}), of.get(Window.DAY, {})
    return {
        server: EnergyWindows(hours.get(server), days.get(server)) for server in {**days, **hours}
    }


def _locations(records: Iterable[EnergyReading]) -> Mapping[str, Location]:
    found: dict[str, Location] = {}
    for record in records:
        if record.location is not None:
            # The hour comes first: where the two windows differ, the newer one is right.
            found.setdefault(record.id, record.location)
    return found
