"""How does OME answer for firmware baselines and for template baselines?

Two firmware baselines overlap, so that some servers are judged twice; of two template baselines
one has never been looked at.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from exporter.simulators.answer import Answer
from exporter.simulators.hashing import noise
from exporter.simulators.machines import SERVER, OmeDevice
from exporter.simulators.ome.appliance import Appliance, appliance_time
from exporter.simulators.ome.envelope import RefusalError
from exporter.simulators.ome.listing import Paged, dialect
from exporter.simulators.world import World

FIRMWARE: Final = "/api/UpdateService/Baselines"
CONFIG: Final = "/api/TemplateService/Baselines"
FIRMWARE_REPORT: Final = "DeviceComplianceReports"
CONFIG_REPORT: Final = "DeviceConfigComplianceReports"
COMPLIANT, NONCOMPLIANT, NOT_INVENTORIED = 1, 2, 3

_PAGE: Final = 50
_REPORTS_PAGE: Final = 20
_SALT: Final = 811
_NAMED: Final = dialect(Id="number", Name="text")
_WORDS: Final = {
    COMPLIANT: "COMPLIANT", NONCOMPLIANT: "NONCOMPLIANT", NOT_INVENTORIED: "NOT_INVENTORIED",
}  # fmt: skip
_FIRMWARE_WORDS: Final = {
    COMPLIANT: ("Compliant", "OK"),
    NONCOMPLIANT: ("Non-Compliant", "CRITICAL"),
    NOT_INVENTORIED: ("Unknown", "UNKNOWN"),
}
_SUMMARY: Final = {COMPLIANT: "OK", NONCOMPLIANT: "CRITICAL", NOT_INVENTORIED: "NOT_INVENTORIED"}


@dataclass(frozen=True, slots=True)
class Baseline:
    """A baseline; it judges the servers whose index leaves `rest` when divided by `step`."""

    id: int
    name: str
    step: int
    rest: int

    def judges(self, index: int) -> bool:
        """Tell whether a server is among its targets."""
        return self.step > 0 and index % self.step == self.rest


FIRMWARE_BASELINES: Final = (
    Baseline(239, "Dell Online 2026-05", 2, 0),
    Baseline(240, "Storage nodes", 3, 0),
)
CONFIG_BASELINES: Final = (
    Baseline(162, "Hardened iDRAC", 2, 1),
    Baseline(163, "Not looked at", 0, 0),
)


@dataclass(frozen=True, slots=True)
class Judgement:
    """What a baseline says about a server: a code, and the upgrades by criticality."""

    code: int
    upgrades: Mapping[str, int]


def judgement(baseline: Baseline, device: OmeDevice) -> Judgement:
    """Return the truth about a server in a baseline."""
    dice = noise(_SALT, baseline.id, device.slot, device.generation)
    if dice % 17 == 0:
        return Judgement(NOT_INVENTORIED, {})
    if dice % 4 == 0:
        urgent = {"Urgent": dice // 4 % 3} if dice // 4 % 3 else {}
        return Judgement(NONCOMPLIANT, {"Recommended": 1 + dice // 16 % 4, **urgent})
    return Judgement(COMPLIANT, {})


class Baselines:
    """The baselines of the appliance."""

    def __init__(self, world: World, appliance: Appliance) -> None:
        """Judge the servers of a world."""
        self._world = world
        self._appliance = appliance

    def firmware(self, query: Mapping[str, str]) -> Answer:
        """Answer the list of firmware baselines."""
        paged = Paged(FIRMWARE, "UpdateService.Baselines", _PAGE, _NAMED)
        return paged.answer(query, FIRMWARE_BASELINES, self._firmware, self._appliance)

    def config(self, query: Mapping[str, str]) -> Answer:
        """Answer the list of template baselines."""
        paged = Paged(CONFIG, "TemplateService.Baseline", _PAGE, _NAMED)
        return paged.answer(query, CONFIG_BASELINES, self._config, self._appliance)

    def firmware_reports(self, number: int, query: Mapping[str, str]) -> Answer:
        """Answer what a firmware baseline says about its servers."""
        baseline = _found(FIRMWARE_BASELINES, number)
        path = f"{FIRMWARE}({number})/{FIRMWARE_REPORT}"
        paged = Paged(path, "UpdateService.DeviceComplianceReport", _REPORTS_PAGE)
        return paged.answer(
            query,
            self.targets(baseline),
            lambda device: _firmware_report(baseline, device, path),
            self._appliance,
        )

    def config_reports(self, number: int, query: Mapping[str, str]) -> Answer:
        """Answer what a template baseline says about its servers."""
        baseline = _found(CONFIG_BASELINES, number)
        path = f"{CONFIG}({number})/{CONFIG_REPORT}"
        paged = Paged(path, "TemplateService.DeviceConfigComplianceReports", _REPORTS_PAGE)
        return paged.answer(
            query,
            self.targets(baseline),
            lambda device: self._config_report(baseline, device, path),
            self._appliance,
        )

    def targets(self, baseline: Baseline) -> list[OmeDevice]:
        """Return the servers that a baseline judges."""
        t = self._world.clock()
        slots = self._world.roster.by_type[SERVER]
        return [self._world.ome_device(s, t) for s in slots if baseline.judges(s >> 1)]

    def code(self, baseline: Baseline) -> int:
        """Return what a baseline says about all of its servers: the worst."""
        codes = {judgement(baseline, device).code for device in self.targets(baseline)}
        if NONCOMPLIANT in codes:
            return NONCOMPLIANT
        return COMPLIANT if COMPLIANT in codes else NOT_INVENTORIED

    def _firmware(self, baseline: Baseline) -> dict[str, Any]:
        path = f"{FIRMWARE}({baseline.id})"
        return {
            **self._common(baseline, path, "#UpdateService.Baselines"),
            "CatalogId": 22,
            "ComplianceSummary": {
                **self._summary(baseline),
                "NumberOfDowngrade": 0,
                "NumberOfUnknown": None,
            },
            "DowngradeEnabled": True,
            "Is64Bit": True,
            "RepositoryId": 12,
            "RepositoryName": "HTTP DELL",
            "RepositoryType": "DELL_ONLINE",
            "Targets": [],
            "TaskStatusId": 2060,
            f"{FIRMWARE_REPORT}@odata.navigationLink": f"{path}/{FIRMWARE_REPORT}",
        }

    def _config(self, baseline: Baseline) -> dict[str, Any]:
        path = f"{CONFIG}({baseline.id})"
        return {
            **self._common(baseline, path, "#TemplateService.Baseline"),
            "TemplateId": 745,
            "TemplateName": f"{baseline.name} template",
            "TemplateType": 2,
            "PercentageComplete": "100",
            "TaskStatus": 2060,
            "BaselineTargets": [],
            "ConfigComplianceSummary": {**self._summary(baseline), "NumberOfIncomplete": 0},
            f"{CONFIG_REPORT}@odata.navigationLink": f"{path}/{CONFIG_REPORT}",
        }

    def _common(self, baseline: Baseline, path: str, kind: str) -> dict[str, Any]:
        t = self._world.clock()
        return {
            "@odata.type": kind,
            "@odata.id": path,
            "Id": baseline.id,
            "Name": baseline.name,
            "Description": None,
            "TaskId": 41_000 + baseline.id,
            "LastRun": appliance_time(t - t % 86_400, self._appliance.zone)
            if baseline.step
            else "Unknown",
        }

    def _summary(self, baseline: Baseline) -> dict[str, Any]:
        codes = [judgement(baseline, device).code for device in self.targets(baseline)]
        return {
            "ComplianceStatus": _SUMMARY[self.code(baseline)],
            "NumberOfCritical": codes.count(NONCOMPLIANT),
            "NumberOfWarning": 0,
            "NumberOfNormal": codes.count(COMPLIANT),
        }

    def _config_report(self, baseline: Baseline, device: OmeDevice, path: str) -> dict[str, Any]:
        code = judgement(baseline, device).code
        return {
            "@odata.type": "#TemplateService.DeviceConfigComplianceReports",
            "@odata.id": f"{path}({device.id})",
            "Id": device.id,
            "DeviceName": device.name,
            "Model": device.hardware.model,
            "ServiceTag": device.service_tag,
            "ComplianceStatus": _WORDS[code] if self._appliance.compliance_words else code,
            "DeviceType": device.type,
            "InventoryTime": appliance_time(device.installed_at + 600, self._appliance.zone),
        }


def _found(baselines: tuple[Baseline, ...], number: int) -> Baseline:
    for baseline in baselines:
        if baseline.id == number:
            return baseline
    raise RefusalError(404, "CGEN1006")


def _firmware_report(baseline: Baseline, device: OmeDevice, path: str) -> dict[str, Any]:
    truth = judgement(baseline, device)
    firmware, compliance = _FIRMWARE_WORDS[truth.code]
    number = device.index + 100
    components = [
        _component(place, "UPGRADE", criticality)
        for place, criticality in enumerate(
            criticality for criticality, count in truth.upgrades.items() for _ in range(count)
        )
    ]
    return {
        "@odata.type": "#UpdateService.DeviceComplianceReport",
        "@odata.id": f"{path}({number})",
        "Id": number,
        "DeviceId": device.id,
        "ServiceTag": device.service_tag,
        "DeviceModel": device.hardware.model,
        "DeviceName": None,
        "DeviceTypeId": device.type,
        "DeviceTypeName": "CPGCGS",
        "FirmwareStatus": firmware,
        "ComplianceStatus": compliance,
        "RebootRequired": bool(components),
        "ComponentComplianceReports": [
            *components,
            _component(90, "EQUAL", "Ok"),
            _component(91, "DOWNGRADE", "Ok"),
        ],
    }


def _component(number: int, action: str, criticality: str) -> dict[str, Any]:
    return {
        "Id": 1258 + number,
        "Name": f"Component {number}",
        "CurrentVersion": "1.0",
        "Version": "1.1" if action == "UPGRADE" else "1.0",
        "Criticality": criticality,
        "ComplianceStatus": "CRITICAL" if action == "UPGRADE" else "OK",
        "UpdateAction": action,
        "RebootRequired": action == "UPGRADE",
        "SourceName": f"DCIM:INSTALLED#{number}",
        "TargetIdentifier": str(100_000 + number),
        "UniqueIdentifier": f"{number:08d}",
        "ComplianceDependencies": [],
    }
