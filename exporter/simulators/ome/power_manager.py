"""How does OME answer for its plugin Power Manager?

It gathers every quarter of an hour, and repeats its last readings in between. What is not
monitored has no rows; a server that cannot be reached has old ones.
"""

from collections.abc import Mapping
from typing import Any, Final

import msgspec
from aiohttp import web

from exporter.simulators.answer import Answer
from exporter.simulators.machines import SERVER, OmeDevice
from exporter.simulators.ome.appliance import Appliance, appliance_time
from exporter.simulators.ome.device_record import POWER, status_code
from exporter.simulators.ome.devices import Devices
from exporter.simulators.ome.envelope import RefusalError, reply
from exporter.simulators.ome.listing import Paged
from exporter.simulators.ome.readings import celsius
from exporter.simulators.world import World

ID: Final = "2F6D05BE-EE4B-4B0E-B873-C8D2F64A4625"
PLUGINS: Final = "/api/PluginService/Plugins"
SETTINGS: Final = "/api/PowerService/Settings"
MONITORED: Final = "/api/PowerService/MonitoredDevices"
METRICS: Final = "/api/MetricService/Metrics"
WATTS, INLET, CPU, MEMORY, IO = 4, 8, 11, 14, 17
BTU_AN_HOUR: Final = 3.412142
UNREACHABLE_FOR: Final = 3 * 3600.0

_TYPES: Final = range(1, 19)
_KEYS: Final = {"PluginId", "EntityType", "EntityId", "MetricTypes", "Duration", "SortOrder"}
_LIST: Final = Paged(MONITORED, "PowerService.MonitoredDevice", 50)


class PowerManager:
    """The plugin; without it, its paths do not exist."""

    def __init__(self, world: World, devices: Devices, appliance: Appliance) -> None:
        """Gather the readings of a world."""
        self._world = world
        self._devices = devices
        self._appliance = appliance

    def plugins(self) -> Answer:
        """Answer the list of plugins."""
        there = self._appliance.power_manager
        plugin = {
            "@odata.type": "#PluginService.Plugin",
            "@odata.id": f"{PLUGINS}('{ID}')",
            "Id": ID,
            "Name": "Power Manager",
            "Publisher": "DELL EMC",
            "Installed": there,
            "Enabled": there,
            "UpdateAvailable": False,
            "CurrentVersion": "3.3.0.30" if there else None,
            "LastUpdatedDate": None,
        }
        kind = "/api/$metadata#Collection(PluginService.Plugin)"
        return reply({"@odata.context": kind, "@odata.count": 1, "value": [plugin]})

    def settings(self) -> Answer:
        """Answer the settings; every value is a string."""
        self._check()
        mine = self._appliance
        values = (
            ("TEMPERATURE_DISPLAY_UNIT", "1", mine.temperature_unit),
            ("POWER_DISPLAY_UNIT", "1", mine.power_unit),
            ("METRIC_GATHERING_INTERVAL", "15", mine.gathering_minutes),
        )
        rows = [
            {"@odata.type": "#PowerService.Settings", "Id": place, "Name": name,
             "DefaultValue": default, "Value": str(value)}
            for place, (name, default, value) in enumerate(values, 1)
        ]  # fmt: skip
        kind = "/api/$metadata#Collection(PowerService.Settings)"
        return reply({"@odata.context": kind, "@odata.count": len(rows), "value": rows})

    def monitored(self, query: Mapping[str, str]) -> Answer:
        """Answer the list of those that Power Manager has data of."""
        self._check()
        t = self._world.clock()
        slots = [s for s in self._world.roster.by_type[SERVER] if _is_monitored(s)]
        return _LIST.answer(
            query, slots, lambda slot: self._record(self._world.ome_device(slot, t)),
            self._appliance,
        )  # fmt: skip

    async def metrics(self, request: web.Request) -> Answer:
        """Answer a question for the metrics of one device.

        Raises:
            RefusalError: The question is not understood, or there is no such device.
        """
        self._check()
        question = _question(await request.read())
        device = self._devices.device(question["EntityId"])
        rows = [
            {"Type": kind, "Value": value, "Timestamp": self._time(at)}
            for at in self._gathered(device)
            for kind, value in self._values(device, at).items()
            if kind in question["MetricTypes"]
        ]
        if question["SortOrder"]:
            rows.reverse()
        return reply({"EntityId": device.id, "Value": rows}, status=201)

    def truth(self, device: OmeDevice) -> dict[int, float]:
        """Return watts, degrees celsius and percents of the last gathering that is no old one."""
        times = self._gathered(device)
        oldest = self._world.clock() - 2 * self._interval
        return self._measured(device, times[0]) if times and times[0] >= oldest else {}

    @property
    def _interval(self) -> float:
        return 60.0 * self._appliance.gathering_minutes

    def _check(self) -> None:
        if not self._appliance.power_manager:
            raise RefusalError(404, "CGEN1006")

    def _gathered(self, device: OmeDevice) -> list[float]:
        """Return when a device's recent readings were taken, the newest first."""
        if not _is_monitored(device.slot) or device.type != SERVER:
            return []
        last = device.at - device.at % self._interval
        if not device.situation.connected:
            last -= UNREACHABLE_FOR
        return [at for at in (last, last - self._interval) if at >= device.installed_at]

    def _measured(self, device: OmeDevice, at: float) -> dict[int, float]:
        reading = self._world.power(self._world.ome_device(device.slot, at))
        shape = reading.shape
        part = (reading.watts - shape.lowest) / (shape.highest - shape.lowest)
        busy = round(100 * min(1.0, max(0.0, part)), 1)
        return {
            WATTS: round(reading.watts, 1),
            INLET: float(celsius(reading)),
            CPU: busy,
            MEMORY: round(busy / 2, 1),
            IO: round(busy / 5, 1),
        }

    def _values(self, device: OmeDevice, at: float) -> dict[int, float]:
        values = self._measured(device, at)
        if self._appliance.temperature_unit != 1:
            values[INLET] = values[INLET] * 1.8 + 32
        if self._appliance.power_unit != 1:
            values[WATTS] = values[WATTS] * BTU_AN_HOUR
        return values

    def _time(self, at: float) -> str:
        return f"{appliance_time(at, self._appliance.zone)}437"

    def _record(self, device: OmeDevice) -> dict[str, Any]:
        path = f"{MONITORED}({device.id})"
        return {
            "@odata.type": "#PowerService.MonitoredDevice",
            "@odata.id": path,
            "Id": device.id,
            "DeviceName": device.name,
            "ServiceTag": device.service_tag,
            "Type": device.type,
            "Model": device.hardware.model,
            "PowerState": POWER[device.situation.power],
            "ConnectionState": device.situation.connected,
            "HealthStatus": status_code(device),
            "ManagedState": 3000 if device.situation.managed else 5000,
            "AddedOn": self._time(device.installed_at + 900),
            "IsPartOfGroup": False,
            "GroupAssociation": [],
            "LicenseStatus": 1,
            "PowerPolicyCapable": True,
            "AllDevices": True,
            "EPRStatus": {"@odata.id": f"{path}/EPRStatus"},
            "Policies@odata.navigationLink": f"{path}/Policies",
        }


def _is_monitored(slot: int) -> bool:
    return (slot >> 1) % 8 != 6


def _question(body: bytes) -> dict[str, Any]:
    try:
        found = msgspec.json.decode(body)
    except msgspec.DecodeError:
        raise RefusalError(400, "CGEN1002") from None
    if not isinstance(found, dict) or set(found) != _KEYS or not _is_understood(found):
        raise RefusalError(400, "CGEN1002")
    return found


def _is_understood(question: dict[str, Any]) -> bool:
    kinds = question["MetricTypes"]
    return (
        question["PluginId"] == ID
        and question["EntityType"] == 0
        and isinstance(question["EntityId"], int)
        and isinstance(kinds, list)
        and bool(kinds)
        and all(kind in _TYPES for kind in kinds)
        and question["Duration"] in range(10)
        and question["SortOrder"] in (0, 1)
    )
