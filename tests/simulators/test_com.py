import re
from typing import Any
from urllib.parse import quote

import aiohttp
import pytest

from exporter.simulators import Simulation
from tests.simulators.conftest import Caller, HandClock

SERVERS = "/v1/servers"
ALERTS = "/v1/alerts"


def token_path(simulation: Simulation) -> str:
    return f"/authorization/v2/oauth2/{simulation.com_credentials.workspace_id}/token"


def form(simulation: Simulation, **changes: str) -> dict[str, str]:
    mine = simulation.com_credentials
    return {
        "grant_type": "client_credentials",
        "client_id": mine.client_id,
        "client_secret": mine.client_secret,
        **changes,
    }


def is_problem(document: Any, status: int) -> bool:
    required = {"httpStatusCode", "errorCode", "message", "debugId"}
    return required <= set(document) and document["httpStatusCode"] == status


async def everything(caller: Caller, path: str, limit: int) -> list[dict[str, Any]]:
    items: list[dict[str, Any]] = []
    while True:
        joint = "&" if "?" in path else "?"
        _, page = await caller.com(f"{path}{joint}limit={limit}&offset={len(items)}")
        items += page["items"]
        if len(items) >= page["total"]:
            return items


@pytest.mark.parametrize(("path", "seconds"), [("/as/token.oauth2", 7199), (None, 900)])
async def test_both_endpoints_give_tokens_for_body_and_basic_credentials(
    caller: Caller, path: str | None, seconds: int
) -> None:
    simulation = caller.simulation
    path = path or token_path(simulation)
    mine = simulation.com_credentials
    basic = aiohttp.encode_basic_auth(mine.client_id, mine.client_secret)

    status, body, _ = await caller.raw("POST", path, data=form(simulation))
    also, _, _ = await caller.raw(
        "POST", path, data={"grant_type": "client_credentials"}, headers={"Authorization": basic}
    )

    assert (status, also, body["expires_in"]) == (200, 200, seconds)
    assert body["access_token"].count(".") == 2


async def test_wrong_credentials_are_an_invalid_client(caller: Caller) -> None:
    for wrong in ({"client_secret": "x"}, {"client_id": "x"}):
        status, body, _ = await caller.raw(
            "POST", token_path(caller.simulation), data=form(caller.simulation, **wrong)
        )
        assert (status, body["error"]) == (401, "invalid_client")


async def test_malformed_token_requests_are_refused(caller: Caller) -> None:
    simulation = caller.simulation
    path, right = token_path(simulation), form(simulation)
    as_json = await caller.raw("POST", path, json=right)
    in_query = await caller.raw("POST", f"{path}?client_id=x", data=right)
    grant = await caller.raw("POST", path, data={**right, "grant_type": "password"})
    both = await caller.raw(
        "POST", path, data=right, headers={"Authorization": aiohttp.encode_basic_auth("a", "b")}
    )
    got = await caller.raw("GET", path)

    assert [each[0] for each in (as_json, in_query, grant, both, got)] == [400, 400, 400, 400, 405]


async def test_the_workspace_is_written_in_hexadecimal_without_hyphens(caller: Caller) -> None:
    simulation = caller.simulation
    workspace = simulation.com_credentials.workspace_id
    hyphened = "-".join((workspace[:8], workspace[8:12], workspace[12:]))
    refused, _, _ = await caller.raw(
        "POST", f"/authorization/v2/oauth2/{hyphened}/token", data=form(simulation)
    )
    foreign, _, _ = await caller.raw(
        "POST", f"/authorization/v2/oauth2/{'a' * 32}/token", data=form(simulation)
    )

    assert (refused, foreign) == (400, 401)


async def test_a_token_counts_only_in_the_authorization_header(caller: Caller) -> None:
    path = "/compute-ops-mgmt/v1/servers"
    missing, body, _ = await caller.raw("GET", path)
    query, _, _ = await caller.raw("GET", f"{path}?access_token={caller.com_token}")
    other, _, _ = await caller.raw("GET", path, headers={"X-Auth-Token": caller.com_token})

    assert (missing, query, other) == (401, 401, 401)
    assert is_problem(body, 401)


async def test_tokens_expire_by_time_and_by_order(caller: Caller, clock: HandClock) -> None:
    clock.now += 899
    assert (await caller.com(SERVERS))[0] == 200
    clock.now += 2
    assert (await caller.com(SERVERS))[0] == 401

    caller.simulation.com_token_lifetime = 10
    await caller.log_in()
    caller.simulation.expire_com_tokens()
    assert (await caller.com(SERVERS))[0] == 401


async def test_a_rotated_secret_replaces_the_former_one(caller: Caller) -> None:
    former = form(caller.simulation)
    caller.simulation.rotate_com_secret("new")
    path = token_path(caller.simulation)

    assert (await caller.raw("POST", path, data=former))[0] == 401
    assert (await caller.raw("POST", path, data=form(caller.simulation)))[0] == 200
    assert (await caller.com(SERVERS))[0] == 200


def test_secrets_do_not_show_in_a_repr(simulation: Simulation) -> None:
    shown = repr(simulation.com_credentials) + repr(simulation.ome_credentials)

    assert simulation.com_credentials.client_secret not in shown
    assert simulation.ome_credentials.password not in shown


@pytest.mark.parametrize(
    "query",
    ["limit=101", "limit=-1", "limit=x", "offset=-1", "sort=name", "select=nothing",
     "select=id,,name", "select=id,%20name", "cursor=1", "limit=1&limit=2", "filter=",
     "filter=name", "filter=state/connected+eq+true", "filter=unknown%20eq%201",
     "filter=tags%20eq%20null", "filter=hardware/memoryMb%20eq%20'1'", "$top=5",
     "filter=id%20eq%20%22x%22", "select=hardware/health/nothing"],
)  # fmt: skip
async def test_a_servers_query_that_com_would_refuse_is_refused(caller: Caller, query: str) -> None:
    status, body = await caller.com(f"{SERVERS}?{query}")

    assert status == 400
    assert is_problem(body, 400)


async def test_pages_cover_the_fleet_once_and_are_not_sorted(caller: Caller) -> None:
    ids = [item["id"] for item in await everything(caller, SERVERS, 37)]

    assert set(ids) == {s.id for s in caller.simulation.world.com_servers()}
    assert len(ids) == 100
    assert ids != sorted(ids)


async def test_a_limit_of_zero_only_counts(caller: Caller) -> None:
    _, page = await caller.com(f"{SERVERS}?limit=0")

    assert (page["count"], page["total"], page["items"]) == (0, 100, [])


async def test_the_order_changes_when_the_fleet_changes(caller: Caller) -> None:
    before = (await caller.com(f"{SERVERS}?limit=100&select=id"))[1]["items"]
    same = (await caller.com(f"{SERVERS}?limit=100&select=id"))[1]["items"]
    caller.simulation.world.add("com")
    after = (await caller.com(f"{SERVERS}?limit=100&select=id"))[1]["items"]

    assert before == same
    assert [x["id"] for x in before] != [x["id"] for x in after]


async def test_select_leaves_only_what_was_asked_for(caller: Caller) -> None:
    _, page = await caller.com(f"{SERVERS}?limit=100&select=id,hardware/health,state/connected")

    assert {"offset", "count", "total", "items"} == set(page)
    assert all({"id", "state"} <= set(x) <= {"id", "state", "hardware"} for x in page["items"])
    whole = next(x for x in page["items"] if x.get("hardware"))
    assert set(whole["hardware"]) == {"health"}
    assert set(whole["state"]) == {"connected"}


async def test_subscriptions_decide_which_keys_there_are(caller: Caller) -> None:
    items = {x["state"]["subscriptionState"]: x for x in await everything(caller, SERVERS, 100)}
    servers = await everything(caller, SERVERS, 100)
    required, expired = items["REQUIRED"], items["EXPIRED"]

    assert not {"hardware", "host", "firmwareInventory", "tags"} & set(required)
    assert not {"health", "powerState", "bmc", "memoryMb"} & set(expired["hardware"])
    assert any(x.get("hardware", {}).get("health", 1) for x in servers)


async def test_the_quirks_of_real_data_are_there(caller: Caller) -> None:
    items = [x for x in await everything(caller, SERVERS, 100) if "host" in x]

    assert any(x["host"] and x["host"]["osName"] == "None" for x in items)
    assert any(x["host"] is None for x in items)
    assert any(x["processorVendor"].endswith("  ") for x in items)
    assert any(x["tags"] == {} for x in items)
    assert any(x["tags"] is None for x in items)
    assert any(x["hardware"]["memoryMb"] is None for x in items)
    assert any(x["hardware"]["bmc"] is None for x in items)
    assert any(x["hardware"]["health"] is None for x in items)
    assert {x["state"]["subscriptionTier"] for x in items} >= {"STANDARD", "Standard"}
    assert all(re.search(r"\.\d{6}\+00:00$", x["createdAt"]) for x in items)
    updates = [x["lastFirmwareUpdate"] for x in items]
    assert None in updates
    assert any(x and x["attemptedAt"].endswith("Z") for x in updates)
    bundles = [x["firmwareBundleUri"] for x in items if x["firmwareBundleUri"]]
    assert all(each.startswith("/v1/firmware-bundles/") for each in bundles)


async def test_a_filter_selects_servers(caller: Caller) -> None:
    world = caller.simulation.world
    wanted = {s.id for s in world.com_servers()
              if not s.situation.connected or s.subscription == "REQUIRED"}  # fmt: skip
    _, page = await caller.com(f"{SERVERS}?limit=100&filter=state/connected%20eq%20false")
    assert {x["id"] for x in page["items"]} == wanted

    one = world.com_servers()[0]
    by_name = quote(f"name eq '{one.serial}'")
    _, page = await caller.com(f"{SERVERS}?filter={by_name}")
    assert [x["id"] for x in page["items"]] == [one.id]


async def test_a_plus_in_an_id_has_to_be_escaped_in_a_filter(caller: Caller) -> None:
    server = caller.simulation.world.com_servers()[0]
    raw = f"id%20eq%20'{server.id}'"
    _, unescaped = await caller.com(f"{SERVERS}?filter={raw}")
    _, escaped = await caller.com(f"{SERVERS}?filter={raw.replace('+', '%2B')}")

    assert (unescaped["total"], escaped["total"]) == (0, 1)


async def test_one_server_is_found_by_its_id(caller: Caller) -> None:
    server = caller.simulation.world.com_servers()[0]
    for path in (server.id, server.id.replace("+", "%2B")):
        status, item = await caller.com(f"{SERVERS}/{path}")
        assert (status, item["id"]) == (200, server.id)
    status, body = await caller.com(f"{SERVERS}/P00000-B21+{server.serial}")
    assert status == 404
    assert is_problem(body, 404)


@pytest.mark.parametrize("path", ["/v1/server", "/v1beta9/servers", "/", "/v1/groups/x/y"])
async def test_an_unknown_path_is_not_found(caller: Caller, path: str) -> None:
    status, body = await caller.com(path)

    assert (status, body["errorCode"]) == (404, "HPE_GL_ERROR_NOT_FOUND")


async def test_headers_are_checked(caller: Caller) -> None:
    token = {"Authorization": f"Bearer {caller.com_token}"}
    path = "/compute-ops-mgmt/v1/servers"
    accept, _, _ = await caller.raw("GET", path, headers={**token, "Accept": "text/html"})
    tenant, _, _ = await caller.raw("GET", path, headers={**token, "Tenant-Acid": "me"})

    assert (accept, tenant) == (406, 400)


async def test_open_alerts_match_the_health_of_the_servers(caller: Caller) -> None:
    items = await everything(caller, f"{ALERTS}?filter=clearedAt%20eq%20null", 1000)
    servers = {s.id: s for s in caller.simulation.world.com_servers()}
    critical = {s.id for s in servers.values() if s.situation.health == "CRITICAL"}
    alerted = {x["device"]["id"] for x in items if x["severity"].upper() == "CRITICAL"}

    assert alerted == critical
    assert all(x["clearedAt"] is None and x["cleared"] is False for x in items)
    assert any(x["device"]["id"] not in servers for x in items)


async def test_alerts_without_a_filter_include_cleared_ones(caller: Caller) -> None:
    _, page = await caller.com(f"{ALERTS}?limit=1000")
    _, later = await caller.com(f"{ALERTS}?limit=1000&offset=1000&select=id,cleared,severity")

    assert page["total"] > 2000
    assert {x["severity"] for x in page["items"]} >= {"CRITICAL", "Critical", "WARNING", "Warning"}
    ids = {x["id"] for x in page["items"]} | {x["id"] for x in later["items"]}
    assert len(ids) == 2000
    assert all(x["cleared"] and set(x) == {"id", "cleared", "severity"} for x in later["items"])


async def test_alerts_are_sorted_and_compared_without_case(caller: Caller) -> None:
    query = "limit=50&sort=createdAt%20desc&filter=severity%20eq%20'CRITICAL'"
    _, page = await caller.com(f"{ALERTS}?{query}")
    created = [x["createdAt"] for x in page["items"]]

    assert created == sorted(created, reverse=True)
    assert {x["severity"].upper() for x in page["items"]} == {"CRITICAL"}


@pytest.mark.parametrize(
    "query",
    ["limit=1001", "filter=cleared%20eq%20false", "sort=message", "sort=createdAt%20up",
     "select=hardware", "top=1", "filter=clearedAt+eq+null"],
)  # fmt: skip
async def test_an_alerts_query_that_com_would_refuse_is_refused(caller: Caller, query: str) -> None:
    assert (await caller.com(f"{ALERTS}?{query}"))[0] == 400


async def test_without_the_fleet_list_the_servers_lists_say_the_same(caller: Caller) -> None:
    fleet = await everything(caller, f"{ALERTS}?filter=clearedAt%20eq%20null", 1000)
    caller.simulation.com_fleet_alerts = False
    status, _ = await caller.com(ALERTS)
    alert = next(x for x in fleet if "serverId" in x)
    _, page = await caller.com(
        f"{SERVERS}/{alert['serverId']}/alerts?filter=clearedAt%20eq%20null&limit=1000"
    )

    assert status == 404
    assert page["items"] == [alert]


async def test_alerts_set_by_hand_are_listed(caller: Caller) -> None:
    world = caller.simulation.world
    server = next(s for s in world.com_servers() if s.situation.health == "OK" and s.has_energy)
    wanted = quote(f"device/id eq '{server.id}' and clearedAt eq null", safe="")

    world.override(server.serial, alerts=["CRITICAL", {"severity": "OK", "component": "fans"}])
    _, page = await caller.com(f"{ALERTS}?filter={wanted}")
    assert sorted(x["severity"].upper() for x in page["items"]) == ["CRITICAL", "OK"]

    world.override(server.serial, component={"memory": "WARNING"})
    _, page = await caller.com(f"{ALERTS}?filter={wanted}")
    assert [x["category"] for x in page["items"]] == ["memory"]

    world.override(server.serial, alerts=[])
    _, page = await caller.com(f"{ALERTS}?filter={wanted}")
    assert page["items"] == []
