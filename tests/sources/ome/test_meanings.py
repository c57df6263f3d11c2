"""Do the words, codes and numbers of compliance, inventory, jobs and metrics mean what they say?"""

import json
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import msgspec
import pytest

from exporter.model import (
    ComplianceState,
    Firmware,
    FirmwareCompliance,
    Health,
    Inventory,
    Location,
    Memory,
    PowerDraw,
    Server,
    Temperatures,
    Utilization,
    Warranty,
)
from exporter.slices import Slices
from exporter.sources.drift import NO_DRIFT, drifted
from exporter.sources.ome import device_records, power_manager_records, records
from exporter.sources.ome.baselines import is_known, verdict_from, worst_firmware
from exporter.sources.ome.compliance import (
    config_baseline,
    config_judged,
    firmware_baseline,
    firmware_judged,
    of_servers,
    settings_of_servers,
    summaries,
)
from exporter.sources.ome.groups import Group, chosen_groups, memberships
from exporter.sources.ome.hardware import firmware_from, location_from, memory_from, os_from
from exporter.sources.ome.jobs import state_of
from exporter.sources.ome.mapping import HEALTH
from exporter.sources.ome.metrics import (
    Row,
    Units,
    draw_from,
    newest_rows,
    temperatures_from,
    units_from,
    utilization_from,
)
from exporter.sources.ome.times import unix_time
from exporter.sources.ome.warranty import ListedWarranty, latest_ends
from tests.support.drift import unknown

SAMPLES = Path(__file__).parents[4] / "shared" / "samples" / "ome"
UTC = ZoneInfo("UTC")
GOOD, BAD, UNCLEAR = ComplianceState


def sample(name: str) -> Any:
    file = SAMPLES / name
    if not file.exists():
        pytest.skip(f"{name} is not here")
    return json.loads(file.read_text())


def read(decoder: Any, *items: dict[str, Any]) -> list[Any]:
    return [decoder.decode(json.dumps(item)) for item in items]


@pytest.mark.parametrize(
    ("status", "state", "known"),
    [
        (1, GOOD, True),
        (2, BAD, True),
        (3, UNCLEAR, True),
        ("OK", GOOD, True),
        ("Compliant", GOOD, True),
        ("Non-Compliant", BAD, True),
        ("NONCOMPLIANT", BAD, True),
        ("NOT_INVENTORIED", UNCLEAR, True),
        ("CRITICAL", BAD, True),
        ("DOWNGRADE", BAD, True),
        ("Splendid", UNCLEAR, False),
        (9, UNCLEAR, False),
        ("", None, True),
        ("null", None, True),
        (None, None, True),
    ],
)
def test_verdicts(status: Any, state: ComplianceState | None, known: bool) -> None:
    assert (verdict_from(status), is_known(status)) == (state, known)


def test_of_two_baselines_the_worse_state_and_the_larger_number_count() -> None:
    one = FirmwareCompliance(state=GOOD, noncompliant=(("optional", 2),))
    other = FirmwareCompliance(state=BAD, noncompliant=(("optional", 1), ("urgent", 3)))
    both = FirmwareCompliance(state=BAD, noncompliant=(("optional", 2), ("urgent", 3)))
    assert worst_firmware(one, other) == worst_firmware(other, one) == both
    assert worst_firmware(FirmwareCompliance(), one) == one


@pytest.mark.parametrize(
    ("now", "last", "state"),
    [
        (2030, 2060, "pending"),
        (2040, 2070, "pending"),
        (2050, 2070, "running"),
        (2020, 2060, ""),
        # Scheduled ones are none of the states, even where the last run went wrong.
        (2020, 2070, ""),
        (2060, 2070, "failed"),
        (2070, 2070, "failed"),
        (2080, 2090, "failed"),
        (2080, 2103, "failed"),
        (2060, 2060, ""),
        (2080, None, ""),
        (None, None, ""),
    ],
)
def test_states_of_jobs(now: int | None, last: int | None, state: str) -> None:
    assert state_of(now, last) == state


async def test_a_group_is_served_once_by_its_name() -> None:
    made = [Group(2, "a", 1000, 3000), Group(1, "a", 4000, 3000), Group(3, "", 1000, 3000)]
    slices = Slices()
    chosen = await chosen_groups(made, slices)
    assert chosen == [Group(1, "a", 4000, 3000)]
    assert HEALTH[5000] is Health.UNKNOWN
    inventory = Inventory((Server("1", "T1", "s1"), Server("2", "T2", "s2")))
    found = await memberships(chosen, {"1": ("1", "9")}, inventory, slices)
    assert {key: each.groups for key, each in found.items()} == {"1": ("a",)}


def test_the_latest_end_counts_and_the_sentinel_is_none() -> None:
    assert unix_time("0001-01-01 00:00:00.000", UTC) is None
    listed = [
        ListedWarranty(1, "a", 5.0),
        ListedWarranty(2, "a", 7.0),
        ListedWarranty(3, "a", None),
        ListedWarranty(4, "b", None),
        ListedWarranty(5, "", 9.0),
    ]
    assert latest_ends(listed) == {"a": Warranty(7.0)}


@pytest.mark.parametrize(
    ("sizes", "memory"),
    [
        ([32768, "8192"], Memory(40960 * 1024**2)),
        (["8192 MB", "8GB", " 16 gb ", "0.5 TB"], Memory((24 + 8 + 512) * 1024**3)),
        (["931.52 GB"], Memory(round(931.52 * 1024) * 1024**2)),
        ([1024, "8192 furlongs"], None),
        (["-1 MB"], None),
        (["-1.0"], None),
        ([32768, None], None),
        ([32768, "N/A"], None),
        ([-1], None),
        ([0], None),
        ([], None),
    ],
)
def test_memory_is_a_whole_sum_or_nothing(sizes: list[Any], memory: Memory | None) -> None:
    assert memory_from(read(device_records.MEMORY, *({"Size": size} for size in sizes))) == memory


def test_installed_firmware_comes_before_what_is_current_and_nothing_else_counts() -> None:
    bios = {"SoftwareType": "BIOS", "Status": "Available"}
    software = read(
        device_records.SOFTWARE,
        {**bios, "Version": "1", "InstanceId": "DCIM:PREVIOUS#741__BIOS.Setup.1-1"},
        {**bios, "Version": "2", "InstanceId": "DCIM:CURRENT#741__BIOS.Setup.1-1"},
        {"SoftwareType": "FRMW", "Version": "7", "ComponentId": 25227, "Status": "Installed"},
        {"SoftwareType": "FRMW", "Version": "8", "ComponentId": "1", "Status": "Installed"},
    )
    assert firmware_from(software) == Firmware((("bios", "2"), ("bmc", "7")))
    assert firmware_from(read(device_records.SOFTWARE, {"Status": "Installed"})) is None


def test_systems_and_locations_that_say_nothing_are_nothing() -> None:
    assert os_from(read(device_records.SYSTEM, {"OsName": ""}, {"OsName": "ESXi"})) == "ESXi"
    assert os_from(read(device_records.SYSTEM, {"OsName": None, "OsVersion": "8"})) == ""
    nowhere = {"Room": "", "Rack": None, "Rackslot": "0", "Datacenter": "N/A"}
    assert location_from(read(device_records.LOCATION, nowhere)) is None
    place = location_from(read(device_records.LOCATION, {"Rack": " R1 ", "Rackslot": 7}))
    assert place == Location(rack="R1", slot="7")
    numbers = {"Datacenter": 3, "Room": 2, "Aisle": 1, "Rack": 14, "Rackslot": 7}
    place = location_from(read(device_records.LOCATION, numbers))
    assert place == Location(location="3", room="2", aisle="1", rack="14", slot="7")


@pytest.mark.parametrize(
    ("settings", "units"),
    [
        ({1: "1", 2: "1", 3: "30"}, Units("celsius", "watt", 1800)),
        ({"1": 2, "2": 2, "3": 60}, Units("fahrenheit", "btu/hr", 3600)),
        ({1: "Celsius", 2: "Watt"}, Units("celsius", "watt", 900)),
        ({"1.0": 1.0, "2.0": "1.0", "3.0": 30.0}, Units("celsius", "watt", 1800)),
        ({" 1 ": "2.0", "02": 2.0}, Units("fahrenheit", "btu/hr", 900)),
        ({1: "°C", 2: "Watts"}, Units("celsius", "watt", 900)),
        ({1: "F", 2: "BTU/hr"}, Units("fahrenheit", "btu/hr", 900)),
        ({1: "°F", 2: "btu/h"}, Units("fahrenheit", "btu/hr", 900)),
        ({1: "C", 2: "W", 3: "-1"}, Units("celsius", "watt", 900)),
        ({1: "3", 2: None, 3: "0"}, Units("", "", 900)),
        ({}, Units("", "", 900)),
    ],
)
def test_units(settings: dict[Any, Any], units: Units) -> None:
    rows = [{"Id": key, "Value": value} for key, value in settings.items()]
    found = units_from(read(power_manager_records.POWER_SETTING, *rows))
    assert msgspec.structs.replace(found, drift=NO_DRIFT) == units


def test_settings_with_numbers_for_ids_that_are_no_integers_are_read() -> None:
    rows: list[dict[str, Any]] = [{"Id": 1.0, "Value": 1.0}, {"Id": 2.0, "Value": 2}]
    found = units_from(read(power_manager_records.POWER_SETTING, *rows))
    assert (found.temperature, found.power, found.drift) == ("celsius", "btu/hr", NO_DRIFT)


def test_a_unit_that_is_not_known_is_named() -> None:
    rows: list[dict[str, Any]] = [
        {"Id": 1, "Value": "3"},
        {"Id": 2, "Value": None},
        {"Id": 3, "Value": "0"},
    ]
    found = units_from(read(power_manager_records.POWER_SETTING, *rows))
    assert unknown(drifted(found.drift)) == {"Settings.TEMPERATURE_DISPLAY_UNIT": ("3",)}


def test_the_newest_row_of_each_type_counts() -> None:
    rows = read(
        power_manager_records.METRIC,
        {"Type": 4, "Value": 1, "Timestamp": "2020-03-22 06:45:28.891437"},
        {"Type": 4, "Value": "2", "Timestamp": "2020-03-22 07:00:18.443143"},
        {"Type": 4, "Value": 3, "Timestamp": None},
        {"Type": 4, "Value": "N/A", "Timestamp": "2020-03-22 08:00:18.443143"},
        {"Type": 8, "Value": 20, "Timestamp": "null"},
        {"Type": 99, "Value": 20},
        {"Type": 8.5, "Value": 20},
        {"Type": "x", "Value": 20},
    )
    first, second = newest_rows(rows, UTC, 7.0)
    assert (first.type, first.value) == (4, 2)
    assert second == Row(8, 20, 7.0)


@pytest.mark.parametrize("kind", [4, 4.0, "4", "4.0"])
def test_a_row_is_known_by_the_value_of_its_type(kind: Any) -> None:
    rows = read(power_manager_records.METRIC, {"Type": kind, "Value": 100})
    assert draw_from(newest_rows(rows, UTC, 7.0), Units("celsius", "watt")) == PowerDraw(100)


@pytest.mark.parametrize("value", [-1, -1.0, "-1", "-1.0", "65535"])
@pytest.mark.parametrize("units", [Units("celsius", "watt"), Units("fahrenheit", "btu/hr")])
def test_a_row_that_says_not_available_is_no_reading(value: Any, units: Units) -> None:
    listed = ({"Type": kind, "Value": value} for kind in (4, 8, 11, 14, 17))
    rows = read(power_manager_records.METRIC, *listed)
    found = newest_rows(rows, UTC, 7.0)
    assert draw_from(found, units) is None
    assert temperatures_from(found, units) is None
    assert utilization_from(found) is None


def test_metrics_in_every_unit() -> None:
    rows = [Row(4, 1000, 0), Row(8, 77, 0), Row(11, 50, 0), Row(14, 101, 0), Row(17, 0, 0)]
    american = Units("fahrenheit", "btu/hr")
    draw, heat = draw_from(rows, american), temperatures_from(rows, american)
    assert draw
    assert draw.watts == pytest.approx(293.071)
    assert heat
    assert dict(heat.sensors) == {"inlet": pytest.approx(25)}
    assert draw_from(rows, Units("celsius", "watt")) == PowerDraw(1000)
    assert (draw_from(rows, Units()), temperatures_from(rows, Units())) == (None, None)
    assert utilization_from(rows) == Utilization((("cpu", 0.5), ("io", 0.0)))
    assert draw_from([Row(4, -1, 0)], Units("celsius", "watt")) is None
    assert temperatures_from([Row(8, 900, 0)], american) is None
    assert utilization_from([]) is None


def test_a_conversion_adds_no_digits_that_were_not_measured() -> None:
    rows = [Row(4, 100, 0), Row(8, 64.4, 0), Row(11, 14.8, 0), Row(14, 5.9, 0)]
    american = Units("fahrenheit", "btu/hr")
    assert draw_from(rows, american) == PowerDraw(29.3071)
    assert temperatures_from(rows, american) == Temperatures((("inlet", 18.0),))
    assert utilization_from(rows) == Utilization((("cpu", 0.148), ("memory", 0.059)))


# --- published answers


def test_the_published_inventory_is_read() -> None:
    answer = sample("GET_DeviceService_Devices_id_InventoryDetails.json")
    kinds = {each["InventoryType"]: each["InventoryInfo"] for each in answer["value"]}
    assert os_from(read(device_records.SYSTEM, *kinds["serverOperatingSystems"])) == (
        "DellEMC-VMware ESXi 7.0 Update 2 Build-17867351 (A04)"
    )
    memory = memory_from(read(device_records.MEMORY, *kinds["serverMemoryDevices"]))
    assert memory == Memory(480 * 1024**3)
    firmware = firmware_from(read(device_records.SOFTWARE, *kinds["deviceSoftware"]))
    assert firmware == Firmware((("bios", "2.18.1"), ("bmc", "6.10.80.00")))
    assert location_from(read(device_records.LOCATION, *kinds["deviceLocation"])) is None


def test_the_published_baselines_are_read() -> None:
    baseline = firmware_baseline(
        read(records.FIRMWARE_BASELINE, sample("GET_UpdateService_Baselines_item.json"))[0]
    )
    other = config_baseline(
        read(records.CONFIG_BASELINE, sample("GET_TemplateService_Baselines.json")["value"][0])[0]
    )
    assert dict(summaries([baseline, other]).states) == {
        "baseline_name": "noncompliant",
        "TestAccBaseline1": "unknown",
    }


def test_the_published_reports_are_read() -> None:
    inventory = Inventory((Server("11603", "MXL1234", "s"), Server("7", "JHMBX53", "t")))
    with_reports = sample("GET_UpdateService_Baselines_with_DeviceComplianceReports_item.json")
    judged = [
        firmware_judged(each)
        for each in read(records.FIRMWARE_REPORT, *with_reports[0]["DeviceComplianceReports"])
    ]
    expected = FirmwareCompliance(state=BAD, noncompliant=(("recommended", 1),))
    assert of_servers(judged, inventory) == {"11603": expected}
    reports = [
        *sample("GET_TemplateService_Baselines_id_DeviceConfigComplianceReports.json")["value"],
        *sample(
            "GET_TemplateService_Baselines_id_DeviceConfigComplianceReports_with_attributes.json"
        ),
    ]
    found = settings_of_servers(
        [config_judged(each) for each in read(records.CONFIG_REPORT, *reports)], inventory
    )
    assert {key: each.state for key, each in found.items()} == {"11603": BAD, "7": BAD}


def test_the_published_jobs_warranties_and_groups_are_read() -> None:
    (job,) = read(records.JOB, sample("GET_JobService_Jobs_id_builtin_inventory.json"))
    assert (job.job_status.id, job.last_run_status.id) == (2020, 2060)
    (warranty,) = read(records.WARRANTY, sample("GET_WarrantyService_Warranties.json")["value"][0])
    assert (warranty.device_id, unix_time(warranty.end_date, UTC)) == (6014, None)
    (group,) = read(records.GROUP, sample("GET_GroupService_Groups_item_user_static.json"))
    assert (group.name, group.type_id, group.global_status) == ("group 1", 3000, 5000)


def test_the_published_metrics_are_read() -> None:
    answer = sample("POST_MetricService_Metrics_response.json")
    decoded = power_manager_records.METRICS.decode(json.dumps(answer))
    rows = [power_manager_records.METRIC.decode(raw) for raw in decoded.value or ()]
    assert {row.type for row in rows} == {1, 2, 3}
    assert newest_rows(rows, UTC, 0.0) == ()
    (device,) = read(
        power_manager_records.MONITORED, *sample("GET_PowerService_MonitoredDevices.json")["value"]
    )
    assert (device.id, device.service_tag) == (10079, "DSFYSF2")
