"""The collector `appliances`: whether the appliances between COM and its servers are connected."""

from operator import attrgetter

from exporter.config.source import CollectorSettings
from exporter.errors import NotAvailableError, SourceError
from exporter.model import Appliances, Collected, Inventory
from exporter.sources.calls import Call
from exporter.sources.com import calls
from exporter.sources.com.lists import ListPath
from exporter.sources.com.records import ApplianceRecord, appliance_decoder
from exporter.sources.com.refusals import absence
from exporter.sources.com.source import ComParts
from exporter.sources.com.vocabulary import APPLIANCE_STATES, meaning
from exporter.sources.contract import CollectorSetup
from exporter.sources.drift import Unseen, drifted
from exporter.sources.listing import Listing
from exporter.sources.partial import LastGood, Sample

MOST = 1000
"""The most that the description allows: there is no second page."""


def _path(call: Call[ApplianceRecord]) -> ListPath[ApplianceRecord]:
    return ListPath(
        call,
        appliance_decoder,
        attrgetter("id"),
        MOST,
        offset=False,
        may_be_empty=True,
    )


PATHS = {
    "gateway": _path(calls.GATEWAYS),
    "oneview": _path(calls.ONEVIEW),
}


class ApplianceStates:
    """Reads both lists of appliances, once a run."""

    def __init__(self, parts: ComParts, setup: CollectorSetup[CollectorSettings]) -> None:
        """Prepare; nothing is sent yet."""
        self.name, self.interval = setup.name, setup.interval
        self._lists = parts.lists
        self._last: LastGood[str, Listing[ApplianceRecord]] = LastGood(
            parts.clock, 3 * setup.interval
        )

    async def collect(self, inventory: Inventory) -> Collected:  # noqa: ARG002 - has no servers
        """Read secure gateways and OneView; one of the two may be missing, or fail.

        Raises:
            SourceError: A call failed, and the other list is missing or failed too.
            NotAvailableError: Neither may be read.
        """
        missing: list[str] = []
        sample = Sample(len(PATHS))
        for kind, path in PATHS.items():
            try:
                self._last.put(kind, await self._lists.read(path))
            except SourceError as error:
                if sentence := absence(path.endpoint, error):
                    missing.append(sentence)
                    self._last.drop(kind)
                else:
                    sample.failure(error)
            else:
                sample.success()
        if not sample.succeeded:
            raise sample.failures[0] if sample.failures else NotAvailableError("; ".join(missing))
        found = {kind: listing for kind in PATHS if (listing := self._last.get(kind))}
        return _collected(found, tuple(missing), sample)


def _collected(
    listings: dict[str, Listing[ApplianceRecord]],
    missing: tuple[str, ...],
    sample: Sample,
) -> Collected:
    unseen = Unseen()
    counts: list[tuple[str, str, int]] = []
    problems = sum(listing.problems for listing in listings.values()) + sample.broken
    for kind, listing in listings.items():
        states = [state_of(record, kind, unseen) for record in listing.items]
        counts += [
            (kind, state, states.count(state)) for state in APPLIANCE_STATES.values() if state
        ]
        problems += states.count(None)
    return Collected(
        source_facets=(Appliances(tuple(counts)),),
        items=sum(len(listing.items) for listing in listings.values()),
        problems=problems,
        drift=drifted(*(listing.drift for listing in listings.values()), unseen.drift),
        warnings=(
            *missing,
            *(error.message for error in sample.failures),
            *(each for listing in listings.values() for each in listing.warnings),
        ),
    )


def state_of(record: ApplianceRecord, kind: str, unseen: Unseen) -> str | None:
    """Name the state of an appliance; gateways have it in capitals, OneView in small letters."""
    field = f"{PATHS[kind].call.within}state"
    return meaning(record.state, APPLIANCE_STATES, field, unseen, None)
