"""Devices that always fail or refuse cost themselves, in every collector that asks one by one."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import pytest
from aiohttp import web

from exporter.errors import NotAvailableError, Reason, SourceError
from exporter.model import (
    Collected,
    Components,
    Firmware,
    Inventory,
    Location,
    Memory,
    PowerDraw,
    Server,
    Temperatures,
    Utilization,
)
from exporter.sources.ome.vocabulary import POWER_MANAGER
from tests.sources.ome.conftest import complaint, reply

if TYPE_CHECKING:
    from exporter.sources.contract import Source
    from tests.sources.ome.conftest import Appliance, FakeClock, Handler

Build = Callable[..., "Source"]
FLEET, BROKEN = range(1, 51), range(1, 9)
METRICS = "MetricService/Metrics"


def inventory_of(ids: range) -> Inventory:
    return Inventory(tuple(Server(str(each), f"TAG{each}", f"srv{each}") for each in ids))


async def collect(source: "Source", name: str, ids: range = FLEET) -> Collected:
    found = next(each for each in source.collectors if each.name == name)
    return await found.collect(inventory_of(ids))


def column(collected: Collected, facet: type) -> dict[str, Any]:
    return dict(next(each.by_id for each in collected.columns if each.facet is facet))


def power(number: int) -> str:
    return f"DeviceService/Devices({number})/Power"


def temperature(number: int) -> str:
    return f"DeviceService/Devices({number})/Temperature"


def health(number: int) -> str:
    return f"DeviceService/Devices({number})/SubSystemHealth"


def details(number: int, kind: str) -> str:
    return f"DeviceService/Devices({number})/InventoryDetails('{kind}')"


@pytest.fixture
def fleet(appliance: "Appliance") -> "Appliance":
    """An appliance whose devices all answer everything."""
    answers: dict[Callable[[int], str], Any] = {
        power: {"power": "100"},
        temperature: {"instantaneousTemperature": "23"},
        health: {"value": [{"SubSystem": "Fan", "RollupStatus": "1000"}]},
        lambda n: details(n, "serverOperatingSystems"): {"InventoryInfo": [{"OsName": "ESXi"}]},
        lambda n: details(n, "serverMemoryDevices"): {"InventoryInfo": [{"Size": 1024}]},
        lambda n: details(n, "deviceSoftware"): {
            "InventoryInfo": [{"SoftwareType": "BIOS", "Version": "2.1", "Status": "Installed"}]
        },
        lambda n: details(n, "deviceLocation"): {"InventoryInfo": [{"Rack": "R1"}]},
    }
    for path, body in answers.items():
        for number in FLEET:
            appliance.handlers[path(number)] = answer(body)
    plugin = {"Id": POWER_MANAGER, "Installed": True, "Enabled": True}
    appliance.handlers["PluginService/Plugins"] = answer({"value": [plugin]})
    appliance.handlers["PowerService/Settings"] = answer({"value": [{"Id": 2, "Value": "1"}]})
    appliance.serve("PowerService/MonitoredDevices", [{"Id": number} for number in FLEET])
    appliance.handlers[METRICS] = answer({"Value": [{"Type": 4, "Value": 100, "Timestamp": ""}]})
    return appliance


def answer(body: Any) -> "Handler":
    return lambda _: reply(body)


def status(code: int, message_id: str = "CGEN1234") -> "Handler":
    return lambda _: complaint(message_id, "something is wrong", code)


def break_all(appliance: "Appliance", word: str, handler: "Handler") -> None:
    """Give every path that contains a word another handler."""
    for path in appliance.handlers:
        if word in path:
            appliance.handlers[path] = handler


@pytest.mark.parametrize("code", [403, 500])
@pytest.mark.parametrize(
    ("name", "facets"),
    [
        ("power", (PowerDraw, Temperatures)),
        ("health", (Components,)),
        ("hardware", (Memory, Firmware, Location)),
    ],
)
async def test_the_first_eight_devices_fail_for_ever_and_all_others_are_served(
    fleet: "Appliance", build: Build, name: str, facets: tuple[type, ...], code: int
) -> None:
    for number in BROKEN:
        break_all(fleet, f"Devices({number})", status(code))
    source = build(fleet.url)
    for _ in range(3):
        collected = await collect(source, name)
        for facet in facets:
            assert column(collected, facet).keys() == {str(each) for each in FLEET if each > 8}
        assert collected.warnings == ()


async def test_eight_broken_devices_of_power_manager_cost_only_themselves(
    fleet: "Appliance", build: Build
) -> None:
    asked = iter(range(1000))
    good = fleet.handlers[METRICS]
    fleet.handlers[METRICS] = lambda request: (
        status(422)(request) if next(asked) < 8 else good(request)
    )
    collected = await collect(build(fleet.url), "power_manager")
    assert (len(column(collected, PowerDraw)), collected.problems) == (42, 8)


@pytest.mark.parametrize(
    ("name", "word"),
    [
        ("power", "Devices("),
        ("health", "Health"),
        ("hardware", "Details"),
        ("power_manager", METRICS),
    ],
)
async def test_when_everybody_fails_the_run_fails_with_the_api_s_words(
    fleet: "Appliance", build: Build, name: str, word: str
) -> None:
    break_all(fleet, word, status(500))
    with pytest.raises(SourceError, match="CGEN1234: something is wrong") as caught:
        await collect(build(fleet.url), name)
    assert caught.value.reason is Reason.HTTP_5XX


async def test_nobody_may_read_the_inventory(fleet: "Appliance", build: Build) -> None:
    break_all(fleet, "Details", status(403))
    with pytest.raises(NotAvailableError, match="CGEN1234: something is wrong"):
        await collect(build(fleet.url), "hardware")


# --- everybody refuses


@pytest.mark.parametrize(
    ("name", "word"), [("power", "Devices("), ("health", "Health"), ("hardware", "Details")]
)
async def test_when_no_device_supports_it_the_collector_is_not_available_and_says_why(
    fleet: "Appliance", build: Build, name: str, word: str
) -> None:
    good = dict(fleet.handlers)
    break_all(fleet, word, status(400))
    source = build(fleet.url)
    for _ in range(2):
        fleet.raw.clear()
        with pytest.raises(NotAvailableError, match="CGEN1234: something is wrong; no device"):
            await collect(source, name)
        assert len(fleet.asked(f"({FLEET[-1]})")) >= 1, "all are asked again"
    fleet.handlers.update(good)
    assert (await collect(source, name)).items > 0


async def test_when_no_monitored_device_has_metrics_the_run_fails_and_the_next_one_asks_again(
    fleet: "Appliance", build: Build
) -> None:
    good = fleet.handlers[METRICS]
    fleet.handlers[METRICS] = status(400, "CPWR1001")
    source = build(fleet.url)
    for _ in range(2):
        fleet.raw.clear()
        with pytest.raises(SourceError, match=r"none of 50 .* CPWR1001: something") as caught:
            await collect(source, "power_manager")
        assert caught.value.reason is Reason.HTTP_4XX
        assert len(fleet.asked(METRICS)) == 50
    fleet.handlers[METRICS] = good
    assert len(column(await collect(source, "power_manager"), PowerDraw)) == 50


async def test_a_newly_monitored_device_that_was_refused_once_is_asked_in_the_next_run(
    fleet: "Appliance", build: Build, clock: "FakeClock"
) -> None:
    source, good = build(fleet.url), fleet.handlers[METRICS]
    fleet.serve("PowerService/MonitoredDevices", [{"Id": 1}, {"Id": 2}])
    refusals = iter([True])
    fleet.handlers[METRICS] = lambda request: (
        status(400)(request) if next(refusals, False) else good(request)
    )
    first = await collect(source, "power_manager")
    clock.now += 900
    second = await collect(source, "power_manager")
    assert (len(column(first, PowerDraw)), len(column(second, PowerDraw))) == (1, 2)


async def test_a_device_on_which_it_is_not_supported_is_no_problem_whatever_the_status(
    fleet: "Appliance", build: Build
) -> None:
    fleet.handlers[health(1)] = status(500, "CGEN1004")
    source = build(fleet.url)
    assert (await collect(source, "health")).problems == 0
    fleet.raw.clear()
    assert (await collect(source, "health")).problems == 0
    assert not fleet.asked(health(1))


# --- one part fails


@pytest.mark.parametrize(
    ("word", "failing", "other"),
    [("/Power", PowerDraw, Temperatures), ("/Temperature", Temperatures, PowerDraw)],
)
async def test_power_does_not_cost_temperature_nor_the_other_way_round(
    fleet: "Appliance", build: Build, clock: "FakeClock", word: str, failing: type, other: type
) -> None:
    source, names = build(fleet.url), {str(each) for each in FLEET}
    await collect(source, "power")
    break_all(fleet, word, status(500))
    clock.now += 300
    collected = await collect(source, "power")
    assert column(collected, other).keys() == column(collected, failing).keys() == names
    assert collected.problems >= 20
    (warning,) = collected.warnings
    assert word in warning
    assert "CGEN1234: something is wrong" in warning

    clock.now += 901
    collected = await collect(source, "power")
    assert column(collected, other).keys() == names
    assert column(collected, failing) == {}


async def test_power_that_fails_where_no_device_has_a_temperature_is_a_failure(
    fleet: "Appliance", build: Build
) -> None:
    break_all(fleet, "/Temperature", status(404))
    break_all(fleet, "/Power", status(500))
    with pytest.raises(SourceError) as caught:
        await collect(build(fleet.url), "power")
    assert caught.value.reason is Reason.HTTP_5XX


async def test_one_type_of_inventory_that_fails_keeps_its_last_good_value(
    fleet: "Appliance", build: Build, clock: "FakeClock"
) -> None:
    source, ids = build(fleet.url), FLEET[:4]
    await collect(source, "hardware", ids)
    fleet.handlers[details(1, "serverMemoryDevices")] = status(500)
    fleet.handlers[details(1, "deviceLocation")] = answer({"InventoryInfo": [{"Rack": "R2"}]})
    for _ in range(24):
        clock.now += 900
        collected = await collect(source, "hardware", ids)
    assert column(collected, Memory).keys() == {"1", "2", "3", "4"}
    assert column(collected, Location)["1"] == Location(rack="R2")

    clock.now += 18 * 3600
    collected = await collect(source, "hardware", ids)
    assert column(collected, Memory).keys() == {"2", "3", "4"}
    assert column(collected, Location).keys() == {"1", "2", "3", "4"}


async def test_a_type_of_inventory_that_fails_everywhere_is_a_warning(
    fleet: "Appliance", build: Build
) -> None:
    break_all(fleet, "deviceSoftware", status(500))
    collected = await collect(build(fleet.url), "hardware")
    assert column(collected, Memory).keys() == {str(each) for each in FLEET}
    assert column(collected, Firmware) == {}
    assert collected.problems >= 20
    (warning,) = collected.warnings
    assert "deviceSoftware" in warning


async def test_settings_of_power_manager_that_fail_cost_no_reading(
    fleet: "Appliance", build: Build
) -> None:
    rows = [{"Type": 4, "Value": 100, "Timestamp": ""}, {"Type": 14, "Value": 25, "Timestamp": ""}]
    fleet.handlers[METRICS] = answer({"Value": rows})
    source, settings = build(fleet.url), fleet.handlers["PowerService/Settings"]
    fleet.handlers["PowerService/Settings"] = status(500)
    collected = await collect(source, "power_manager")
    assert (len(column(collected, Utilization)), column(collected, PowerDraw)) == (50, {})
    assert "settings of Power Manager: PowerService/Settings: HTTP 500" in collected.warnings[0]

    fleet.handlers["PowerService/Settings"] = settings
    await collect(source, "power_manager")
    fleet.handlers["PowerService/Settings"] = status(500)
    assert len(column(await collect(source, "power_manager"), PowerDraw)) == 50


async def test_a_rate_limit_ends_the_whole_run_at_once(fleet: "Appliance", build: Build) -> None:
    break_all(fleet, "/Power", lambda _: web.Response(status=429, headers={"Retry-After": "7"}))
    with pytest.raises(SourceError) as caught:
        await collect(build(fleet.url), "power")
    assert (caught.value.reason, caught.value.retry_after) == (Reason.RATE_LIMITED, 7)
    assert not fleet.asked("/Temperature")


async def test_a_login_without_an_answer_ends_the_run_at_once(
    fleet: "Appliance", build: Build
) -> None:
    def hang_up(request: web.Request) -> web.StreamResponse:
        assert request.transport is not None
        request.transport.abort()
        return web.Response()

    fleet.login = hang_up
    with pytest.raises(SourceError) as caught:
        await collect(build(fleet.url), "hardware")
    assert caught.value.reason is Reason.CONNECT
    assert len(fleet.asked("Sessions")) <= 2
    assert not fleet.asked("Devices")
