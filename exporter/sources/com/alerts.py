"""Which alerts are open in a workspace?

The list of the whole fleet is new (July 2026). Where it is not there yet, every server is asked for
its own alerts: as many calls as servers, and therefore more rarely.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from operator import attrgetter

from msgspec import Struct

from exporter.clock import Clock
from exporter.errors import LoginError, SourceError
from exporter.model import Alert, AlertSeverity, Collected, Inventory, Server
from exporter.sources.alerts import tally
from exporter.sources.com import expected
from exporter.sources.com.client import ComClient
from exporter.sources.com.mapping import alert_from, is_cleared
from exporter.sources.com.records import ALERT_FIELDS, AlertRecord, alert_decoder, page_decoder
from exporter.sources.drift import Drift, Unseen, drifted, joined
from exporter.sources.paging import Listing, Page, read_list
from exporter.sources.records import decode
from exporter.sources.renewal import Renewal, RenewalRun
from exporter.sources.workers import for_each

OF_FLEET = "v1/alerts"
OF_SERVER = "v1/servers/{id}/alerts"
OPEN = {"filter": "clearedAt eq null"}
PAGE = 1000
"""The most that the API allows here."""
FALL_BACK_INTERVAL = 900.0
"""Seconds: one call per server is not made more often."""
ABSENCE_REMEMBERED = 3600.0
"""Seconds after which a missing list of the fleet is looked for again."""


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


class Alerts:
    """Reads the open alerts, once a run."""

    name = "alerts"

    def __init__(
        self,
        client: ComClient,
        clock: Clock,
        interval: float,
        at_once: int,
        severities: tuple[AlertSeverity, ...],
    ) -> None:
        """Prepare.

        Args:
            client: The API.
            clock: Says when a missing list is looked for again.
            interval: Seconds between runs, while the list of the fleet is there.
            at_once: Calls made at the same time.
            severities: Those counted for each server.
        """
        self._client = client
        self._clock = clock
        self._interval = interval
        self._at_once = at_once
        self._severities = severities
        self._absent_until: float | None = None
        self._servers_filter = True
        self._renewal: Renewal[AlertRecord, _Listed] = Renewal(alert_decoder, expected.ALERT)

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
        counts, of_source = tally(alerts, inventory, self._severities)
        return Collected(
            columns=(counts,),
            # Of servers that other shards ask nothing is known here, so there is no total.
            source_facets=(of_source,) if is_whole else (),
            items=found.items,
            problems=found.problems,
            drift=drifted(found.drift),
            alerts=tuple(alert for alert in alerts if alert.severity is not AlertSeverity.INFO),
        )

    async def _of_fleet(self, inventory: Inventory) -> _Found | None:
        """Read the list of the fleet; None while the API does not have it."""
        if self._absent_until is not None and self._clock.monotonic() < self._absent_until:
            return None
        names = {server.id: server.name for server in inventory.everyone}
        try:
            with self._renewal.run(_listed(names), basis=inventory.everyone) as run:
                listing = await self._list(run, OF_FLEET, OPEN)
        except LoginError:
            raise
        except SourceError as error:
            if error.status != 404:
                raise
            self._absent_until = self._clock.monotonic() + ABSENCE_REMEMBERED
            return None
        self._absent_until = None
        return _found(listing)

    async def _of_servers(self, servers: tuple[Server, ...]) -> _Found:
        """Read the list of every server, several at the same time."""
        found: list[_Found] = []
        gone: list[SourceError] = []

        async def read(server: Server) -> None:
            try:
                listing = await self._of_server(server)
            except LoginError:
                raise
            except SourceError as error:
                if error.status != 404:
                    raise
                # The server has left since the inventory was read.
                gone.append(error)
            else:
                found.append(_found(listing))

        await for_each(servers, read, self._at_once)
        if gone and not found:
            raise gone[0]
        return _Found(
            alerts=[alert for part in found for alert in part.alerts],
            items=sum(part.items for part in found),
            problems=sum(part.problems for part in found) + len(gone),
            drift=joined(part.drift for part in found),
        )

    async def _of_server(self, server: Server) -> Listing[_Listed]:
        """Read the list of one server, its open alerts only if it can be asked for those."""
        into = _listed({server.id: server.name}, server.id)
        # The lists of single servers are short, and read rarely.
        renewal: Renewal[AlertRecord, _Listed] = Renewal(alert_decoder, expected.ALERT_OF_SERVER)
        with renewal.run(into) as run:
            if self._servers_filter:
                try:
                    return await self._list(run, OF_SERVER, OPEN, server.id)
                except LoginError:
                    raise
                except SourceError as error:
                    # Which fields this list can be filtered by is not documented.
                    if error.status != 400:
                        raise
                    self._servers_filter = False
            return await self._list(run, OF_SERVER, {}, server.id)

    async def _list(
        self,
        run: RenewalRun[AlertRecord, _Listed],
        endpoint: str,
        query: Mapping[str, str],
        server: str = "",
    ) -> Listing[_Listed]:
        async def page(skip: int, size: int) -> Page[_Listed]:
            asked = {"limit": str(size), "offset": str(skip), **query, "select": ALERT_FIELDS}
            body = await self._client.get(endpoint, asked, id=server)
            found = decode(body, page_decoder, endpoint)
            return run.page(found.items, found.total)

        return await read_list(
            page, attrgetter("id"), name=endpoint, page_size=PAGE, at_once=self._at_once
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
    )
