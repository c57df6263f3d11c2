"""Is the inventory complete, free of doubles, and never smaller than the fleet?"""

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest

from exporter.errors import Reason, SourceError
from exporter.model import (
    Collected,
    Components,
    Description,
    FirmwareUpdate,
    Health,
    InventoryCount,
    Memory,
    Redundancy,
    Server,
    Status,
    Subscription,
)
from exporter.sources.forms import REMEMBERED
from tests.support.drift import missing, unknown

if TYPE_CHECKING:
    from tests.sources.com.conftest import Call, FakeClock, FakeCom, Reply, Run

PATH = "v1/servers"


def item(number: int, **more: Any) -> dict[str, Any]:
    return {"id": f"P1-B21+S{number:04}", "name": f"host{number}", **more}


def by_id(found: Collected, facet: type) -> dict[str, Any]:
    return next(dict(column.by_id) for column in found.columns if column.facet is facet)


async def failure(run: "Run") -> SourceError:
    with pytest.raises(SourceError) as caught:
        await run("servers")
    return caught.value


async def test_all_pages_are_read_and_sorted_by_id(com: "FakeCom", run: "Run") -> None:
    com.items(PATH, [item(number) for number in reversed(range(257))])

    found = await run("servers")

    assert found.servers is not None
    assert [server.id for server in found.servers] == [f"P1-B21+S{n:04}" for n in range(257)]
    assert found.source_facets == (InventoryCount(257, 257),)
    assert (found.items, found.problems, found.duplicates) == (257, 0, 0)
    asked = [call.query for call in com.asked(PATH)]
    assert sorted(int(query["offset"]) for query in asked) == [0, 100, 200]
    assert {query["limit"] for query in asked} == {"100"}
    assert all("firmwareInventory" not in query["select"] for query in asked)
    assert all("sort" not in query for query in asked)


async def test_each_facet_has_the_servers_that_say_something_of_it(
    com: "FakeCom", run: "Run"
) -> None:
    full = item(
        1,
        hardware={
            "memoryMb": 1024,
            "health": {"summary": "OK", "fans": "OK", "fanRedundancy": "REDUNDANT"},
        },
        state={"connected": True, "subscriptionState": "SUBSCRIBED"},
        lastFirmwareUpdate={"status": "OK"},
    )
    com.items(PATH, [full, item(2)])

    found = await run("servers")

    both, first = {"P1-B21+S0001", "P1-B21+S0002"}, {"P1-B21+S0001"}
    assert set(by_id(found, Description)) == set(by_id(found, Status)) == both
    for facet in (Memory, Components, Redundancy, Subscription, FirmwareUpdate):
        assert set(by_id(found, facet)) == first
    assert by_id(found, Status)["P1-B21+S0001"].health is Health.OK


async def test_an_api_that_caps_its_pages_is_read_to_the_end(com: "FakeCom", run: "Run") -> None:
    items = [item(number) for number in range(45)]

    def capped(call: "Call") -> "Reply":
        offset = int(call.query["offset"])
        return 200, {
            "total": 45,
            "items": items[offset : offset + min(20, int(call.query["limit"]))],
        }

    com.replies[PATH] = capped

    assert len((await run("servers")).servers or ()) == 45


async def test_a_server_that_slips_between_two_pages_is_found_by_a_second_reading(
    com: "FakeCom", run: "Run"
) -> None:
    items = [item(number) for number in range(150)]

    def shifting(call: "Call") -> "Reply":
        offset = int(call.query["offset"])
        page = items[offset : offset + 100]
        if len(com.calls) == 1:
            # The last server moves to the top: the next page repeats one and misses one.
            items.insert(0, items.pop())
        return 200, {"total": len(items), "items": page}

    com.replies[PATH] = shifting

    found = await run("servers")

    assert len(found.servers or ()) == 150
    assert found.duplicates == 0
    assert len(com.calls) == 4


async def test_a_server_that_one_page_lists_twice_is_one_skipped_record(
    com: "FakeCom", run: "Run"
) -> None:
    com.reply(PATH, 200, {"total": 3, "items": [item(1), item(2), item(2)]})

    found = await run("servers")

    assert [server.name for server in found.servers or ()] == ["host1", "host2"]
    assert (found.items, found.problems) == (2, 1)


async def test_a_count_that_is_always_too_high_is_a_warning(com: "FakeCom", run: "Run") -> None:
    items = [item(1), item(2)]
    com.replies[PATH] = lambda call: (
        200,
        {"total": 6, "items": items[int(call.query["offset"]) :]},
    )

    found = await run("servers")

    assert len(found.servers or ()) == 2
    assert found.source_facets == (InventoryCount(2, 6),)
    assert "counts 6 items but returns the same 2" in found.warnings[0]


@pytest.mark.parametrize("largest", [99, 100, 50])
async def test_a_page_size_that_is_refused_is_followed_by_a_smaller_one_and_remembered(
    com: "FakeCom", run: "Run", largest: int
) -> None:
    items = [item(number) for number in range(120)]

    def limited(call: "Call") -> "Reply":
        if int(call.query["limit"]) > largest:
            return 400, {"errorCode": "HPE_GL_ERROR_BAD_REQUEST", "message": "limit"}
        offset = int(call.query["offset"])
        return 200, {"total": 120, "items": items[offset : offset + int(call.query["limit"])]}

    com.replies[PATH] = limited

    for _ in range(2):
        found = await run("servers")
        assert len(found.servers or ()) == 120

    refused = [call for call in com.calls if int(call.query["limit"]) > largest]
    assert len(refused) == (1 if largest < 100 else 0)


async def test_a_refused_selection_is_left_out_and_asked_for_again_hours_later(
    com: "FakeCom", run: "Run", clock: "FakeClock"
) -> None:
    def whole(call: "Call") -> "Reply":
        if "select" in call.query:
            return 400, {"message": "select is not supported"}
        return 200, {"total": 1, "items": [item(1)]}

    com.replies[PATH] = whole

    for _ in range(2):
        found = await run("servers")
        assert [server.name for server in found.servers or ()] == ["host1"]
    refused = [call for call in com.calls if "select" in call.query]
    clock.now += REMEMBERED
    await run("servers")

    assert len(refused) == 2
    assert len([call for call in com.calls if "select" in call.query]) == 4


async def test_an_empty_workspace_is_an_empty_inventory(com: "FakeCom", run: "Run") -> None:
    com.items(PATH, [])

    found = await run("servers")

    assert found.servers == ()
    assert found.source_facets == (InventoryCount(0, 0),)


async def test_no_items_where_the_api_counts_some_is_a_failure(com: "FakeCom", run: "Run") -> None:
    com.reply(PATH, 200, {"total": 7, "items": []})

    assert (await failure(run)).reason is Reason.TRUNCATED


def record(id: str, *, on: bool = True, subscribed: bool = True, seen: str = "") -> dict[str, Any]:
    return {
        "id": id,
        "state": {
            "connected": on,
            "subscriptionState": "SUBSCRIBED" if subscribed else "REQUIRED",
        },
        "lastFullInventoryCollectionAt": seen or None,
    }


@pytest.mark.parametrize(
    ("records", "kept"),
    [
        ([record("P1+S1", on=False), record("P9+S1")], "P9+S1"),
        ([record("P1+S1", on=False), record("P9+S1", subscribed=False)], "P9+S1"),
        ([record("P1+S1", subscribed=False), record("P9+S1")], "P9+S1"),
        (
            [
                record("P1+S1", seen="2025-05-01T10:00:00Z"),
                record("P9+S1", seen="2025-05-02T10:00:00Z"),
            ],
            "P9+S1",
        ),
        ([record("P1+S1"), record("P9+S1", seen="2025-05-02T10:00:00Z")], "P9+S1"),
        ([{"id": "P1+S1"}, record("P9+S1", on=False)], "P9+S1"),
        ([record("P1+S1"), record("P9+S1")], "P1+S1"),
    ],
)
async def test_of_two_servers_with_one_serial_number_the_one_in_use_is_kept(
    com: "FakeCom", run: "Run", records: list[dict[str, Any]], kept: str
) -> None:
    for order in (records, records[::-1]):
        com.items(PATH, order)
        found = await run("servers")

        assert found.servers == (Server(kept, "S1", "S1"),)
        assert found.duplicates == 1


async def test_of_two_servers_with_one_serial_number_and_nothing_else_the_first_id_is_kept(
    com: "FakeCom", run: "Run"
) -> None:
    com.items(
        PATH,
        [
            {"id": "P9-B21+S1", "name": "moved", "state": {"connected": False}},
            {"id": "P1-B21+S1", "name": "here", "hardware": {"serialNumber": "S1"}},
            {"id": "P1-B21+S2", "hardware": {"serialNumber": "S2"}},
        ],
    )

    found = await run("servers")

    assert found.servers == (Server("P1-B21+S1", "S1", "here"), Server("P1-B21+S2", "S2", "S2"))
    assert found.duplicates == 1
    assert set(by_id(found, Status)) == {"P1-B21+S1", "P1-B21+S2"}
    assert found.source_facets == (InventoryCount(2, 3),)


@pytest.mark.parametrize(("entered", "lacking"), [({"host": "10.0.0.9"}, 0), ({}, 3), (None, 3)])
async def test_the_address_of_a_bmc_is_missing_only_where_no_user_has_entered_one(
    com: "FakeCom", run: "Run", entered: dict[str, str] | None, lacking: int
) -> None:
    hardware = {"bmc": {"ip": None, "userDefined": entered}}
    com.items(PATH, [{"id": f"P1+S{number}", "hardware": hardware} for number in range(3)])

    found = missing((await run("servers")).drift)

    assert found.get("hardware.bmc.ip", 0) == lacking


@pytest.mark.parametrize(
    "broken",
    [
        None,
        5,
        "text",
        [],
        {},
        {"name": "no id"},
        {"id": None},
        {"id": 5},
        {"id": " "},
    ],
)
async def test_one_record_that_cannot_be_read_is_one_problem(
    com: "FakeCom", run: "Run", broken: Any
) -> None:
    com.items(PATH, [item(1), broken, item(2)])

    found = await run("servers")

    assert [server.name for server in found.servers or ()] == ["host1", "host2"]
    assert (found.items, found.problems) == (2, 1)


@pytest.mark.parametrize(
    ("odd", "field", "got"),
    [
        ({"hardware": []}, "hardware", "<array>"),
        ({"hardware": {"health": "OK"}}, "hardware.health", "<string>"),
        ({"state": {"connected": "yes"}}, "state.connected", "<string>"),
        ({"name": {"first": "x"}}, "name", "<object>"),
        ({"hardware": {"bmc": {"ip": 7}}}, "hardware.bmc.ip", "<number>"),
    ],
)
async def test_a_field_of_another_type_costs_that_field_and_is_named(
    com: "FakeCom", run: "Run", odd: Any, field: str, got: str
) -> None:
    com.items(PATH, [item(1), {"id": "P1-B21+S9", **odd}])

    found = await run("servers")

    assert [server.serial for server in found.servers or ()] == ["S0001", "S9"]
    assert (found.items, found.problems) == (2, 0)
    assert unknown(found.drift)[field] == (got,)


async def test_a_time_that_cannot_be_read_is_a_skipped_reading_in_each_run(
    com: "FakeCom", run: "Run"
) -> None:
    records = [item(number) for number in range(1, 4)]
    records[0]["lastFullInventoryCollectionAt"] = "yesterday"
    records[1]["state"] = {"subscriptionExpiresAt": "31.12.2030"}
    records[2]["lastFullInventoryCollectionAt"] = None
    com.items(PATH, records)

    for _ in range(2):
        found = await run("servers")
        assert (found.items, found.problems) == (3, 2)


async def test_unseen_words_become_drift(com: "FakeCom", run: "Run") -> None:
    com.items(PATH, [item(1, hardware={"powerState": "FOO"})])

    found = await run("servers")

    assert unknown(found.drift) == {"hardware.powerState": ("FOO",)}


@pytest.mark.parametrize(
    ("payload", "reason"),
    [
        ({}, Reason.SCHEMA),
        ({"items": []}, Reason.EMPTY),
        ({"items": None}, Reason.EMPTY),
        ({"total": 0}, Reason.SCHEMA),
        ({"items": {}, "total": 0}, Reason.SCHEMA),
        ({"items": [], "total": -1}, Reason.SCHEMA),
        ({"items": [], "total": 10**12}, Reason.TRUNCATED),
        ({"items": [5, 6], "total": 2}, Reason.SCHEMA),
        ([], Reason.SCHEMA),
        (b"", Reason.DECODE),
        (b"<!doctype html><title>maintenance</title>", Reason.DECODE),
        (b'{"total": 1, "items": [{"id": "P1', Reason.DECODE),
        (b'{"total": 1, "items": [{"id": "\xff"}]}', Reason.SCHEMA),
        (b'{"total": 1, "items": ' + b"[" * 100_000, Reason.DECODE),
    ],
)
async def test_an_answer_that_is_no_list_is_a_failure(
    com: "FakeCom", run: "Run", payload: Any, reason: Reason
) -> None:
    com.reply(PATH, 200, payload)

    assert (await failure(run)).reason is reason


async def test_a_page_that_fails_fails_the_whole_run(com: "FakeCom", run: "Run") -> None:
    items = [item(number) for number in range(400)]

    def broken(call: "Call") -> "Reply":
        offset = int(call.query["offset"])
        if offset == 200:
            return 500, {}
        return 200, {"total": 400, "items": items[offset : offset + 100]}

    com.replies[PATH] = broken

    assert (await failure(run)).reason is Reason.HTTP_5XX


async def test_hostile_text_becomes_a_bounded_line(com: "FakeCom", run: "Run") -> None:
    com.items(PATH, [item(1, name="a\nb\u0000" + "x" * 10_000, hardware={"model": "m" * 10_000})])

    found = await run("servers")

    assert found.servers is not None
    assert found.servers[0].name.startswith("a b x")
    assert len(found.servers[0].name) <= 256
    assert len(by_id(found, Description)["P1-B21+S0001"].model) <= 256


@pytest.mark.parametrize(
    ("ahead", "is_served"), [(-60, True), (0, True), (300, True), (301, False)]
)
async def test_an_inventory_in_the_future_costs_its_time_alone_and_is_named(
    com: "FakeCom", run: "Run", clock: "FakeClock", ahead: int, is_served: bool
) -> None:
    at = clock.wall() + ahead
    text = datetime.fromtimestamp(at, UTC).isoformat()
    com.items(PATH, [item(1), item(2, lastFullInventoryCollectionAt=text)])

    for _ in range(2):
        found = await run("servers")

        status = by_id(found, Status)["P1-B21+S0002"]
        assert status.inventory_at == (at if is_served else None)
        assert len(found.servers or ()) == 2
        named = {} if is_served else {"lastFullInventoryCollectionAt": ("<future>",)}
        assert unknown(found.drift) == named


async def test_a_time_in_the_future_becomes_readable_when_it_is_past(
    com: "FakeCom", run: "Run", clock: "FakeClock"
) -> None:
    at = clock.wall() + 3600
    text = datetime.fromtimestamp(at, UTC).isoformat()
    com.items(PATH, [item(1, lastFullInventoryCollectionAt=text)])
    assert by_id(await run("servers"), Status)["P1-B21+S0001"].inventory_at is None

    clock.now = at

    assert by_id(await run("servers"), Status)["P1-B21+S0001"].inventory_at == at


async def test_of_one_serial_number_a_time_in_the_future_does_not_win(
    com: "FakeCom", run: "Run", clock: "FakeClock"
) -> None:
    good, wrong = (
        datetime.fromtimestamp(clock.wall() + ahead, UTC).isoformat() for ahead in (-60, 86400)
    )
    items = [
        {**item(1, lastFullInventoryCollectionAt=good), "id": "P2-B21+S1"},
        {**item(1, lastFullInventoryCollectionAt=wrong), "id": "P1-B21+S1"},
    ]
    com.items(PATH, items)

    (served,) = (await run("servers")).servers or ()

    assert served.id == "P2-B21+S1"


async def test_a_count_of_one_page_alone_does_not_end_the_inventory(
    com: "FakeCom", run: "Run"
) -> None:
    com.items(PATH, [item(number) for number in range(257)], total=100)

    found = await run("servers")

    assert len(found.servers or ()) == 257
