from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote

import pytest

from tests.simulators.conftest import START, Caller, HandClock, day

ENERGY = "/v1beta1/energy-by-entity"


def stamp(t: float) -> str:
    return datetime.fromtimestamp(t, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


MIDNIGHT = START // 86_400 * 86_400
YESTERDAY = f"start-date={day(MIDNIGHT - 86_400)}&end-date={day(MIDNIGHT)}"


async def window(caller: Caller, query: str) -> dict[str, Any]:
    status, document = await caller.com(f"{ENERGY}?limit=1000&{query}")
    assert status == 200, document
    assert isinstance(document, dict)
    return document


@pytest.mark.parametrize(
    "query",
    ["", f"start-date={day(START)}", f"end-date={day(START)}",
     f"start-date={day(START)}&end-date={day(START)}",
     f"{YESTERDAY}&sample-size=1_HOUR", f"{YESTERDAY}&sample-size=1_WEEK",
     f"start-date={stamp(START - 7200)}&end-date={stamp(START)}",
     "sample-size=1_HOUR&start-date=2026-05-28T08:00:00&end-date=2026-05-28T09:00:00",
     f"start-date={day(START - 200 * 86_400)}&end-date={day(START)}",
     f"{YESTERDAY}&limit=1001", f"{YESTERDAY}&sort=model", f"{YESTERDAY}&select=id",
     f"{YESTERDAY}&aggregate-by=PLANET", f"{YESTERDAY}&filter=model%20eq%20'x'",
     f"{YESTERDAY}&excluded-servers=maybe", "start-date=2026-02-31&end-date=2026-03-01"],
)  # fmt: skip
async def test_a_query_that_com_would_refuse_is_refused(caller: Caller, query: str) -> None:
    assert (await caller.com(f"{ENERGY}?{query}"))[0] == 400


async def test_a_published_day_is_complete_and_true(caller: Caller, clock: HandClock) -> None:
    clock.now = MIDNIGHT + 4 * 3600
    document = await window(caller, YESTERDAY)
    world = caller.simulation.world
    truth = {s.id: world.energy(s.slot, MIDNIGHT - 86_400, MIDNIGHT) for s in world.com_servers()}
    complete = [x for x in document["items"] if x["status"] == "COMPLETE"]

    assert len(complete) > 0.8 * document["total"]
    for item in complete:
        assert item["kwh"]["collected"] * 3.6e6 == pytest.approx(truth[item["id"]].joules)
    total = sum(x["kwh"].get("collected", 0) for x in document["items"])
    assert document["kwhSums"]["collected"] == pytest.approx(total)
    assert document["total"] + document["excluded"] == 100
    assert document["excluded"] > 0


async def test_a_day_is_published_three_hours_after_midnight(
    caller: Caller, clock: HandClock
) -> None:
    clock.now = MIDNIGHT + 3 * 3600 - 1
    early = await window(caller, YESTERDAY)
    clock.now += 2
    await caller.log_in()
    late = await window(caller, YESTERDAY)

    assert {x["status"] for x in early["items"]} == {"PARTIAL"}
    assert all("collected" not in x["kwh"] for x in early["items"])
    assert "COMPLETE" in {x["status"] for x in late["items"]}


async def test_an_hour_is_published_two_hours_after_its_end(
    caller: Caller, clock: HandClock
) -> None:
    hour = MIDNIGHT + 8 * 3600
    query = f"sample-size=1_HOUR&start-date={stamp(hour)}&end-date={stamp(hour + 3600)}"
    clock.now = hour + 3 * 3600 - 1
    await caller.log_in()
    early = await window(caller, query)
    clock.now += 2
    late = await window(caller, query)

    assert not any(x["status"] == "COMPLETE" for x in early["items"])
    assert sum(x["status"] == "COMPLETE" for x in late["items"]) > 80


async def test_the_hours_of_a_day_add_up_to_the_day(caller: Caller, clock: HandClock) -> None:
    clock.now = MIDNIGHT + 6 * 3600
    await caller.log_in()
    whole = {x["id"]: x for x in (await window(caller, YESTERDAY))["items"]}
    sums: dict[str, float] = dict.fromkeys(whole, 0.0)
    gaps: set[str] = set()
    for hour in range(24):
        begin = MIDNIGHT - 86_400 + 3600 * hour
        part = await window(
            caller,
            f"sample-size=1_HOUR&start-date={stamp(begin)}&end-date={stamp(begin + 3600)}",
        )
        for item in part["items"]:
            if item["status"] == "COMPLETE":
                sums[item["id"]] += item["kwh"]["collected"]
            else:
                gaps.add(item["id"])
    clean = [x for x in whole if x not in gaps and whole[x]["status"] == "COMPLETE"]

    assert len(clean) > 30
    for each in clean:
        assert sums[each] == pytest.approx(whole[each]["kwh"]["collected"])


async def test_servers_without_data_are_listed_on_request_only(caller: Caller) -> None:
    without = await window(caller, YESTERDAY)
    with_all = await window(caller, f"{YESTERDAY}&excluded-servers=true")

    assert with_all["total"] == without["total"] + without["excluded"] == 100


async def test_items_can_be_sorted_filtered_and_scoped(caller: Caller, clock: HandClock) -> None:
    clock.now = MIDNIGHT + 5 * 3600
    await caller.log_in()
    ordered = await window(caller, f"{YESTERDAY}&sort=kwh/collected%20desc")
    kwh = [x["kwh"].get("collected", -1.0) for x in ordered["items"]]
    model = ordered["items"][0]["entityDetails"]["model"]
    wanted = quote(f"entityDetails/model eq '{model}'", safe="")
    of_model = await window(caller, f"{YESTERDAY}&filter={wanted}")
    server = ordered["items"][0]["id"]
    uri = quote(f"/compute-ops-mgmt/v1/servers/{server}", safe="")
    of_one = await window(caller, f"{YESTERDAY}&resource-uri={uri}")

    assert kwh == sorted(kwh, reverse=True)
    assert {x["entityDetails"]["model"] for x in of_model["items"]} == {model}
    assert [x["id"] for x in of_one["items"]] == [server]


async def test_a_window_into_the_future_is_a_projection(caller: Caller) -> None:
    document = await window(
        caller, f"start-date={day(START + 86_400)}&end-date={day(START + 2 * 86_400)}"
    )
    item = document["items"][0]

    assert item["status"] == "PARTIAL"
    assert item["kwh"]["projected"] > 0
    assert "collected" not in item["kwh"]
