"""The collector `compliance`: firmware and configuration of servers against their baselines."""

from collections.abc import Iterable
from itertools import islice

from msgspec import Struct

from exporter.config.source import CollectorSettings
from exporter.errors import NotAvailableError
from exporter.model import (
    Collected,
    Column,
    ComplianceState,
    ConfigCompliance,
    FirmwareCompliance,
    GroupCompliances,
    Inventory,
)
from exporter.sources.contract import CollectorSetup
from exporter.sources.drift import Drift, Unseen, drifted
from exporter.sources.ome import calls, records
from exporter.sources.ome.baselines import (
    MOST_COMPONENTS,
    Baseline,
    BaselineKind,
    Baselines,
    Judged,
    firmware_from,
    is_known,
    is_known_action,
    of_group,
    verdict_from,
    worst,
    worst_firmware,
)
from exporter.sources.ome.mapping import DeviceFinder
from exporter.sources.ome.records import (
    ConfigBaselineRecord,
    ConfigReportRecord,
    FirmwareBaselineRecord,
    FirmwareReportRecord,
)
from exporter.sources.ome.source import OmeParts
from exporter.sources.partial import PartialRun
from exporter.sources.text import clean
from exporter.sources.values import shared

REPORT_OF_FIRMWARE = calls.FIRMWARE_REPORTS.endpoint.rpartition("/")[2]
REPORT_OF_CONFIG = calls.CONFIG_REPORTS.endpoint.rpartition("/")[2]
NEEDED = "compliance needs a user who may see baselines, and the licence OpenManage Advanced"


class Verdict(Struct, frozen=True, gc=False):
    """What a template baseline says of a device; None where it says nothing."""

    state: ComplianceState | None


def firmware_baseline(record: FirmwareBaselineRecord) -> Baseline:
    """Read a firmware baseline."""
    summary = record.compliance_summary
    status = summary.compliance_status if summary else None
    return Baseline(record.id, clean(record.name), status)


def config_baseline(record: ConfigBaselineRecord) -> Baseline:
    """Read a template baseline."""
    summary = record.config_compliance_summary
    status = summary.compliance_status if summary else None
    return Baseline(record.id, clean(record.name), status)


def firmware_judged(record: FirmwareReportRecord) -> Judged[FirmwareCompliance]:
    """Read what a firmware baseline says about a device."""
    drift = shared(_unknown_in(record))
    verdict = shared(firmware_from(record))
    return Judged(record.id, record.device_id, record.service_tag or "", verdict, drift)


def config_judged(record: ConfigReportRecord) -> Judged[Verdict]:
    """Read what a template baseline says about a device, whose number is that of the report."""
    status = record.compliance_status
    verdict = Verdict(verdict_from(status))
    unseen = Unseen()
    if not is_known(status):
        unseen.note(f"{REPORT_OF_CONFIG}.ComplianceStatus", status)
    return Judged(record.id, record.id, record.service_tag or "", verdict, shared(unseen.drift))


def _unknown_in(record: FirmwareReportRecord) -> Drift:
    within, unseen = REPORT_OF_FIRMWARE, Unseen()
    if not is_known(record.firmware_status):
        unseen.note(f"{within}.FirmwareStatus", record.firmware_status)
    if not is_known(record.compliance_status):
        unseen.note(f"{within}.ComplianceStatus", record.compliance_status)
    for each in islice(record.component_compliance_reports or (), MOST_COMPONENTS):
        if not is_known_action(each.update_action):
            unseen.note(f"{within}.ComponentComplianceReports.UpdateAction", each.update_action)
    return unseen.drift


FIRMWARE = BaselineKind(
    calls.FIRMWARE_BASELINES,
    calls.FIRMWARE_REPORTS,
    records.FIRMWARE_BASELINE,
    records.FIRMWARE_REPORT,
    firmware_baseline,
    firmware_judged,
    "UpdateService.ComplianceSummary",
)
CONFIG = BaselineKind(
    calls.CONFIG_BASELINES,
    calls.CONFIG_REPORTS,
    records.CONFIG_BASELINE,
    records.CONFIG_REPORT,
    config_baseline,
    config_judged,
    "TemplateService.ConfigComplianceSummary",
)


class ComplianceCollector:
    """Reads firmware baselines and template baselines with their devices' reports."""

    def __init__(self, parts: OmeParts, setup: CollectorSetup[CollectorSettings]) -> None:
        """Prepare; nothing is sent yet."""
        self.name, self.interval = setup.name, setup.interval
        at_once, keep = parts.at_once, 3 * setup.interval
        self._firmware = Baselines(FIRMWARE, parts.client, parts.clock, at_once=at_once, keep=keep)
        self._config = Baselines(CONFIG, parts.client, parts.clock, at_once=at_once, keep=keep)

    async def collect(self, inventory: Inventory) -> Collected:
        """Read all baselines; one kind that fails or is missing does not cost the other.

        Raises:
            SourceError: Every kind that the appliance gives to this user failed.
            NotAvailableError: The appliance gives neither kind to this user.
        """
        run, missing = PartialRun(), []
        for name, kind in (
            ("firmware baselines", self._firmware),
            ("configuration baselines", self._config),
        ):
            try:
                await run.attempt(name, kind.read(NEEDED))
            except NotAvailableError as error:
                kind.forget()
                missing.append(error)
        if len(missing) > 1:
            raise missing[0]
        run.finish()
        firmware, config = self._firmware.judged(), self._config.judged()
        baselines = [*self._firmware.listed, *self._config.listed]
        return Collected(
            columns=(
                Column(FirmwareCompliance, of_servers(firmware, inventory)),
                Column(ConfigCompliance, settings_of_servers(config, inventory)),
            ),
            source_facets=(summaries(baselines),),
            items=len(baselines) + len(firmware) + len(config),
            problems=self._firmware.problems + self._config.problems,
            drift=drifted(*self._firmware.drifts(), *self._config.drifts()),
            warnings=(*run.warnings, *self._firmware.warnings, *self._config.warnings),
        )


def of_servers(
    judged: Iterable[Judged[FirmwareCompliance]], inventory: Inventory
) -> dict[str, FirmwareCompliance]:
    """Join what several baselines say about the firmware of each served server."""
    whose, found = DeviceFinder(inventory), dict[str, FirmwareCompliance]()
    for each in judged:
        if server := whose.served(each.device, each.serial):
            known = found.get(server)
            found[server] = worst_firmware(known, each.verdict) if known else each.verdict
    return found


def settings_of_servers(
    judged: Iterable[Judged[Verdict]], inventory: Inventory
) -> dict[str, ConfigCompliance]:
    """Join what several baselines say about the settings of each served server."""
    whose, found = DeviceFinder(inventory), dict[str, ComplianceState | None]()
    for each in judged:
        # The number is only said to be the device's; the service tag surely is.
        server = whose.served(None, each.serial) or whose.served(each.device, None)
        if server:
            found[server] = worst(found.get(server), each.verdict.state)
    return {key: shared(ConfigCompliance(state)) for key, state in found.items() if state}


def summaries(baselines: Iterable[Baseline]) -> GroupCompliances:
    """Give the state of each baseline by its name; of several with one name the worst."""
    states: dict[str, ComplianceState | None] = {}
    for each in baselines:
        if each.name:
            states[each.name] = worst(states.get(each.name), each.state)
    return GroupCompliances(
        tuple((name, of_group(state)) for name, state in states.items() if state)
    )
