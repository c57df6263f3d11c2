"""Are the answers shaped like those that were captured from real systems?"""

import json
from pathlib import Path
from typing import Any

import pytest

from tests.simulators.conftest import Caller

SAMPLES = Path(__file__).parents[3] / "shared" / "samples"
pytestmark = pytest.mark.skipif(not SAMPLES.is_dir(), reason="no captures here")

NEW_IN_V1 = {
    "connectionType", "maintenanceMode", "managedBy", "deviceClaimType", "appliance", "oneview",
    "lastFullInventoryCollectionAt", "lastFullInventoryCollectionPowerState",
    "lastServerLogCollectionAt",
}  # fmt: skip


def sample(name: str) -> Any:
    return json.loads((SAMPLES / name).read_text())


def kinds(value: Any) -> Any:
    return type(value).__name__


async def devices(caller: Caller) -> list[dict[str, Any]]:
    _, page = await caller.ome("/DeviceService/Devices?$orderby=Identifier&$top=1000")
    items = page["value"]
    assert isinstance(items, list)
    return items


async def test_a_subscribed_server_has_the_captured_keys(caller: Caller) -> None:
    captured = sample("com/servers_v1beta2_list_DL325Gen10Plus_OK.repaired.json")["items"][0]
    _, page = await caller.com("/v1/servers?limit=100")
    item = next(x for x in page["items"] if (x.get("hardware") or {}).get("bmc") and x["host"])

    assert set(item) - set(captured) == NEW_IN_V1
    assert set(captured) <= set(item)
    for part in ("hardware", "state", "host"):
        assert set(captured[part]) <= set(item[part])
    assert set(captured["hardware"]["health"]) <= set(item["hardware"]["health"])
    assert set(captured["hardware"]["bmc"]) <= set(item["hardware"]["bmc"])


async def test_an_unsubscribed_server_has_exactly_the_captured_keys(caller: Caller) -> None:
    captured = sample("com/servers_v1beta2_list_unsubscribed.json")["items"][0]
    _, page = await caller.com("/v1/servers?limit=100")
    item = next(x for x in page["items"] if x["state"]["subscriptionState"] == "REQUIRED")

    assert set(item) == set(captured)
    assert set(captured["state"]) <= set(item["state"])


async def test_devices_have_exactly_the_captured_keys_and_types(caller: Caller) -> None:
    captured = sample("ome/GET_DeviceService_Devices.json")["value"][1]
    servers = [x for x in await devices(caller) if x["Type"] == 1000 and x["DeviceManagement"]]
    may_differ = {"AssetTag", "ChassisServiceTag", "LastInventoryTime", "DeviceServiceTag"}

    for item in servers:
        assert set(item) == set(captured)
        for key in set(captured) - may_differ:
            assert kinds(item[key]) == kinds(captured[key]), key
    management = servers[0]["DeviceManagement"][-1]
    assert set(management) == set(captured["DeviceManagement"][0])
    profile = captured["DeviceManagement"][0]["ManagementProfile"][0]
    assert set(management["ManagementProfile"][0]) == set(profile)


async def test_alerts_have_exactly_the_captured_keys_and_types(caller: Caller) -> None:
    captured = sample("ome/GET_AlertService_Alerts.json")["value"][0]
    _, page = await caller.ome("/AlertService/Alerts?$top=10")

    for item in page["value"]:
        assert {k: kinds(v) for k, v in item.items()} == {k: kinds(v) for k, v in captured.items()}


@pytest.mark.parametrize("what", ["Power", "Temperature"])
async def test_readings_have_the_captured_keys_as_strings(caller: Caller, what: str) -> None:
    captured = sample(f"ome/GET_DeviceService_Devices_id_{what}.json")
    device = next(d for d in caller.simulation.world.ome_devices() if d.has_power and d.index % 3)
    _, body = await caller.ome(f"/DeviceService/Devices({device.id})/{what}")

    assert set(captured) <= set(body)
    assert {kinds(value) for value in body.values()} == {"str"}


async def test_a_faulty_subsystem_has_the_captured_keys(caller: Caller) -> None:
    for kind, code in (("server", 1000), ("chassis", 2000)):
        captured = sample(f"ome/GET_DeviceService_Devices_id_SubSystemHealth_{kind}.json")
        theirs = next(x for x in captured["value"] if "FaultList" in x)
        sick = next(
            d
            for d in caller.simulation.world.ome_devices()
            if d.type == code and d.situation.health in ("CRITICAL", "WARNING")
        )
        _, body = await caller.ome(f"/DeviceService/Devices({sick.id})/SubSystemHealth")
        ours = next(x for x in body["value"] if "FaultList" in x)

        assert set(ours) == set(theirs)
        assert set(ours["FaultList"][0]) == set(theirs["FaultList"][0])
        assert kinds(ours["FaultSummaryList"][0]["Count"]) == kinds(
            theirs["FaultSummaryList"][0]["Count"]
        )


async def test_errors_and_logins_are_those_captured(caller: Caller) -> None:
    status, body, _ = await caller.raw("GET", "/api/DeviceService/Devices")
    assert (status, body) == (401, sample("ome/ERROR_401_CGEN1001.json"))

    caller.simulation.sessions.max_sessions = 1
    user = caller.simulation.ome_credentials
    login = {"UserName": user.username, "Password": user.password, "SessionType": "API"}
    path = "/api/SessionService/Sessions"
    _, body, _ = await caller.raw("POST", path, json=login)
    assert body == sample("ome/ERROR_CURS1209_session_limit.json")

    caller.simulation.sessions.max_sessions = 100
    _, body, _ = await caller.raw("POST", path, json=login)
    assert set(body) == set(sample("ome/POST_SessionService_Sessions_response_2023.json"))


async def test_the_session_configuration_is_the_captured_one(caller: Caller) -> None:
    _, body = await caller.ome("/SessionService/SessionConfiguration")

    assert body == sample("ome/GET_SessionService_SessionConfiguration.json")
