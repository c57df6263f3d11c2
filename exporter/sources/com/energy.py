"""The collector `energy`: the energy of each server in the last complete hour and day.

COM has no counter and no live power: it sums what the servers have reported over a window that is
asked for, and it gets that late. So windows are tried from the newest on, until one is complete for
at least half of the servers.
"""

from collections.abc import Iterable, Mapping

from exporter.config.source import CollectorSettings
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
from exporter.sources.com.energy_windows import LOOK_BACK, PATH, Reading, closed_spans
from exporter.sources.com.mapping import EnergyReading
from exporter.sources.com.refusals import available
from exporter.sources.com.source import ComParts
from exporter.sources.contract import CollectorSetup
from exporter.sources.drift import Drift, drifted
from exporter.sources.partial import LastGood, Sample

NOTHING = (
    f"{PATH.endpoint}: none of the last {LOOK_BACK[Window.HOUR]} hours and "
    f"{LOOK_BACK[Window.DAY]} days is complete for half of the servers; check that the metrics "
    "collection of this workspace is enabled and scheduled (not on demand), and allow at least "
    "one day for the first data"
)


class EnergyUse:
    """Reads the energy of the newest complete windows, once a run."""

    def __init__(self, parts: ComParts, setup: CollectorSetup[CollectorSettings]) -> None:
        """Prepare; nothing is sent yet."""
        self.name, self.interval = setup.name, setup.interval
        self._reader, self._clock = parts.energy, parts.clock
        self._last: LastGood[Window, Reading] = LastGood(parts.clock, 3 * setup.interval)

    async def collect(self, inventory: Inventory) -> Collected:
        """Read one hour and one day.

        Raises:
            SourceError: Both kinds of windows failed; `empty`, if there are servers but no window
                is complete.
            NotAvailableError: The API does not offer them here, or not to this user.
        """
        readings: list[Reading] = []
        sample = Sample(len(Window))
        tried: list[Drift] = []
        for window in Window:
            try:
                reading = await self._newest(window, tried)
            except SourceError as error:
                # One kind of window may not be offered, or fail: the other is read all the same.
                sample.failure(error)
                reading = self._last.get(window)
            else:
                sample.success()
                if reading:
                    self._last.put(window, reading)
            readings += [reading] if reading else []
        if not sample.succeeded:
            with available(PATH.endpoint):
                raise sample.failures[0]
        if not readings and inventory.everyone:
            raise sample.failures[0] if sample.failures else _nothing(drifted(*tried))
        return _collected(readings, sample)

    async def _newest(self, window: Window, tried: list[Drift]) -> Reading | None:
        """Find the newest window that is complete enough.

        Nothing is remembered between runs: the windows that are newer than the last one are looked
        at first in any case, and that one is read again, because late data may have changed it.
        What does not fit in the windows that are not taken is added to `tried`.
        """
        for span in closed_spans(window, self._clock.wall()):
            if await self._reader.promises_enough(span):
                reading = await self._reader.read(span)
                if reading.is_enough:
                    return reading
                tried.append(reading.listing.drift)
        return None


def _nothing(drift: tuple[DriftedField, ...]) -> SourceError:
    """Say why no window is complete: a changed API looks like one without data."""
    if drift:
        return SourceError(Reason.SCHEMA, f"{PATH.endpoint}: {'; '.join(map(str, drift))}")
    return SourceError(Reason.EMPTY, NOTHING)


def _collected(readings: list[Reading], sample: Sample) -> Collected:
    records = [record for reading in readings for record in reading.listing.items]
    incomplete = sum(record.energy is None or record.energy.joules is None for record in records)
    return Collected(
        columns=(
            Column(EnergyWindows, _windows(readings)),
            Column(Location, _locations(records)),
        ),
        source_facets=(
            EnergyWindowEnds(tuple((each.span.window, float(each.span.end)) for each in readings)),
        ),
        items=len(records),
        problems=incomplete + sum(reading.listing.problems for reading in readings) + sample.broken,
        drift=drifted(*(reading.listing.drift for reading in readings)),
        warnings=(
            *(error.message for error in sample.failures),
            *(each for reading in readings for each in reading.listing.warnings),
        ),
    )


def _windows(readings: Iterable[Reading]) -> dict[str, EnergyWindows]:
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
