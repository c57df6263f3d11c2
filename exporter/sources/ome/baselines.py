"""Baselines of both kinds: how they are read with their reports, and what they say."""

import math
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from itertools import islice
from typing import Generic, TypeVar

import msgspec
from msgspec import Struct

from exporter.clock import Clock
from exporter.model import ComplianceState, FirmwareCompliance, GroupComplianceState
from exporter.sources.calls import Call
from exporter.sources.drift import NO_DRIFT, Drift, joined, unknown_values
from exporter.sources.ome.client import OmeClient
from exporter.sources.ome.device_poller import DevicePoller, poll_all
from exporter.sources.ome.device_state import Reading, warnings_of
from exporter.sources.ome.lists import ListReader
from exporter.sources.ome.records import ComponentReportRecord, FirmwareReportRecord
from exporter.sources.ome.refusals import needed
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


PAGE_SIZE = 100

B = TypeVar("B", bound=Struct)
R = TypeVar("R", bound=Struct)
V = TypeVar("V", bound=Struct)


class Baseline(Struct, frozen=True, gc=False):
    """What is kept of a baseline."""

    id: int
    name: str
    status: str | int | None

    @property
    def state(self) -> ComplianceState | None:
        """What it says about all of its devices."""
        return verdict_from(self.status)


class Judged(Struct, Generic[V], frozen=True, gc=False):
    """What a baseline says about one device."""

    id: int
    device: int | None
    """The appliance's number of the device."""
    serial: str
    verdict: V
    drift: Drift
    """The words and codes that are not known."""


class BaselineKind(Struct, Generic[B, R, V], frozen=True):
    """Where baselines of one kind are found, and how they are read."""

    list: Call[B]
    report: Call[R]
    """The devices' reports of one baseline."""
    baselines: msgspec.json.Decoder[B]
    reports: msgspec.json.Decoder[R]
    baseline: Callable[[B], Baseline]
    judged: Callable[[R], Judged[V]]
    summary: str
    """The field of a baseline in which its `ComplianceStatus` stands."""

    @property
    def report_name(self) -> str:
        """The last part of the path of the reports."""
        return self.report.endpoint.rpartition("/")[2]


class Baselines(Generic[B, R, V]):
    """Reads all baselines of one kind, and what each says about its devices."""

    def __init__(
        self,
        kind: BaselineKind[B, R, V],
        client: OmeClient,
        clock: Clock,
        *,
        at_once: int,
        keep: float,
    ) -> None:
        """Begin without readings.

        Args:
            kind: Which baselines.
            client: Asks the appliance.
            clock: Monotonic time, for ages.
            at_once: Calls at the same time.
            keep: Seconds for which baselines and their reports are good while newer ones fail.
        """
        self._kind = kind
        self._client = client
        self._list = ListReader(
            client, kind.list, kind.baselines, page_size=PAGE_SIZE, at_once=at_once
        )
        self._reports = DevicePoller(self._read_reports, clock, at_once=at_once, keep=keep)
        self._clock = clock
        self._keep = keep
        self._listed: list[Baseline] = []
        self._listed_at = -math.inf
        self._drift = NO_DRIFT
        self._warnings: tuple[str, ...] = ()
        self.problems = 0
        """Of the latest reading."""

    @property
    def listed(self) -> list[Baseline]:
        """The baselines, if the list is not too old."""
        is_good = self._clock.monotonic() - self._listed_at <= self._keep
        return self._listed if is_good else []

    async def read(self, what: str) -> None:
        """Read the baselines and their reports; what fails keeps its last good data.

        Args:
            what: What is needed for the list.

        Raises:
            SourceError: The list failed or is incomplete, or no baseline's reports can be read.
            NotAvailableError: The appliance does not give the list.
        """
        self.problems = 1
        with needed(what):
            listing = await self._list.read("", self._kind.baseline)
        self._listed, self._listed_at = listing.items, self._clock.monotonic()
        self._drift, self._warnings = listing.drift, listing.warnings
        present = [str(each.id) for each in listing.items]
        try:
            await poll_all(self._reports, present, f"no baseline has {self._kind.report_name}")
        finally:
            self.problems = listing.problems + self._reports.stats.problems

    def forget(self) -> None:
        """Keep nothing: the appliance has no such baselines, or does not give them."""
        self._listed, self.problems, self._drift, self._warnings = [], 0, NO_DRIFT, ()
        self._reports.forget_all()

    def judged(self) -> list[Judged[V]]:
        """Return what all baselines say about all devices."""
        return [each for reading in self._reports.readings().values() for each in reading.value]

    @property
    def warnings(self) -> tuple[str, ...]:
        """What is odd about the lists."""
        return (*self._warnings, *warnings_of(self._reports.readings().values()))

    def drifts(self) -> Iterator[Drift]:
        """Give what did not fit in the baselines and in their reports."""
        yield self._drift
        odd = (each.status for each in self.listed if not is_known(each.status))
        yield unknown_values(f"{self._kind.summary}.ComplianceStatus", odd)
        for reading in self._reports.readings().values():
            yield reading.drift

    async def _read_reports(self, baseline: str) -> Reading[tuple[Judged[V], ...]]:
        reader = ListReader(
            self._client,
            self._kind.report,
            self._kind.reports,
            page_size=PAGE_SIZE,
            at_once=1,
            resource=f"{self._kind.list.endpoint}({baseline})/{self._kind.report_name}",
        )
        listing = await reader.read("", self._kind.judged)
        drift = joined((listing.drift, *(each.drift for each in listing.items)))
        return Reading(tuple(listing.items), listing.problems, drift, listing.warnings)
