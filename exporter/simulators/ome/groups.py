"""OME's `GroupService/Groups` with the members of each group.

Users made a group for each data centre, one that holds the European ones as subgroups, two by a
query, one that is empty and one that is hidden. `Devices` lists a group's own devices,
`AllLeafDevices` those of its subgroups too; the health of a group covers all of them.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from exporter.simulators.answer import Answer
from exporter.simulators.machines import PLACES, SERVER
from exporter.simulators.ome.appliance import Appliance, appliance_time
from exporter.simulators.ome.device_record import record, status_code
from exporter.simulators.ome.devices import FIELDS
from exporter.simulators.ome.envelope import RefusalError
from exporter.simulators.ome.listing import Paged, dialect
from exporter.simulators.world import World

PATH: Final = "/api/GroupService/Groups"
INTERNAL, PREDEFINED, USER_DEFINED, DISCOVERY = 1000, 2000, 3000, 4000
STATIC, DYNAMIC = 12, 24
NO_STATUS: Final = 5000
ROOT, EUROPE = 1021, 12_050
EUROPEAN: Final = frozenset({"Frankfurt FRA2", "Geneva GVA1"})

_LIST: Final = Paged(PATH, "GroupService.Group", 50, dialect(Name="text", Id="number"))
_BADNESS: Final = (5000, 1000, 2000, 3000, 4000)
_CREATED: Final = 1_700_000_000.0


@dataclass(frozen=True, slots=True)
class Group:
    """A group: whether it holds a device itself, not in a subgroup, is a question to a slot."""

    id: int
    name: str
    kind: int
    membership: int
    parent: int
    holds: Callable[[World, int], bool]
    visible: bool = True


def _groups() -> tuple[Group, ...]:
    system = (
        Group(1031, "All Devices", PREDEFINED, DYNAMIC, 0, lambda *_: True),
        Group(1010, "Servers", PREDEFINED, DYNAMIC, 1031, _is_server),
        Group(1002, "MCM hidden", INTERNAL, DYNAMIC, 0, lambda *_: False, visible=False),
        Group(1900, "Discovery-202303021320011", DISCOVERY, DYNAMIC, 0, _is_server),
    )
    places = tuple(
        Group(
            12_000 + number,
            place.name,
            USER_DEFINED,
            STATIC,
            EUROPE if place.name in EUROPEAN else ROOT,
            _stands_in(place.name),
        )
        for number, place in enumerate(PLACES)
    )
    users = (
        Group(EUROPE, "Europe", USER_DEFINED, STATIC, ROOT, lambda _, slot: slot % 9 == 1),
        Group(12_100, "Every third", USER_DEFINED, DYNAMIC, ROOT, lambda _, slot: slot % 3 == 0),
        Group(12_101, "Every ninth ", USER_DEFINED, DYNAMIC, ROOT, lambda _, slot: slot % 9 == 0),
        Group(12_102, "Empty", USER_DEFINED, STATIC, ROOT, lambda *_: False),
        Group(12_103, "Hidden", USER_DEFINED, STATIC, ROOT, lambda _, slot: slot % 2 == 1, False),
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
        """Answer the devices of a group itself.

        Raises:
            RefusalError: There is no such group, 404.
        """
        group = self._group(group_id)
        return self._members(f"{PATH}({group_id})/Devices", self._own_slots([group]), query)

    def leaf_devices(self, group_id: int, query: Mapping[str, str]) -> Answer:
        """Answer the devices of a group and of its subgroups.

        Raises:
            RefusalError: There is no such group, or the appliance has no such list, 404.
        """
        if not self._appliance.all_leaf_devices:
            raise RefusalError(404, "CGEN1006")
        slots = self._slots(self._group(group_id))
        return self._members(f"{PATH}({group_id})/AllLeafDevices", slots, query)

    def made(self) -> dict[str, tuple[int, frozenset[int]]]:
        """Return `GlobalStatus` and the leaf devices' ids of each visible user group, by name."""
        t = self._world.clock()
        return {
            group.name.strip(): (
                self._status(group),
                frozenset(self._world.ome_device(slot, t).id for slot in self._slots(group)),
            )
            for group in self._groups.values()
            if group.kind == USER_DEFINED and group.visible
        }

    def _group(self, group_id: int) -> Group:
        if group_id not in self._groups:
            raise RefusalError(404, "CGEN1006")
        return self._groups[group_id]

    def _members(self, path: str, slots: list[int], query: Mapping[str, str]) -> Answer:
        t = self._world.clock()
        return Paged(path, "DeviceService.Device", 50, FIELDS, sorts=True).answer(
            query,
            slots,
            lambda slot: record(self._world.ome_device(slot, t), self._appliance.zone),
            self._appliance,
        )

    def _slots(self, group: Group) -> list[int]:
        return self._own_slots(self._with_subgroups(group))

    def _own_slots(self, groups: list[Group]) -> list[int]:
        return [
            slot
            for slot in self._world.roster.ome
            if any(group.holds(self._world, slot) for group in groups)
        ]

    def _with_subgroups(self, group: Group) -> list[Group]:
        children = (each for each in self._groups.values() if each.parent == group.id)
        return [group, *(found for child in children for found in self._with_subgroups(child))]

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
            "Visible": group.visible,
            "DefinitionId": 400 if users else 1000,
            "DefinitionDescription": "UserDefined" if users else "",
            "TypeId": group.kind,
            "MembershipTypeId": group.membership,
            "HasAttributes": False,
            "IsAccessAllowed": True,
            "Devices@odata.navigationLink": f"{path}/Devices",
            "AllLeafDevices@odata.navigationLink": f"{path}/AllLeafDevices",
        }
