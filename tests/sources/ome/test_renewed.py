"""Does an appliance whose devices hardly change cost hardly any work, and is every change seen?"""

from typing import TYPE_CHECKING, Any

import pytest

from exporter.model import Collected, Description, Health, Status
from exporter.sources.ome import alerts as alerts_module
from exporter.sources.ome import devices as devices_module
from tests.sources.ome.conftest import reply
from tests.sources.ome.test_collectors import collect, column, device, inventory_of
from tests.support.drift import unknown
from tests.support.mapping import watched

if TYPE_CHECKING:
    from tests.sources.ome.conftest import Appliance
    from tests.sources.ome.test_collectors import Build

DEVICES, ALERTS = "DeviceService/Devices", "AlertService/Alerts"


def alert(number: int, device_id: int, severity: int) -> dict[str, Any]:
    return {
        "Id": number,
        "SeverityType": severity,
        "StatusType": 2000,
        "AlertDeviceId": device_id,
        "AlertDeviceIdentifier": f"TAG{device_id}",
        "Message": "Fan failed.",
    }


@pytest.fixture
def mapped(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """The ids of the devices and alerts that were mapped."""
    return watched(monkeypatch, (devices_module, "status_from"), (alerts_module, "alert_from"))


async def test_only_changed_devices_are_mapped_again(
    appliance: "Appliance", build: "Build", mapped: list[int]
) -> None:
    items = [device(number) for number in range(1, 451)]
    appliance.serve(DEVICES, items)
    source = build(appliance.url)
    before = await collect(source, "devices")
    mapped.clear()
    items[300] = device(301, Status=4000)

    found = await collect(source, "devices")

    assert mapped == [301]
    assert column(found, Status)["301"].health is Health.CRITICAL
    assert found.servers == before.servers


async def test_a_new_time_of_the_state_alone_changes_no_reading(
    appliance: "Appliance", build: "Build"
) -> None:
    appliance.serve(DEVICES, [device(1, LastStatusTime="2026-11-22 05:00:03.187")])
    source = build(appliance.url)
    before = await collect(source, "devices")
    appliance.serve(DEVICES, [device(1, LastStatusTime="2026-11-22 06:00:03.187")])

    assert await collect(source, "devices") == before


async def test_unknown_codes_of_unchanged_devices_stay_drift(
    appliance: "Appliance", build: "Build"
) -> None:
    appliance.serve(DEVICES, [device(1), device(2, Status=4711)])
    source = build(appliance.url)
    for _ in range(2):
        assert unknown((await collect(source, "devices")).drift) == {"Status": ("4711",)}


async def test_an_operating_system_that_was_learned_is_served_with_unchanged_devices(
    appliance: "Appliance", build: "Build"
) -> None:
    appliance.serve(DEVICES, [device(1)])
    path = "DeviceService/Devices(1)/InventoryDetails('serverOperatingSystems')"
    system = {"OsName": "Ubuntu", "OsVersion": "24.04"}
    appliance.handlers[path] = lambda _: reply({"InventoryInfo": [system]})
    source = build(appliance.url)
    assert column(await collect(source, "devices"), Description)["1"].os == ""

    await collect(source, "hardware", inventory_of(1))

    assert column(await collect(source, "devices"), Description)["1"].os == "Ubuntu 24.04"


async def test_alerts_find_their_server_as_soon_as_it_is_known(
    appliance: "Appliance", build: "Build", mapped: list[int]
) -> None:
    appliance.serve(
        ALERTS,
        [alert(1, 7, 16), alert(2, 7, 8)],
        keep=lambda item, where: f"SeverityType eq {item['SeverityType']}" in where,
    )
    source = build(appliance.url)
    await collect(source, "alerts", inventory_of(1))
    mapped.clear()

    assert unassigned(await collect(source, "alerts", inventory_of(1))) == 2
    assert mapped == []

    assert unassigned(await collect(source, "alerts", inventory_of(1, 7))) == 0
    assert mapped == [1, 2]


def unassigned(found: Collected) -> int:
    (of_source,) = found.source_facets
    return sum(count for _, count in of_source.unassigned)  # type: ignore[attr-defined]
