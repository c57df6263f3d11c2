"""Times of an appliance are read in its own zone, which it states, unless one is configured."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import pytest
from aiohttp import web

from exporter.errors import Reason, SourceError
from exporter.model import Inventory, PowerDraw, Status, Warranty
from exporter.simulators import Simulation
from exporter.sources.contract import ZoneStatus
from exporter.sources.ome import facts
from exporter.sources.ome.vocabulary import POWER_MANAGER
from tests.sources.ome.conftest import complaint, reply
from tests.sources.ome.simulated import known, run, servers
from tests.sources.ome.test_collectors import collect, column, device, inventory_of
from tests.support.drift import unknown

if TYPE_CHECKING:
    from exporter.sources.contract import VendorSource
    from exporter.sources.ome.source import OmeParts
    from tests.sources.ome.conftest import Appliance, FakeClock

Build = Callable[..., "VendorSource[OmeParts]"]

DEVICES = "DeviceService/Devices"
CONFIGURATION = "ApplicationService/Network/TimeConfiguration"
ZONES = "ApplicationService/Network/TimeZones"
NOW = datetime(2026, 7, 1, 12, tzinfo=UTC).timestamp()
READ = "2026-07-01 10:00:00.000"
AS_UTC = datetime(2026, 7, 1, 10, tzinfo=UTC).timestamp()
HOUR = 3600.0
LISTED = [
    {"Id": "TZ_ID_1", "Name": "(GMT-12:00)", "Utcoffsetminutes": -720},
    {"Id": "TZ_ID_38", "Name": "(GMT+03:30)", "Utcoffsetminutes": "210"},
    {"Id": "TZ_ID_39", "Name": "(GMT+99:00)", "Utcoffsetminutes": 5940},
    {"Name": "no id"},
]


def answering(**fields: Any) -> Callable[[web.Request], web.StreamResponse]:
    return lambda _: reply(fields)


def refusing(status: int) -> Callable[[web.Request], web.StreamResponse]:
    return lambda _: complaint("CGEN1006", "no", status)


@pytest.fixture(autouse=True)
def listed(appliance: "Appliance", clock: "FakeClock") -> None:
    clock.now = NOW
    appliance.serve(DEVICES, [device(1, LastInventoryTime=READ)])
    appliance.handlers[ZONES] = answering(**{"@odata.count": len(LISTED), "value": LISTED})


async def read_at(source: "VendorSource[OmeParts]") -> float | None:
    """Return the time of the inventory, in hours against the same text in UTC."""
    at = column(await collect(source, "devices"), Status)["1"].inventory_at
    return None if at is None else (at - AS_UTC) / HOUR


@pytest.mark.parametrize(
    ("stated", "hours"),
    [
        ({"TimeZoneIdLinux": "Europe/Berlin"}, -2),
        ({"TimeZoneIdLinux": " America/New_York "}, 4),
        (
            {
                "TimeZoneIdLinux": "Europe/Berlin",
                "SystemTime": "2026-07-01 17:30:00",
                "UtcTime": "2026-07-01 12:00:00",
                "TimeZone": "TZ_ID_1",
            },
            -2,
        ),
        ({"SystemTime": "2026-07-01 17:30:04.1", "UtcTime": "2026-07-01 12:00:00"}, -5.5),
        ({"SystemTime": "2026-07-01 08:58:00", "UtcTime": "2026-07-01 12:00:00"}, 3),
        ({"TimeZoneIdLinux": "Mars/Base", "TimeZone": "TZ_ID_38"}, -3.5),
        ({"TimeZoneIdLinux": "../../etc/passwd", "TimeZone": "TZ_ID_38"}, -3.5),
        ({"SystemTime": None, "UtcTime": "2026-07-01 12:00:00", "TimeZone": "TZ_ID_38"}, -3.5),
        ({"SystemTime": "0001-01-01", "UtcTime": "0001-01-01", "TimeZone": "TZ_ID_1"}, 12),
        ({"SystemTime": "2026-07-09 12:00:00", "UtcTime": "2026-07-01 12:00:00"}, 0),
        ({"TimeZone": "TZ_ID_39"}, 0),
        ({"TimeZone": "TZ_ID_77"}, 0),
        ({"TimeZoneIdLinux": None, "TimeZone": None}, 0),
        ({}, 0),
    ],
)
async def test_the_zone_is_the_name_else_the_difference_of_the_clocks_else_the_listed_offset(
    appliance: "Appliance", build: Build, stated: dict[str, Any], hours: float
) -> None:
    appliance.handlers[CONFIGURATION] = answering(**stated)
    # A time in the future would be left out.
    appliance.serve(DEVICES, [device(1, LastInventoryTime="2026-06-30 10:00:00.000")])
    assert await read_at(build(appliance.url)) == pytest.approx(hours - 24)


@pytest.mark.parametrize("status", [400, 403, 404, 405, 500, 501, 503])
async def test_an_appliance_that_does_not_state_its_zone_is_read_in_utc(
    appliance: "Appliance", build: Build, status: int
) -> None:
    appliance.handlers[CONFIGURATION] = refusing(status)
    source = build(appliance.url)
    assert await read_at(source) == 0
    assert (await collect(source, "devices")).warnings == ()


@pytest.mark.parametrize("body", ["", "<html></html>", "[]", "{"])
async def test_an_answer_that_cannot_be_read_is_no_zone(
    appliance: "Appliance", build: Build, body: str
) -> None:
    appliance.handlers[CONFIGURATION] = lambda _: web.Response(text=body)
    assert await read_at(build(appliance.url)) == 0


@pytest.mark.parametrize(
    ("status", "hours", "again"),
    [(403, 5, False), (403, 7, True), (404, 7, True), (501, 5, False), (503, 0.1, True)],
)
async def test_a_refused_zone_is_asked_for_again_hours_later_and_after_trouble_soon(
    appliance: "Appliance", build: Build, clock: "FakeClock", status: int, hours: float, again: bool
) -> None:
    appliance.handlers[CONFIGURATION] = refusing(status)
    source = build(appliance.url)
    await collect(source, "devices")
    appliance.raw.clear()
    clock.now += hours * HOUR
    await collect(source, "devices")
    assert bool(appliance.asked(CONFIGURATION)) is again


async def test_a_zone_is_asked_for_again_soon_after_a_404_of_the_web_server(
    appliance: "Appliance", build: Build
) -> None:
    appliance.handlers[CONFIGURATION] = lambda _: web.Response(status=404, text="<html></html>")
    source = build(appliance.url)
    assert await read_at(source) == 0
    appliance.handlers[CONFIGURATION] = answering(TimeZoneIdLinux="Europe/Berlin")
    assert await read_at(source) == -2


async def test_a_known_zone_is_asked_for_once_an_hour_and_outlasts_a_refusal(
    appliance: "Appliance", build: Build, clock: "FakeClock"
) -> None:
    appliance.handlers[CONFIGURATION] = answering(TimeZoneIdLinux="Europe/Berlin")
    source = build(appliance.url)
    for _ in range(3):
        await collect(source, "devices")
        clock.now += HOUR / 3
    assert len(appliance.asked(CONFIGURATION)) == 1
    appliance.handlers[CONFIGURATION] = refusing(403)
    assert await read_at(source) == -2
    assert len(appliance.asked(CONFIGURATION)) == 2


async def test_a_refused_login_costs_no_second_one(appliance: "Appliance", build: Build) -> None:
    appliance.login = refusing(503)
    with pytest.raises(SourceError) as caught:
        await collect(build(appliance.url), "devices")
    assert caught.value.reason is Reason.HTTP_5XX
    assert len(appliance.login_bodies) == 1


async def test_a_configured_zone_wins_and_a_difference_is_a_warning_that_names_both(
    appliance: "Appliance", build: Build
) -> None:
    appliance.handlers[CONFIGURATION] = answering(TimeZoneIdLinux="America/Chicago")
    source = build(appliance.url, timezone="Europe/Berlin")
    assert await read_at(source) == -2
    assert (await collect(source, "devices")).warnings == (
        "the setting timezone is Europe/Berlin, the appliance's time zone is America/Chicago: the "
        "setting is used; correct or remove it",
    )
    assert source.parts.zone.status == ZoneStatus("Europe/Berlin", "America/Chicago", differ=True)


@pytest.mark.parametrize(
    "stated",
    [
        {"TimeZoneIdLinux": "Europe/Berlin"},
        {"TimeZoneIdLinux": "Europe/Rome"},
        {"SystemTime": "2026-07-01 14:00:00", "UtcTime": "2026-07-01 12:00:00"},
        {},
    ],
)
async def test_a_configured_zone_with_the_same_offset_is_no_warning(
    appliance: "Appliance", build: Build, stated: dict[str, Any]
) -> None:
    appliance.handlers[CONFIGURATION] = answering(**stated)
    collected = await collect(build(appliance.url, timezone="Europe/Berlin"), "devices")
    assert collected.warnings == ()


async def test_a_device_that_has_not_changed_is_read_again_in_another_zone(
    appliance: "Appliance", build: Build, clock: "FakeClock"
) -> None:
    appliance.handlers[CONFIGURATION] = answering(TimeZoneIdLinux="Europe/Berlin")
    source = build(appliance.url)
    assert await read_at(source) == -2
    appliance.handlers[CONFIGURATION] = answering(TimeZoneIdLinux="Asia/Tokyo")
    clock.now += 2 * HOUR
    assert await read_at(source) == -9


async def test_an_inventory_in_the_future_is_left_out_with_a_warning(
    appliance: "Appliance", build: Build, clock: "FakeClock"
) -> None:
    clock.now = AS_UTC - 299
    source = build(appliance.url)
    assert await read_at(source) == 0
    clock.now = AS_UTC - 301
    collected = await collect(source, "devices")
    assert column(collected, Status)["1"].inventory_at is None
    assert collected.problems == 0
    assert collected.warnings == (
        "LastInventoryTime of devices lies in the future and is left out: the setting timezone is "
        "not set, the appliance's time zone is not known",
    )
    assert unknown(collected.drift) == {"LastInventoryTime": ("<future>",)}


def power_manager(appliance: "Appliance", at: str) -> None:
    plugin = {"Id": POWER_MANAGER, "Installed": True, "Enabled": True}
    appliance.handlers["PluginService/Plugins"] = answering(value=[plugin])
    settings = [{"Id": 1, "Value": "1"}, {"Id": 2, "Value": "1"}, {"Id": 3, "Value": "15"}]
    appliance.handlers["PowerService/Settings"] = answering(value=settings)
    appliance.serve("PowerService/MonitoredDevices", [{"Id": 1, "ServiceTag": "TAG1"}])
    rows = [{"Type": 4, "Value": 100, "Timestamp": at}]
    appliance.handlers["MetricService/Metrics"] = answering(Value=rows)


ORIGIN = "the setting timezone is UTC, the appliance's time zone is {}"


@pytest.mark.parametrize(
    ("at", "watts", "warning"),
    [
        ("2026-07-01 12:00:00.1", 100.0, ""),
        ("2026-07-01 12:05:00.0", 100.0, ""),
        ("2026-07-01 12:05:01.0", None, "readings of Power Manager lie in the future"),
        ("2026-07-01 14:00:00.0", None, "readings of Power Manager lie in the future"),
        ("2026-07-01 11:30:00.0", 100.0, ""),
        ("2026-07-01 11:29:59.0", None, "all readings of Power Manager are older than twice"),
    ],
)
async def test_readings_too_old_or_in_the_future_are_left_out_with_a_warning_that_names_both_zones(
    appliance: "Appliance", build: Build, at: str, watts: float | None, warning: str
) -> None:
    power_manager(appliance, at)
    appliance.handlers[CONFIGURATION] = answering(TimeZoneIdLinux="Europe/Berlin")
    source = build(appliance.url, timezone="UTC")
    await collect(source, "devices")
    collected = await collect(source, "power_manager", inventory_of(1))
    expected = {} if watts is None else {"1": PowerDraw(watts)}
    assert column(collected, PowerDraw) == expected
    assert [each.startswith(warning) for each in collected.warnings] == [True] * bool(warning)
    assert all(each.endswith(ORIGIN.format("Europe/Berlin")) for each in collected.warnings)


async def test_power_and_warranties_are_read_in_the_zone_that_the_inventory_found(
    appliance: "Appliance", build: Build
) -> None:
    power_manager(appliance, "2026-07-01 14:00:00.0")
    warranty = {"Id": 1, "DeviceId": 1, "EndDate": "2030-01-01 00:00:00"}
    appliance.serve("WarrantyService/Warranties", [warranty])
    appliance.handlers[CONFIGURATION] = answering(TimeZoneIdLinux="Europe/Berlin")
    source = build(appliance.url)
    await collect(source, "devices")
    power = await collect(source, "power_manager", inventory_of(1))
    warranties = await collect(source, "warranty", inventory_of(1))
    assert column(power, PowerDraw) == {"1": PowerDraw(100)}
    end = datetime(2029, 12, 31, 23, tzinfo=UTC).timestamp()
    assert column(warranties, Warranty) == {"1": Warranty(end)}


@pytest.mark.parametrize("given", ["name", "clock", "list"])
@pytest.mark.parametrize(
    "zone", [UTC, ZoneInfo("Europe/Berlin"), timezone(timedelta(hours=-9, minutes=-30))]
)
async def test_a_simulated_appliance_in_any_zone_is_read_like_one_in_utc(
    simulation: Simulation, build: Build, zone: tzinfo, given: Any
) -> None:
    simulation.appliance.zone, simulation.appliance.zone_given = zone, given
    credentials = simulation.ome_credentials
    async with simulation.serving() as url:
        source = build(url, username=credentials.username, password=credentials.password)
        inventory = await known(source)
        collected = await run(source, "power_manager", inventory)
        devices = await run(source, "devices", Inventory())
        await source.close()
    now = simulation.world.clock()
    read = [each.inventory_at for each in column(devices, Status).values() if each.inventory_at]
    assert now - 86_400 <= max(read) <= now
    truths = {key: simulation.ome.power_manager.truth(d) for key, d in servers(simulation).items()}
    watts = {key: each.watts for key, each in column(collected, PowerDraw).items()}
    assert watts == pytest.approx({key: truth[4] for key, truth in truths.items() if truth})
    assert (collected.warnings, devices.warnings) == ((), ())


async def test_an_appliance_that_never_answers_about_its_zone_holds_up_no_inventory(
    simulation: Simulation, source: "VendorSource[OmeParts]", monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(facts, "ZONE_PATIENCE", 0.05)
    simulation.faults.add(kind="delay", path="TimeConfiguration", seconds=600)

    inventory = await known(source)

    assert len(inventory.servers) == len(servers(simulation))
    assert source.parts.zone.status == ZoneStatus("", "", differ=False)
