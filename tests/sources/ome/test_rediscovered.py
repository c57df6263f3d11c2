"""Which of the devices with one service tag is served after a device was discovered again?"""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import pytest

from exporter.model import Inventory, Server, Status

if TYPE_CHECKING:
    from exporter.sources.contract import Source
    from tests.sources.ome.conftest import Appliance

Build = Callable[..., "Source"]


def device(number: int, connected: bool | None) -> dict[str, Any]:
    return {
        "Id": number,
        "Type": 1000,
        "Identifier": "TAG",
        "Status": 1000,
        "PowerState": 17,
        "ConnectionState": connected,
    }


@pytest.mark.parametrize(
    ("devices", "served"),
    [
        ([device(7, True), device(9, False)], "7"),
        ([device(7, False), device(9, True)], "9"),
        ([device(7, None), device(9, False), device(8, True)], "8"),
        ([device(7, True), device(9, True)], "9"),
        ([device(7, False), device(9, False)], "9"),
        ([device(7, None), device(9, None)], "9"),
    ],
)
async def test_the_connected_device_is_served_and_of_several_the_newest(
    appliance: "Appliance", build: Build, devices: list[dict[str, Any]], served: str
) -> None:
    for order in (devices, devices[::-1]):
        appliance.serve("DeviceService/Devices", order)
        source = build(appliance.url)
        collected = await source.collectors[0].collect(Inventory())
        await source.close()

        assert collected.servers == (Server(id=served, serial="TAG", name="TAG"),)
        assert collected.duplicates == len(devices) - 1
        (ids,) = [{*each.by_id} for each in collected.columns if each.facet is Status]
        assert ids == {served}
