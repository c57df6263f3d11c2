"""Is OME's simulator as strict, and as odd, about its other resources as the appliance is?"""

from typing import Any

import pytest

from exporter.simulators.machines import SERVER
from exporter.simulators.ome.inventory import memory_mib
from exporter.simulators.ome.power_manager import ID
from tests.simulators.conftest import Caller, HandClock
from tests.simulators.test_ome import message_id

GROUPS = "/GroupService/Groups"
METRICS = "/api/MetricService/Metrics"


def servers(caller: Caller) -> list[Any]:
    return [each for each in caller.simulation.world.ome_devices() if each.type == SERVER]


async def ask(caller: Caller, **changes: Any) -> tuple[int, Any]:
    question = {
        "PluginId": ID,
        "EntityType": 0,
        "EntityId": 1,
        "MetricTypes": [4],
        "Duration": 0,
        "SortOrder": 0,
        **changes,
    }
    headers = {"X-Auth-Token": caller.ome_token}
    status, body, _ = await caller.raw("POST", METRICS, json=question, headers=headers)
    return status, body


@pytest.mark.parametrize(
    ("path", "size"),
    [
        ("/WarrantyService/Warranties", 100),
        ("/JobService/Jobs", 50),
        ("/PowerService/MonitoredDevices", 50),
        ("/UpdateService/Baselines(239)/DeviceComplianceReports", 20),
        ("/TemplateService/Baselines(162)/DeviceConfigComplianceReports", 20),
        (f"{GROUPS}(1031)/Devices", 50),
    ],
)
async def test_every_list_has_its_own_page_and_a_next_link(
    caller: Caller, path: str, size: int
) -> None:
    status, page = await caller.ome(path)
    assert (status, len(page["value"])) == (200, size)
    assert page["@odata.count"] > size
    assert page["@odata.nextLink"] == f"/api{path}?skip={size}&top={size}"
    _, following = await caller.ome(f"{path}?$skip={page['@odata.count'] - 1}&$top=500")
    assert len(following["value"]) == 1
    assert "@odata.nextLink" not in following
    assert following["value"][0] not in page["value"]


@pytest.mark.parametrize(
    "path",
    [
        "/JobService/Jobs?$orderby=Id",
        "/JobService/Jobs?$filter=Nothing%20eq%201",
        "/WarrantyService/Warranties?$filter=EndDate%20gt%202020-01-01T00:00:00Z",
        f"{GROUPS}?$select=Id",
        "/PowerService/Settings?$top=1",
    ],
)
async def test_queries_that_are_not_understood_are_refused(caller: Caller, path: str) -> None:
    status, body = await caller.ome(path)
    assert (status, message_id(body)) == (400, "CGEN1002")


async def test_jobs_can_be_filtered_by_what_stands_inside_a_field(caller: Caller) -> None:
    _, page = await caller.ome("/JobService/Jobs?$filter=LastRunStatus/Id%20eq%202070&$top=500")
    codes = caller.simulation.ome.jobs.codes()
    assert page["@odata.count"] == sum(last == 2070 for _, last in codes) > 0
    assert {each["LastRunStatus"]["Name"] for each in page["value"]} == {"Failed"}


@pytest.mark.parametrize(
    "path", [f"{GROUPS}(7)/Devices", "/UpdateService/Baselines(7)/DeviceComplianceReports"]
)
async def test_what_does_not_exist_is_not_found(caller: Caller, path: str) -> None:
    status, body = await caller.ome(path)
    assert (status, message_id(body)) == (404, "CGEN1006")


async def test_groups_have_members_and_an_empty_one_has_no_status(caller: Caller) -> None:
    _, page = await caller.ome(GROUPS)
    by_name = {each["Name"]: each for each in page["value"]}
    assert by_name["Empty"]["GlobalStatus"] == 5000
    assert {each["TypeId"] for each in page["value"]} == {1000, 2000, 3000, 4000}
    number = by_name["All Devices"]["Id"]
    _, members = await caller.ome(f"{GROUPS}({number})/Devices?$top=1000")
    assert members["@odata.count"] == len(caller.simulation.world.ome_devices())


async def test_single_types_of_inventory_have_no_value_and_apply_or_not(caller: Caller) -> None:
    device = next(each for each in servers(caller) if memory_mib(each))
    path = f"/DeviceService/Devices({device.id})/InventoryDetails"
    _, body = await caller.ome(f"{path}('serverMemoryDevices')")
    assert "value" not in body
    assert sum(each["Size"] for each in body["InventoryInfo"]) == memory_mib(device)
    for kind in ("chassisFansList", "nonsense"):
        status, refusal = await caller.ome(f"{path}('{kind}')")
        assert (status, message_id(refusal)) == (400, "CGEN1002")
    other = next(d for d in caller.simulation.world.ome_devices() if d.type != SERVER)
    path = f"/DeviceService/Devices({other.id})/InventoryDetails"
    assert (await caller.ome(f"{path}('serverMemoryDevices')"))[0] == 400
    assert (await caller.ome(f"{path}('deviceLocation')"))[0] == 200


async def test_metrics_are_repeated_until_they_are_gathered_again(
    caller: Caller, clock: HandClock
) -> None:
    clock.now -= clock.now % 900 - 10
    device = next(d for d in servers(caller) if caller.simulation.ome.power_manager.truth(d))
    status, first = await ask(caller, EntityId=device.id, MetricTypes=[4, 8])
    assert status == 201
    assert [row["Type"] for row in first["Value"]] == [4, 8, 4, 8]
    clock.now += 800
    assert (await ask(caller, EntityId=device.id, MetricTypes=[4, 8]))[1] == first
    clock.now += 200
    _, later = await ask(caller, EntityId=device.id, MetricTypes=[4, 8])
    assert later["Value"][2:] == first["Value"][:2]
    _, ascending = await ask(caller, EntityId=device.id, MetricTypes=[4, 8], SortOrder=1)
    assert ascending["Value"] == later["Value"][::-1]


async def test_metrics_of_what_is_not_monitored_are_empty(caller: Caller) -> None:
    _, page = await caller.ome("/PowerService/MonitoredDevices?$top=1000")
    monitored = {each["Id"] for each in page["value"]}
    device = next(each for each in servers(caller) if each.id not in monitored)
    assert await ask(caller, EntityId=device.id) == (201, {"EntityId": device.id, "Value": []})


@pytest.mark.parametrize(
    "wrong",
    [
        {"PluginId": "x"},
        {"EntityType": 7},
        {"EntityId": "1"},
        {"MetricTypes": []},
        {"MetricTypes": [19]},
        {"Duration": 10},
        {"SortOrder": 2},
        {"Extra": 1},
    ],
)
async def test_malformed_questions_are_refused(caller: Caller, wrong: dict[str, Any]) -> None:
    status, body = await ask(caller, **wrong)
    assert (status, message_id(body)) == (400, "CGEN1002")


async def test_without_the_plugin_its_paths_do_not_exist(caller: Caller) -> None:
    _, body = await caller.ome("/PluginService/Plugins")
    assert body["value"][0]["Installed"] is True
    caller.simulation.appliance.power_manager = False
    _, body = await caller.ome("/PluginService/Plugins")
    assert body["value"][0]["Installed"] is body["value"][0]["Enabled"] is False
    for path in ("/PowerService/Settings", "/PowerService/MonitoredDevices"):
        assert (await caller.ome(path))[0] == 404
    assert (await ask(caller))[0] == 404


async def test_metrics_need_a_session(caller: Caller) -> None:
    caller.simulation.expire_ome_sessions()
    status, body = await ask(caller)
    assert (status, message_id(body)) == (401, "CGEN1001")
