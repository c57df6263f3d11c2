"""The collector `utilization`: how busy each server was on the last complete day.

COM knows averages of whole days, of Intel-based servers that it manages directly; the others are
not listed. Data arrive late, so the days before are tried until one has data of half of the
servers that are listed.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from operator import attrgetter

from exporter.config.source import CollectorSettings
from exporter.errors import NotAvailableError, Reason, SourceError, refusal_text
from exporter.model import Collected, Column, Inventory, Utilization, Window
from exporter.slices import Slices
from exporter.sources.com import calls
from exporter.sources.com.energy_windows import LOOK_BACK, Span, closed_spans
from exporter.sources.com.lists import PAGE_SIZE, ListPath
from exporter.sources.com.records import UtilizationRecord, utilization_decoder
from exporter.sources.com.refusals import available
from exporter.sources.com.source import ComParts
from exporter.sources.com.vocabulary import amount, normal
from exporter.sources.contract import CollectorSetup
from exporter.sources.drift import Drift, drifted, joined
from exporter.sources.listing import Listing
from exporter.sources.partial import REFUSALS, LastGood, Sample

PATH = ListPath(
    calls.UTILIZATION,
    utilization_decoder,
    attrgetter("id"),
    PAGE_SIZE,
    of_many=True,
)
ALL_SERVERS = "/compute-ops-mgmt/v1beta1/filters/e7cef8e6-a3f6-4490-b669-136e3ca40617"
"""The documented filter that takes every server; this path has no default."""
RESOURCES = {
    "CPU_UTILIZATION": "cpu",
    "MEMORY_BUS_UTILIZATION": "memory",
    "IO_BUS_UTILIZATION": "io",
    "CPU_INTERCONNECT_UTILIZATION": "cpu_interconnect",
}
NOTHING = (
    f"{PATH.endpoint}: there are no data of the last {LOOK_BACK[Window.DAY]} days; HPE has them of "
    "Intel-based servers that are not managed by OneView: check that the metrics collection of "
    "this workspace is enabled, and allow at least one day for the first data"
)


@dataclass(frozen=True, slots=True)
class _Day:
    """What was listed for one day, by resource, and the resources that are not offered."""

    listings: Mapping[str, Listing[UtilizationRecord]]
    ratios: Mapping[str, Mapping[str, float]]
    """By resource and server, where there are enough data."""
    warnings: tuple[str, ...]
    unread: int
    """Resources that could not be read."""

    @property
    def drift(self) -> Drift:
        """What did not fit, whichever resource it is."""
        return joined(listing.drift for listing in self.listings.values())

    @property
    def is_enough(self) -> bool:
        """Whether one resource has data of half of its servers."""
        return any(
            2 * len(self.ratios[resource]) >= len(listing.items) > 0
            for resource, listing in self.listings.items()
        )


class UtilizationUse:
    """Reads the four averages of the newest day that has them, once a run."""

    def __init__(self, parts: ComParts, setup: CollectorSetup[CollectorSettings]) -> None:
        """Prepare; nothing is sent yet."""
        self.name, self.interval = setup.name, setup.interval
        self._lists, self._clock = parts.lists, parts.clock
        self._last: LastGood[str, Mapping[str, float]] = LastGood(parts.clock, 3 * setup.interval)

    async def collect(self, inventory: Inventory) -> Collected:
        """Read one day.

        Raises:
            SourceError: A call failed, every resource was refused, or the averages have drifted.
            NotAvailableError: There are servers, but no day has data of them.
        """
        tried: list[Drift] = []
        for span in closed_spans(Window.DAY, self._clock.wall()):
            with available(PATH.endpoint):
                day = await self._day(span)
            if day.is_enough:
                return await _collected(self._completed(day))
            tried.append(day.drift)
        if drift := drifted(*tried):
            # A changed API looks like one without data.
            raise SourceError(Reason.SCHEMA, f"{PATH.endpoint}: {'; '.join(map(str, drift))}")
        if inventory.everyone:
            raise NotAvailableError(NOTHING)
        return Collected(columns=(Column(Utilization, {}),))

    def _completed(self, day: _Day) -> _Day:
        """Add the last ratios of the resources that could not be read now."""
        for resource, ratios in day.ratios.items():
            self._last.put(resource, ratios)
        kept = {each: self._last.get(each) for each in RESOURCES.values()}
        return replace(day, ratios={each: found for each, found in kept.items() if found})

    async def _day(self, span: Span) -> _Day:
        listings: dict[str, Listing[UtilizationRecord]] = {}
        refusals: dict[str, SourceError] = {}
        sample = Sample(len(RESOURCES))
        for metric_type, resource in RESOURCES.items():
            try:
                listings[resource] = await self._read(span, metric_type)
            except SourceError as error:
                # One resource may not be offered, or fail: the others are read all the same.
                sample.failure(error)
                refusals[metric_type] = error
        if not listings:
            raise next(iter(refusals.values()))
        ratios = {resource: await _ratios(each.items) for resource, each in listings.items()}
        return _Day(
            listings,
            ratios,
            (
                *(f"{PATH.endpoint}: {each} {_failed(error)}" for each, error in refusals.items()),
                *dict.fromkeys(text for each in listings.values() for text in each.warnings),
            ),
            sample.broken,
        )

    async def _read(self, span: Span, metric_type: str) -> Listing[UtilizationRecord]:
        query = {
            "start-date": span.query["start-date"],
            "end-date": span.query["end-date"],
            "resource-uri": ALL_SERVERS,
            "metric-type": metric_type,
        }
        return await self._lists.read(PATH, query)


def _failed(error: SourceError) -> str:
    """Say what became of a request, in the same words in every run."""
    cause = refusal_text(error)
    return f"is refused: {cause}" if error.reason in REFUSALS else f"could not be read: {cause}"


def ratio_from(record: UtilizationRecord) -> float | None:
    """Map the average of a server, in per cent; None where there are too few data."""
    words = (normal(record.status), normal(record.status_reason))
    if "DATA_INSUFFICIENT" in words or record.collected is None:
        return None
    percent = amount(record.collected.average)
    # Rounding drops what the division adds, not what was measured.
    return None if percent is None or percent > 100 else round(percent / 100, 9)


async def _ratios(records: Iterable[UtilizationRecord]) -> dict[str, float]:
    return {
        record.id: ratio
        async for record in Slices().through(records)
        if (ratio := ratio_from(record)) is not None
    }


async def _collected(day: _Day) -> Collected:
    listings = day.listings.values()
    items = sum(len(listing.items) for listing in listings)
    return Collected(
        columns=(Column(Utilization, await _by_server(day.ratios)),),
        items=items,
        problems=items
        - sum(len(day.ratios.get(resource, ())) for resource in day.listings)
        + day.unread
        + sum(listing.problems for listing in listings),
        drift=drifted(day.drift),
        warnings=day.warnings,
    )


async def _by_server(ratios: Mapping[str, Mapping[str, float]]) -> dict[str, Utilization]:
    servers = {server: None for each in ratios.values() for server in each}
    return {
        server: Utilization(
            tuple((resource, each[server]) for resource, each in ratios.items() if server in each)
        )
        async for server in Slices().through(servers)
    }
