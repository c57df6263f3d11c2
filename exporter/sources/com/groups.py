"""Which groups of servers are there, and are their servers as the groups ask?

The groups come in one list, with their members. What each server lacks is told group by group: two
calls for each group of servers.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from operator import attrgetter

from exporter.errors import LoginError, Reason, SourceError
from exporter.model import (
    Collected,
    Column,
    ConfigCompliance,
    FirmwareCompliance,
    GroupCompliances,
    GroupMembership,
    GroupSizes,
    Inventory,
)
from exporter.slices import Slices
from exporter.sources.com import expected
from exporter.sources.com.available import available
from exporter.sources.com.compliance import (
    GroupReading,
    config_compliance_of,
    firmware_compliance_of,
    group_from,
)
from exporter.sources.com.lists import ListPath, Lists
from exporter.sources.com.records import (
    ComplianceRecord,
    compliance_decoder,
    group_decoder,
)
from exporter.sources.drift import Drift, Unseen, drifted
from exporter.sources.workers import for_each


def _report_key(record: ComplianceRecord) -> tuple[str, str | None]:
    return record.device_id, record.compliance_category


GROUPS = ListPath("v1/groups", group_decoder, attrgetter("id"), 1000, expected=expected.GROUP)
FIRMWARE = ListPath(
    "v1/groups/{id}/compliance",
    compliance_decoder,
    _report_key,
    None,
    expected=expected.FIRMWARE_REPORT,
)
ILO_SETTINGS = ListPath(
    "v1beta3/groups/{id}/ilo-settings-compliance",
    compliance_decoder,
    _report_key,
    None,
    expected=expected.SETTINGS_REPORT,
)


@dataclass(slots=True)
class _Reports:
    """What groups say of their servers, and why some do not."""

    records: list[ComplianceRecord] = field(default_factory=list)
    problems: int = 0
    refusals: list[SourceError] = field(default_factory=list)
    drifts: list[Drift] = field(default_factory=list)


class Groups:
    """Reads groups, their members and their compliance, once a run."""

    name = "groups"

    def __init__(self, lists: Lists, interval: float) -> None:
        """Take the seconds between runs."""
        self.interval = interval
        self._lists = lists

    async def collect(self, inventory: Inventory) -> Collected:  # noqa: ARG002 - lists members
        """Read everything.

        Raises:
            SourceError: A call failed, or the list came out short.
            NotAvailableError: Groups may not be read, or not for a tenant.
        """
        unseen = Unseen()
        with available(GROUPS.endpoint):
            listing = await self._lists.read(GROUPS)
        groups = one_per_name(group_from(record, unseen) for record in listing.items)
        firmware = await self._reports(FIRMWARE, groups)
        settings = await self._reports(ILO_SETTINGS, groups)
        by_server = await firmware_compliance_of(firmware.records, unseen)
        by_settings = await config_compliance_of(settings.records, unseen)
        return Collected(
            columns=(
                Column(GroupMembership, await memberships(groups)),
                Column(FirmwareCompliance, by_server),
                Column(ConfigCompliance, by_settings),
            ),
            source_facets=(sizes(groups), compliances(groups)),
            items=len(listing.items) + len(firmware.records) + len(settings.records),
            problems=listing.problems
            + (len(listing.items) - len(groups))
            + firmware.problems
            + settings.problems,
            drift=drifted(listing.drift, *firmware.drifts, *settings.drifts, unseen.drift),
            warnings=(*_refused(FIRMWARE, firmware), *_refused(ILO_SETTINGS, settings)),
        )

    async def _reports(
        self, path: ListPath[ComplianceRecord], groups: list[GroupReading]
    ) -> _Reports:
        """Read the reports of every group of servers, several at the same time."""
        reports = _Reports()

        async def read(group: GroupReading) -> None:
            # What is refused for one group is refused for all.
            if reports.refusals:
                return
            try:
                listing = await self._lists.read(path, id=group.id)
            except LoginError:
                raise
            except SourceError as error:
                if error.reason not in (Reason.HTTP_4XX, Reason.FORBIDDEN):
                    raise
                # 404: the group asks nothing of its servers, or is gone since it was listed.
                if error.status != 404:
                    reports.refusals.append(error)
            else:
                reports.records += listing.items
                reports.problems += listing.problems
                reports.drifts.append(listing.drift)

        asked = [group for group in groups if group.of_servers and group.members]
        await for_each(asked, read, self._lists.at_once)
        return reports


def one_per_name(groups: Iterable[GroupReading]) -> list[GroupReading]:
    """Sort groups by name; of several with the same one, which would be one series, keep one."""
    found: dict[str, GroupReading] = {}
    for group in sorted(groups, key=attrgetter("name", "id")):
        found.setdefault(group.name, group)
    return list(found.values())


def sizes(groups: list[GroupReading]) -> GroupSizes:
    """Count the members of each group that lists them."""
    return GroupSizes(
        tuple((group.name, len(group.members)) for group in groups if group.members is not None)
    )


def compliances(groups: list[GroupReading]) -> GroupCompliances:
    """Give the compliance of each group that has one."""
    return GroupCompliances(
        tuple((group.name, group.compliance) for group in groups if group.compliance is not None)
    )


async def memberships(groups: list[GroupReading]) -> dict[str, GroupMembership]:
    """Turn members by group into groups by member."""
    found: dict[str, list[str]] = {}
    slices = Slices()
    for group in groups:
        async for member in slices.through(dict.fromkeys(filter(None, group.members or ()))):
            found.setdefault(member, []).append(group.name)
    return {
        member: GroupMembership(tuple(names))
        async for member, names in slices.through(found.items())
    }


def _refused(path: ListPath[ComplianceRecord], reports: _Reports) -> tuple[str, ...]:
    return tuple(f"{path.endpoint}: HTTP {error.status}" for error in reports.refusals[:1])
