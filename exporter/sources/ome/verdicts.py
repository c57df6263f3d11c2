"""What do the appliance's words and codes for compliance mean?"""

from collections import Counter
from collections.abc import Iterable
from itertools import islice

from exporter.model import ComplianceState, FirmwareCompliance, GroupComplianceState
from exporter.sources.ome.records import ComponentReportRecord, FirmwareReportRecord
from exporter.sources.ome.vocabulary import ACTIONS, UPGRADE, VERDICT
from exporter.sources.text import clean

BADNESS = {
    ComplianceState.COMPLIANT: 0,
    ComplianceState.UNKNOWN: 1,
    ComplianceState.NONCOMPLIANT: 2,
}
LONGEST_CRITICALITY = 32
MOST_COMPONENTS = 1000
"""Of one device; servers have dozens."""


def verdict_from(status: str | int | None) -> ComplianceState | None:
    """Read a status, which builds write as a number or as a word; None where there is none."""
    word = _plain(status)
    return VERDICT.get(word, ComplianceState.UNKNOWN) if word else None


def is_known(status: str | int | None) -> bool:
    """Tell whether a status is absent, or one that has a meaning."""
    word = _plain(status)
    return not word or word in VERDICT


def is_known_action(action: str | None) -> bool:
    """Tell whether an `UpdateAction` is absent, or one that has a meaning."""
    return (action or "").strip().upper() in ACTIONS


def firmware_from(report: FirmwareReportRecord) -> FirmwareCompliance:
    """Read a device's report; `FirmwareStatus` says whether, `ComplianceStatus` how urgently."""
    state = verdict_from(report.firmware_status) or verdict_from(report.compliance_status)
    return FirmwareCompliance(
        state=state, noncompliant=upgrades(report.component_compliance_reports or ())
    )


def upgrades(components: Iterable[ComponentReportRecord]) -> tuple[tuple[str, int], ...]:
    """Count the components that should be upgraded, by criticality."""
    counts = Counter(
        clean(each.criticality).lower()[:LONGEST_CRITICALITY] or "unknown"
        for each in islice(components, MOST_COMPONENTS)
        if (each.update_action or "").strip().upper() == UPGRADE
    )
    return tuple(sorted(counts.items()))


def worst_firmware(one: FirmwareCompliance, other: FirmwareCompliance) -> FirmwareCompliance:
    """Join what two baselines say of one server.

    Of each criticality the larger number counts: both baselines may mean the same components.
    """
    counts = dict(one.noncompliant)
    for criticality, count in other.noncompliant:
        counts[criticality] = max(count, counts.get(criticality, 0))
    return FirmwareCompliance(
        state=worst(one.state, other.state), noncompliant=tuple(sorted(counts.items()))
    )


def worst(one: ComplianceState | None, other: ComplianceState | None) -> ComplianceState | None:
    """Return the worse of two states; one that is known is worse than none."""
    known = [state for state in (one, other) if state is not None]
    return max(known, key=BADNESS.__getitem__, default=None)


def of_group(state: ComplianceState) -> GroupComplianceState:
    """Return the same state of a group."""
    return GroupComplianceState(state.value)


def _plain(status: str | int | None) -> str:
    text = "" if status is None else str(status).strip().lower()
    return "" if text in ("none", "null") else text.translate(_DROPPED)


_DROPPED = str.maketrans("", "", " -_")
