"""How does OME answer `GET /api/WarrantyService/Warranties`?

A server has one warranty or two; one server in sixteen has none, and a record that says so with a
date of the year 1.
"""

from collections.abc import Mapping
from typing import Any, Final

from exporter.simulators.answer import Answer
from exporter.simulators.load import DAY
from exporter.simulators.machines import SERVER, OmeDevice
from exporter.simulators.ome.appliance import Appliance
from exporter.simulators.ome.paged import Paged, dialect
from exporter.simulators.ome.times import appliance_time
from exporter.simulators.world import World

PATH: Final = "/api/WarrantyService/Warranties"
NEVER: Final = "0001-01-01 00:00:00.000"
YEAR: Final = 365 * DAY
FIELDS: Final = dialect(
    DeviceType="number", DeviceIdentifier="text", DeviceModel="text", DaysRemaining="number",
    CustomerNumber="number", OrderNumber="number",
)  # fmt: skip

_LIST: Final = Paged(PATH, "WarrantyService.Warranty", 100, FIELDS)


def warranty_ends(device: OmeDevice) -> tuple[float | None, ...]:
    """Return the Unix seconds at which each warranty of a device ends; None is the sentinel."""
    if device.index % 16 == 5:
        return (None,)
    shipped = _shipped(device)
    first = shipped + 2 * YEAR
    return (first, shipped + 5 * YEAR) if device.index % 3 == 0 else (first,)


class Warranties:
    """The warranties of all servers."""

    def __init__(self, world: World, appliance: Appliance) -> None:
        """Show the servers of a world."""
        self._world = world
        self._appliance = appliance

    def page(self, query: Mapping[str, str]) -> Answer:
        """Answer the list."""
        t = self._world.clock()
        keys = [
            (slot, place)
            for slot in self._world.roster.by_type[SERVER]
            for place in range(len(warranty_ends(self._world.ome_device(slot, t))))
        ]
        return _LIST.answer(query, keys, lambda key: self._record(key, t), self._appliance)

    def _record(self, key: tuple[int, int], t: float) -> dict[str, Any]:
        slot, place = key
        device = self._world.ome_device(slot, t)
        end = warranty_ends(device)[place]
        number = device.id * 2 + place
        zone = self._appliance.zone
        nothing = "N/A" if end is None else None
        return {
            "@odata.type": "#WarrantyService.Warranty",
            "@odata.id": f"{PATH}({number})",
            "Id": number,
            "DeviceId": device.id,
            "DeviceModel": device.hardware.model,
            "DeviceIdentifier": device.identifier,
            "DeviceType": device.type,
            "CountryLookupCode": "US",
            "CustomerNumber": 52_000_000,
            "LocalChannel": "01",
            "OrderNumber": 197_000_000 + device.index,
            "SystemShipDate": appliance_time(_shipped(device), zone),
            "State": nothing or "Active",
            "ItemNumber": nothing or "710-0001",
            "ServiceLevelCode": nothing or "PS",
            "ServiceLevelDescription": "No valid warranties found"
            if end is None
            else "Next Business Day Support",
            "ServiceLevelGroup": 0 if end is None else 5,
            "ServiceProvider": nothing or "UNY",
            "StartDate": NEVER if end is None else appliance_time(_shipped(device), zone),
            "EndDate": NEVER if end is None else appliance_time(end, zone),
            "DaysRemaining": 0 if end is None else max(0, int((end - t) // DAY)),
            "Timestamp": appliance_time(t - t % DAY, zone),
        }


def _shipped(device: OmeDevice) -> float:
    return device.installed_at - device.installed_at % DAY - 14 * DAY
