"""How does COM answer `GET /v1/alerts` for the whole fleet, and `/v1/servers/{id}/alerts`?"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any, Final

from exporter.simulators.alarms import Alarms, Alert
from exporter.simulators.answer import Answer
from exporter.simulators.com.estate import GATEWAY
from exporter.simulators.com.listing import (
    Page,
    Tree,
    check_known,
    constant,
    filter_of,
    offset_time,
    page_of,
    selected,
    selection,
    wrapped,
)
from exporter.simulators.episodes import WINDOW
from exporter.simulators.hashing import uuid_text
from exporter.simulators.identity import COM
from exporter.simulators.odata import Dialect, Filter
from exporter.simulators.query import BadQueryError, plain
from exporter.simulators.world import World

MAX_LIMIT: Final = 1000

_GATEWAY_SLOT: Final = -2
_CATEGORIES: Final = {"power_supplies": "power", "bios": "security", "system": "general"}
_KEYS: Final = {
    "fans": "FanFailed",
    "memory": "DIMMStatusCritical",
    "power_supplies": "PowerSupplyFailed",
    "processor": "ProcessorStatus",
    "storage": "DriveStatus",
    "temperature": "OverTemperature",
    "network": "NetworkLinkDown",
    "bios": "MinPasswordLengthAtRisk",
}


def _category(alert: Alert) -> str:
    return _CATEGORIES.get(alert.component, alert.component)


def _severity(alert: Alert) -> str:
    # Both spellings are about: capitals in the schema, title case in filters and notifications.
    return alert.severity if alert.slot // 2 % 2 else alert.severity.title()


def _message_key(alert: Alert) -> str:
    return _KEYS.get(alert.component, "ServerEvent")


def _updated(alert: Alert) -> float:
    return alert.raised_at + 0.4 if alert.cleared_at is None else alert.cleared_at


@dataclass(frozen=True, slots=True)
class Shown:
    """An alert and the id of the device that it is shown with."""

    alert: Alert
    device: str


FIELDS: Final[Mapping[str, Callable[[Shown], Any]]] = {
    "id": lambda it: uuid_text(*it.alert.key, 7),
    "type": constant("compute-ops-mgmt/alert"),
    "generation": lambda it: 1 if it.alert.cleared_at is None else 2,
    "createdAt": lambda it: offset_time(it.alert.raised_at),
    "updatedAt": lambda it: offset_time(_updated(it.alert)),
    "timestamp": lambda it: offset_time(it.alert.raised_at - 1.5),
    "severity": lambda it: _severity(it.alert),
    "category": lambda it: _category(it.alert),
    "alertType": lambda it: "software" if it.alert.component == "bios" else "hardware",
    "cleared": lambda it: it.alert.cleared_at is not None,
    "clearedAt": lambda it: (
        None if it.alert.cleared_at is None else offset_time(it.alert.cleared_at)
    ),
    "device": lambda it: {"id": it.device},
    "serverId": lambda it: it.device,
    "messageId": lambda it: f"iLOEvents.3.2.{_message_key(it.alert)}",
    "messageKey": lambda it: _message_key(it.alert),
    "arguments": lambda it: [it.alert.component],
    "message": lambda it: f"{it.alert.component.replace('_', ' ')}: {_severity(it.alert)}.",
    "description": lambda it: f"The state of {it.alert.component} has changed.",
    "resolution": constant("Check the component and replace it if needed."),
    "originOfCondition": lambda it: None if it.alert.key[1] % 5 == 0 else "/redfish/v1/Systems/1",
    "isRecurrent": lambda it: it.alert.key[1] % 7 == 0,
    "serviceEvent": lambda it: it.alert.severity == "CRITICAL",
    "resourceUri": lambda it: f"/compute-ops-mgmt/v1/alerts/{uuid_text(*it.alert.key, 7)}",
}
_KINDS: Final = {
    "id": "text",
    "device/id": "text",
    "severity": "nocase",
    "category": "nocase",
    "alertType": "nocase",
    "messageKey": "text",
    "messageId": "text",
    "clearedAt": "time",
    "createdAt": "time",
    "updatedAt": "time",
    "serviceEvent": "bool",
    "originOfCondition": "text",
}
FILTERABLE: Final = Dialect(fields=_KINDS)


class Alerts:
    """The alerts of the fleet; those of a secure gateway are among them."""

    def __init__(self, world: World, alarms: Alarms) -> None:
        """Show the alarms of a world."""
        self._world = world
        self._alarms = alarms

    def fleet(self, query: Mapping[str, str]) -> Answer:
        """Answer the fleet's list: open alerts, and those cleared within the last 180 days."""
        check_known(query, "offset", "limit", "filter", "select", "sort")
        page = page_of(query, MAX_LIMIT)
        condition = filter_of(query, FILTERABLE)
        order = _order(query)
        t = self._world.clock()
        if condition is None and order is None:
            return self._unfiltered(query, page, t)
        only_open = condition is not None and condition.pinned.get("clearedAt", "") is None
        alerts = self._everything(t, only_open)
        return self._answer(query, page, self._filtered(alerts, condition), order)

    def of_server(self, slot: int, query: Mapping[str, str]) -> Answer:
        """Answer the list of one server, which cannot be sorted."""
        check_known(query, "offset", "limit", "filter", "select")
        alerts = self._alarms.of_slot(slot, self._world.clock())
        kept = self._filtered(alerts, filter_of(query, FILTERABLE))
        return self._answer(query, page_of(query, MAX_LIMIT), kept, None)

    def _everything(self, t: float, only_open: bool) -> list[Alert]:
        alerts = self._open(t)
        if only_open:
            return alerts
        return alerts + self._alarms.cleared(COM, t, 0, self._alarms.cleared_count(COM, t))

    def _open(self, t: float) -> list[Alert]:
        number = int(t // WINDOW)
        gateway = Alert(
            (_GATEWAY_SLOT & 0xFFFFFFF, number, 0), _GATEWAY_SLOT, "", "WARNING", "system",
            number * WINDOW, None,
        )  # fmt: skip
        return [gateway, *self._alarms.open(COM, t)]

    def _unfiltered(self, query: Mapping[str, str], page: Page, t: float) -> Answer:
        still_open = self._open(t)
        total = len(still_open) + self._alarms.cleared_count(COM, t)
        items = still_open[page.offset : page.offset + page.limit]
        rest = page.limit - len(items)
        items += self._alarms.cleared(COM, t, max(0, page.offset - len(still_open)), rest)
        return Answer(wrapped(self._records(query, items), page, total))

    def _filtered(self, alerts: Iterable[Alert], condition: Filter | None) -> list[Alert]:
        if condition is None:
            return list(alerts)
        return [each for each in alerts if condition.matches(partial(self._resolve, each))]

    def _answer(
        self, query: Mapping[str, str], page: Page, alerts: list[Alert], order: "_Order | None"
    ) -> Answer:
        if order is not None:
            path, descending = order
            alerts.sort(key=lambda each: str(self._resolve(each, path)), reverse=descending)
        items = alerts[page.offset : page.offset + page.limit]
        return Answer(wrapped(self._records(query, items), page, len(alerts)))

    def _records(self, query: Mapping[str, str], alerts: list[Alert]) -> list[dict[str, Any]]:
        if "select" not in query:
            return [self._record(alert) for alert in alerts]
        tree = selection(plain(query["select"]), (*FIELDS, "device/id", "server"))
        return [self._selected(alert, tree) for alert in alerts]

    def _record(self, alert: Alert) -> dict[str, Any]:
        shown = Shown(alert, self._device(alert))
        found = {key: FIELDS[key](shown) for key in _keys_of(alert)}
        if found["serviceEvent"]:
            found |= {"caseId": alert.key[1] % 10**7, "caseUrl": "https://support.example.net/"}
        return found

    def _selected(self, alert: Alert, tree: Tree) -> dict[str, Any]:
        shown = Shown(alert, self._device(alert))
        return selected(_keys_of(alert), lambda key: FIELDS[key](shown), tree)

    def _resolve(self, alert: Alert, path: str) -> Any:
        device = self._device(alert)
        return device if path == "device/id" else FIELDS[path](Shown(alert, device))

    def _device(self, alert: Alert) -> str:
        if alert.slot == _GATEWAY_SLOT:
            return GATEWAY.device_id
        return f"{self._world.product_id(alert.slot)}+{alert.serial}"


def _keys_of(alert: Alert) -> Iterable[str]:
    return (key for key in FIELDS if key != "serverId" or alert.slot != _GATEWAY_SLOT)


_Order = tuple[str, bool]


def _order(query: Mapping[str, str]) -> _Order | None:
    if "sort" not in query:
        return None
    field, _, direction = plain(query["sort"]).partition(" ")
    if field not in _KINDS or direction not in ("", "asc", "desc"):
        raise BadQueryError("sort", "The sort order is not supported.")
    return field, direction == "desc"
