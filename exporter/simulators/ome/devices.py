"""How does OME answer `GET /api/DeviceService/Devices` and `Devices(id)`?"""

from collections.abc import Callable, Mapping
from functools import lru_cache, partial
from typing import Any, Final

from exporter.simulators.answer import Answer
from exporter.simulators.machines import OmeDevice
from exporter.simulators.odata import Dialect
from exporter.simulators.ome.appliance import Appliance
from exporter.simulators.ome.device_record import POWER, TYPES, chassis_tag, record, status_code
from exporter.simulators.ome.envelope import RefusalError, reply
from exporter.simulators.ome.listing import FUNCTIONS, OPERATORS, Wanted, wanted, wrapped
from exporter.simulators.world import World

PATH: Final = "/api/DeviceService/Devices"
PAGE: Final = 50

FIELDS: Final = Dialect(
    fields={
        **dict.fromkeys(("Id", "Type", "PowerState", "Status", "SystemID"), "number"),
        **dict.fromkeys(
            ("Identifier", "DeviceServiceTag", "ChassisServiceTag", "Model", "DeviceName",
             "ChassisName"), "text",
        ),
    },
    operators=OPERATORS,
    functions=FUNCTIONS,
)  # fmt: skip

_VALUES: Final[Mapping[str, Callable[[OmeDevice], Any]]] = {
    "Id": lambda device: device.id,
    "Type": lambda device: device.type,
    "PowerState": lambda device: POWER[device.situation.power],
    "Status": status_code,
    "SystemID": lambda device: device.hardware.system_id,
    "Identifier": lambda device: device.identifier,
    "DeviceServiceTag": lambda device: device.service_tag,
    "ChassisServiceTag": chassis_tag,
    "Model": lambda device: device.hardware.model,
    "DeviceName": lambda device: device.name,
    "ChassisName": lambda device: device.chassis_tag and f"MX-{device.chassis_tag}",
}


class Devices:
    """The devices' list and its items."""

    def __init__(self, world: World, appliance: Appliance) -> None:
        """Show the devices of a world."""
        self._world = world
        self._appliance = appliance
        self._requests = 0
        self._of_types = lru_cache(maxsize=8)(self._with_types)
        self._found = lru_cache(maxsize=8)(self._search)

    def page(self, query: Mapping[str, str]) -> Answer:
        """Answer the list."""
        numbers = _numbers(query)
        rest = {name: value for name, value in query.items() if name != "Id"}
        want = wanted(rest, FIELDS, PAGE, self._appliance.page_cap)
        slots = self._matching(want, numbers)
        t = self._world.clock()
        items = [
            record(self._world.ome_device(slot, t), self._appliance.zone)
            for slot in self._part(slots, want, t)
        ]
        return reply(wrapped(PATH, "DeviceService.Device", items, len(slots), want))

    def one(self, device_id: int) -> Answer:
        """Answer a single device."""
        item = record(self.device(device_id), self._appliance.zone)
        return reply({"@odata.context": "/api/$metadata#DeviceService.Device/$entity", **item})

    def device(self, device_id: int) -> OmeDevice:
        """Return the device with a number.

        Raises:
            RefusalError: There is none (any more), 404.
        """
        slot = self._world.register.slot_of_device(device_id)
        if slot & 1 and slot in self._world.roster.members:
            device = self._world.ome_device(slot, self._world.clock())
            if device.id == device_id:
                return device
        raise RefusalError(404, "CGEN1006")

    def _matching(self, want: Wanted, numbers: frozenset[int] | None) -> list[int]:
        roster = self._world.roster
        if want.condition is None and numbers is None:
            return roster.ome
        if want.condition is not None and numbers is None and want.condition.paths == {"Type"}:
            matches = want.condition.matches
            kinds = tuple(kind for kind in roster.by_type if matches(partial(_same, kind)))
            return self._of_types(kinds, roster.version)
        return self._found(_Question(want, numbers), int(self._world.clock()), self._changes())

    def _with_types(self, kinds: tuple[int, ...], version: int) -> list[int]:
        del version  # part of the cache's key only
        if len(kinds) == 1:
            return self._world.roster.by_type[kinds[0]]
        return [slot for slot in self._world.roster.ome
                if self._world.roster.type_of(slot) in kinds]  # fmt: skip

    def _search(self, question: "_Question", second: int, changes: tuple[int, int]) -> list[int]:
        del changes  # part of the cache's key only
        t = max(float(second), self._world.clock())
        found = []
        for slot in self._world.roster.ome:
            device = self._world.ome_device(slot, t)
            if question.numbers is not None and device.id not in question.numbers:
                continue
            condition = question.want.condition
            if condition is None or condition.matches(partial(_resolve, device)):
                found.append(slot)
        return found

    def _part(self, slots: list[int], want: Wanted, t: float) -> list[int]:
        if want.order is None:
            self._requests += 1
            return self._world.roster.ome_order(slots, want.skip, want.top, self._requests)
        field, descending = want.order
        if field in ("Identifier", "DeviceServiceTag"):
            # The roster is kept in the order of identifiers.
            ordered = slots[::-1] if descending else slots
        else:
            ordered = sorted(slots, key=partial(self._sort_key, field, t), reverse=descending)
        return ordered[want.skip : want.skip + want.top]

    def _sort_key(self, field: str, t: float, slot: int) -> tuple[bool, Any]:
        value = _VALUES[field](self._world.ome_device(slot, t))
        return value is not None, value if value is not None else 0

    def _changes(self) -> tuple[int, int]:
        return self._world.roster.version, self._world.changes


class _Question:
    """A search; two are the same if their words are."""

    def __init__(self, want: Wanted, numbers: frozenset[int] | None) -> None:
        self.want = want
        self.numbers = numbers
        self._words = want.text, numbers

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Question) and self._words == other._words

    def __hash__(self) -> int:
        return hash(self._words)


def _same(kind: int, path: str) -> int:
    del path
    return kind


def _resolve(device: OmeDevice, path: str) -> Any:
    return _VALUES[path](device)


def _numbers(query: Mapping[str, str]) -> frozenset[int] | None:
    text = query.get("Id")
    if text is None:
        return None
    parts = text.split(",")
    if not all(part.isascii() and part.isdigit() for part in parts):
        raise RefusalError(400, "CGEN1002")
    return frozenset(map(int, parts))


def device_types() -> dict[str, Any]:
    """Return what `GET /api/DeviceService/DeviceType` says."""
    return {
        "@odata.context": "/api/$metadata#Collection(DeviceService.DeviceType)",
        "@odata.count": len(TYPES),
        "value": [
            {"@odata.type": "#DeviceService.DeviceType", "DeviceType": code, "Name": name,
             "Description": name.title()}
            for code, name in TYPES.items()
        ],
    }  # fmt: skip
