"""The collector `groups`: groups of servers, and whether their servers comply with them.

The groups come in one list, with their members. What each server lacks is told group by group: two
calls for each group of servers.
"""

from dataclasses import dataclass, field
from operator import attrgetter

from exporter.config.source import CollectorSettings
from exporter.errors import SourceError, refusal_text
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
from exporter.sources.com import calls
from exporter.sources.com.compliance import (
    GroupReading,
    config_compliance_of,
    firmware_compliance_of,
    group_from,
)
from exporter.sources.com.lists import PAGE_SIZE, ListPath
from exporter.sources.com.records import (
    ComplianceRecord,
    compliance_decoder,
    group_decoder,
)
from exporter.sources.com.refusals import available
from exporter.sources.com.source import ComParts
from exporter.sources.contract import CollectorSetup
from exporter.sources.drift import Drift, Unseen, drifted
from exporter.sources.listing import Listing
from exporter.sources.partial import LastGood, Sample, for_each, in_any_order


def _report_key(record: ComplianceRecord) -> tuple[object, ...]:
    """Identify a report; two of one server without a category may be about different things."""
    category = record.compliance_category
    return record.device_id, category or (record.compliance_state, str(record.score))


GROUPS = ListPath(calls.GROUPS, group_decoder, attrgetter("id"), PAGE_SIZE, may_be_empty=True)
FIRMWARE = ListPath(
    calls.FIRMWARE_COMPLIANCE,
    compliance_decoder,
    _report_key,
    None,
    of_many=True,
    may_be_empty=True,
)
ILO_SETTINGS = ListPath(
    calls.SETTINGS_COMPLIANCE,
    compliance_decoder,
    _report_key,
    None,
    of_many=True,
    may_be_empty=True,
)
REPORTS = (FIRMWARE, ILO_SETTINGS)


@dataclass(slots=True)
class _Reports:
    """What groups say of their servers, and why some do not."""

    records: list[ComplianceRecord] = field(default_factory=list)
    problems: int = 0
    drifts: list[Drift] = field(default_factory=list)
    warnings: dict[str, None] = field(default_factory=dict)

    def add(self, listing: Listing[ComplianceRecord] | None) -> None:
        """Take the reports of a group, as far as they are known."""
        if listing is not None:
            self.records += listing.items
            self.problems += listing.problems
            self.drifts.append(listing.drift)
            self.warnings.update(dict.fromkeys(listing.warnings))


class Groups:
    """Reads groups, their members and their compliance, once a run."""

    def __init__(self, parts: ComParts, setup: CollectorSetup[CollectorSettings]) -> None:
        """Prepare; nothing is sent yet."""
        self.name, self.interval = setup.name, setup.interval
        self._lists = parts.lists
        self._last: LastGood[tuple[str, str], Listing[ComplianceRecord]] = LastGood(
            parts.clock, 3 * setup.interval
        )

    async def collect(self, inventory: Inventory) -> Collected:  # noqa: ARG002 - lists members
        """Read everything.

        Raises:
            SourceError: A call failed, or the list came out short.
            NotAvailableError: Groups may not be read, or not for a tenant.
        """
        unseen = Unseen()
        with available(GROUPS.endpoint):
            listing = await self._lists.read(GROUPS)
        slices = Slices()
        groups = await one_per_name(
            [group_from(record, unseen) async for record in slices.through(listing.items)], slices
        )
        firmware = await self._reports(FIRMWARE, groups)
        settings = await self._reports(ILO_SETTINGS, groups)
        self._last.retain({(path.endpoint, each.id) for path in REPORTS for each in groups})
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
            warnings=(*listing.warnings, *firmware.warnings, *settings.warnings),
        )

    async def _reports(
        self, path: ListPath[ComplianceRecord], groups: list[GroupReading]
    ) -> _Reports:
        """Read the reports of every group of servers, several at the same time.

        Reports that cannot be read now are those that the group had last, for a limited time.
        """
        asked = [group for group in groups if group.of_servers and group.members]
        reports, sample = _Reports(), Sample(len(asked))

        async def read(group: GroupReading) -> None:
            part = path.endpoint, group.id
            if not sample.is_lost:
                try:
                    listing = await self._lists.read(path, id=group.id)
                except SourceError as error:
                    # 404: the group asks nothing of its servers, or is gone since it was listed.
                    if error.status == 404:
                        return
                    sample.failure(error)
                else:
                    sample.success()
                    self._last.put(part, listing)
            reports.add(self._last.get(part))

        await for_each(in_any_order(asked), read, self._lists.at_once)
        if sample.failures:
            reports.problems += sample.broken
            reports.warnings[_unread(path, sample.failures)] = None
        return reports


async def one_per_name(groups: list[GroupReading], slices: Slices) -> list[GroupReading]:
    """Sort groups by name; of several with the same one, which would be one series, keep one."""
    found: dict[str, GroupReading] = {}
    async for group in slices.through(await slices.sorted(groups, attrgetter("name", "id"))):
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


def _unread(path: ListPath[ComplianceRecord], errors: list[SourceError]) -> str:
    """Say why reports are missing, in the same words in every run as far as the API does."""
    return f"{path.endpoint}: {min(map(refusal_text, errors))}"
