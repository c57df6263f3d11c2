"""What do the slower collectors make of answers that no healthy appliance gives?"""

import json
from collections.abc import Callable
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest
from aiohttp import web

from exporter.errors import NotAvailableError, Reason, SourceError
from exporter.model import (
    Collected,
    ConfigCompliance,
    DriftKind,
    FirmwareCompliance,
    GroupMembership,
    GroupSizes,
    Inventory,
    Memory,
    PowerDraw,
    Server,
    Utilization,
    Warranty,
)
from exporter.sources.ome.vocabulary import POWER_MANAGER
from tests.sources.ome.conftest import complaint

if TYPE_CHECKING:
    from exporter.sources.contract import Source
    from tests.sources.ome.conftest import Appliance, FakeClock

Build = Callable[..., "Source"]


def inventory_of(*ids: int) -> Inventory:
    return Inventory(
        tuple(Server(id=str(each), serial=f"TAG{each}", name=f"srv{each}") for each in ids)
    )


async def collect(source: "Source", name: str, inventory: Inventory) -> Collected:
    found = next(each for each in source.collectors if each.name == name)
    return await found.collect(inventory)


def column(collected: Collected, facet: type) -> dict[str, Any]:
    return dict(next(each.by_id for each in collected.columns if each.facet is facet))


def answer(body: Any, status: int = 200) -> Callable[[web.Request], web.Response]:
    return lambda _: web.Response(text=json.dumps(body), status=status)


def refusal(status: int) -> Callable[[web.Request], web.Response]:
    return lambda _: web.Response(status=status)


async def test_a_warranty_of_a_device_that_was_found_again_is_known_by_its_tag(
    appliance: "Appliance", build: Build
) -> None:
    appliance.serve(
        "WarrantyService/Warranties",
        [
            {"Id": 1, "DeviceId": 99, "DeviceIdentifier": "TAG1", "EndDate": "2030-01-01 00:00:00"},
            {"Id": 2, "DeviceId": 2, "DeviceIdentifier": None, "EndDate": None},
            {"Id": 3, "DeviceId": 77, "EndDate": "2031-01-01 00:00:00"},
            {"Id": "four"},
            {"Id": 5, "DeviceId": 1, "EndDate": "01/01/2032"},
            {"Id": 6, "DeviceId": 1, "EndDate": "0001-01-01 00:00:00.000"},
        ],
        cap=2,
    )
    source = build(appliance.url, timezone="Europe/Berlin")
    collected = await collect(source, "warranty", inventory_of(1, 2))
    end = datetime(2029, 12, 31, 23, tzinfo=UTC).timestamp()
    assert column(collected, Warranty) == {"1": Warranty(end)}
    # One record and one date could not be read.
    assert (collected.items, collected.problems) == (5, 2)


@pytest.mark.parametrize("count", [{}, {"@odata.count": "many"}])
async def test_a_list_without_a_usable_count_is_read_on_where_it_links_to_another_page(
    appliance: "Appliance", build: Build, count: dict[str, object]
) -> None:
    resource = "WarrantyService/Warranties"
    rows = [
        {"Id": each, "DeviceId": each, "EndDate": "2030-01-01 00:00:00"} for each in range(1, 13)
    ]

    def handler(request: web.Request) -> web.Response:
        skip = int(request.query["$skip"])
        link = {"@odata.nextLink": "/api/Elsewhere?skip=5"} if skip + 5 < len(rows) else {}
        return answer({**count, **link, "value": rows[skip : skip + 5]})(request)

    appliance.handlers[resource] = handler
    collected = await collect(build(appliance.url), "warranty", inventory_of(*range(1, 13)))
    assert len(column(collected, Warranty)) == 12
    assert not appliance.asked("Elsewhere")
    assert len(appliance.asked(resource)) == 3


async def test_a_group_whose_members_cannot_be_read_costs_no_other(
    appliance: "Appliance", build: Build, clock: "FakeClock"
) -> None:
    groups = [
        {"Id": number, "Name": name, "TypeId": kind}
        for number, name, kind in ((1, "a", 3000), (2, "b", 3000), (3, "c", 2000), (4, "d", 3000))
    ]
    appliance.serve("GroupService/Groups", groups)
    appliance.serve("GroupService/Groups(1)/Devices", [{"Id": 7}, {"Id": 8}])
    appliance.serve("GroupService/Groups(2)/Devices", [{"Id": 7}])
    source = build(appliance.url)
    collected = await collect(source, "groups", inventory_of(7, 9))
    assert column(collected, GroupMembership) == {"7": GroupMembership(("a", "b"))}
    assert collected.source_facets[0] == GroupSizes((("a", 2), ("b", 1)))
    assert not appliance.asked("Groups(3)")
    appliance.handlers["GroupService/Groups(2)/Devices"] = refusal(500)
    clock.now += 600
    later = await collect(source, "groups", inventory_of(7, 9))
    assert (later.source_facets[0], later.problems) == (collected.source_facets[0], 1)


@pytest.mark.parametrize("missing", ["UpdateService/Baselines", "TemplateService/Baselines"])
async def test_one_kind_of_baseline_is_enough(
    appliance: "Appliance", build: Build, missing: str
) -> None:
    report = {"Id": 1, "DeviceId": 1, "ServiceTag": "TAG1", "ComplianceStatus": "OK"}
    for service, last in (
        ("UpdateService", "DeviceComplianceReports"),
        ("TemplateService", "DeviceConfigComplianceReports"),
    ):
        appliance.serve(f"{service}/Baselines", [{"Id": 5, "Name": "b"}])
        appliance.serve(f"{service}/Baselines(5)/{last}", [report])
    appliance.handlers[missing] = refusal(403)
    source = build(appliance.url)
    collected = await collect(source, "compliance", inventory_of(1))
    found = {len(column(collected, facet)) for facet in (FirmwareCompliance, ConfigCompliance)}
    assert found == {0, 1}
    for service in ("UpdateService", "TemplateService"):
        appliance.handlers[f"{service}/Baselines"] = lambda _: complaint("CGEN1006", "none", 404)
    with pytest.raises(NotAvailableError, match="licence"):
        await collect(source, "compliance", inventory_of(1))


async def test_one_type_of_inventory_that_does_not_apply_costs_no_other(
    appliance: "Appliance", build: Build
) -> None:
    path = "DeviceService/Devices({})/InventoryDetails('{}')"
    modules = {"InventoryInfo": [{"Size": 1024}, {"Size": 1024}]}
    broken = {"InventoryInfo": [{"Size": 1024}, {"Size": []}]}
    appliance.handlers[path.format(1, "serverMemoryDevices")] = answer(modules)
    appliance.handlers[path.format(2, "serverMemoryDevices")] = answer(broken)
    appliance.handlers[path.format(3, "deviceSoftware")] = refusal(500)
    collected = await collect(build(appliance.url), "hardware", inventory_of(1, 2, 3))
    assert column(collected, Memory) == {"1": Memory(2 * 1024**3)}
    assert (collected.items, collected.problems) == (2, 1)


async def test_a_size_of_a_module_that_is_no_number_costs_the_memory_and_is_named(
    appliance: "Appliance", build: Build
) -> None:
    path = "DeviceService/Devices({})/InventoryDetails('serverMemoryDevices')"
    appliance.handlers[path.format(1)] = answer({"InventoryInfo": [{"Size": "8,192 MB"}]})
    appliance.handlers[path.format(2)] = answer({"InventoryInfo": [{"Size": "8192 MB"}]})
    collected = await collect(build(appliance.url), "hardware", inventory_of(1, 2))
    assert column(collected, Memory) == {"2": Memory(8 * 1024**3)}
    assert {each.name: each.values for each in collected.drift} == {"Size": ("<string>",)}


def power_manager(appliance: "Appliance", *settings: dict[str, Any]) -> None:
    plugin = {"Id": POWER_MANAGER.lower(), "Installed": True, "Enabled": True}
    appliance.handlers["PluginService/Plugins"] = answer({"value": [{"Id": "x"}, plugin]})
    appliance.handlers["PowerService/Settings"] = answer({"value": settings})
    monitored: list[dict[str, Any]] = [
        {"Id": 1, "ServiceTag": "TAG1"},
        {"Id": 55, "ServiceTag": "TAG2"},
        {"Id": 66},
    ]
    appliance.serve("PowerService/MonitoredDevices", monitored)


def metrics(*rows: tuple[int, Any, str]) -> dict[str, Any]:
    return {"Value": [{"Type": kind, "Value": value, "Timestamp": at} for kind, value, at in rows]}


async def test_readings_that_are_too_old_are_left_out(
    appliance: "Appliance", build: Build, clock: "FakeClock"
) -> None:
    clock.now = 1_750_000_000.0
    power_manager(appliance, {"Id": 2, "Value": "1"}, {"Id": 1, "Value": 1})
    at = datetime.fromtimestamp(clock.now - 1799, UTC).strftime("%Y-%m-%d %H:%M:%S.%f")
    old = datetime.fromtimestamp(clock.now - 1801, UTC).strftime("%Y-%m-%d %H:%M:%S.%f")
    appliance.handlers["MetricService/Metrics"] = answer(metrics((4, 100, at), (11, 50, old)))
    source = build(appliance.url)
    collected = await collect(source, "power_manager", inventory_of(1, 2, 3))
    draws = {"1": PowerDraw(100), "2": PowerDraw(100)}
    assert (column(collected, PowerDraw), column(collected, Utilization)) == (draws, {})
    assert (collected.items, collected.problems, collected.warnings) == (2, 0, ())
    assert len(appliance.asked("POST /api/MetricService")) == 2
    clock.now += 2
    later = await collect(source, "power_manager", inventory_of(1, 2, 3))
    assert column(later, PowerDraw) == {}
    assert "timezone" in later.warnings[0]


async def test_without_known_units_nothing_is_said_that_depends_on_them(
    appliance: "Appliance", build: Build
) -> None:
    power_manager(appliance)
    rows = metrics((4, 100, ""), (8, 20, ""), (14, 25, ""))
    appliance.handlers["MetricService/Metrics"] = answer(rows)
    collected = await collect(build(appliance.url), "power_manager", inventory_of(1))
    assert column(collected, PowerDraw) == {}
    assert column(collected, Utilization) == {"1": Utilization((("memory", 0.25),))}
    assert len(collected.warnings) == 2
    assert collected.drift == ()


async def test_text_for_a_number_is_named_in_what_power_manager_gives(
    appliance: "Appliance", build: Build
) -> None:
    units: list[dict[str, Any]] = [{"Id": 1, "Value": "1"}, {"Id": 2, "Value": "1"}]
    power_manager(appliance, *units, {"Id": 3, "Value": "15 min"})
    odd = metrics((4, "1,234", ""), (8, "N/A", ""), (11, 50, ""), (99, "7 x", ""))
    odd["Value"].append({"Type": "14 (memory)", "Value": 25})
    appliance.handlers["MetricService/Metrics"] = answer(odd)
    collected = await collect(build(appliance.url), "power_manager", inventory_of(1))
    assert column(collected, PowerDraw) == {}
    assert column(collected, Utilization) == {"1": Utilization((("cpu", 0.5),))}
    found = {each.name: each.values for each in collected.drift}
    names = ("Settings.METRIC_GATHERING_INTERVAL", "Type", "Value")
    assert found == dict.fromkeys(names, ("<string>",))


@pytest.mark.parametrize(
    "flags",
    [
        {"Installed": False, "Enabled": True},
        {"Installed": True, "Enabled": False},
        {"Installed": "true", "Enabled": False},
    ],
)
async def test_a_plugin_that_is_not_at_work_is_missing(
    appliance: "Appliance", build: Build, flags: dict[str, object]
) -> None:
    plugin = {"Id": POWER_MANAGER, **flags}
    appliance.handlers["PluginService/Plugins"] = answer({"value": [plugin]})
    with pytest.raises(NotAvailableError, match="Power Manager"):
        await collect(build(appliance.url), "power_manager", inventory_of(1))


@pytest.mark.parametrize(
    ("flags", "odd"),
    [
        ({"Installed": "true", "Enabled": True}, ["Installed"]),
        ({"Installed": True, "Enabled": [1]}, ["Enabled"]),
        ({"Installed": 1, "Enabled": "yes"}, ["Enabled", "Installed"]),
        ({"Installed": True}, []),
        ({"Installed": None, "Enabled": None}, []),
        ({}, []),
    ],
)
async def test_power_manager_is_asked_where_its_flags_do_not_say_whether_it_is_at_work(
    appliance: "Appliance", build: Build, flags: dict[str, object], odd: list[str]
) -> None:
    power_manager(appliance, {"Id": 2, "Value": "1"}, {"Id": 1, "Value": "1"})
    plugin = {"Id": POWER_MANAGER, **flags}
    appliance.handlers["PluginService/Plugins"] = answer({"value": [{"Id": "x"}, plugin]})
    appliance.handlers["MetricService/Metrics"] = answer(metrics((4, 100, "")))
    collected = await collect(build(appliance.url), "power_manager", inventory_of(1))
    assert column(collected, PowerDraw) == {"1": PowerDraw(100)}
    assert [each.name for each in collected.drift if each.kind is DriftKind.UNKNOWN_VALUES] == odd


async def test_power_manager_is_asked_where_its_row_may_be_one_that_cannot_be_read(
    appliance: "Appliance", build: Build
) -> None:
    power_manager(appliance, {"Id": 2, "Value": "1"}, {"Id": 1, "Value": "1"})
    appliance.handlers["PluginService/Plugins"] = answer({"value": [{"Id": "x"}, {"Id": 7}]})
    appliance.handlers["MetricService/Metrics"] = answer(metrics((4, 100, "")))
    collected = await collect(build(appliance.url), "power_manager", inventory_of(1))
    assert column(collected, PowerDraw) == {"1": PowerDraw(100)}
    assert collected.problems == 1


async def test_power_manager_that_answers_itself_that_it_is_not_there_is_missing(
    appliance: "Appliance", build: Build
) -> None:
    plugin = {"Id": POWER_MANAGER, "Installed": "true", "Enabled": "true"}
    appliance.handlers["PluginService/Plugins"] = answer({"value": [plugin]})
    with pytest.raises(NotAvailableError, match="Power Manager"):
        await collect(build(appliance.url), "power_manager", inventory_of(1))


async def test_a_session_that_ended_is_renewed_for_a_question_too(
    appliance: "Appliance", build: Build
) -> None:
    power_manager(appliance, {"Id": 2, "Value": "1"})

    def metrics_once(_: web.Request) -> web.Response:
        appliance.handlers["MetricService/Metrics"] = answer(metrics((4, 7, "")))
        return web.Response(status=401)

    appliance.handlers["MetricService/Metrics"] = metrics_once
    collected = await collect(build(appliance.url), "power_manager", inventory_of(1))
    assert column(collected, PowerDraw) == {"1": PowerDraw(7)}
    assert len(appliance.login_bodies) == 2


async def test_a_login_that_fails_is_a_failure_whatever_its_status(
    appliance: "Appliance", build: Build
) -> None:
    appliance.login = refusal(403)
    with pytest.raises(SourceError) as caught:
        await collect(build(appliance.url), "jobs", inventory_of())
    assert caught.value.reason is Reason.FORBIDDEN


async def test_an_error_with_a_status_of_success_is_a_failure_that_quotes_it(
    appliance: "Appliance", build: Build
) -> None:
    info = {"MessageId": "CGEN1008", "Message": "Unable to process the request."}
    error = {"error": {"code": "Base.1.0.GeneralError", "@Message.ExtendedInfo": [info]}}
    readings: dict[str, Any] = {"power": "136"}
    appliance.handlers["DeviceService/Devices(1)/Power"] = answer(readings)
    source = build(appliance.url)
    await collect(source, "power", inventory_of(1))
    appliance.handlers["DeviceService/Devices(1)/Power"] = answer(error)
    appliance.handlers["DeviceService/Devices(1)/Temperature"] = answer(error)
    with pytest.raises(SourceError, match="HTTP 200: CGEN1008: Unable to process") as caught:
        await collect(source, "power", inventory_of(1))
    assert caught.value.reason is Reason.SCHEMA
