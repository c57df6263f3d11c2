import asyncio
import base64
from typing import Any

import pytest

from exporter.simulators.ome.device_record import status_code
from exporter.simulators.ome.subsystems import rollups
from tests.simulators.conftest import Caller, HandClock

DEVICES = "/DeviceService/Devices"
ALERTS = "/AlertService/Alerts"
SESSIONS = "/api/SessionService/Sessions"


def login(caller: Caller, **changes: Any) -> dict[str, Any]:
    mine = caller.simulation.ome_credentials
    return {
        "UserName": mine.username,
        "Password": mine.password,
        "SessionType": "API",
        **changes,
    }


def message_id(document: Any) -> str:
    found = document["error"]["@Message.ExtendedInfo"][0]["MessageId"]
    assert isinstance(found, str)
    return found


async def pages(caller: Caller, query: str, top: int) -> list[dict[str, Any]]:
    items: list[dict[str, Any]] = []
    while True:
        _, page = await caller.ome(f"{DEVICES}?{query}&$top={top}&$skip={len(items)}")
        items += page["value"]
        if len(items) >= page["@odata.count"]:
            return items


async def test_a_login_gives_a_token_and_a_logout_ends_it(caller: Caller) -> None:
    status, body, response = await caller.raw("POST", SESSIONS, json=login(caller))
    token = {"X-Auth-Token": response.headers["X-Auth-Token"]}
    location = response.headers["Location"]

    assert status == 201
    assert location == f"{SESSIONS}('{body['Id']}')"
    assert body["Password"] is None
    assert response.headers["Content-Type"] == "application/json; odata.metadata=minimal"
    assert caller.simulation.open_sessions == 2

    assert (await caller.raw("DELETE", location, headers=token))[0] == 204
    assert (await caller.raw("GET", f"/api{DEVICES}", headers=token))[0] == 401
    assert caller.simulation.open_sessions == 1


async def test_a_session_id_may_be_percent_encoded(caller: Caller) -> None:
    _, body, _ = await caller.raw("POST", SESSIONS, json=login(caller))
    path = f"{SESSIONS}(%27{body['Id']}%27)"

    headers = {"X-Auth-Token": caller.ome_token}
    assert (await caller.raw("DELETE", path, headers=headers))[0] == 204
    assert (await caller.raw("DELETE", path, headers=headers))[0] == 404


async def test_malformed_logins_are_refused(caller: Caller) -> None:
    wrong: list[dict[str, Any]] = [
        {"json": login(caller, Password="x")},
        {"json": login(caller, UserName="x")},
        {"json": login(caller, SessionType="GUI")},
        {"json": login(caller, Extra=1)},
        {"json": {"username": "x", "password": "y"}},
        {"data": login(caller)},
        {"data": b"{", "headers": {"Content-Type": "application/json"}},
    ]
    statuses = [(await caller.raw("POST", SESSIONS, **options))[0] for options in wrong]

    assert statuses == [401, 401, 400, 400, 400, 415, 400]


async def test_a_user_has_a_hundred_sessions_and_no_more(caller: Caller) -> None:
    for _ in range(99):
        assert (await caller.raw("POST", SESSIONS, json=login(caller)))[0] == 201
    status, body, _ = await caller.raw("POST", SESSIONS, json=login(caller))

    assert caller.simulation.open_sessions == 100
    assert (status, message_id(body)) == (400, "CURS1209")


async def test_sessions_end_when_idle_or_by_order(caller: Caller, clock: HandClock) -> None:
    clock.now += 1799
    assert (await caller.ome(DEVICES))[0] == 200
    clock.now += 1799
    assert (await caller.ome(DEVICES))[0] == 200
    clock.now += 1801
    status, body = await caller.ome(DEVICES)
    assert (status, message_id(body)) == (401, "CGEN1001")

    await caller.log_in()
    caller.simulation.expire_ome_sessions()
    assert (await caller.ome(DEVICES))[0] == 401


async def test_basic_authentication_works_and_a_rotated_password_counts(caller: Caller) -> None:
    async def status(password: str) -> int:
        pair = f"{caller.simulation.ome_credentials.username}:{password}"
        header = "Basic " + base64.b64encode(pair.encode()).decode()
        return (await caller.raw("GET", f"/api{DEVICES}", headers={"Authorization": header}))[0]

    former = caller.simulation.ome_credentials.password
    assert await status(former) == 200
    caller.simulation.rotate_ome_password("new")
    assert (await status(former), await status("new")) == (401, 200)
    assert (await caller.ome(DEVICES))[0] == 200


async def test_the_default_page_has_fifty_items_and_a_next_link_without_dollars(
    caller: Caller,
) -> None:
    _, page = await caller.ome(f"{DEVICES}?$filter=Type%20eq%201000")

    assert (len(page["value"]), page["@odata.count"]) == (50, 100)
    assert page["@odata.nextLink"] == "/api/DeviceService/Devices?skip=50&top=50"


async def test_who_follows_the_next_link_loses_the_filter(caller: Caller) -> None:
    _, page = await caller.ome(f"{DEVICES}?$filter=Type%20eq%201000")
    _, following = await caller.ome(page["@odata.nextLink"].removeprefix("/api"))

    assert following["@odata.count"] == len(caller.simulation.world.ome_devices()) > 100


async def test_a_next_link_comes_even_if_top_is_satisfied(caller: Caller) -> None:
    _, page = await caller.ome(f"{DEVICES}?$top=1")

    assert len(page["value"]) == 1
    assert "@odata.nextLink" in page


async def test_ordered_pages_cover_the_servers_once(caller: Caller) -> None:
    items = await pages(caller, "$filter=Type%20eq%201000&$orderby=Identifier", 30)
    tags = [x["Identifier"] for x in items]

    assert tags == sorted(tags)
    assert len(set(tags)) == 100


async def test_pages_without_an_order_overlap(caller: Caller) -> None:
    items = await pages(caller, "$filter=Type%20eq%201000", 25)

    assert len({x["Identifier"] for x in items}) < len(items)


async def test_without_a_type_other_devices_are_listed_too(caller: Caller) -> None:
    items = await pages(caller, "$orderby=Identifier", 50)
    kinds = {x["Type"] for x in items}
    identifiers = [x["Identifier"] for x in items]

    assert kinds == {1000, 2000, 3000, 4000}
    assert identifiers == sorted(identifiers)
    module = next(x for x in items if x["Type"] == 4000)
    assert module["DeviceServiceTag"] is None
    assert module["DeviceManagement"] == []


async def test_a_top_above_the_cap_is_shortened_without_a_word(caller: Caller) -> None:
    caller.simulation.appliance.page_cap = 20
    status, page = await caller.ome(f"{DEVICES}?$top=100")

    assert (status, len(page["value"])) == (200, 20)


async def test_a_top_of_zero_only_counts(caller: Caller) -> None:
    _, page = await caller.ome(f"{DEVICES}?$count=true&$top=0&$filter=Type%20eq%202000")

    assert (page["value"], page["@odata.count"]) == ([], 2)


@pytest.mark.parametrize(
    "query",
    ["$filter=Type+eq+1000", "$filter=Type%20eq%20'1000'", "$filter=Color%20eq%201",
     "$filter=Type%20in%20(1000)", "$filter=IpAddress%20eq%20'x'", "$top=-1", "$top=x",
     "$skip=x", "$orderby=Color", "$orderby=Identifier+desc", "$orderby=Identifier%20down",
     "$select=Id", "$count=maybe", "filter=Type%20eq%201000", "limit=5", "$top=1&$top=2",
     "$top=1&top=2", "$filter=", "$filter=Type%20eq", "Id=1,x",
     "$filter=DeviceServiceTag%20eq%20X"],
)  # fmt: skip
async def test_a_device_query_that_ome_would_refuse_is_refused(caller: Caller, query: str) -> None:
    status, body = await caller.ome(f"{DEVICES}?{query}")

    assert (status, message_id(body)) == (400, "CGEN1002")


async def test_filters_that_ome_documents_work(caller: Caller) -> None:
    world = caller.simulation.world
    devices = world.ome_devices()
    one = devices[-1]
    _, by_tag = await caller.ome(f"{DEVICES}?$filter=Identifier%20eq%20'{one.identifier}'")
    _, by_ids = await caller.ome(f"{DEVICES}?Id={devices[0].id},{one.id}")
    _, sick = await caller.ome(f"{DEVICES}?%24filter=Status%20eq%204000&%24top=100")
    _, either = await caller.ome(f"{DEVICES}?$filter=Type%20eq%203000%20or%20Type%20eq%202000")

    assert [x["Id"] for x in by_tag["value"]] == [one.id]
    assert {x["Id"] for x in by_ids["value"]} == {devices[0].id, one.id}
    assert {x["Id"] for x in sick["value"]} == {d.id for d in devices if status_code(d) == 4000}
    assert {x["Type"] for x in either["value"]} == {2000, 3000}


async def test_items_have_the_quirks_of_captures(caller: Caller) -> None:
    items = await pages(caller, "$filter=Type%20eq%201000&$orderby=Identifier", 100)

    assert any(x["LastInventoryTime"] == "null" for x in items)
    assert any(x["LastInventoryTime"] is None for x in items)
    assert any(x["DeviceManagement"] == [] for x in items)
    placeholders = [
        m for x in items for m in x["DeviceManagement"] if m["NetworkAddress"] == "[::]"
    ]
    assert placeholders[0]["ManagementProfile"][0]["ManagementURL"] == "unknown"
    assert any(len(m["ManagementProfile"]) > 1 for x in items for m in x["DeviceManagement"])
    sled = next(x for x in items if x["SlotConfiguration"].get("SlotType") == "2000")
    assert sled["ChassisServiceTag"] == sled["SlotConfiguration"]["ChassisServiceTag"]
    alone = [x for x in items if "SlotType" not in x["SlotConfiguration"]]
    assert alone
    assert all(x["ChassisServiceTag"] == x["Identifier"] for x in alone)
    chassis = await pages(caller, "$filter=Type%20eq%202000", 100)
    assert {x["ChassisServiceTag"] for x in chassis} == {None}
    assert all(isinstance(value, str) for value in sled["SlotConfiguration"].values())
    assert 5 not in sled["DeviceCapabilities"]
    assert all("IpAddress" not in x and "FirmwareVersion" not in x for x in items)
    assert {x["Status"] for x in items} >= {1000, 2000, 3000, 4000, 5000}


async def test_power_readings_are_strings_and_true(caller: Caller) -> None:
    world = caller.simulation.world
    bodies = {}
    for device in world.ome_devices():
        if device.type == 1000:
            bodies[device.id] = (device, *await caller.ome(f"{DEVICES}({device.id})/Power"))
    good = [(d, body) for d, status, body in bodies.values() if status == 200]

    assert {status for _, status, _ in bodies.values()} == {200, 400, 404, 501}
    assert {body["power"] for _, body in good} > {"N/A", "-1"}
    assert {body["powerUnit"] for _, body in good} == {"watt", "Watts", "W"}
    assert any(body["minimumPower"] == "65535" for _, body in good)
    for device, body in good:
        truth = world.power(device)
        assert body["power"] in ("N/A", "-1", str(round(truth.watts)))
        assert float(body["systemEnergyConsumption"]) == pytest.approx(truth.kwh, abs=1e-3)


async def test_temperatures_and_subsystems_answer(caller: Caller) -> None:
    devices = caller.simulation.world.ome_devices()
    sick = next(d for d in devices if d.type == 1000 and d.situation.health == "CRITICAL")
    chassis = next(d for d in devices if d.type == 2000)
    storage = next(d for d in devices if d.type == 3000)
    healthy = next(d for d in devices if d.has_power and d.situation == type(d.situation)(
        changed_at=d.situation.changed_at))  # fmt: skip
    _, temperature = await caller.ome(f"{DEVICES}({healthy.id})/Temperature")
    _, subsystems = await caller.ome(f"{DEVICES}({sick.id})/SubSystemHealth")
    _, of_chassis = await caller.ome(f"{DEVICES}({chassis.id})/SubSystemHealth")

    assert 15 <= int(temperature["instantaneousTemperature"]) <= 35
    codes = {x["SubSystem"]: x["RollupStatus"] for x in subsystems["value"]}
    assert codes == {name: str(code) for name, code in rollups(sick).items()}
    faulty = [x for x in subsystems["value"] if "FaultList" in x]
    assert [x["RollupStatus"] for x in faulty] == ["4000"]
    assert isinstance(faulty[0]["FaultSummaryList"][0]["Count"], int)
    assert isinstance(of_chassis["value"][0]["FaultSummaryList"][0]["Count"], str)
    assert (await caller.ome(f"{DEVICES}({storage.id})/SubSystemHealth"))[0] == 501
    assert (await caller.ome(f"{DEVICES}({chassis.id})/Power"))[0] == 501
    assert (await caller.ome(f"{DEVICES}(99)/Power"))[0] == 404


async def test_open_alerts_match_the_health_of_the_devices(caller: Caller) -> None:
    _, page = await caller.ome(
        f"{ALERTS}?$filter=StatusType%20eq%202000%20and%20SeverityType%20eq%2016&$top=500"
    )
    devices = {d.identifier: d for d in caller.simulation.world.ome_devices()}
    critical = {d.identifier for d in devices.values() if d.situation.health == "CRITICAL"}

    assert {x["AlertDeviceIdentifier"] for x in page["value"]} == critical
    assert {x["AlertDeviceType"] for x in page["value"]} == {1000, 2000} or len(critical) < 3
    for item in page["value"]:
        assert item["AlertDeviceId"] == devices[item["AlertDeviceIdentifier"]].id


async def test_the_log_holds_acknowledged_and_normal_alerts_too(caller: Caller) -> None:
    _, page = await caller.ome(f"{ALERTS}?$top=1000&$orderby=TimeStamp%20desc")
    times = [x["TimeStamp"] for x in page["value"]]
    _, default = await caller.ome(ALERTS)

    assert page["@odata.count"] > 1000
    assert len({x["Id"] for x in page["value"]}) == 1000
    assert times == sorted(times, reverse=True)
    assert {x["SeverityType"] for x in page["value"]} == {1, 2, 4, 8, 16}
    assert {x["StatusType"] for x in page["value"]} == {1000, 2000}
    assert len(default["value"]) == 100


@pytest.mark.parametrize(
    "query",
    ["$filter=TimeStampBegin%20eq%20'2026-01-01'", "$filter=SeverityType%20eq%20'16'",
     "$filter=SeverityType+eq+16", "$filter=SeverityType%20eq%20Critical", "$orderby=Color"],
)  # fmt: skip
async def test_an_alert_query_that_ome_would_refuse_is_refused(caller: Caller, query: str) -> None:
    status, body = await caller.ome(f"{ALERTS}?{query}")

    assert (status, message_id(body)) == (400, "CGEN1002")


async def test_some_builds_do_not_order_alerts(caller: Caller) -> None:
    caller.simulation.appliance.alert_orderby = False

    assert (await caller.ome(f"{ALERTS}?$orderby=TimeStamp%20desc"))[0] == 400
    assert (await caller.ome(f"{ALERTS}?$top=1"))[0] == 200


@pytest.mark.parametrize(
    "path",
    ["/ApplicationService/Info", "/PluginService/Plugins", "/DeviceService/DeviceType",
     "/SessionService/SessionConfiguration"],
)  # fmt: skip
async def test_the_appliance_tells_about_itself(caller: Caller, path: str) -> None:
    assert (await caller.ome(path))[0] == 200
    assert (await caller.ome(f"{path}?$top=1"))[0] == 400


async def test_an_unknown_path_does_not_exist_and_needs_a_login(caller: Caller) -> None:
    status, body = await caller.ome("/DeviceService/DeviceTypes")
    assert (status, message_id(body)) == (404, "CGEN1006")
    status, body, _ = await caller.raw("GET", "/api/DeviceService/DeviceTypes")
    assert (status, message_id(body)) == (401, "CGEN1001")


async def test_a_replaced_server_has_a_new_id(caller: Caller, clock: HandClock) -> None:
    world = caller.simulation.world
    before = {d.slot: d for d in world.ome_devices()}
    clock.now += 86_400
    await caller.log_in()
    replaced = next(d for d in world.ome_devices() if d.id != before[d.slot].id)

    assert (await caller.ome(f"{DEVICES}({before[replaced.slot].id})"))[0] == 404
    assert (await caller.ome(f"{DEVICES}({replaced.id})"))[0] == 200


async def test_big_answers_are_compressed_only_for_those_who_accept_it(caller: Caller) -> None:
    headers = {"X-Auth-Token": caller.ome_token}
    path = f"/api{DEVICES}"
    _, _, packed = await caller.raw("GET", path, headers={**headers, "Accept-Encoding": "gzip"})
    _, _, plain = await caller.raw("GET", path, headers={**headers, "Accept-Encoding": "identity"})

    assert packed.headers["Content-Encoding"] == "gzip"
    assert "Content-Encoding" not in plain.headers


async def test_connections_that_idle_or_served_much_are_announced(caller: Caller) -> None:
    headers = {"X-Auth-Token": caller.ome_token}
    _, _, response = await caller.raw("GET", f"/api{DEVICES}?$top=1", headers=headers)
    assert response.headers["Keep-Alive"].startswith("timeout=5, max=")
    for _ in range(150):
        await asyncio.sleep(0)
        _, _, response = await caller.raw("GET", f"/api{DEVICES}?$top=1", headers=headers)
        if response.headers.get("Connection") == "close":
            return
    pytest.fail("the connection was never ended")
