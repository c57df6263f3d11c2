"""How does OME answer `GET /api/AlertService/Alerts`?

Every alert is an event of its own: one that something went wrong, and a second one, Normal, once
it is well again. Nobody at the simulated site acknowledges alerts within the first twenty minutes
after a fault is over; then both are acknowledged.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any, Final

from exporter.simulators.alarms import Alarms, Alert
from exporter.simulators.answer import Answer
from exporter.simulators.episodes import WINDOW
from exporter.simulators.hashing import mac_address
from exporter.simulators.identity import OME
from exporter.simulators.machines import bmc_address
from exporter.simulators.odata import Dialect
from exporter.simulators.ome.appliance import Appliance, appliance_time
from exporter.simulators.ome.envelope import RefusalError, reply
from exporter.simulators.ome.listing import FUNCTIONS, OPERATORS, wanted, wrapped
from exporter.simulators.world import World

PATH: Final = "/api/AlertService/Alerts"
PAGE: Final = 100
ACKNOWLEDGED: Final = 1000
NOT_ACKNOWLEDGED: Final = 2000
SEVERITY: Final = {"UNKNOWN": 1, "OK": 2, "NORMAL": 4, "WARNING": 8, "CRITICAL": 16}

# `TimeStampBegin` and `TimeStampEnd` are documented, and yet refused.
FIELDS: Final = Dialect(
    fields={
        **dict.fromkeys(
            ("Id", "SeverityType", "StatusType", "AlertDeviceId", "AlertDeviceType", "CategoryId",
             "SubCategoryId", "AlertDeviceGroup"), "number",
        ),
        **dict.fromkeys(
            ("AlertDeviceIdentifier", "AlertDeviceName", "SubCategoryName", "Message",
             "TimeStamp"), "text",
        ),
    },
    operators=OPERATORS,
    functions=FUNCTIONS,
)  # fmt: skip

_SEVERITY_NAMES: Final = {1: "Unknown", 2: "Info", 4: "Normal", 8: "Warning", 16: "Critical"}
_STATUS_NAMES: Final = {ACKNOWLEDGED: "Acknowledged", NOT_ACKNOWLEDGED: "Not-Acknowledged"}
_CATEGORIES: Final = {"storage": (2, "Storage"), "bios": (5, "Configuration")}
_HEALTH: Final = (1, "System Health")


@dataclass(frozen=True, slots=True)
class Event:
    """One line of the alert log; `severity` is OME's code, `at` Unix seconds."""

    alert: Alert
    at: float
    severity: int
    acknowledged: bool

    @property
    def id(self) -> int:
        """The event's number, never given twice."""
        slot, number, ordinal = self.alert.key
        serial = ((number & 0x3FFFFFFF) * 8 + ordinal % 8) << 18 | slot
        return serial << 1 | (self.severity == SEVERITY["NORMAL"])


class Alerts:
    """The alert log of the appliance."""

    def __init__(self, world: World, alarms: Alarms, appliance: Appliance) -> None:
        """Show the alarms of a world."""
        self._world = world
        self._alarms = alarms
        self._appliance = appliance

    def page(self, query: Mapping[str, str]) -> Answer:
        """Answer the list, newest first if ordered by `TimeStamp desc`."""
        want = wanted(query, FIELDS, PAGE, self._appliance.page_cap)
        if want.order is not None and not self._appliance.alert_orderby:
            raise RefusalError(400, "CGEN1002")
        status = None if want.condition is None else want.condition.pinned.get("StatusType")
        events = self.events(self._world.clock(), only_new=status == NOT_ACKNOWLEDGED)
        if want.condition is not None:
            matches = want.condition.matches
            events = [each for each in events if matches(partial(self._resolve, each))]
        if want.order is not None:
            field, descending = want.order
            events.sort(key=lambda each: self._sort_key(each, field), reverse=descending)
        items = [self._record(each) for each in events[want.skip : want.skip + want.top]]
        return reply(wrapped(PATH, "AlertService.Alert", items, len(events), want))

    def events(self, t: float, *, only_new: bool = False) -> list[Event]:
        """Return the log at a time; `only_new` leaves out what was acknowledged."""
        events = [
            Event(each, each.raised_at, SEVERITY[each.severity], False)
            for each in self._alarms.open(OME, t)
        ]
        if only_new:
            past = self._alarms.recently_cleared(OME, t)
        else:
            past = self._alarms.cleared(OME, t, 0, self._alarms.cleared_count(OME, t))
        for each in past:
            ended = each.cleared_at or each.raised_at
            old = ended <= t - WINDOW
            events.append(Event(each, ended, SEVERITY["NORMAL"], old))
            if not only_new:
                events.append(Event(each, each.raised_at, SEVERITY[each.severity], True))
        return events

    def _sort_key(self, event: Event, field: str) -> Any:
        return event.at if field == "TimeStamp" else self._resolve(event, field)

    def _resolve(self, event: Event, path: str) -> Any:
        quick = _QUICK.get(path)
        return quick(event) if quick is not None else self._record(event)[path]

    def _record(self, event: Event) -> dict[str, Any]:
        slot = event.alert.slot
        generation = self._world.register.occupancy(slot, event.alert.raised_at).generation
        device = self._world.register.device_id(slot, generation)
        name = self._world.ome_device(slot, event.at).name
        status = _status(event)
        category = _CATEGORIES.get(event.alert.component, _HEALTH)
        message = _message(event)
        return {
            "@odata.type": "#AlertService.Alert",
            "@odata.id": f"{PATH}({event.id})",
            "Id": event.id,
            "SeverityType": event.severity,
            "SeverityName": _SEVERITY_NAMES[event.severity],
            "AlertEntityId": device,
            "AlertEntityName": name,
            "AlertEntityType": "Device",
            "AlertDeviceId": device,
            "AlertDeviceName": name,
            "AlertDeviceType": self._world.roster.type_of(slot),
            "AlertDeviceIpAddress": bmc_address(slot),
            "AlertDeviceMacAddress": mac_address(slot, generation % 64),
            "AlertDeviceIdentifier": event.alert.serial,
            "AlertDeviceAssetTag": "",
            "DefinitionId": 400022,
            "CatalogName": "Application",
            "CategoryId": category[0],
            "CategoryName": category[1],
            "SubCategoryId": 90,
            "SubCategoryName": "Devices",
            "StatusType": status,
            "StatusName": _STATUS_NAMES[status],
            "TimeStamp": appliance_time(event.at, self._appliance.zone),
            "Message": message,
            "EemiMessage": "The device health status has changed.",
            "RecommendedAction": "Check the device subsystems for components that require"
            " immediate attention.",
            "AlertMessageId": "CDEV6129",
            "AlertVarBindDetails": "",
            "AlertMessageType": "Internal",
            "MessageArgs": "",
            "AlertDeviceGroup": 0,
            "UserName": "",
        }


def _status(event: Event) -> int:
    return ACKNOWLEDGED if event.acknowledged else NOT_ACKNOWLEDGED


def _message(event: Event) -> str:
    word = event.alert.component.replace("_", " ")
    return f"The state of {word} is {_SEVERITY_NAMES[event.severity].lower()}. "


_QUICK: Final = {
    "Id": lambda event: event.id,
    "SeverityType": lambda event: event.severity,
    "StatusType": _status,
    "AlertDeviceIdentifier": lambda event: event.alert.serial,
    "Message": _message,
}
