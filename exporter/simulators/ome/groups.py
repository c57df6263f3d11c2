"""How does OME answer `GET /api/GroupService/Groups` and the members of a group?

Users made a group for each data centre, one by a query, one inside another, and one that is empty.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from exporter.simulators.answer import Answer
from exporter.simulators.hardware import PLACES
from exporter.simulators.machines import SERVER
from exporter.simulators.ome.appliance import Appliance
from exporter.simulators.ome.device_record import record, status_code
from exporter.simulators.ome.envelope import RefusalError
from exporter.simulators.ome.paged import Paged, dialect
from exporter.simulators.ome.times import appliance_time
from exporter.simulators.world import World

PATH: Final = "/api/GroupService/Groups"
INTERNAL, PREDEFINED, USER_DEFINED, DISCOVERY = 1000, 2000, 3000, 4000
STATIC, DYNAMIC = 12, 24
NO_STATUS: Final = 5000

_LIST: Final = Paged(PATH, "GroupService.Group", 50, dialect(Name="text", Id="number"))
_BADNESS: Final = (5000, 1000, 2000, 3000, 4000)
_CREATED: Final = 1_700_000_000.0


@dataclass(frozen=True, slots=True)
class Group:
    """A group: whom it holds is a question to a slot."""

    id: int
    name: str
    kind: int
    membership: int
    parent: int
    holds: Callable[[World, int], bool]


def _groups() -> tuple[Group, ...]:
    system = (
        Group(1031, "All Devices", PREDEFINED, DYNAMIC, 0, lambda *_: True),
        Group(1010, "Servers", PREDEFINED, DYNAMIC, 1031, _is_server),
        Group(1002, "MCM hidden", INTERNAL, DYNAMIC, 0, lambda *_: False),
        Group(1900, "Discovery-202303021320011", DISCOVERY, DYNAMIC, 0, _is_server),
    )
    places = tuple(
        Group(12_000 + number, place.name, USER_DEFINED, STATIC, 1021, _stands_in(place.name))
        for number, place in enumerate(PLACES)
    )
    users = (
        Group(12_100, "Every third", USER_DEFINED, DYNAMIC, 1021, lambda _, slot: slot % 3 == 0),
        Group(12_101, "Every sixth ", USER_DEFINED, STATIC, 12_100, lambda _, slot: slot % 9 == 0),
        Group(12_102, "Empty", USER_DEFINED, STATIC, 1021, lambda *_: False),
    )
    return (*system, *places, *users)


def _is_server(world: World, slot: int) -> bool:
    return world.roster.type_of(slot) == SERVER


def _stands_in(name: str) -> Callable[[World, int], bool]:
    return lambda world, slot: world.place(slot).name == name


class Groups:
    """The groups of the appliance."""

    def __init__(self, world: World, appliance: Appliance) -> None:
        """Group the devices of a world."""
        self._world = world
        self._appliance = appliance
        self._groups = {group.id: group for group in _groups()}

    def page(self, query: Mapping[str, str]) -> Answer:
        """Answer the list."""
        groups = list(self._groups.values())
        return _LIST.answer(query, groups, self._record, self._appliance)

    def devices(self, group_id: int, query: Mapping[str, str]) -> Answer:
        """Answer the members of a group.

        Raises:
            RefusalError: There is no such group, 404.
        """
        group = self._groups.get(group_id)
        if group is None:
            raise RefusalError(404, "CGEN1006")
        t = self._world.clock()
        paged = Paged(f"{PATH}({group_id})/Devices", "DeviceService.Device", 50)
        return paged.answer(
            query,
            self._slots(group),
            lambda slot: record(self._world.ome_device(slot, t), self._appliance.zone),
            self._appliance,
        )

    def made(self) -> dict[str, tuple[int, frozenset[int]]]:
        """Return `GlobalStatus` and the members' ids of each group that users made, by name."""
        t = self._world.clock()
        return {
            group.name.strip(): (
                self._status(group),
                frozenset(self._world.ome_device(slot, t).id for slot in self._slots(group)),
            )
            for group in self._groups.values()
            if group.kind == USER_DEFINED
        }

    def _slots(self, group: Group) -> list[int]:
        return [slot for slot in self._world.roster.ome if group.holds(self._world, slot)]

    def _status(self, group: Group) -> int:
        t = self._world.clock()
        codes = (status_code(self._world.ome_device(slot, t)) for slot in self._slots(group))
        return max(codes, key=_BADNESS.index, default=NO_STATUS)

    def _record(self, group: Group) -> dict[str, Any]:
        path = f"{PATH}({group.id})"
        users = group.kind == USER_DEFINED
        return {
            "@odata.type": "#GroupService.Group",
            "@odata.id": path,
            "Id": group.id,
            "Name": group.name,
            "Description": "",
            "GlobalStatus": self._status(group),
            "ParentId": group.parent,
            "IdOwner": 31,
            "CreationTime": appliance_time(_CREATED, self._appliance.zone),
            "UpdatedTime": appliance_time(_CREATED + 60, self._appliance.zone),
            "CreatedBy": "admin" if users else "system",
            "UpdatedBy": None,
            "Visible": group.kind != INTERNAL,
            "DefinitionId": 400 if users else 1000,
            "DefinitionDescription": "UserDefined" if users else "",
            "TypeId": group.kind,
            "MembershipTypeId": group.membership,
            "HasAttributes": False,
            "IsAccessAllowed": True,
            "Devices@odata.navigationLink": f"{path}/Devices",
            "AllLeafDevices@odata.navigationLink": f"{path}/AllLeafDevices",
        }
