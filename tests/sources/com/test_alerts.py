"""Are open alerts counted for the right servers, also where the fleet's list is not there yet?"""

from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from exporter.errors import Reason, SourceError
from exporter.model import (
    Alert,
    AlertCounts,
    AlertSeverity,
    Collected,
    Inventory,
    SourceAlerts,
)
from exporter.sources.com import SOURCE
from exporter.sources.com.alerts import Alerts
from exporter.sources.contract import Surroundings
from exporter.sources.forms import REMEMBERED
from tests.support.drift import missing, unknown

if TYPE_CHECKING:
    from tests.sources.com.conftest import (
        Call,
        FakeClock,
        FakeCom,
        MakeSettings,
        Reply,
        Run,
        Witness,
    )

PATH = "v1/alerts"
CRITICAL, WARNING, INFO = AlertSeverity.CRITICAL, AlertSeverity.WARNING, AlertSeverity.INFO
Fleet = Callable[..., Inventory]


def alert(id: str, severity: str = "CRITICAL", server: int = 1, **more: Any) -> dict[str, Any]:
    return {"id": id, "severity": severity, "device": {"id": f"P1-B21+S{server}"}, **more}


def counts(found: Collected) -> dict[str, dict[AlertSeverity, int]]:
    (column,) = found.columns
    return {
        server: dict(item.counts)
        for server, item in column.by_id.items()
        if isinstance(item, AlertCounts)
    }


def listed(found: Collected) -> tuple[Alert, ...]:
    assert found.alerts is not None
    return found.alerts


async def test_open_alerts_are_counted_by_server_and_severity(
    com: "FakeCom", run: "Run", fleet: Fleet
) -> None:
    com.items(
        PATH,
        [
            alert("a", "Critical", message="Fan 2 failed"),
            alert("b", "WARNING"),
            alert("c", "warning"),
            alert("d", "OK"),
            alert("e", server=9),
            {"id": "f", "severity": "WARNING", "serverId": "P1-B21+S2"},
        ],
    )

    found = await run("alerts", fleet(1, 2))

    assert counts(found) == {
        "P1-B21+S1": {CRITICAL: 1, WARNING: 2},
        "P1-B21+S2": {CRITICAL: 0, WARNING: 1},
    }
    assert found.columns[0].default == AlertCounts(((CRITICAL, 0), (WARNING, 0)))
    assert found.source_facets == (
        SourceAlerts(
            counts=((CRITICAL, 2), (WARNING, 3), (INFO, 1)),
            unassigned=((CRITICAL, 1), (WARNING, 0), (INFO, 0)),
        ),
    )
    assert [each.id for each in listed(found)] == ["a", "b", "c", "e", "f"]
    assert listed(found)[0] == Alert(
        id="a",
        severity=CRITICAL,
        device="P1-B21+S1",
        device_name="host1",
        message="Fan 2 failed",
    )
    assert (found.items, found.problems) == (6, 0)


async def test_only_open_alerts_are_asked_for_in_large_pages(
    com: "FakeCom", run: "Run", fleet: Fleet
) -> None:
    com.items(PATH, [alert(f"a{number}") for number in range(2500)])

    found = await run("alerts", fleet(1))

    assert counts(found)["P1-B21+S1"][CRITICAL] == 2500
    queries = [call.query for call in com.asked(PATH)]
    assert sorted(int(query["offset"]) for query in queries) == [0, 500, 1000, 1500, 2000, 2500]
    assert {query["limit"] for query in queries} == {"500"}
    assert {query["filter"] for query in queries} == {"clearedAt eq null"}


async def test_alerts_that_are_cleared_all_the_same_are_left_out(
    com: "FakeCom", run: "Run", fleet: Fleet
) -> None:
    com.items(
        PATH,
        [alert("a"), alert("b", cleared=True), alert("c", clearedAt="2026-07-01T00:00:00Z")],
    )

    found = await run("alerts", fleet(1))

    assert [each.id for each in listed(found)] == ["a"]
    assert found.items == 3


async def test_the_severities_for_each_server_can_be_chosen(
    com: "FakeCom", run: "Run", fleet: Fleet
) -> None:
    com.items(PATH, [alert("a", "OK"), alert("b")])

    found = await run("alerts", fleet(1), collectors={"alerts": {"severities": ["info"]}})

    assert counts(found) == {"P1-B21+S1": {INFO: 1}}


async def test_no_alerts_are_zero_alerts(com: "FakeCom", run: "Run", fleet: Fleet) -> None:
    com.items(PATH, [])

    found = await run("alerts", fleet(1))

    assert found.columns[0].default == AlertCounts(((CRITICAL, 0), (WARNING, 0)))
    assert listed(found) == ()


@pytest.mark.parametrize("broken", [None, {}, {"id": 5}])
async def test_an_alert_that_cannot_be_read_is_a_problem(
    com: "FakeCom", run: "Run", fleet: Fleet, broken: Any
) -> None:
    com.items(PATH, [alert("a"), broken])

    found = await run("alerts", fleet(1))

    assert (found.items, found.problems) == (1, 1)


async def test_without_a_list_of_the_fleet_every_server_is_asked(
    com: "FakeCom", run: "Run", fleet: Fleet
) -> None:
    com.items("v1/servers/P1-B21+S1/alerts", [alert("a"), alert("b", cleared=True), None])
    com.items("v1/servers/P1-B21+S2/alerts", [{"id": "c", "severity": "WARNING"}])
    com.items("v1/servers/P1-B21+S3/alerts", [])

    found = await run("alerts", fleet(1, 2, 3))

    assert counts(found) == {
        "P1-B21+S1": {CRITICAL: 1, WARNING: 0},
        "P1-B21+S2": {CRITICAL: 0, WARNING: 1},
    }
    assert [(each.id, each.device_name) for each in listed(found)] == [
        ("a", "host1"),
        ("c", "host2"),
    ]
    assert (found.items, found.problems) == (3, 1)


async def test_shards_ask_their_own_servers_and_know_no_total_in_the_fall_back(
    com: "FakeCom", run: "Run", fleet: Fleet
) -> None:
    com.items("v1/servers/P1-B21+S1/alerts", [alert("a")])

    found = await run("alerts", replace(fleet(1), others=fleet(2, 3).servers))

    assert counts(found) == {"P1-B21+S1": {CRITICAL: 1, WARNING: 0}}
    assert found.source_facets == ()


async def test_alerts_of_another_shards_servers_are_not_unassigned(
    com: "FakeCom", run: "Run", fleet: Fleet
) -> None:
    com.items(PATH, [alert("a", server=1), alert("b", server=2), alert("c", server=9)])

    found = await run("alerts", replace(fleet(1), others=fleet(2).servers))

    (of_source,) = found.source_facets
    assert isinstance(of_source, SourceAlerts)
    assert dict(of_source.counts)[CRITICAL] == 3
    assert dict(of_source.unassigned)[CRITICAL] == 1


async def test_a_server_that_has_left_costs_one_problem_in_the_fall_back(
    com: "FakeCom", run: "Run", fleet: Fleet
) -> None:
    com.items("v1/servers/P1-B21+S1/alerts", [alert("a")])

    found = await run("alerts", fleet(1, 2))

    assert (found.items, found.problems) == (1, 1)


async def test_the_lists_of_servers_are_filtered_as_long_as_that_is_accepted(
    com: "FakeCom", run: "Run", fleet: Fleet
) -> None:
    def refusing(call: "Call") -> "Reply":
        if "filter" in call.query:
            return 400, {"message": "clearedAt is not filterable"}
        return 200, {"total": 2, "items": [alert("b", server=2), alert("c", cleared=True)]}

    com.replies["v1/servers/P1-B21+S1/alerts"] = refusing

    for _ in range(2):
        found = await run("alerts", fleet(1), http={"concurrency": 1})
        assert [each.id for each in listed(found)] == ["b"]

    asked = [call.query for call in com.calls if "servers" in call.url.path]
    forms = [(query["limit"], "select" in query, "filter" in query) for query in asked]
    assert forms == [
        ("100", True, True),
        ("50", True, True),
        ("100", False, True),
        ("50", False, True),
        *[("100", False, False)] * 2,
    ]


async def test_where_no_server_has_a_list_either_the_run_fails(
    com: "FakeCom", run: "Run", fleet: Fleet
) -> None:
    with pytest.raises(SourceError) as caught:
        await run("alerts", fleet(1, 2))
    assert (caught.value.reason, caught.value.status) == (Reason.HTTP_4XX, 404)


@pytest.mark.parametrize("status", [400, 403, 404, 500])
@pytest.mark.parametrize("broken", [(1,), (29,), tuple(range(1, 20)), (3, 7, 12)])
async def test_servers_whose_alerts_cannot_be_read_cost_only_themselves(
    com: "FakeCom", run: "Run", fleet: Fleet, status: int, broken: tuple[int, ...]
) -> None:
    for number in range(1, 30):
        com.items(f"v1/servers/P1-B21+S{number}/alerts", [alert(f"a{number}")])
    for number in broken:
        com.reply(f"v1/servers/P1-B21+S{number}/alerts", status, {})

    found = await run("alerts", fleet(*range(1, 30)))

    assert len(listed(found)) == 29 - len(broken)
    assert found.problems == len(broken)
    unread = {server for server, each in counts(found).items() if not each}
    assert unread == {f"P1-B21+S{number}" for number in broken}


async def test_more_broken_servers_than_a_sample_has_cost_only_themselves_wherever_they_are(
    com: "FakeCom", run: "Run", fleet: Fleet
) -> None:
    for number in range(1, 231):
        com.items(f"v1/servers/P1-B21+S{number}/alerts", [alert(f"a{number}")])
    for number in range(1, 31):
        com.reply(f"v1/servers/P1-B21+S{number}/alerts", 403, {})

    found = await run("alerts", fleet(*range(1, 231)))

    assert (len(listed(found)), found.problems) == (200, 30)


async def test_the_last_alerts_of_a_server_stay_while_its_list_fails(
    com: "FakeCom", run: "Run", fleet: Fleet, clock: "FakeClock"
) -> None:
    com.items("v1/servers/P1-B21+S1/alerts", [alert("a")])
    com.items("v1/servers/P1-B21+S2/alerts", [alert("b")])
    await run("alerts", fleet(1, 2))
    com.reply("v1/servers/P1-B21+S2/alerts", 500, {})

    found = await run("alerts", fleet(1, 2))
    assert ([each.id for each in listed(found)], found.problems) == (["a", "b"], 1)

    clock.now += 3 * 900 + 1
    found = await run("alerts", fleet(1, 2))
    assert [each.id for each in listed(found)] == ["a"]
    assert counts(found)["P1-B21+S2"] == {}


@pytest.mark.parametrize("status", [403, 500])
async def test_where_every_server_refuses_the_run_fails_after_a_fair_sample(
    com: "FakeCom", run: "Run", fleet: Fleet, status: int
) -> None:
    for number in range(1, 101):
        com.reply(f"v1/servers/P1-B21+S{number}/alerts", status, {"message": "planted words"})

    with pytest.raises(SourceError, match="planted words") as caught:
        await run("alerts", fleet(*range(1, 101)), http={"concurrency": 1})

    assert caught.value.status == status
    assert len({call.url.path for call in com.calls}) == 1 + 20


@pytest.mark.parametrize("largest", [499, 500, 250, 100, 50])
async def test_a_page_size_that_is_refused_is_followed_by_a_smaller_one_and_remembered(
    com: "FakeCom", run: "Run", fleet: Fleet, largest: int
) -> None:
    items = [alert(f"a{number}") for number in range(130)]

    def limited(call: "Call") -> "Reply":
        limit, offset = int(call.query["limit"]), int(call.query["offset"])
        if limit > largest:
            return 400, {"message": f"limit must be less than or equal to {largest}"}
        return 200, {"total": 130, "items": items[offset : offset + limit]}

    com.replies[PATH] = limited

    for _ in range(2):
        assert counts(await run("alerts", fleet(1)))["P1-B21+S1"][CRITICAL] == 130

    refused = [call for call in com.calls if int(call.query["limit"]) > largest]
    assert len(refused) == sum(size > largest for size in (500, 250, 100, 50))


async def test_a_selection_that_is_refused_is_left_out_before_every_server_is_asked(
    com: "FakeCom", run: "Run", fleet: Fleet
) -> None:
    def whole(call: "Call") -> "Reply":
        if "select" in call.query:
            return 400, {"message": "select"}
        return 200, {"total": 1, "items": [alert("a")]}

    com.replies[PATH] = whole

    assert counts(await run("alerts", fleet(1)))["P1-B21+S1"][CRITICAL] == 1
    assert {call.url.path for call in com.calls} == {f"/compute-ops-mgmt/{PATH}"}


@pytest.mark.parametrize("status", [400, 404, 405, 501])
async def test_a_list_of_the_fleet_that_is_not_offered_leads_to_the_lists_of_the_servers(
    com: "FakeCom", run: "Run", fleet: Fleet, status: int
) -> None:
    com.reply(PATH, status, {})
    com.items("v1/servers/P1-B21+S1/alerts", [alert("a")])

    assert counts(await run("alerts", fleet(1)))["P1-B21+S1"][CRITICAL] == 1


@pytest.mark.parametrize("status", [403, 500])
async def test_other_failures_of_the_list_of_the_fleet_do_not_lead_to_the_fall_back(
    com: "FakeCom", run: "Run", fleet: Fleet, status: int
) -> None:
    com.reply(PATH, status, {})
    com.items("v1/servers/P1-B21+S1/alerts", [])

    with pytest.raises(SourceError) as caught:
        await run("alerts", fleet(1))
    assert caught.value.status == status
    assert com.asked("v1/servers/P1-B21+S1/alerts") == []


async def test_the_list_of_the_fleet_is_looked_for_again_hours_later(
    com: "FakeCom",
    clock: "FakeClock",
    witness: "Witness",
    make_settings: "MakeSettings",
    fleet: Fleet,
) -> None:
    com.items("v1/servers/P1-B21+S1/alerts", [])
    source = SOURCE.build(make_settings(), Surroundings(clock, witness))
    collector = next(each for each in source.collectors if isinstance(each, Alerts))
    assert collector.interval == 60

    await collector.collect(fleet(1))
    assert collector.interval == 900
    clock.now += REMEMBERED - 1
    await collector.collect(fleet(1))
    assert len(com.asked(PATH)) == 1
    clock.now += 1
    await collector.collect(fleet(1))
    assert len(com.asked(PATH)) == 2
    assert collector.interval == 900

    com.items(PATH, [alert("a")])
    clock.now += REMEMBERED
    found = await collector.collect(fleet(1))
    assert [each.id for each in listed(found)] == ["a"]
    assert collector.interval == 60
    await source.close()


async def test_a_longer_interval_stays_in_force_in_the_fall_back(
    com: "FakeCom",
    clock: "FakeClock",
    witness: "Witness",
    make_settings: "MakeSettings",
    fleet: Fleet,
) -> None:
    com.items("v1/servers/P1-B21+S1/alerts", [])
    settings = make_settings(collectors={"alerts": {"interval": "1h"}})
    source = SOURCE.build(settings, Surroundings(clock, witness))

    await source.collectors[1].collect(fleet(1))

    assert source.collectors[1].interval == 3600
    await source.close()


async def test_alerts_without_severity_and_device_and_with_new_words_are_named(
    com: "FakeCom", run: "Run", fleet: Fleet
) -> None:
    bare = [{"id": str(number), "resourceUri": f"/v1/alerts/{number}"} for number in range(3)]
    com.items(PATH, bare)
    assert missing((await run("alerts", fleet(1))).drift) == {"device": 3, "severity": 3}
    com.items(PATH, [{**each, "device": {}} for each in bare])
    assert missing((await run("alerts", fleet(1))).drift) == {"device.id": 3, "severity": 3}

    com.items(PATH, [*bare, alert("x", "FATAL")])
    found = await run("alerts", fleet(1))
    assert (missing(found.drift), unknown(found.drift)) == ({}, {"severity": ("FATAL",)})
