"""The collector `alerts`: alerts that nobody has acknowledged yet."""

from collections.abc import Iterator

from msgspec import Struct

from exporter.model import Alert, AlertSeverity, Collected, Inventory, Server
from exporter.sources.alerts import AlertSettings, tally
from exporter.sources.contract import CollectorSetup
from exporter.sources.drift import Drift, Unseen, drifted, unknown_values
from exporter.sources.listing import Listing
from exporter.sources.ome import calls, records
from exporter.sources.ome.lists import ListReader
from exporter.sources.ome.mapping import (
    ACKNOWLEDGED,
    ALERT_SEVERITY,
    NOT_ACKNOWLEDGED,
    DeviceFinder,
    alert_from,
    is_open,
)
from exporter.sources.ome.records import AlertRecord
from exporter.sources.ome.refusals import NO_SUCH_SERVICE, needed
from exporter.sources.ome.source import OmeParts
from exporter.sources.renewal import Renewal

PAGE_SIZE = 500
NEWEST_FIRST = "TimeStamp desc"
OPEN = calls.OPEN_ALERTS
NEEDED = "the appliance has no such service"
STATUSES = frozenset({ACKNOWLEDGED, NOT_ACKNOWLEDGED})
ALWAYS_LISTED = (AlertSeverity.CRITICAL, AlertSeverity.WARNING)


class ListedAlert(Struct, frozen=True, gc=False):
    """What is kept of a listed alert."""

    id: int
    alert: Alert
    is_open: bool
    code: int | None
    """`SeverityType` as listed."""
    status: int | None
    """`StatusType` as listed."""


class AlertsCollector:
    """Counts unacknowledged alerts by device and severity."""

    def __init__(self, parts: OmeParts, setup: CollectorSetup[AlertSettings]) -> None:
        """Prepare; nothing is sent yet."""
        self.name, self.interval = setup.name, setup.interval
        self._severities = tuple(dict.fromkeys(setup.settings.severities))
        self._alerts = ListReader(
            parts.client,
            calls.ALERTS,
            records.ALERT,
            page_size=PAGE_SIZE,
            at_once=parts.at_once,
        )
        self._renewals: dict[int, Renewal[AlertRecord, ListedAlert]] = {
            code: Renewal(records.ALERT, calls.ALERTS.expected) for code in ALERT_SEVERITY
        }

    async def collect(self, inventory: Inventory) -> Collected:
        """Read all open alerts, info only by its number unless it is switched on.

        Raises:
            SourceError: A listing failed or is incomplete.
            NotAvailableError: The appliance has no alerts.
        """
        wanted = {*ALWAYS_LISTED, *self._severities}
        codes = [code for code, severity in ALERT_SEVERITY.items() if severity in wanted]
        whose = DeviceFinder(inventory)
        with needed(NEEDED, NO_SUCH_SERVICE):
            lists = [await self._open_alerts(code, whose, inventory.everyone) for code in codes]
            totals = {}
            if AlertSeverity.INFO not in wanted:
                totals[AlertSeverity.INFO] = await self._unlisted(lists)
        alerts = open_alerts(lists)
        column, source = tally(alerts, inventory, self._severities, totals)
        return Collected(
            columns=(column,),
            source_facets=(source,),
            items=len(alerts),
            problems=sum(each.problems for each in lists),
            alerts=tuple(alert for alert in alerts if alert.severity in ALWAYS_LISTED),
            drift=drifted(*(each.drift for each in lists), *_unknown(lists)),
            warnings=tuple(dict.fromkeys(text for each in lists for text in each.warnings)),
        )

    async def _unlisted(self, listed: list[Listing[ListedAlert]]) -> int | None:
        """Count the open alerts that are not listed; None where the appliance counts nothing.

        Args:
            listed: All the others.
        """
        whole = await self._alerts.count(OPEN)
        if whole is None:
            return None
        return max(0, whole - sum(each.reported for each in listed))

    async def _open_alerts(
        self, code: int, whose: DeviceFinder, servers: tuple[Server, ...]
    ) -> Listing[ListedAlert]:
        def mapped(record: AlertRecord, unseen: Unseen) -> ListedAlert:
            del unseen  # codes are looked at together
            alert = alert_from(record, code, whose(record))
            codes = record.severity_type, record.status_type
            return ListedAlert(record.id, alert, is_open(record), *codes)

        where = f"SeverityType eq {code} and {OPEN}"
        with self._renewals[code].run(mapped, basis=servers) as run:
            # Some builds refuse to sort alerts.
            return await self._alerts.renew(where, run, orderby=NEWEST_FIRST)


def open_alerts(lists: list[Listing[ListedAlert]]) -> list[Alert]:
    """Give the listed alerts, each one once, without those acknowledged in the meantime."""
    found: dict[int, Alert] = {}
    for listing in lists:
        for each in listing.items:
            if each.is_open:
                found.setdefault(each.id, each.alert)
    return list(found.values())


def _unknown(lists: list[Listing[ListedAlert]]) -> Iterator[Drift]:
    listed = [each for listing in lists for each in listing.items]
    yield unknown_values("SeverityType", (each.code for each in listed), ALERT_SEVERITY)
    yield unknown_values("StatusType", (each.status for each in listed), STATUSES)
