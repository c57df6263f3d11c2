"""Are the appliances between COM and its servers connected?"""

from collections.abc import Mapping
from operator import attrgetter

from exporter.errors import NotAvailableError, SourceError
from exporter.model import Appliances, Collected, Inventory
from exporter.sources.com import expected
from exporter.sources.com.available import absence
from exporter.sources.com.lists import ListPath, Lists
from exporter.sources.com.records import ApplianceRecord, appliance_decoder
from exporter.sources.com.words import meaning
from exporter.sources.drift import Unseen, drifted
from exporter.sources.paging import Listing

STATES: Mapping[str, str | None] = {
    "CONNECTED": "connected",
    "NOT_ACTIVATED": "not_activated",
    "DISCONNECTED": "disconnected",
}


def _within(endpoint: str) -> str:
    return endpoint.rpartition("/")[2] + "."


def _path(endpoint: str) -> ListPath[ApplianceRecord]:
    return ListPath(
        endpoint,
        appliance_decoder,
        attrgetter("id"),
        1000,
        offset=False,
        expected=expected.appliance(_within(endpoint)),
    )


PATHS = {
    "gateway": _path("v1beta2/appliances"),
    "oneview": _path("v1beta1/oneview-appliances"),
}


class ApplianceStates:
    """Reads both lists of appliances, once a run."""

    name = "appliances"

    def __init__(self, lists: Lists, interval: float) -> None:
        """Take the seconds between runs."""
        self.interval = interval
        self._lists = lists

    async def collect(self, inventory: Inventory) -> Collected:  # noqa: ARG002 - has no servers
        """Read secure gateways and OneView; one of the two may be missing.

        Raises:
            SourceError: A call failed.
            NotAvailableError: Neither may be read.
        """
        listings: dict[str, Listing[ApplianceRecord]] = {}
        missing: list[str] = []
        for kind, path in PATHS.items():
            try:
                listings[kind] = await self._lists.read(path)
            except SourceError as error:
                sentence = absence(path.endpoint, error)
                if not sentence:
                    raise
                missing.append(sentence)
        if not listings:
            raise NotAvailableError("; ".join(missing))
        return _collected(listings, tuple(missing))


def _collected(
    listings: dict[str, Listing[ApplianceRecord]], missing: tuple[str, ...]
) -> Collected:
    unseen = Unseen()
    counts: list[tuple[str, str, int]] = []
    problems = sum(listing.problems for listing in listings.values())
    for kind, listing in listings.items():
        states = [state_of(record, kind, unseen) for record in listing.items]
        counts += [(kind, state, states.count(state)) for state in STATES.values() if state]
        problems += states.count(None)
    return Collected(
        source_facets=(Appliances(tuple(counts)),),
        items=sum(len(listing.items) for listing in listings.values()),
        problems=problems,
        drift=drifted(*(listing.drift for listing in listings.values()), unseen.drift),
        warnings=missing,
    )


def state_of(record: ApplianceRecord, kind: str, unseen: Unseen) -> str | None:
    """Name the state of an appliance; gateways have it in capitals, OneView in small letters."""
    field = f"{_within(PATHS[kind].endpoint)}state"
    return meaning(record.state, STATES, field, unseen, None)
