"""Are COM's slower lists as strict and as quirky as its documents and its users say?"""

from typing import Any
from urllib.parse import quote

import pytest

from exporter.simulators import Simulation
from exporter.simulators.com.energy import ALL_SERVERS
from exporter.simulators.com.estate import Estate
from tests.simulators.conftest import START, Caller, HandClock, day

MIDNIGHT = START // 86_400 * 86_400
UTILIZATION = "/v1beta1/utilization-by-entity"
GROUPS = "/v1/groups"
JOBS = "/v1/jobs"
WARRANTY = "/v1beta2/server-warranty"
GATEWAYS = "/v1beta2/appliances"
ONEVIEW = "/v1beta1/oneview-appliances"
TENANT = "11111111-2222-3333-4444-555555555555"


DATES = f"start-date={day(MIDNIGHT - 86_400)}&end-date={day(MIDNIGHT)}"
EVERYTHING = f"resource-uri={quote(ALL_SERVERS, safe='')}"
CPU = f"{DATES}&{EVERYTHING}&metric-type=CPU_UTILIZATION"


async def listed(caller: Caller, path: str) -> dict[str, Any]:
    status, document = await caller.com(path)
    assert status == 200, document
    assert document["count"] == len(document["items"])
    assert isinstance(document, dict)
    return document


@pytest.fixture
def estate(simulation: Simulation) -> Estate:
    return Estate(simulation.world)


@pytest.mark.parametrize(
    "path",
    [
        UTILIZATION,
        f"{UTILIZATION}?{EVERYTHING}&metric-type=CPU_UTILIZATION",
        f"{UTILIZATION}?{DATES}&metric-type=CPU_UTILIZATION",
        f"{UTILIZATION}?{DATES}&{EVERYTHING}",
        f"{UTILIZATION}?{DATES}&{EVERYTHING}&metric-type=cpu",
        f"{UTILIZATION}?{CPU}&sample-size=1_DAY",
        f"{UTILIZATION}?{CPU}&sort=name",
        f"{UTILIZATION}?{CPU}&limit=1001",
        f"{UTILIZATION}?{CPU}&excluded-servers=maybe",
        f"{GROUPS}?limit=1001",
        f"{GROUPS}?select=id",
        f"{GROUPS}?sort=devices",
        f"{WARRANTY}?limit=101",
        f"{WARRANTY}?sort=deviceId",
        f"{WARRANTY}?select=deviceId",
        f"{JOBS}?limit=1001",
        f"{JOBS}?filter=nothing%20eq%201",
        f"{JOBS}?filter=state+eq+'RUNNING'",
        f"{JOBS}?select=nothing",
        f"{GATEWAYS}?offset=0",
        f"{GATEWAYS}?limit=1001",
        f"{ONEVIEW}?offset=0",
        f"{ONEVIEW}?select=id",
    ],
)
async def test_what_com_would_refuse_is_refused(caller: Caller, path: str) -> None:
    assert (await caller.com(path))[0] == 400


async def test_utilization_is_that_of_measured_servers_alone(
    caller: Caller, clock: HandClock, estate: Estate
) -> None:
    clock.now = MIDNIGHT + 4 * 3600
    document = await listed(caller, f"{UTILIZATION}?{CPU}&limit=1000")
    whole = await listed(caller, f"{UTILIZATION}?{CPU}&limit=1000&excluded-servers=true")
    servers = {each.id: each for each in estate.servers(clock.now)}

    assert document["total"] + document["excluded"] == whole["total"] == 100
    assert document["excluded"] > 0
    assert document["metricDetails"]["metricUnit"] == "Percentage"
    for item in document["items"]:
        server = servers[item["id"]]
        assert estate.is_measured(server)
        if item["status"] == "COMPLETE":
            truth = estate.utilization(server, "CPU_UTILIZATION", MIDNIGHT - 86_400)
            assert item["collected"]["average"] == pytest.approx(truth)
            assert 0 < truth <= 100


async def test_a_day_is_published_three_hours_after_midnight(
    caller: Caller, clock: HandClock
) -> None:
    clock.now = MIDNIGHT + 3 * 3600 - 1
    await caller.log_in()
    early = await listed(caller, f"{UTILIZATION}?{CPU}&limit=1000")
    clock.now += 2
    late = await listed(caller, f"{UTILIZATION}?{CPU}&limit=1000")

    assert {item["statusReason"] for item in early["items"]} == {"DATA_INSUFFICIENT"}
    assert {str(item.get("collected")) for item in early["items"]} == {"{}", "None"}
    assert "COMPLETE" in {item["status"] for item in late["items"]}


async def test_utilization_can_be_scoped_to_one_server(caller: Caller, estate: Estate) -> None:
    server = next(each for each in estate.servers(START) if estate.is_measured(each))
    base = f"{UTILIZATION}?{DATES}&metric-type=CPU_UTILIZATION&resource-uri="
    uri = "/compute-ops-mgmt/v1/servers/"

    found = await listed(caller, base + quote(uri + server.id, safe=""))
    unknown, _ = await caller.com(base + quote(uri + "P1+X", safe=""))

    assert [item["id"] for item in found["items"]] == [server.id]
    assert unknown == 400


async def test_groups_list_their_members_and_speak_in_title_case(
    caller: Caller, estate: Estate
) -> None:
    document = await listed(caller, f"{GROUPS}?limit=1000")
    truth = {each.id: each for each in estate.groups(START)}

    assert {item["id"] for item in document["items"]} == set(truth)
    words = set()
    for item in document["items"]:
        group = truth[item["id"]]
        members = [device["deviceId"] for device in item["devices"]]
        appliances = [each.device_id for each in group.appliances]
        assert members == [*(each.id for each in group.servers), *appliances]
        if "groupCompliance" in item:
            words.add(item["groupCompliance"]["firmware"]["status"])
    assert "Not Compliant" in words
    assert {item["deviceType"] for item in document["items"]} == {
        "DIRECT_CONNECT_SERVER", "OVE_APPLIANCE_VM"
    }  # fmt: skip


async def test_groups_can_be_filtered_and_sorted(caller: Caller) -> None:
    ordered = await listed(caller, f"{GROUPS}?limit=1000&sort=name%20desc")
    names = [item["name"] for item in ordered["items"]]
    found = await listed(caller, f"{GROUPS}?filter=name%20eq%20'{names[0]}'")

    assert names == sorted(names, reverse=True)
    assert [item["name"] for item in found["items"]] == names[:1]


async def test_reports_are_whole_and_true(caller: Caller, estate: Estate) -> None:
    groups = estate.groups(START)
    group = next(each for each in groups if each.has_firmware and each.has_settings)
    firmware = await listed(caller, f"{GROUPS}/{group.id}/compliance")
    settings = await listed(caller, f"/v1beta3/groups/{group.id}/ilo-settings-compliance")
    servers = {each.id: each for each in group.servers}

    of_firmware = [x for x in firmware["items"] if x["complianceCategory"] == "FIRMWARE"]
    assert {item["deviceId"] for item in of_firmware} == set(servers)
    assert len(of_firmware) < firmware["total"]
    for item in of_firmware:
        server = servers[item["deviceId"]]
        state = item["complianceState"].upper().replace(" ", "_")
        assert (state, item["score"]) == (estate.firmware(server), estate.score(server))
    assert {item["deviceId"] for item in settings["items"]} == set(servers)
    assert {item["complianceCategory"] for item in settings["items"]} == {"ILO_SETTINGS"}


async def test_a_group_that_asks_for_nothing_has_no_reports(caller: Caller, estate: Estate) -> None:
    for group in estate.groups(START):
        status, _ = await caller.com(f"{GROUPS}/{group.id}/compliance")
        assert status == (200 if group.has_firmware else 404)
        status, _ = await caller.com(f"/v1beta3/groups/{group.id}/ilo-settings-compliance")
        assert status == (200 if group.has_settings else 404)


@pytest.mark.parametrize(
    ("path", "status"), [(GROUPS, 400), (JOBS, 200), (WARRANTY, 200), (GATEWAYS, 200)]
)
async def test_groups_do_not_take_the_header_of_a_tenant(
    caller: Caller, path: str, status: int
) -> None:
    headers = {"Authorization": f"Bearer {caller.com_token}", "Tenant-Acid": TENANT}

    found, _, _ = await caller.raw("GET", f"/compute-ops-mgmt{path}", headers=headers)

    assert found == status


async def test_contracts_are_several_one_or_none(caller: Caller, estate: Estate) -> None:
    items: list[dict[str, Any]] = []
    while True:
        page = await listed(caller, f"{WARRANTY}?limit=100&offset={len(items)}")
        items += page["items"]
        if len(items) >= page["total"]:
            break
    counts = {each.id: 0 for each in estate.servers(START)}
    for item in items:
        counts[item["deviceId"]] += 1

    unknown = await listed(caller, f"{WARRANTY}?limit=100&filter=supportState%20eq%20'UNKNOWN'")

    assert unknown["items"]
    assert not any("supportEndDate" in item for item in unknown["items"])
    assert {*counts.values()} == {0, 1, 2}


async def test_jobs_move_on_and_are_kept_for_a_month(
    caller: Caller, clock: HandClock, estate: Estate
) -> None:
    seen: dict[str, set[str]] = {}
    for step in range(30):
        for job in list(estate.jobs(clock.now + 600 * step))[:100]:
            seen.setdefault(job.id, set()).add(job.state)
    total = (await listed(caller, f"{JOBS}?limit=1"))["total"]

    states = {state for each in seen.values() for state in each}
    assert states == {"PENDING", "APPROVAL_PENDING", "RUNNING", "STALLED", "ERROR", "COMPLETE"}
    assert any({"RUNNING", "COMPLETE"} <= each for each in seen.values())
    assert total == 30 * 96


async def test_jobs_can_be_filtered_in_either_case_sorted_and_selected(caller: Caller) -> None:
    small = quote("state in ('running','pending')", safe="")
    large = quote("state in ('RUNNING','PENDING')", safe="")
    one = await listed(caller, f"{JOBS}?limit=1000&filter={small}")
    other = await listed(caller, f"{JOBS}?limit=1000&filter={large}&select=id,state")
    newest = await listed(caller, f"{JOBS}?limit=5&sort=updatedAt%20desc")

    assert [item["id"] for item in one["items"]] == [item["id"] for item in other["items"]]
    assert all(set(item) == {"id", "state"} for item in other["items"])
    times = [item["updatedAt"] for item in newest["items"]]
    assert times == sorted(times, reverse=True)


async def test_appliances_have_their_own_spellings(caller: Caller) -> None:
    gateways = await listed(caller, f"{GATEWAYS}?limit=1000")
    oneviews = await listed(caller, f"{ONEVIEW}?limit=1000")

    assert {item["state"] for item in gateways["items"]} <= {
        "CONNECTED", "DISCONNECTED", "NOT_ACTIVATED"
    }  # fmt: skip
    assert "not activated" in {item["state"] for item in oneviews["items"]}


async def test_appliances_that_other_records_name_are_in_the_lists(caller: Caller) -> None:
    servers = await listed(caller, "/v1/servers?limit=100&select=id,appliance")
    groups = await listed(caller, f"{GROUPS}?limit=1000")
    alerts = await listed(caller, "/v1/alerts?limit=1000&filter=clearedAt%20eq%20null")
    gateways = await listed(caller, f"{GATEWAYS}?limit=1000")
    oneviews = await listed(caller, f"{ONEVIEW}?limit=1000")

    through = [each["appliance"] for each in servers["items"] if each.get("appliance")]
    members = {device["deviceId"] for each in groups["items"] for device in each["devices"]}
    alerting = {each["device"]["id"] for each in alerts["items"] if "serverId" not in each}
    known = {each["deviceId"] for each in gateways["items"]}
    known |= {each["device-id"] for each in oneviews["items"]}
    assert {each["applianceUri"].rpartition("/")[2] for each in through} <= known
    assert {each["applianceUri"].rpartition("+")[2] for each in through} == {
        each["applianceId"] for each in through
    }
    assert {kind.partition("+")[0] for kind in known} == {"gateway", "oneview"}
    assert alerting <= known
    assert {each for each in members if each.startswith("oneview+")} <= known
    assert min(map(len, (through, alerting, members & known))) > 0


async def test_a_new_server_is_in_the_lists_at_once(caller: Caller, estate: Estate) -> None:
    before = {each.serial for each in estate.servers(START)}
    serial = caller.simulation.world.add("com")

    assert {each.serial for each in estate.servers(START)} - before == {serial}
