"""Records of COM on groups and the compliance of their servers, as values of the model."""

from collections.abc import Iterable, Sequence
from typing import TypeVar

from msgspec import Struct

from exporter.model import (
    ComplianceState,
    ConfigCompliance,
    FirmwareCompliance,
    GroupComplianceState,
)
from exporter.slices import Slices
from exporter.sources.com.records import (
    ComplianceRecord,
    GroupDevice,
    GroupRecord,
    GroupVerdicts,
)
from exporter.sources.com.vocabulary import (
    HAS_SERVERS,
    IS_FIRMWARE,
    OF_GROUP,
    OF_SERVER,
    amount,
    meaning,
)
from exporter.sources.drift import Unseen
from exporter.sources.redaction import hidden
from exporter.sources.text import clean
from exporter.sources.values import shared

S = TypeVar("S")
WORST_OF_GROUP = (
    GroupComplianceState.NONCOMPLIANT,
    GroupComplianceState.UNKNOWN,
    GroupComplianceState.COMPLIANT,
    GroupComplianceState.NOT_APPLICABLE,
)
WORST_OF_SERVER = (
    ComplianceState.NONCOMPLIANT,
    ComplianceState.UNKNOWN,
    ComplianceState.COMPLIANT,
)


class GroupReading(Struct, frozen=True, gc=False):
    """What one group record says."""

    id: str
    name: str
    members: tuple[str, ...] | None
    """Ids, empty where one is not told; None where the group does not list them."""
    compliance: GroupComplianceState | None
    of_servers: bool


def group_from(record: GroupRecord, unseen: Unseen) -> GroupReading:
    """Map a group."""
    return GroupReading(
        id=record.id,
        name=clean(record.name) or hidden(record.id),
        members=None if record.devices is None else _members(record.devices),
        compliance=_group_compliance(record, unseen),
        of_servers=meaning(record.device_type, HAS_SERVERS, "deviceType", unseen, True)
        is not False,
    )


async def firmware_compliance_of(
    records: Iterable[ComplianceRecord], unseen: Unseen
) -> dict[str, FirmwareCompliance]:
    """Map the reports on firmware by server; a server in several groups has its worst."""
    found: dict[str, FirmwareCompliance] = {}
    async for record in Slices().through(records):
        is_firmware = meaning(
            record.compliance_category, IS_FIRMWARE, "compliance.complianceCategory", unseen, False
        )
        if is_firmware is not False:
            state = _state(record, "compliance.complianceState", unseen)
            if state is not None:
                one = FirmwareCompliance(state=state, score=_score(record, state))
                found[record.device_id] = shared(_worse(one, found.get(record.device_id, one)))
    return found


async def config_compliance_of(
    records: Iterable[ComplianceRecord], unseen: Unseen
) -> dict[str, ConfigCompliance]:
    """Map the reports on iLO settings by server; a server in several groups has its worst."""
    found: dict[str, ComplianceState] = {}
    async for record in Slices().through(records):
        state = _state(record, "ilo-settings-compliance.complianceState", unseen)
        if state is not None:
            both = (state, found.get(record.device_id, state))
            found[record.device_id] = worst(both, WORST_OF_SERVER)
    return {server: shared(ConfigCompliance(state)) for server, state in found.items()}


def worst(states: Iterable[S], order: Sequence[S]) -> S:
    """Return the one that stands first in an order from bad to good."""
    return min(states, key=order.index)


def _members(devices: Iterable[GroupDevice]) -> tuple[str, ...]:
    """Give the ids of members."""
    return tuple(device.device_id or _id_of(device) for device in devices)


def _id_of(device: GroupDevice) -> str:
    """Make the id of a server of its two parts."""
    both = device.product_id and device.serial
    return f"{device.product_id}+{device.serial}" if both else ""


def _group_compliance(record: GroupRecord, unseen: Unseen) -> GroupComplianceState | None:
    """Return COM's own verdict; the worst of firmware and iLO settings where there is none."""
    verdicts = record.group_compliance or GroupVerdicts()
    return (
        _group_state(verdicts.summary, "groupCompliance.summary", unseen)
        or _group_state(record.compliance_status, "complianceStatus", unseen)
        or _worst_part(verdicts, unseen)
    )


def _worst_part(verdicts: GroupVerdicts, unseen: Unseen) -> GroupComplianceState | None:
    parts = {"firmware": verdicts.firmware, "iloSettings": verdicts.ilo_settings}
    firmware, settings = (
        _group_state(each.status, f"groupCompliance.{key}.status", unseen) if each else None
        for key, each in parts.items()
    )
    if firmware and settings is GroupComplianceState.UNKNOWN:
        # So it is wherever a group has no settings.
        return firmware
    found = [state for state in (firmware, settings) if state]
    return worst(found, WORST_OF_GROUP) if found else None


def _group_state(word: str | None, name: str, unseen: Unseen) -> GroupComplianceState | None:
    return meaning(word, OF_GROUP, name, unseen, GroupComplianceState.UNKNOWN)


def _state(record: ComplianceRecord, name: str, unseen: Unseen) -> ComplianceState | None:
    return meaning(record.compliance_state, OF_SERVER, name, unseen, ComplianceState.UNKNOWN)


def _score(record: ComplianceRecord, state: ComplianceState) -> float | None:
    """Read the score in per cent; that of a server of unknown compliance says nothing."""
    percent = None if state is ComplianceState.UNKNOWN else amount(record.score)
    return None if percent is None or percent > 100 else round(percent / 100, 9)


def _worse(one: FirmwareCompliance, other: FirmwareCompliance) -> FirmwareCompliance:
    states = [each.state for each in (one, other) if each.state is not None]
    scores = [each.score for each in (one, other) if each.score is not None]
    return FirmwareCompliance(
        state=worst(states, WORST_OF_SERVER), score=min(scores) if scores else None
    )
