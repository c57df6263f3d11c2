"""The collector `groups`: the groups that users made, their health and their members.

Groups can be nested. The health of a group covers the devices of its subgroups, and so do its
members here: they are read from `AllLeafDevices`, because `Devices` leaves out those of subgroups.
"""

import math
from collections.abc import Mapping

from msgspec import Struct

from exporter.config.source import CollectorSettings
from exporter.errors import SourceError
from exporter.model import (
    Collected,
    Column,
    GroupHealths,
    GroupMembership,
    GroupSizes,
    Health,
    Inventory,
)
from exporter.slices import Slices
from exporter.sources.calls import Call
from exporter.sources.contract import CollectorSetup
from exporter.sources.drift import drifted, unknown_values
from exporter.sources.ome import calls, records
from exporter.sources.ome.device_poller import DevicePoller, poll_all
from exporter.sources.ome.device_state import Reading, is_refusal, warnings_of
from exporter.sources.ome.lists import ListReader
from exporter.sources.ome.mapping import HEALTH
from exporter.sources.ome.records import GroupRecord, MemberRecord
from exporter.sources.ome.refusals import needed
from exporter.sources.ome.source import OmeParts
from exporter.sources.ome.vocabulary import USER_DEFINED
from exporter.sources.partial import PartialRun
from exporter.sources.text import clean
from exporter.sources.values import shared

RESOURCE = calls.GROUPS.endpoint
LEAVES_AGAIN_AFTER = 6 * 3600.0
"""Seconds until an appliance that refused `AllLeafDevices` is asked for it again."""
ORDER = "Identifier"
PAGE_SIZE = 200
KINDS = frozenset({1000, 2000, USER_DEFINED, 4000, 5000})
"""`TypeId`: internal, predefined, made by users, of a discovery, of a chassis."""
NEEDED = "groups need a user who may see them"


class Group(Struct, frozen=True, gc=False):
    """What is kept of a listed group."""

    id: int
    name: str
    status: int | None
    kind: int | None
    is_hidden: bool = False


class Member(Struct, frozen=True, gc=False):
    """What is kept of a device of a group."""

    id: int


class GroupsCollector:
    """Reads the groups that users made, and the members of each."""

    def __init__(self, parts: OmeParts, setup: CollectorSetup[CollectorSettings]) -> None:
        """Prepare; nothing is sent yet."""
        self.name, self.interval = setup.name, setup.interval
        self._client = parts.client
        self._groups = ListReader(
            parts.client,
            calls.GROUPS,
            records.GROUP,
            page_size=PAGE_SIZE,
            at_once=parts.at_once,
        )
        self._clock = parts.clock
        self._direct_until = -math.inf
        self._members = DevicePoller(
            self._read_members, parts.clock, at_once=parts.at_once, keep=3 * setup.interval
        )

    async def collect(self, inventory: Inventory) -> Collected:
        """Read all groups and their members; without the members the groups are served.

        Raises:
            SourceError: The listing failed or is incomplete.
            NotAvailableError: The appliance does not give its groups to this user.
        """
        with needed(NEEDED):
            listing = await self._groups.read("", _mapped)
        made = [each for each in listing.items if each.kind == USER_DEFINED and not each.is_hidden]
        slices = Slices()
        chosen = await chosen_groups(made, slices)
        run, ids = PartialRun(), [str(each.id) for each in chosen]
        await run.attempt(
            "members of groups", poll_all(self._members, ids, "no group lists its members")
        )
        readings = self._members.readings()
        members = {key: reading.value for key, reading in readings.items()}
        stats = self._members.stats
        return Collected(
            columns=(
                Column(GroupMembership, await memberships(chosen, members, inventory, slices)),
            ),
            source_facets=(_sizes(chosen, members), _healths(chosen)),
            items=len(chosen) + stats.read,
            problems=listing.problems + stats.problems + len(made) - len(chosen),
            drift=drifted(
                listing.drift,
                *(reading.drift for reading in readings.values()),
                unknown_values("TypeId", (group.kind for group in listing.items), KINDS),
                unknown_values("GlobalStatus", (group.status for group in chosen), HEALTH),
            ),
            warnings=(*listing.warnings, *run.warnings, *warnings_of(readings.values())),
        )

    async def _read_members(self, group: str) -> Reading[tuple[str, ...]]:
        now = self._clock.monotonic()
        if now < self._direct_until:
            return await self._read_list(group, calls.DIRECT_MEMBERS)
        try:
            return await self._read_list(group, calls.MEMBERS)
        except SourceError as error:
            if not is_refusal(error):
                raise
        found = await self._read_list(group, calls.DIRECT_MEMBERS)
        self._direct_until = now + LEAVES_AGAIN_AFTER
        return found

    async def _read_list(self, group: str, call: Call[MemberRecord]) -> Reading[tuple[str, ...]]:
        reader = ListReader(
            self._client,
            call,
            records.MEMBER,
            page_size=PAGE_SIZE,
            at_once=1,
            resource=f"{RESOURCE}({group})/{call.endpoint.rpartition('/')[2]}",
        )
        listing = await reader.read("", _member, orderby=ORDER)
        members = tuple(str(each.id) for each in listing.items)
        return Reading(members, listing.problems, listing.drift, listing.warnings)


async def chosen_groups(made: list[Group], slices: Slices) -> list[Group]:
    """Choose one group for each name, in the order of the ids; a group without name is none."""
    chosen: dict[str, Group] = {}
    async for group in slices.through(await slices.sorted(made, lambda each: each.id)):
        if group.name:
            chosen.setdefault(group.name, group)
    return list(chosen.values())


async def memberships(
    groups: list[Group],
    members: Mapping[str, tuple[str, ...]],
    inventory: Inventory,
    slices: Slices,
) -> dict[str, GroupMembership]:
    """Name the groups of each served server."""
    names: dict[str, list[str]] = {server.id: [] for server in inventory.servers}
    for group in groups:
        async for device in slices.through(members.get(str(group.id), ())):
            if device in names:
                names[device].append(group.name)
    return {
        server: shared(GroupMembership(tuple(sorted(found))))
        async for server, found in slices.through(names.items())
        if found
    }


def _sizes(groups: list[Group], members: Mapping[str, tuple[str, ...]]) -> GroupSizes:
    found = ((group.name, members.get(str(group.id))) for group in groups)
    return GroupSizes(tuple((name, len(each)) for name, each in found if each is not None))


def _healths(groups: list[Group]) -> GroupHealths:
    return GroupHealths(
        tuple(
            (group.name, HEALTH.get(group.status, Health.UNKNOWN))
            for group in groups
            if group.status is not None
        )
    )


def _mapped(record: GroupRecord) -> Group:
    return Group(
        record.id,
        clean(record.name),
        record.global_status,
        record.type_id,
        is_hidden=record.visible is False,
    )


def _member(record: MemberRecord) -> Member:
    return Member(record.id)
