"""Do the collectors give what the appliance knows, whole and once?"""

import asyncio
import itertools
import random
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import pytest
from aiohttp import web

from exporter.errors import NotAvailableError, Reason, SourceError
from exporter.model import (
    AlertCounts,
    AlertSeverity,
    Collected,
    Components,
    Description,
    Health,
    Inventory,
    InventoryCount,
    Power,
    PowerDraw,
    Server,
    SourceAlerts,
    Status,
    Temperatures,
)
from exporter.sources.ome import SOURCE
from tests.sources.ome.conftest import complaint
from tests.support.drift import missing, unknown

if TYPE_CHECKING:
    from exporter.sources.contract import Source
    from tests.sources.ome.conftest import Appliance, FakeClock, Recorder

Build = Callable[..., "Source"]
CRITICAL, WARNING, INFO = AlertSeverity
ADDED = (
    "power_manager",
    "groups",
    "compliance",
    "warranty",
    "jobs",
    "hardware",
    "appliance",
)


def inventory_of(*ids: int, ill: tuple[int, ...] = ()) -> Inventory:
    return Inventory(
        tuple(Server(id=str(each), serial=f"TAG{each}", name=f"srv{each}") for each in ids),
        {str(each): Status(health=Health.CRITICAL if each in ill else Health.OK) for each in ids},
    )


async def collect(source: "Source", name: str, inventory: Inventory | None = None) -> Collected:
    found = next(each for each in source.collectors if each.name == name)
    return await found.collect(inventory or Inventory())


def column(collected: Collected, facet: type) -> dict[str, Any]:
    return dict(next(each.by_id for each in collected.columns if each.facet is facet))


def device(number: int, **fields: Any) -> dict[str, Any]:
    return {
        "Id": number,
        "Type": 1000,
        "Identifier": f"TAG{number}",
        "Status": 1000,
        "PowerState": 17,
        **fields,
    }


# --- the source


async def test_the_inventory_comes_first_and_intervals_can_be_set(build: Build) -> None:
    added = {name: {"enabled": False} for name in ADDED}
    chosen = {"alerts": {"interval": "90s"}, "power": {"enabled": False}, **added}
    source = build("https://ome.example.net", collectors=chosen)
    found = [(each.name, each.interval) for each in source.collectors]
    assert found == [("devices", 60), ("alerts", 90), ("health", 300)]
    assert list(SOURCE.intervals) == ["devices", "alerts", "health", "power", *ADDED]
    assert SOURCE.vendor == "dell"


async def test_the_version_is_told_once(
    appliance: "Appliance", build: Build, recorder: "Recorder"
) -> None:
    appliance.serve("DeviceService/Devices", [])
    appliance.handlers["ApplicationService/Info"] = lambda _: web.Response(
        text='{"Version": "4.1.0"}'
    )
    source = build(appliance.url)
    await collect(source, "devices")
    await collect(source, "devices")
    assert recorder.versions == ["4.1.0"]
    assert len(appliance.asked("Info")) == 1


@pytest.mark.parametrize(
    ("status", "body", "asked"),
    [
        (403, "", 1),
        (404, "<html>", 2),
        (200, "<html>", 2),
        (200, '{"Version": 4}', 1),
        (200, "{}", 1),
    ],
)
async def test_a_version_that_cannot_be_read_costs_nothing(
    appliance: "Appliance",
    build: Build,
    recorder: "Recorder",
    status: int,
    body: str,
    asked: int,
) -> None:
    appliance.serve("DeviceService/Devices", [device(1)])
    appliance.handlers["ApplicationService/Info"] = lambda _: web.Response(status=status, text=body)
    source = build(appliance.url)
    for _ in range(2):
        assert (await collect(source, "devices")).items == 1
    assert recorder.versions == []
    assert len(appliance.asked("Info")) == asked


# --- devices


@pytest.mark.parametrize(("count", "cap"), [(0, 200), (1, 200), (50, 50), (437, 50), (437, 1000)])
async def test_every_device_is_read_whatever_the_page_size(
    appliance: "Appliance", build: Build, count: int, cap: int
) -> None:
    listed = [device(number) for number in range(count, 0, -1)]
    appliance.serve("DeviceService/Devices", listed, cap=cap)
    collected = await collect(build(appliance.url), "devices")
    assert collected.servers is not None
    assert [server.id for server in collected.servers] == [str(n + 1) for n in range(count)]
    assert collected.source_facets == (InventoryCount(servers=count, reported=count),)
    assert len(column(collected, Description)) == len(column(collected, Status)) == count
    assert not appliance.asked("?skip")


@pytest.mark.parametrize(("count", "came"), [(300, 200), (6, 2)])
async def test_a_count_that_is_always_too_high_is_a_warning(
    appliance: "Appliance", build: Build, count: int, came: int
) -> None:
    appliance.handlers["DeviceService/Devices"] = lambda request: web.json_response(
        {
            "@odata.count": count,
            "value": [device(n) for n in range(came)] if request.query["$skip"] == "0" else [],
        }
    )
    collected = await collect(build(appliance.url), "devices")
    assert collected.source_facets == (InventoryCount(servers=came, reported=count),)
    assert f"counts {count} items but returns the same {came}" in collected.warnings[0]


async def test_pages_in_changing_order_are_read_until_every_device_has_come(
    appliance: "Appliance", build: Build
) -> None:
    calls = itertools.count()

    def shuffled(request: web.Request) -> web.StreamResponse:
        listed = [device(n) for n in range(450)]
        random.Random(next(calls)).shuffle(listed)  # noqa: S311 - no secret
        skip, top = int(request.query["$skip"]), int(request.query["$top"])
        return web.json_response({"@odata.count": 450, "value": listed[skip : skip + top]})

    appliance.handlers["DeviceService/Devices"] = shuffled
    collected = await collect(build(appliance.url), "devices")
    assert len(collected.servers or ()) == 450
    assert collected.warnings == ()


async def test_an_appliance_that_refuses_to_sort_devices_is_asked_without(
    appliance: "Appliance", build: Build
) -> None:
    appliance.serve("DeviceService/Devices", [device(1), device(2)])
    sorted_too = appliance.handlers["DeviceService/Devices"]

    def handler(request: web.Request) -> web.StreamResponse:
        return web.Response(status=400) if "$orderby" in request.query else sorted_too(request)

    appliance.handlers["DeviceService/Devices"] = handler
    source = build(appliance.url)
    for _ in range(2):
        assert len((await collect(source, "devices")).servers or ()) == 2
    assert len(appliance.asked("$orderby")) == 3


@pytest.mark.parametrize("collector", ["devices", "alerts", "jobs", "warranty"])
async def test_a_page_size_that_is_refused_is_followed_by_a_smaller_one_and_remembered(
    appliance: "Appliance", build: Build, collector: str
) -> None:
    resource = {
        "devices": "DeviceService/Devices",
        "alerts": "AlertService/Alerts",
        "jobs": "JobService/Jobs",
        "warranty": "WarrantyService/Warranties",
    }[collector]
    appliance.serve(resource, [device(1)])
    paged = appliance.handlers[resource]

    def handler(request: web.Request) -> web.StreamResponse:
        return web.Response(status=400) if int(request.query["$top"]) > 60 else paged(request)

    appliance.handlers[resource] = handler
    source = build(appliance.url)
    assert (await collect(source, collector)).items >= 1
    first = len(appliance.asked(resource))
    assert (await collect(source, collector)).items >= 1
    # The second time, nothing is refused.
    assert len(appliance.asked(resource)) - first < first


async def test_records_that_cannot_be_read_are_counted_and_cost_no_other(
    appliance: "Appliance", build: Build
) -> None:
    listed: list[Any] = [
        device(1),
        device(0, Identifier="TAG1"),
        device(3, Identifier=None, DeviceServiceTag=None),
        device(4, Status="1000", ManagedState="3000", Model="R740"),
        {"Identifier": "no id"},
        None,
        "text",
        device(5, Status=6000, PowerState=None, DeviceName="<script>\n", DeviceManagement=None),
    ]
    appliance.serve("DeviceService/Devices", listed)
    collected = await collect(build(appliance.url), "devices")
    assert collected.servers == (
        Server(id="1", serial="TAG1", name="TAG1"),
        Server(id="4", serial="TAG4", name="TAG4"),
        Server(id="5", serial="TAG5", name="<script>"),
    )
    assert (collected.items, collected.problems, collected.duplicates) == (5, 4, 1)
    assert unknown(collected.drift) == {
        "Status": ("6000", "<string>"),
        "ManagedState": ("<string>",),
    }
    assert column(collected, Status)["4"].managed is None
    assert column(collected, Description)["4"].model == "R740"
    assert column(collected, Status)["5"].health is Health.UNKNOWN
    assert collected.source_facets == (InventoryCount(servers=3, reported=8),)


async def test_an_inventory_time_that_cannot_be_read_is_a_skipped_reading_in_each_run(
    appliance: "Appliance", build: Build, clock: "FakeClock"
) -> None:
    clock.now = 1_700_000_000.0
    times = ["2023-07-02 18:30:20.810", "07/02/2023", None, "null", "0001-01-01 00:00:00.000"]
    appliance.serve(
        "DeviceService/Devices",
        [device(number, LastInventoryTime=text) for number, text in enumerate(times)],
    )
    source = build(appliance.url)
    for _ in range(2):
        collected = await collect(source, "devices")
        assert (collected.items, collected.problems) == (5, 1)


async def test_inventory_times_are_read_in_the_zone_of_the_source(
    appliance: "Appliance", build: Build, clock: "FakeClock"
) -> None:
    clock.now = 1_700_000_000.0
    appliance.serve(
        "DeviceService/Devices", [device(1, LastInventoryTime="2023-07-02 18:30:20.810")]
    )
    collected = await collect(build(appliance.url, timezone="Europe/Berlin"), "devices")
    assert column(collected, Status)["1"].inventory_at == pytest.approx(1688315420.81)


# --- alerts


def alert(number: int, severity: int, on: int | None, **fields: Any) -> dict[str, Any]:
    return {
        "Id": number,
        "SeverityType": severity,
        "StatusType": 2000,
        "AlertDeviceId": on,
        "AlertDeviceIdentifier": f"TAG{on}",
        "Message": "Fan failed. ",
        **fields,
    }


def matches(item: dict[str, Any], where: str) -> bool:
    """Evaluate the expressions that the appliance is asked with, joined by `and` only."""
    return all(
        item[part.split()[0]] == int(part.split()[2]) for part in where.split(" and ") if part
    )


ALERTS = [
    alert(1, 16, 1),
    alert(2, 16, 1),
    alert(3, 8, 2),
    alert(4, 8, 99),
    alert(5, 4, 1),
    alert(6, 2, 2),
    alert(7, 1, None),
    alert(8, 16, 1, StatusType=1000),
    alert(9, 16, 77, AlertDeviceIdentifier="TAG2"),
]


async def test_open_alerts_are_counted_by_server_and_severity(
    appliance: "Appliance", build: Build
) -> None:
    appliance.serve("AlertService/Alerts", ALERTS, keep=matches)
    collected = await collect(build(appliance.url), "alerts", inventory_of(1, 2, 3))
    assert column(collected, AlertCounts) == {
        "1": AlertCounts(((CRITICAL, 2), (WARNING, 0))),
        "2": AlertCounts(((CRITICAL, 1), (WARNING, 1))),
    }
    assert collected.columns[0].default == AlertCounts(((CRITICAL, 0), (WARNING, 0)))
    assert collected.source_facets == (
        SourceAlerts(
            counts=((CRITICAL, 3), (WARNING, 2), (INFO, 3)),
            unassigned=((CRITICAL, 0), (WARNING, 1)),
        ),
    )
    assert collected.alerts is not None
    assert {each.id for each in collected.alerts} == {"1", "2", "3", "4", "9"}
    assert collected.alerts[0].message == "Fan failed."


async def test_info_alerts_are_listed_when_they_are_switched_on(
    appliance: "Appliance", build: Build
) -> None:
    appliance.serve("AlertService/Alerts", ALERTS, keep=matches)
    chosen = {"alerts": {"severities": ["info", "info"]}}
    collected = await collect(
        build(appliance.url, collectors=chosen), "alerts", inventory_of(1, 2, 3)
    )
    assert column(collected, AlertCounts)["2"] == AlertCounts(((INFO, 1),))
    (source,) = collected.source_facets
    assert isinstance(source, SourceAlerts)
    assert source.counts == ((CRITICAL, 3), (WARNING, 2), (INFO, 3))
    assert source.unassigned == ((CRITICAL, 0), (WARNING, 1), (INFO, 1))
    assert collected.alerts is not None
    assert {each.severity for each in collected.alerts} == {CRITICAL, WARNING}
    assert not appliance.asked("$top=1&")


async def test_more_alerts_than_a_page_holds_are_all_counted(
    appliance: "Appliance", build: Build
) -> None:
    many = [alert(number, 8, number % 3) for number in range(733)]
    appliance.serve("AlertService/Alerts", many, cap=100, keep=matches)
    collected = await collect(build(appliance.url), "alerts", inventory_of(0, 1, 2))
    assert collected.items == 733
    counts = column(collected, AlertCounts)
    assert sum(dict(each.counts)[WARNING] for each in counts.values()) == 733


async def test_the_number_of_info_alerts_is_never_negative(
    appliance: "Appliance", build: Build
) -> None:
    def handler(request: web.Request) -> web.Response:
        listed = [alert(1, 16, 1)] if "eq 16 " in request.query["$filter"] else []
        return web.json_response({"@odata.count": len(listed), "value": listed})

    appliance.handlers["AlertService/Alerts"] = handler
    (source,) = (await collect(build(appliance.url), "alerts")).source_facets
    assert isinstance(source, SourceAlerts)
    assert dict(source.counts)[INFO] == 0


async def test_info_alerts_are_not_known_where_the_appliance_counts_nothing(
    appliance: "Appliance", build: Build
) -> None:
    def handler(request: web.Request) -> web.Response:
        listed = [alert(1, 16, 1)] if "eq 16 " in request.query["$filter"] else []
        return web.json_response({"value": listed})

    appliance.handlers["AlertService/Alerts"] = handler
    (source,) = (await collect(build(appliance.url), "alerts", inventory_of(1))).source_facets
    assert source == SourceAlerts(
        counts=((CRITICAL, 1), (WARNING, 0)), unassigned=((CRITICAL, 0), (WARNING, 0))
    )


async def test_an_appliance_that_refuses_to_sort_is_asked_without_from_then_on(
    appliance: "Appliance", build: Build
) -> None:
    appliance.serve("AlertService/Alerts", ALERTS, keep=matches)
    sorted_too = appliance.handlers["AlertService/Alerts"]

    def handler(request: web.Request) -> web.StreamResponse:
        if "$orderby" in request.query:
            return web.Response(status=400)
        return sorted_too(request)

    appliance.handlers["AlertService/Alerts"] = handler
    source = build(appliance.url)
    assert (await collect(source, "alerts")).items == 5
    assert (await collect(source, "alerts")).items == 5
    assert len(appliance.asked("$orderby")) == 4


@pytest.mark.parametrize("status", [404, 405, 501])
async def test_alerts_that_are_not_offered_are_not_available(
    appliance: "Appliance", build: Build, status: int
) -> None:
    appliance.handlers["AlertService/Alerts"] = lambda _: complaint("CGEN1006", "none", status)
    with pytest.raises(NotAvailableError, match=f"HTTP {status}"):
        await collect(build(appliance.url), "alerts")


async def test_a_query_that_is_refused_either_way_does_not_end_the_sorting(
    appliance: "Appliance", build: Build
) -> None:
    appliance.handlers["AlertService/Alerts"] = lambda _: web.Response(status=400)
    source = build(appliance.url)
    for _ in range(2):
        with pytest.raises(SourceError) as caught:
            await collect(source, "alerts")
        assert caught.value.status == 400
    assert len(appliance.asked("$orderby")) == 8


async def test_an_alert_that_was_acknowledged_meanwhile_or_listed_twice_counts_rightly(
    appliance: "Appliance", build: Build
) -> None:
    # A build that ignores the filter gives everything to every question.
    listed = [*ALERTS, alert(10, 64, 1)]
    appliance.serve("AlertService/Alerts", listed)
    collected = await collect(build(appliance.url), "alerts", inventory_of(1, 2, 3))
    assert dict(column(collected, AlertCounts)["1"].counts) == {CRITICAL: 2, WARNING: 0}
    assert collected.items == 9
    assert unknown(collected.drift) == {"SeverityType": ("64",)}


async def test_alerts_without_a_device_and_with_an_odd_status_are_named(
    appliance: "Appliance", build: Build
) -> None:
    listed = [alert(number, 16, 1, StatusType=3000) for number in range(3)]
    for each in listed:
        del each["AlertDeviceId"]
    appliance.serve("AlertService/Alerts", listed)
    collected = await collect(build(appliance.url), "alerts", inventory_of(1))
    assert unknown(collected.drift) == {"StatusType": ("3000",)}
    assert "AlertDeviceId" in missing(collected.drift)


async def test_alerts_that_cannot_be_read_are_problems(
    appliance: "Appliance", build: Build
) -> None:
    listed = [alert(1, 16, 1), {"Id": "x"}, alert(2, 16, 1, AlertDeviceId="1")]
    appliance.serve("AlertService/Alerts", listed, keep=lambda _, where: " 16 " in where)
    collected = await collect(build(appliance.url), "alerts", inventory_of(1))
    assert (collected.items, collected.problems) == (2, 1)
    assert unknown(collected.drift) == {"AlertDeviceId": ("<string>",)}


# --- health


def subsystems(*pairs: tuple[str, Any]) -> Callable[[web.Request], web.Response]:
    value = [{"SubSystem": name, "RollupStatus": code} for name, code in pairs]
    return lambda _: web.json_response({"@odata.count": len(value), "value": value})


def health_of(number: int) -> str:
    return f"DeviceService/Devices({number})/SubSystemHealth"


async def test_ill_devices_are_read_each_time_and_healthy_ones_in_turn(
    appliance: "Appliance", build: Build, clock: "FakeClock"
) -> None:
    for number in range(1, 25):
        appliance.handlers[health_of(number)] = subsystems(("Fan", "1000"))
    appliance.handlers[health_of(1)] = subsystems(("Fan", "4000"), ("Memory", "1000"))
    source = build(appliance.url)
    fleet = inventory_of(*range(1, 25), ill=(2,))
    collected = await collect(source, "health", fleet)
    assert (collected.items, collected.problems) == (24, 0)
    assert column(collected, Components)["1"] == Components((("fans", 2), ("memory", 0)))
    assert len(column(collected, Components)) == 24

    read: list[str] = []
    for _ in range(12):
        clock.now += 300
        appliance.raw.clear()
        collected = await collect(source, "health", fleet)
        assert len(column(collected, Components)) == 24
        assert {"GET /api/" + health_of(1), "GET /api/" + health_of(2)} <= set(appliance.raw)
        assert len(appliance.raw) == 4
        read += appliance.raw
    assert set(read) == {f"GET /api/{health_of(number)}" for number in range(1, 25)}


async def test_a_new_device_is_read_at_once_and_one_that_left_is_gone(
    appliance: "Appliance", build: Build, clock: "FakeClock"
) -> None:
    for number in (1, 2, 3):
        appliance.handlers[health_of(number)] = subsystems(("Fan", "1000"))
    source = build(appliance.url)
    await collect(source, "health", inventory_of(1, 2))
    clock.now += 1
    collected = await collect(source, "health", inventory_of(2, 3))
    assert column(collected, Components).keys() == {"2", "3"}
    assert len(appliance.asked(health_of(3))) == 1


async def test_after_a_failed_run_everybody_who_could_not_be_read_is_due_again(
    appliance: "Appliance", build: Build, clock: "FakeClock"
) -> None:
    for number in range(1, 13):
        appliance.handlers[health_of(number)] = lambda _: web.Response(status=500)
    source = build(appliance.url)
    with pytest.raises(SourceError):
        await collect(source, "health", inventory_of(*range(1, 13)))
    for number in range(1, 13):
        appliance.handlers[health_of(number)] = subsystems(("Fan", "1000"))
    clock.now += 60
    collected = await collect(source, "health", inventory_of(*range(1, 13)))
    assert len(column(collected, Components)) == 12


async def test_one_refusal_costs_a_device_neither_its_parts_nor_six_hours(
    appliance: "Appliance", build: Build, clock: "FakeClock"
) -> None:
    good, refusal = subsystems(("Fan", "1000")), lambda _: web.Response(status=400)
    appliance.handlers.update({health_of(number): good for number in (1, 2)})
    source, fleet = build(appliance.url), inventory_of(1, 2, ill=(1, 2))
    await collect(source, "health", fleet)
    clock.now += 300
    appliance.handlers[health_of(1)] = refusal
    collected = await collect(source, "health", fleet)
    assert column(collected, Components).keys() == {"1", "2"}

    clock.now += 300
    appliance.handlers[health_of(1)] = subsystems(("Fan", "4000"))
    collected = await collect(source, "health", fleet)
    assert column(collected, Components)["1"] == Components((("fans", 2),))


async def test_a_device_that_could_not_be_read_is_read_in_the_next_run(
    appliance: "Appliance", build: Build, clock: "FakeClock"
) -> None:
    for number in range(1, 25):
        appliance.handlers[health_of(number)] = subsystems(("Fan", "1000"))
    appliance.handlers[health_of(7)] = lambda _: web.Response(status=500)
    appliance.handlers[health_of(8)] = lambda _: web.json_response({"value": [{}, {}]})
    source = build(appliance.url)
    fleet = inventory_of(*range(1, 25))
    collected = await collect(source, "health", fleet)
    assert (collected.items, collected.problems) == (22, 2)

    for number in (7, 8):
        appliance.handlers[health_of(number)] = subsystems(("Fan", "1000"), ("Memory", "1000"))
    clock.now += 300
    collected = await collect(source, "health", fleet)
    parts = column(collected, Components)
    assert {len(parts[each].severities) for each in "78"} == {2}
    assert collected.items == 2 + 2


async def test_a_device_that_fails_again_and_again_waits_for_its_turn(
    appliance: "Appliance", build: Build, clock: "FakeClock"
) -> None:
    for number in range(1, 13):
        appliance.handlers[health_of(number)] = subsystems(("Fan", "1000"))
    appliance.handlers[health_of(7)] = lambda _: web.Response(text="<html>")
    source = build(appliance.url)
    fleet = inventory_of(*range(1, 13))
    collected = await collect(source, "health", fleet)
    assert (collected.items, collected.problems) == (11, 1)
    asked = []
    for _ in range(24):
        clock.now += 300
        await collect(source, "health", fleet)
        asked.append(len(appliance.asked(health_of(7))))
        appliance.raw.clear()
    assert asked[:2] == [2, 1]
    # Which healthy device is asked beside it is left to chance, and moves its turn by a run or two.
    turns = [place for place, count in enumerate(asked) if count]
    assert {asked[place] for place in turns[2:]} == {1}
    assert all(later - earlier >= 9 for earlier, later in itertools.pairwise(turns[1:]))
    for number in range(1, 13):
        appliance.handlers[health_of(number)] = lambda _: web.Response(status=500)
    clock.now += 300
    with pytest.raises(SourceError):
        await collect(source, "health", fleet)


async def test_a_run_that_is_given_up_half_way_is_continued_by_the_next_one(
    appliance: "Appliance", build: Build, clock: "FakeClock"
) -> None:
    half_way = asyncio.Event()

    def handler(request: web.Request) -> web.Response:
        if len(appliance.asked("Health")) == 6:
            half_way.set()
        return subsystems(("Fan", "1000"))(request)

    for number in range(1, 13):
        appliance.handlers[health_of(number)] = handler
    source = build(appliance.url)
    fleet = inventory_of(*range(1, 13))
    run = asyncio.create_task(collect(source, "health", fleet))
    await half_way.wait()
    run.cancel()
    with pytest.raises(asyncio.CancelledError):
        await run
    clock.now += 300
    collected = await collect(source, "health", fleet)
    assert len(column(collected, Components)) == 12
    assert collected.items < 12


async def test_rows_that_cannot_be_read_and_unknown_words_are_counted_and_named(
    appliance: "Appliance", build: Build
) -> None:
    appliance.handlers[health_of(1)] = lambda _: web.json_response(
        {
            "value": [
                {"SubSystem": "Fan", "RollupStatus": "1000"},
                {"SubSystem": None},
                {"SubSystem": "Memory", "RollupStatus": {}},
                {"SubSystem": "Storage", "RollupStatus": "9"},
                {"SubSystem": "FluxCapacitor", "RollupStatus": "3000"},
            ]
        }
    )
    appliance.handlers[health_of(2)] = lambda _: web.json_response({"value": [1, 2]})
    collected = await collect(build(appliance.url), "health", inventory_of(1, 2))
    expected = {"1": Components((("fans", 0), ("flux_capacitor", 1)))}
    assert column(collected, Components) == expected
    assert collected.problems == 2
    assert unknown(collected.drift) == {
        "RollupStatus": ("9", "<object>"),
        "SubSystem": ("FluxCapacitor",),
    }


async def test_parts_that_are_counted_but_not_listed_cost_no_earlier_reading(
    appliance: "Appliance", build: Build, clock: "FakeClock"
) -> None:
    for number in (1, 2):
        appliance.handlers[health_of(number)] = subsystems(("Fan", "3000"))
    source, fleet = build(appliance.url), inventory_of(1, 2)
    before = column(await collect(source, "health", fleet), Components)
    empty = {"@odata.count": 1, "value": []}
    appliance.handlers[health_of(1)] = lambda _: web.json_response(empty)
    clock.now += 300
    collected = await collect(source, "health", fleet)
    assert (column(collected, Components), collected.problems) == (before, 1)


# --- power


def power_of(number: int) -> str:
    return f"DeviceService/Devices({number})/Power"


def temperature_of(number: int) -> str:
    return f"DeviceService/Devices({number})/Temperature"


def json_of(**fields: Any) -> Callable[[web.Request], web.Response]:
    return lambda _: web.json_response(fields)


async def test_power_and_temperature_of_every_device(appliance: "Appliance", build: Build) -> None:
    for number in (1, 2):
        appliance.handlers[power_of(number)] = json_of(power=str(100 * number), powerUnit="watt")
        appliance.handlers[temperature_of(number)] = json_of(instantaneousTemperature="23")
    appliance.handlers[power_of(3)] = json_of(power="N/A")
    appliance.handlers[temperature_of(3)] = json_of(
        instantaneousTemperature="290", instantaneousTemperatureUnit="kelvin"
    )
    collected = await collect(build(appliance.url), "power", inventory_of(1, 2, 3))
    assert column(collected, PowerDraw) == {"1": PowerDraw(100), "2": PowerDraw(200)}
    assert column(collected, Power) == {}
    sensors = Temperatures((("system", 23),))
    assert column(collected, Temperatures) == {"1": sensors, "2": sensors}
    assert (collected.items, collected.problems) == (6, 0)
    assert unknown(collected.drift) == {"instantaneousTemperatureUnit": ("kelvin",)}


async def test_text_that_is_no_number_is_named_and_a_word_for_none_is_not(
    appliance: "Appliance", build: Build
) -> None:
    appliance.handlers[power_of(1)] = json_of(
        power="123 W", peakPower="1,234", minimumPower="98", systemEnergyConsumption="N/A"
    )
    appliance.handlers[temperature_of(1)] = json_of(instantaneousTemperature="23 C")
    collected = await collect(build(appliance.url), "power", inventory_of(1))
    assert column(collected, PowerDraw) == {}
    assert column(collected, Power) == {"1": Power(minimum_watts=98)}
    assert unknown(collected.drift) == dict.fromkeys(
        ("power", "peakPower", "instantaneousTemperature"), ("<string>",)
    )


async def test_a_device_without_a_temperature_keeps_its_power_and_is_not_asked_again(
    appliance: "Appliance", build: Build
) -> None:
    appliance.handlers[power_of(1)] = json_of(power="100")
    appliance.handlers[temperature_of(1)] = lambda _: web.Response(status=501)
    source = build(appliance.url)
    for _ in range(2):
        collected = await collect(source, "power", inventory_of(1))
        assert column(collected, PowerDraw) == {"1": PowerDraw(100)}
        assert collected.problems == 0
    assert len(appliance.asked("Temperature")) == 1


async def test_no_temperature_at_all_costs_no_power(appliance: "Appliance", build: Build) -> None:
    for number in range(10):
        appliance.handlers[power_of(number)] = json_of(power="100")
        appliance.handlers[temperature_of(number)] = lambda _: web.Response(status=500)
    collected = await collect(build(appliance.url), "power", inventory_of(*range(10)))
    assert len(column(collected, PowerDraw)) == 10
    assert collected.problems == 10


async def test_a_power_reading_is_kept_for_three_intervals_while_newer_ones_fail(
    appliance: "Appliance", build: Build, clock: "FakeClock"
) -> None:
    for number in (1, 2):
        appliance.handlers[power_of(number)] = json_of(power="100")
        appliance.handlers[temperature_of(number)] = json_of()
    source = build(appliance.url)
    await collect(source, "power", inventory_of(1, 2))
    appliance.handlers[power_of(1)] = lambda _: web.Response(text='["power"]')
    clock.now += 900
    collected = await collect(source, "power", inventory_of(1, 2))
    assert (set(column(collected, PowerDraw)), collected.problems) == ({"1", "2"}, 1)
    clock.now += 1
    assert set(column(await collect(source, "power", inventory_of(1, 2)), PowerDraw)) == {"2"}


async def test_a_user_without_rights_fails_the_run(appliance: "Appliance", build: Build) -> None:
    appliance.handlers[power_of(1)] = lambda _: web.Response(status=403)
    with pytest.raises(SourceError) as caught:
        await collect(build(appliance.url), "power", inventory_of(1))
    assert caught.value.reason is Reason.FORBIDDEN
