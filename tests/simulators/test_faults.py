import asyncio
import json
from typing import Any

import aiohttp
import pytest

from exporter.simulators import Faults
from exporter.simulators.faults import KINDS
from exporter.simulators.spoilt_answers import INSTEAD, SENDING
from exporter.simulators.spoilt_documents import DOCUMENT_FAULTS
from exporter.simulators.spoilt_order import ORDER_FAULTS
from tests.simulators.conftest import Caller, add

SERVERS = "/v1/servers?limit=20"
DEVICES = "/DeviceService/Devices?$orderby=Identifier&$top=20"


def test_every_kind_is_carried_out_somewhere() -> None:
    assert set(KINDS) == set(INSTEAD) | set(SENDING) | set(DOCUMENT_FAULTS) | ORDER_FAULTS


@pytest.mark.parametrize(
    "order",
    [{"kind": "rudeness"}, {"kind": "delay", "minutes": 1}, {"kind": "html", "vendor": "ibm"},
     {"kind": "html", "path": "("}, {"kind": "refuse_parameter"}],
)  # fmt: skip
def test_an_order_that_makes_no_sense_is_refused(order: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=r"kind|option|vendor|expression"):
        Faults().add(**order)


async def test_a_fault_hits_only_what_it_is_for_and_as_often_as_ordered(caller: Caller) -> None:
    handle = caller.simulation.faults.add(
        vendor="com", path="servers", kind="status", code=503, times=2
    )

    assert (await caller.ome(DEVICES))[0] == 200
    assert [(await caller.com(SERVERS))[0] for _ in range(3)] == [503, 503, 200]
    assert handle.hits == 2


async def test_an_answer_can_have_further_headers(caller: Caller) -> None:
    add(caller, "headers", headers={"Deprecation": "true"}, times=1)
    path, token = f"/compute-ops-mgmt{SERVERS}", {"Authorization": f"Bearer {caller.com_token}"}

    announced, usual = [await caller.raw("GET", path, headers=token) for _ in range(2)]

    assert announced[2].headers["Deprecation"] == "true"
    assert "Deprecation" not in usual[2].headers
    assert announced[:2] == usual[:2]


async def test_a_fault_can_be_taken_back(caller: Caller) -> None:
    handle = caller.simulation.faults.add(kind="status", query="limit=20")
    assert (await caller.com(SERVERS))[0] == 500
    assert (await caller.com("/v1/servers?limit=5"))[0] == 200
    handle.remove()
    handle.remove()
    assert (await caller.com(SERVERS))[0] == 200

    add(caller, "html")
    caller.simulation.faults.clear()
    assert (await caller.com(SERVERS))[0] == 200


async def test_throttling_speaks_the_vendors_words(caller: Caller) -> None:
    add(caller, "status", code=429, retry_after=7)
    token = {"Authorization": f"Bearer {caller.com_token}"}
    _, com, response = await caller.raw("GET", "/compute-ops-mgmt/v1/servers", headers=token)
    status, ome = await caller.ome(DEVICES)

    assert response.headers["ratelimit-reset"] == response.headers["Retry-After"] == "7"
    assert response.headers["ratelimit-remaining"] == "0"
    assert com["errorDetails"] == [{"type": "hpe.greenlake.retry_info", "retryAfterSeconds": 7}]
    assert status == 429
    assert ome["error"]["code"] == "Base.1.0.GeneralError"


async def test_a_status_can_have_any_body_and_headers(caller: Caller) -> None:
    add(caller, "status", code=502, body="<h1>Bad gateway</h1>", headers={"Retry-After": "x"})
    status, body = await caller.ome(DEVICES)
    assert (status, body) == (502, b"<h1>Bad gateway</h1>")

    caller.simulation.faults.clear()
    add(caller, "status", code=401, body={"message": "no"})
    assert await caller.com(SERVERS) == (401, {"message": "no"})


@pytest.mark.parametrize("kind", ["reset", "close_midway"])
async def test_connections_break(caller: Caller, kind: str) -> None:
    add(caller, kind)
    with pytest.raises(aiohttp.ClientError):
        await caller.ome(DEVICES)


@pytest.mark.parametrize("kind", ["stall_body", "slow_drip"])
async def test_bodies_come_too_slowly(caller: Caller, kind: str) -> None:
    add(caller, kind)
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.2):
            await caller.com(SERVERS)


async def test_a_delay_holds_back_the_headers(caller: Caller) -> None:
    add(caller, "delay", seconds=0.15)
    begin = asyncio.get_running_loop().time()
    await caller.ome(DEVICES)

    assert asyncio.get_running_loop().time() - begin >= 0.15


async def test_a_delay_holds_back_nobody_else(caller: Caller) -> None:
    add(caller, "delay", seconds=3600)
    waiting = [asyncio.create_task(caller.ome(DEVICES)) for _ in range(3)]
    async with asyncio.timeout(60):
        while caller.simulation.max_in_flight["ome"] < 3:  # noqa: ASYNC110 - nothing else shows it
            await asyncio.sleep(0.001)

    assert (await caller.ome("/AlertService/Alerts?$top=1"))[0] == 200
    for each in waiting:
        each.cancel()
    await asyncio.gather(*waiting, return_exceptions=True)


async def test_bodies_that_are_no_json(caller: Caller) -> None:
    add(caller, "truncated_json", times=1)
    _, body = await caller.com(SERVERS)
    assert isinstance(body, bytes)
    add(caller, "html", times=1)
    status, body = await caller.com(SERVERS)
    assert (status, b"<form" in body) == (200, True)
    add(caller, "empty_body", times=1)
    assert await caller.com(SERVERS) == (200, None)
    add(caller, "not_json_type", times=1)
    token = {"Authorization": f"Bearer {caller.com_token}"}
    _, _, response = await caller.raw("GET", "/compute-ops-mgmt/v1/servers", headers=token)
    assert response.content_type == "text/plain"


async def test_a_redirect_leads_to_another_host(caller: Caller) -> None:
    add(caller, "redirect", location="http://192.0.2.7/x")
    headers = {"X-Auth-Token": caller.ome_token}
    status, _, response = await caller.raw("GET", f"/api{DEVICES}", headers=headers)

    assert (status, response.headers["Location"]) == (302, "http://192.0.2.7/x")


async def test_bodies_that_are_too_big(caller: Caller) -> None:
    add(caller, "oversize", bytes=3_000_000, times=1)
    headers = {"X-Auth-Token": caller.ome_token}
    _, document, response = await caller.raw("GET", f"/api{DEVICES}", headers=headers)
    assert (response.content_length, len(document["value"])) == (3_000_000, 20)

    add(caller, "gzip_bomb", bytes=5_000_000, times=1)
    url = f"{caller.base}/api/DeviceService/Devices"
    async with caller.session.get(url, headers=headers) as bomb:
        size = 0
        async for chunk in bomb.content.iter_chunked(65_536):
            size += len(chunk)
    assert size > 4_000_000


@pytest.mark.parametrize("record", ["0", '{"id":"a"}'])
async def test_a_page_can_have_more_records_than_it_counts(caller: Caller, record: str) -> None:
    add(caller, "many_records", records=1_200_000, record=record)

    _, com = await caller.com(SERVERS)
    _, ome = await caller.ome(DEVICES)

    assert (com["total"], len(com["items"])) == (3, 1_200_000)
    assert (ome["@odata.count"], len(ome["value"])) == (3, 1_200_000)
    assert com["items"][0] == ome["value"][-1] == json.loads(record)


async def test_one_field_of_a_page_can_be_huge(caller: Caller) -> None:
    add(caller, "huge_field", bytes=3_000_001)

    _, com = await caller.com(SERVERS)
    _, ome = await caller.ome(DEVICES)

    assert len(com["items"][0]["name"]) == len(ome["value"][0]["DeviceName"]) == 3_000_001


async def test_an_endless_body_ends_when_the_client_hangs_up(caller: Caller) -> None:
    add(caller, "endless")
    headers = {"X-Auth-Token": caller.ome_token}
    url = f"{caller.base}/api/DeviceService/Devices"
    async with caller.session.get(url, headers=headers) as response:
        assert len(await response.content.readexactly(1_000_000)) == 1_000_000
        response.close()
    caller.simulation.faults.clear()

    assert (await caller.ome(DEVICES))[0] == 200


async def test_lists_disagree_with_their_totals(caller: Caller) -> None:
    async def shape() -> tuple[int, int]:
        _, page = await caller.com(SERVERS)
        return len(page["items"]), page["total"]

    add(caller, "short_list", drop=3, times=1)
    assert await shape() == (17, 100)
    add(caller, "empty_list", times=1)
    assert await shape() == (0, 100)
    add(caller, "empty_list", total="zero", times=1)
    assert await shape() == (0, 0)
    add(caller, "duplicate_items", count=2, times=1)
    assert await shape() == (22, 100)
    add(caller, "growing_total", step=5)
    assert [(await shape())[1], (await shape())[1]] == [105, 110]


async def test_shifting_pages_repeat_one_item_and_miss_another(caller: Caller) -> None:
    async def ids() -> list[str]:
        pages = [(await caller.com(f"{SERVERS}&offset={n}"))[1] for n in range(0, 100, 20)]
        return [item["id"] for page in pages for item in page["items"]]

    whole = await ids()
    add(caller, "shifting_pages")
    shifted = await ids()

    assert len(set(whole)) == len(shifted) == 100
    assert len(set(shifted)) < 100


async def test_a_foreign_link_leads_away(caller: Caller) -> None:
    add(caller, "foreign_link", host="http://192.0.2.9")
    _, page = await caller.ome(DEVICES)

    assert page["@odata.nextLink"].startswith("http://192.0.2.9/api/")


async def test_fields_are_wrong_null_missing_or_unknown(caller: Caller) -> None:
    async def first() -> dict[str, Any]:
        item = (await caller.com(f"{SERVERS}&select=id,state,hardware,name"))[1]["items"][0]
        assert isinstance(item, dict)
        return item

    add(caller, "wrong_types", times=1)
    assert isinstance((await first())["state"], list)
    add(caller, "nulls", fields=["state/connected"], times=1)
    assert (await first())["state"]["connected"] is None
    add(caller, "missing_fields", fields=["name"], times=1)
    assert "name" not in await first()
    add(caller, "unknown_codes", times=1)
    item = await first()
    assert item["state"]["subscriptionState"] == "TRIAL"
    add(caller, "unknown_codes", times=1)
    _, page = await caller.ome(DEVICES)
    assert {x["Status"] for x in page["value"]} == {7777}


async def test_single_fields_get_another_name_or_a_word_nobody_knows(caller: Caller) -> None:
    add(caller, "renamed_fields", fields=["state/connected"], times=1)
    _, page = await caller.com("/v1/servers?limit=3")
    assert {"connectedV2"} == {
        key
        for x in page["items"]
        for key in x["state"]
        if key.startswith("connected") and "M" not in key
    }
    add(caller, "unknown_codes", fields=["DeviceManagement/DnsName"], value="odd", times=1)
    _, page = await caller.ome(DEVICES)
    names = {entry["DnsName"] for x in page["value"] for entry in x["DeviceManagement"]}
    assert names == {"odd"}
    add(caller, "unknown_codes", fields=["PowerState"], times=1)
    _, page = await caller.ome(DEVICES)
    assert {x["PowerState"] for x in page["value"]} == {99}
    assert 7777 not in {x["Status"] for x in page["value"]}


async def test_a_spoilt_answer_leaves_later_ones_alone(caller: Caller) -> None:
    before = await caller.ome("/PluginService/Plugins")
    caller.simulation.faults.add(kind="nulls", path="Plugins", times=1)
    spoilt = await caller.ome("/PluginService/Plugins")
    after = await caller.ome("/PluginService/Plugins")

    assert before == after != spoilt


async def test_faults_are_ordered_and_taken_back_over_http(caller: Caller) -> None:
    path = "/-/simulator/faults"
    order = {"vendor": "ome", "path": "Devices$", "kind": "status", "code": 503, "times": 1}
    status, body, _ = await caller.raw("POST", path, json=order)
    _, listed, _ = await caller.raw("GET", path)
    assert (status, listed[0]["id"], listed[0]["kind"]) == (201, body["id"], "status")
    assert (await caller.ome(DEVICES))[0] == 503

    assert (await caller.raw("DELETE", path))[0] == 204
    assert (await caller.raw("GET", path))[1] == []
    wrongs: tuple[Any, ...] = ({"kind": "x"}, {}, [])
    for wrong in wrongs:
        assert (await caller.raw("POST", path, data=json.dumps(wrong)))[0] == 400
    assert (await caller.raw("POST", path, data=b"{"))[0] == 400


async def test_servers_are_changed_over_http(caller: Caller) -> None:
    world = caller.simulation.world
    serial = next(s.serial for s in world.com_servers() if s.situation.health == "OK")
    path = f"/-/simulator/servers/{serial}"
    wish = {"health": "CRITICAL", "component": {"fans": "CRITICAL"}, "alerts": ["WARNING"]}

    assert (await caller.raw("POST", path, json=wish))[0] == 204
    _, summary, _ = await caller.raw("GET", "/-/simulator/servers")
    assert summary["overridden"] == [serial]
    assert summary["com"]["servers"] == 100
    assert (await caller.raw("DELETE", path))[0] == 204
    assert (await caller.raw("POST", f"{path}X", json={}))[0] == 404
    assert (await caller.raw("POST", path, json={"health": "SO-SO"}))[0] == 400

    added, body, _ = await caller.raw("POST", "/-/simulator/servers", json={"vendor": "ome"})
    assert (added, world.slot_of(body["serial"]) & 1) == (201, 1)


async def test_requests_are_counted_by_endpoint(caller: Caller) -> None:
    device = caller.simulation.world.ome_devices()[0].id
    await caller.ome(f"/DeviceService/Devices({device})/Power")
    await caller.com("/v1/nothing")
    requests = caller.simulation.requests

    assert requests["ome", "GET", "/api/DeviceService/Devices(id)/Power"] == 1
    assert requests["ome", "POST", "/api/SessionService/Sessions"] == 1
    assert requests["com", "POST", "/authorization/v2/oauth2/{workspace}/token"] == 1
    assert requests["com", "GET", "unknown"] == 1
