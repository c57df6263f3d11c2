"""Which paths does OME have, and what does every request to them have to satisfy?"""

from collections.abc import Awaitable, Callable, Mapping
from typing import Any, Final

from aiohttp import web

from exporter.simulators.alarms import Alarms
from exporter.simulators.ome.alerts import PATH as ALERTS
from exporter.simulators.ome.alerts import Alerts
from exporter.simulators.ome.appliance import CONFIGURATION as CONFIGURATION_OF_TIME
from exporter.simulators.ome.appliance import ZONES, Appliance, configuration, zones
from exporter.simulators.ome.baselines import (
    CONFIG,
    CONFIG_REPORT,
    FIRMWARE,
    FIRMWARE_REPORT,
    Baselines,
)
from exporter.simulators.ome.devices import PATH as DEVICES
from exporter.simulators.ome.devices import Devices, device_types
from exporter.simulators.ome.envelope import RefusalError, refusal, reply
from exporter.simulators.ome.groups import PATH as GROUPS
from exporter.simulators.ome.groups import Groups
from exporter.simulators.ome.inventory import details
from exporter.simulators.ome.lists import JOBS, WARRANTIES, Jobs, Warranties
from exporter.simulators.ome.power_manager import (
    METRICS,
    MONITORED,
    PLUGINS,
    SETTINGS,
    PowerManager,
)
from exporter.simulators.ome.readings import power, temperature
from exporter.simulators.ome.sessions import CONFIGURATION, Sessions
from exporter.simulators.ome.sessions import PATH as SESSIONS
from exporter.simulators.ome.subsystems import subsystem_health
from exporter.simulators.query import BadQueryError, parameters
from exporter.simulators.world import World

PREFIX: Final = "/api"

_ID: Final = "{id:[0-9]{1,18}}"

Asked = Callable[[web.Request, Mapping[str, str]], web.Response]
Handler = Callable[[web.Request], Awaitable[web.Response]]


class OmeApi:
    """OME's routes over a world; its parts also tell the truth behind their answers."""

    def __init__(
        self, world: World, alarms: Alarms, sessions: Sessions, appliance: Appliance
    ) -> None:
        """Wire the parts."""
        self._world = world
        self._sessions = sessions
        self._appliance = appliance
        self._devices = Devices(world, appliance)
        self._alerts = Alerts(world, alarms, appliance)
        self.warranties = Warranties(world, appliance)
        self.jobs = Jobs(world, appliance)
        self.groups = Groups(world, appliance)
        self.baselines = Baselines(world, appliance)
        self.power_manager = PowerManager(world, self._devices, appliance)

    def routes(self) -> list[web.RouteDef]:
        """Return the routes; what is not among them does not exist."""
        one = f"{DEVICES}({_ID})"
        reads: dict[str, Asked] = {
            DEVICES: lambda _, query: self._devices.page(query),
            one: self._plain(self._device),
            f"{one}/Power": self._plain(self._power),
            f"{one}/Temperature": self._plain(self._temperature),
            f"{one}/SubSystemHealth": self._plain(self._subsystem_health),
            ALERTS: lambda _, query: self._alerts.page(query),
            "/api/DeviceService/DeviceType": self._plain(lambda _: reply(device_types())),
            "/api/ApplicationService/Info": self._plain(lambda _: reply(_INFO)),
            CONFIGURATION_OF_TIME: self._plain(
                lambda _: configuration(self._appliance, self._world.clock())
            ),
            ZONES: self._plain(lambda _: zones()),
            PLUGINS: self._plain(lambda _: self.power_manager.plugins()),
            SETTINGS: self._plain(lambda _: self.power_manager.settings()),
            MONITORED: lambda _, query: self.power_manager.monitored(query),
            WARRANTIES: lambda _, query: self.warranties.page(query),
            JOBS: lambda _, query: self.jobs.page(query),
            GROUPS: lambda _, query: self.groups.page(query),
            f"{GROUPS}({_ID})/Devices": lambda request, query: self.groups.devices(
                _number(request), query
            ),
            f"{GROUPS}({_ID})/AllLeafDevices": lambda request, query: self.groups.leaf_devices(
                _number(request), query
            ),
            FIRMWARE: lambda _, query: self.baselines.firmware(query),
            CONFIG: lambda _, query: self.baselines.config(query),
            f"{FIRMWARE}({_ID})/{FIRMWARE_REPORT}": (
                lambda request, query: self.baselines.firmware_reports(_number(request), query)
            ),
            f"{CONFIG}({_ID})/{CONFIG_REPORT}": (
                lambda request, query: self.baselines.config_reports(_number(request), query)
            ),
            f"{one}/InventoryDetails('{{kind}}')": self._plain(self._details),
            "/api/SessionService/SessionConfiguration": self._plain(
                lambda _: reply(_SESSION_CONFIGURATION)
            ),
        }
        return [
            web.post(SESSIONS, self._login),
            web.post(METRICS, self._metrics),
            web.delete(f"{SESSIONS}('{{id}}')", self._guarded(self._plain(self._logout))),
            *(
                web.get(path, self._guarded(asked), allow_head=False)
                for path, asked in reads.items()
            ),
        ]

    def refuse(self, request: web.Request, status: int) -> web.Response:
        """Answer a request that no route takes; who is not logged in only learns that."""
        try:
            self._sessions.check(request)
        except RefusalError as error:
            return error.answer()
        return refusal(status, "CGEN1006")

    async def _login(self, request: web.Request) -> web.Response:
        try:
            return await self._sessions.create(request, self._appliance.zone)
        except RefusalError as error:
            return error.answer()

    async def _metrics(self, request: web.Request) -> web.Response:
        try:
            self._sessions.check(request)
            return await self.power_manager.metrics(request)
        except RefusalError as error:
            return error.answer()

    def _guarded(self, asked: Asked) -> Handler:
        async def handler(request: web.Request) -> web.Response:
            try:
                self._sessions.check(request)
                return asked(request, parameters(request.rel_url.raw_query_string))
            except RefusalError as error:
                return error.answer()
            except BadQueryError:
                return refusal(400, "CGEN1002")

        return handler

    def _plain(self, asked: Callable[[web.Request], web.Response]) -> Asked:
        def without_options(request: web.Request, query: Mapping[str, str]) -> web.Response:
            if query:
                raise RefusalError(400, "CGEN1002")
            return asked(request)

        return without_options

    def _logout(self, request: web.Request) -> web.Response:
        return self._sessions.delete(request.match_info["id"])

    def _device(self, request: web.Request) -> web.Response:
        return self._devices.one(_number(request))

    def _power(self, request: web.Request) -> web.Response:
        device = self._devices.device(_number(request))
        return reply(power(self._world, device))

    def _temperature(self, request: web.Request) -> web.Response:
        device = self._devices.device(_number(request))
        return reply(temperature(self._world, device))

    def _details(self, request: web.Request) -> web.Response:
        return reply(details(self._devices.device(_number(request)), request.match_info["kind"]))

    def _subsystem_health(self, request: web.Request) -> web.Response:
        return reply(subsystem_health(self._devices.device(_number(request))))


def _number(request: web.Request) -> int:
    return int(request.match_info["id"])


_INFO: Final[dict[str, Any]] = {
    "@odata.context": "/api/$metadata#ApplicationService.Info",
    "@odata.type": "#ApplicationService.Info",
    "@odata.id": "/api/ApplicationService/Info",
    "Name": "OpenManage Enterprise",
    "Description": "OpenManage Enterprise",
    "Vendor": "Dell, Inc.",
    "ProductType": 1,
    "Branding": "OpenManage Enterprise",
    "Version": "4.3.1",
    "BuildNumber": "17",
    "BuildDate": "2025-03-04-14:23",
    "Guid": "0e1f1d9c-5a37-4c24-8a4f-0c3f9d1c7a10",
    "OperationStatus": "IDLE",
}
_SESSION_CONFIGURATION: Final[dict[str, Any]] = {
    "@odata.context": "/api/$metadata#Collection(SessionService.SessionConfiguration)",
    "@odata.count": len(CONFIGURATION),
    "value": CONFIGURATION,
}
