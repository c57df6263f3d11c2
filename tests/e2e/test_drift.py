"""A vendor changes an API: it is seen at once, by name, and everything else is served as before."""

from typing import NamedTuple

import pytest
import structlog

from exporter.simulators import Simulation
from tests.e2e.rig import Rig, run_inventories, samples, value

UNKNOWN = "serverfleet_collector_unknown_values"
MISSING = "serverfleet_collector_missing_fields"
SOURCE = {"com": "com-demo", "ome": "ome-demo"}


class Change(NamedTuple):
    """A field of one kind of answer, and the collector that reads it."""

    path: str
    field: str
    """As the simulator wants it, with slashes."""
    collector: str
    within: str = ""
    """Before its name in the metric."""
    value: object = None
    """The new word or code; None lets the simulator choose one."""

    @property
    def drifted(self) -> tuple[str, str]:
        return self.collector, self.within + self.field.replace("/", ".")


RENAMED: dict[str, tuple[str, list[Change]]] = {
    "com": ("com", [
        Change("v1/servers$", "hardware/powerState", "servers"),
        Change("v1/servers$", "hardware/health/summary", "servers"),
        Change("v1/servers$", "state/managed", "servers"),
        Change("v1/servers$", "firmwareInventory/version", "firmware"),
        Change("energy-by-entity", "co2eKg/collected", "energy"),
        Change("v1/groups$", "deviceType", "groups"),
        Change("groups/.*/compliance$", "complianceState", "groups", "compliance."),
        Change("ilo-settings", "complianceState", "groups", "ilo-settings-compliance."),
        Change("v1/jobs", "state", "jobs"),
        Change("server-warranty", "supportEndDate", "warranty"),
    ]),
    "com-subscription": ("com", [
        Change("v1/servers$", "state/subscriptionState", "servers"),
        Change("v1/servers$", "firmwareInventory", "firmware"),
    ]),
    "com-hardware": ("com", [Change("v1/servers$", "hardware", "servers")]),
    "ome": ("ome", [
        Change("Service/Devices$", "Status", "devices"),
        Change("Service/Devices$", "PowerState", "devices"),
        Change("Service/Devices$", "DeviceManagement/NetworkAddress", "devices"),
        Change("SubSystemHealth", "RollupStatus", "health"),
        Change("/Power$", "power", "power"),
        Change("/Temperature$", "instantaneousTemperature", "power"),
        Change("MonitoredDevices", "ServiceTag", "power_manager", "MonitoredDevices."),
        Change("Groups$", "GlobalStatus", "groups"),
        Change("DeviceComplianceReports", "FirmwareStatus", "compliance",
               "DeviceComplianceReports."),
        Change("Warranties", "EndDate", "warranty"),
        Change("Jobs$", "JobStatus", "jobs"),
        Change("ApplicationService/Info", "Version", "appliance"),
    ]),
    "ome-inventory": ("ome", [Change("InventoryDetails", "InventoryInfo", "hardware")]),
}  # fmt: skip
"""Each renames fields that do not hide one another."""

NEW_WORDS: dict[str, list[Change]] = {
    "com": [
        Change("v1/servers$", "hardware/powerState", "servers"),
        Change("v1/servers$", "hardware/health/fans", "servers"),
        Change("v1/servers$", "hardware/health/fanRedundancy", "servers"),
        Change("v1/servers$", "state/subscriptionState", "servers"),
        Change("v1/alerts$", "severity", "alerts"),
        Change("v1/groups$", "groupCompliance/summary", "groups"),
        Change("v1/groups$", "deviceType", "groups"),
        Change("groups/.*/compliance$", "complianceState", "groups", "compliance."),
        Change("v1/jobs", "state", "jobs"),
        Change("v1/jobs", "resultCode", "jobs"),
        Change("oneview-appliances", "state", "appliances", "oneview-appliances."),
    ],
    "ome": [
        Change("Service/Devices$", "Status", "devices"),
        Change("Service/Devices$", "Type", "devices", value=7777),
        Change("SubSystemHealth", "RollupStatus", "health"),
        Change("SubSystemHealth", "SubSystem", "health"),
        Change("/Power$", "powerUnit", "power"),
        Change("Groups$", "GlobalStatus", "groups", value=7777),
        Change("TemplateService/Baselines$", "ConfigComplianceSummary/ComplianceStatus",
               "compliance", "TemplateService."),
        Change("DeviceConfigComplianceReports", "ComplianceStatus", "compliance",
               "DeviceConfigComplianceReports."),
        Change("DeviceComplianceReports", "ComponentComplianceReports/UpdateAction",
               "compliance", "DeviceComplianceReports."),
        Change("Jobs$", "LastRunStatus/Id", "jobs", value=7777),
    ],
}  # fmt: skip


@pytest.mark.parametrize("batch", RENAMED)
async def test_renamed_fields_are_named_and_everything_else_is_served(rig: Rig, batch: str) -> None:
    vendor, changes = RENAMED[batch]
    for change in changes:
        rig.simulation.faults.add(
            vendor=vendor, path=change.path, kind="renamed_fields", fields=[change.field]
        )

    found = await _drifted(rig, vendor, MISSING, "expected field is missing")

    assert found == {change.drifted for change in changes}


@pytest.mark.parametrize("vendor", NEW_WORDS)
async def test_words_and_codes_that_are_new_are_named_and_everything_else_is_served(
    rig: Rig, vendor: str
) -> None:
    for change in NEW_WORDS[vendor]:
        rig.simulation.faults.add(
            vendor=vendor,
            path=change.path,
            kind="unknown_codes",
            fields=[change.field],
            value=change.value,
        )

    found = await _drifted(rig, vendor, UNKNOWN, "unknown value")

    assert found == {change.drifted for change in NEW_WORDS[vendor]}


async def _drifted(rig: Rig, vendor: str, metric: str, event: str) -> set[tuple[str, str]]:
    """Poll, the inventory twice; check what is served and logged; return what a metric names."""
    exporter = rig.exporter()
    with structlog.testing.capture_logs() as lines:
        assert await exporter.scheduler.run_all_once()
        assert await run_inventories(exporter)

    page = exporter.exposition()
    for state in exporter.scheduler.board:
        where = {"source": state.source, "collector": state.collector}
        assert value(page, "serverfleet_collector_data_served", **where) == 1
    for source in SOURCE.values():
        assert value(page, "serverfleet_source_up", source=source) == 1
        assert (value(page, "serverfleet_source_servers", source=source) or 0) > 1
    series = {frozenset(labels): n for labels, n in samples(page).get(metric, {}).items()}
    assert all(number >= 1 for number in series.values())
    found = [dict(labels) for labels in series]
    assert {labels["source"] for labels in found} == {SOURCE[vendor]}
    told = [line for line in lines if line["event"] == event]
    assert {(line["collector"], line["field"]) for line in told} == {
        (labels["collector"], labels["field"]) for labels in found
    }
    assert len({(line["collector"], line["field"], line.get("value")) for line in told}) == len(
        told
    )
    return {(labels["collector"], labels["field"]) for labels in found}


@pytest.mark.parametrize("path", ["energy-by-entity", "utilization-by-entity"])
async def test_averages_that_moved_are_a_failure_that_names_them_not_a_lack_of_data(
    rig: Rig, path: str
) -> None:
    rig.simulation.faults.add(
        kind="renamed_fields",
        path=path,
        fields=["kwh", "co2eKg", "cost", "collected"],
        vendor="com",
    )
    exporter = rig.exporter()

    assert not await exporter.scheduler.run_all_once()

    collector = path.partition("-")[0]
    state = exporter.scheduler.board.state("com-demo", collector)
    assert state.reason == "schema"
    assert "is missing from all" in state.error


async def test_an_energy_that_moved_costs_neither_emissions_nor_cost_and_is_named(
    rig: Rig,
) -> None:
    rig.simulation.faults.add(
        kind="renamed_fields", path="energy-by-entity", fields=["kwh"], vendor="com"
    )
    exporter = rig.exporter()
    await exporter.scheduler.run_all_once()

    served = samples(exporter.exposition())
    assert served["serverfleet_server_co2e_last_hour_grams"]
    assert served["serverfleet_server_energy_cost_last_hour"]
    assert "serverfleet_server_energy_last_hour_joules" not in served
    named = [dict(labels)["field"] for labels in served[MISSING]]
    assert [field for field in named if field.startswith("kwh")]


async def test_a_field_that_fits_again_has_no_series(rig: Rig) -> None:
    exporter = rig.exporter()
    fault = rig.simulation.faults.add(
        kind="unknown_codes", path="v1/servers$", fields=["hardware/powerState"], every=4
    )
    await exporter.scheduler.run_all_once()
    labels = {"source": "com-demo", "collector": "servers", "field": "hardware.powerState"}
    some = value(exporter.exposition(), UNKNOWN, **labels)
    assert some is not None
    assert (
        0
        < some
        < (value(exporter.exposition(), "serverfleet_source_servers", source="com-demo") or 0)
    )

    fault.remove()
    await exporter.scheduler.run_all_once()

    assert UNKNOWN not in samples(exporter.exposition())


@pytest.mark.parametrize(("servers", "seed"), [(8, 2), (20, 3), (40, 4)])
async def test_a_healthy_fleet_of_any_size_has_no_drift(servers: int, seed: int) -> None:
    simulation = Simulation(servers=servers, seed=seed)
    async with simulation.serving() as base_url:
        rig = Rig(simulation, base_url)
        exporter = rig.exporter()
        await exporter.scheduler.run_all_once()
        await rig.close()
    drift = {
        (state.source, state.collector): state.drift
        for state in exporter.scheduler.board
        if state.drift or not state.success
    }
    assert drift == {}
