"""The open alerts of a workspace.

The list of the whole fleet is new (July 2026). Where it is missing or refused, each server's own
list is read: as many calls as servers, and therefore less often.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from operator import attrgetter

from msgspec import Struct

from exporter.errors import LoginError, SourceError
from exporter.model import Alert, AlertSeverity, Collected, Inventory, Server
from exporter.sources.alerts import AlertSettings, tally
from exporter.sources.calls import selected
from exporter.sources.com import calls
from exporter.sources.com.lists import PAGE_SIZE, ListPath, Rows
from exporter.sources.com.mapping import alert_from, is_cleared
from exporter.sources.com.records import AlertRecord, alert_decoder
from exporter.sources.com.source import ComParts
from exporter.sources.contract import CollectorSetup
from exporter.sources.drift import Drift, Unseen, drifted, joined
from exporter.sources.forms import REFUSED, REMEMBERED
from exporter.sources.listing import Listing, Page
from exporter.sources.partial import LastGood, Sample, for_each, in_any_order
from exporter.sources.renewal import Renewal, RenewalRun

OF_FLEET = ListPath(calls.ALERTS, alert_decoder, attrgetter("id"), PAGE_SIZE, may_be_empty=True)
OF_SERVER = ListPath(
    calls.ALERTS_OF_SERVER, alert_decoder, attrgetter("id"), 100, of_many=True, may_be_empty=True
)
OPEN = {"filter": calls.OPEN_ALERTS, "select": selected(AlertRecord)}
FALL_BACK_INTERVAL = 900.0
"""Seconds: one call per server is not made more often."""
MISSING = frozenset({404, 405, 501}) | REFUSED
"""Statuses of the fleet's list, in every form, that lead to the lists of the servers."""


class _Listed(Struct, frozen=True, gc=False):
    """What is kept of a listed alert; `alert` is None once it is over."""

    id: str
    alert: Alert | None


@dataclass(frozen=True, slots=True)
class _Found:
    """Open alerts, and what was read and skipped on the way to them."""

    alerts: list[Alert]
    items: int
    problems: int
    drift: Drift
    warnings: tuple[str, ...] = ()
    unread: frozenset[str] = frozenset()
    """Ids of servers whose alerts are not known."""


class Alerts:
    """Reads the open alerts, once a run."""

    def __init__(self, parts: ComParts, setup: CollectorSetup[AlertSettings]) -> None:
        """Prepare; nothing is sent yet."""
        self.name = setup.name
        self._lists, self._clock = parts.lists, parts.clock
        self._interval = setup.interval
        self._severities = setup.settings.severities
        self._absent_until: float | None = None
        self._renewal: Renewal[AlertRecord, _Listed] = Renewal(alert_decoder, OF_FLEET.expected)
        self._last: LastGood[str, _Found] = LastGood(
            parts.clock, 3 * max(setup.interval, FALL_BACK_INTERVAL)
        )

    @property
    def interval(self) -> float:
        """Seconds between runs; more while every server has to be asked."""
        return (
            self._interval
            if self._absent_until is None
            else max(self._interval, FALL_BACK_INTERVAL)
        )

    async def collect(self, inventory: Inventory) -> Collected:
        """Read all open alerts.

        Raises:
            SourceError: A call failed, or a list came out short.
        """
        found = await self._of_fleet(inventory)
        is_whole = found is not None or not inventory.others
        if found is None:
            found = await self._of_servers(inventory.servers)
        alerts = sorted(found.alerts, key=attrgetter("id"))
        counts, of_source = tally(alerts, inventory, self._severities, unread=found.unread)
        return Collected(
            columns=(counts,),
            # Of servers that other shards ask nothing is known here, so there is no total.
            source_facets=(of_source,) if is_whole else (),
            items=found.items,
            problems=found.problems,
            drift=drifted(found.drift),
            warnings=found.warnings,
            alerts=tuple(alert for alert in alerts if alert.severity is not AlertSeverity.INFO),
        )

    async def _of_fleet(self, inventory: Inventory) -> _Found | None:
        """Read the list of the fleet; None while the API does not have it."""
        if self._absent_until is not None and self._clock.monotonic() < self._absent_until:
            return None
        names = {server.id: server.name for server in inventory.everyone}
        try:
            with self._renewal.run(_listed(names), basis=inventory.everyone) as run:
                listing = await self._list(run, OF_FLEET, ("select",))
        except LoginError:
            raise
        except SourceError as error:
            if error.status not in MISSING:
                raise
            self._absent_until = self._clock.monotonic() + REMEMBERED
            return None
        self._absent_until = None
        return _found(listing)

    async def _of_servers(self, servers: tuple[Server, ...]) -> _Found:
        """Read the list of every server, several at the same time.

        A list that cannot be read is replaced by what it had last, for a limited time.
        """
        sample = Sample(len(servers))
        found: dict[str, _Found | None] = {}

        async def read(server: Server) -> None:
            try:
                listing = await self._of_server(server)
            except SourceError as error:
                sample.failure(error)
                if sample.is_lost:
                    raise
                found[server.id] = self._last.get(server.id)
            else:
                sample.success()
                found[server.id] = _found(listing)
                self._last.put(server.id, _found(listing))

        await for_each(in_any_order(servers), read, self._lists.at_once)
        self._last.retain(found)
        return _joined(found, len(sample.failures))

    async def _of_server(self, server: Server) -> Listing[_Listed]:
        """Read the list of one server, its open alerts only if it can be asked for those."""
        into = _listed({server.id: server.name}, server.id)
        # The lists of single servers are short, and read rarely.
        renewal: Renewal[AlertRecord, _Listed] = Renewal(alert_decoder, OF_SERVER.expected)
        with renewal.run(into) as run:
            # Which fields this list can be filtered by is not documented.
            return await self._list(run, OF_SERVER, ("select", "filter"), server.id)

    async def _list(
        self,
        run: RenewalRun[AlertRecord, _Listed],
        path: ListPath[AlertRecord],
        optional: tuple[str, ...],
        server: str = "",
    ) -> Listing[_Listed]:
        def mapped(rows: Rows) -> Page[_Listed]:
            return run.page(rows.items, rows.total)

        return await self._lists.read_into(
            path, mapped, attrgetter("id"), OPEN, id=server, optional=optional
        )


def _listed(names: Mapping[str, str], device: str = "") -> Callable[[AlertRecord, Unseen], _Listed]:
    """Return what maps the alerts of a list; the arguments are those of `alert_from`."""

    def listed(record: AlertRecord, unseen: Unseen) -> _Listed:
        is_over = is_cleared(record)
        return _Listed(record.id, None if is_over else alert_from(record, names, unseen, device))

    return listed


def _found(listing: Listing[_Listed]) -> _Found:
    return _Found(
        alerts=[each.alert for each in listing.items if each.alert is not None],
        items=len(listing.items),
        problems=listing.problems,
        drift=listing.drift,
        warnings=listing.warnings,
    )


def _joined(found: Mapping[str, _Found | None], failures: int) -> _Found:
    """Join the alerts of the servers.

    Args:
        found: What each server has; None where nothing is known.
        failures: Lists that could not be read now, whether or not an earlier reading is known.
    """
    parts = [part for part in found.values() if part is not None]
    return _Found(
        alerts=[alert for part in parts for alert in part.alerts],
        items=sum(part.items for part in parts),
        problems=sum(part.problems for part in parts) + failures,
        drift=joined(part.drift for part in parts),
        warnings=tuple(dict.fromkeys(each for part in parts for each in part.warnings)),
        unread=frozenset(server for server, part in found.items() if part is None),
    )
