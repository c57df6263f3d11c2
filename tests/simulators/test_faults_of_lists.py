"""Faults of lists: refused parameters, counts that are wrong or missing, and an unstable order."""

from datetime import datetime
from typing import Any

import pytest

from tests.simulators.conftest import Caller, HandClock, add

SERVERS = "/v1/servers?limit=20"
DEVICES = "/DeviceService/Devices?$orderby=Identifier&$top=20"
WHOLE = {
    "com": "/v1/servers?limit=100",
    "ome": "/DeviceService/Devices?$orderby=Identifier&$top=100",
}


def blamed(body: dict[str, Any]) -> list[tuple[str, str]]:
    """Return parameter and description of every issue of COM's error body."""
    details = body["errorDetails"]
    return [(x["subject"], x["description"]) for each in details for x in each["issues"]]


async def test_a_page_that_is_too_large_is_refused(caller: Caller) -> None:
    add(caller, "limit_above", size=19)

    com, body = await caller.com(SERVERS)
    ome, refusal = await caller.ome(DEVICES)

    assert (com, body["errorCode"], body["message"]) == (
        400, "HPE_GL_ERROR_BAD_REQUEST", "Bad request"
    )  # fmt: skip
    assert blamed(body) == [("limit", "limit must be less than or equal to 19")]
    assert ome == 400
    assert refusal["error"]["@Message.ExtendedInfo"][0]["MessageId"] == "CGEN1002"


@pytest.mark.parametrize(
    ("com", "ome"),
    [
        ("/v1/servers?limit=20", "/DeviceService/Devices?%24top=20"),
        ("/v1/servers", "/DeviceService/Devices?skip=20&top=20"),
    ],
)
async def test_a_smaller_page_or_one_of_no_size_is_served(
    caller: Caller, com: str, ome: str
) -> None:
    add(caller, "limit_above", size=20)
    assert [(await caller.com(com))[0], (await caller.ome(ome))[0]] == [200, 200]

    caller.simulation.faults.clear()
    add(caller, "limit_above", size=19)
    assert (await caller.ome(ome))[0] == 400


async def test_a_parameter_is_refused_by_its_name(caller: Caller) -> None:
    add(caller, "refuse_parameter", name="select", vendor="com")
    add(caller, "refuse_parameter", name="$orderby", vendor="ome")

    status, body = await caller.com(f"{SERVERS}&select=id")
    assert status == 400
    assert blamed(body) == [("select", "select is not supported")]
    assert (await caller.com(SERVERS))[0] == 200
    assert (await caller.ome(DEVICES))[0] == 400
    assert (await caller.ome(DEVICES.replace("$", "%24")))[0] == 400
    assert (await caller.ome("/DeviceService/Devices?$top=20"))[0] == 200


async def test_lists_do_not_say_how_long_they_are(caller: Caller) -> None:
    add(caller, "no_total")
    _, com = await caller.com(SERVERS)
    _, ome = await caller.ome(DEVICES)
    assert (set(com), len(com["items"])) == ({"offset", "count", "items"}, 20)
    assert "@odata.count" not in ome
    assert len(ome["value"]) == 20

    caller.simulation.faults.clear()
    add(caller, "no_total", count="dropped")
    _, com = await caller.com(SERVERS)
    assert set(com) == {"offset", "items"}


async def test_a_list_claims_more_than_there_is(caller: Caller) -> None:
    add(caller, "wrong_total", more=30)
    _, com = await caller.com(SERVERS)
    _, again = await caller.com(f"{SERVERS}&offset={com['total'] - 30}")
    _, ome = await caller.ome(DEVICES)
    _, beyond = await caller.ome(f"{DEVICES}&$skip={ome['@odata.count'] - 30}")

    assert (com["total"], again["total"], again["items"]) == (130, 130, [])
    assert (beyond["@odata.count"], beyond["value"]) == (ome["@odata.count"], [])


async def test_a_list_is_null(caller: Caller) -> None:
    add(caller, "null_list")
    _, com = await caller.com(SERVERS)
    _, ome = await caller.ome(DEVICES)

    assert com == {"offset": 0, "count": 0, "total": 0, "items": None}
    assert (ome["value"], ome["@odata.count"]) == (None, 0)
    assert "@odata.nextLink" not in ome


async def test_one_field_has_another_type_in_every_third_record(caller: Caller) -> None:
    add(caller, "ill_typed_field", field="id", every=3, vendor="com")
    add(caller, "ill_typed_field", field="Id", every=3, vendor="ome")
    _, com = await caller.com("/v1/servers?limit=6")
    _, ome = await caller.ome("/DeviceService/Devices?$top=6")

    assert [type(each["id"]) for each in com["items"]] == [int, str, str, int, str, str]
    assert [type(each["Id"]) for each in ome["value"]] == [str, int, int, str, int, int]
    assert all(isinstance(each["name"], str) for each in com["items"])


async def orders(caller: Caller) -> dict[str, list[list[Any]]]:
    """Return the ids of both vendors' servers, each list read twice as a single page."""
    found: dict[str, list[list[Any]]] = {"com": [], "ome": []}
    for _ in range(2):
        _, com = await caller.com(WHOLE["com"])
        _, ome = await caller.ome(WHOLE["ome"])
        found["com"].append([each["id"] for each in com["items"]])
        found["ome"].append([each["Id"] for each in ome["value"]])
    return found


async def test_the_order_of_a_list_changes_with_every_request(caller: Caller) -> None:
    before = await orders(caller)
    add(caller, "random_order", seed=5)
    mixed = await orders(caller)
    caller.simulation.faults.clear()
    add(caller, "random_order", seed=5)

    assert await orders(caller) == mixed
    for vendor, (first, second) in mixed.items():
        assert before[vendor][0] == before[vendor][1] != first
        assert first != second
    assert set(mixed["com"][0]) == set(mixed["com"][1]) == set(before["com"][0])


@pytest.mark.parametrize("vendor", ["com", "ome"])
async def test_pages_of_a_list_in_no_order_overlap_and_leave_items_out(
    clock: HandClock, caller: Caller, vendor: str
) -> None:
    async def page(skip: int) -> tuple[int, list[Any]]:
        if vendor == "com":
            _, found = await caller.com(f"{SERVERS}&offset={skip}&filter=id%20ne%20'x%2By'")
            return found["total"], [each["id"] for each in found["items"]]
        _, found = await caller.ome(f"{DEVICES}&$skip={skip}&$filter=Type%20eq%201000")
        return found["@odata.count"], [each["Id"] for each in found["value"]]

    add(caller, "random_order")
    total, ids = await page(0)
    for skip in range(20, total, 20):
        ids += (await page(skip))[1]

    assert len(ids) == total > 60
    assert 20 < len(set(ids)) < total


async def test_a_list_of_one_page_is_mixed_up_and_an_error_is_left_alone(caller: Caller) -> None:
    caller.simulation.faults.add(kind="random_order", vendor="com")
    lists = [(await caller.com("/v1/groups?limit=100"))[1]["items"] for _ in range(4)]

    assert len({tuple(each["id"] for each in one) for one in lists}) > 1
    assert len({frozenset(each["id"] for each in one) for one in lists}) == 1
    assert (await caller.com("/v1beta2/appliances?limit=100"))[0] == 200
    assert (await caller.com("/v1/groups?limit=5000"))[0] == 400
    assert (await caller.com(f"/v1/servers/{'x'}"))[0] == 404


async def test_times_that_name_their_zone_are_written_in_another_one(caller: Caller) -> None:
    _, before = await caller.com("/v1/servers?limit=6")
    add(caller, "other_zone", hours=5.5)
    _, after = await caller.com("/v1/servers?limit=6")

    pairs = [
        (one["updatedAt"], other["updatedAt"])
        for one, other in zip(before["items"], after["items"], strict=True)
    ]
    assert {other[-6:] for _, other in pairs} == {"+05:30"}
    assert all(datetime.fromisoformat(one) == datetime.fromisoformat(other) for one, other in pairs)
