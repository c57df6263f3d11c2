"""Which paths does COM have, and what does every request to them have to satisfy?"""

import re
from collections.abc import Awaitable, Callable, Mapping
from typing import Final

from aiohttp import web

from exporter.simulators.alarms import Alarms
from exporter.simulators.answer import Answer
from exporter.simulators.com.alerts import Alerts
from exporter.simulators.com.energy import Energy
from exporter.simulators.com.estate import Estate
from exporter.simulators.com.groups import Groups
from exporter.simulators.com.lists import Lists
from exporter.simulators.com.problems import ProblemError, problem
from exporter.simulators.com.servers import Servers
from exporter.simulators.com.tokens import LEGACY_PATH, WORKSPACE_PATH, Tokens
from exporter.simulators.com.utilization import Utilization
from exporter.simulators.query import BadQueryError, parameters
from exporter.simulators.world import World

PREFIX: Final = "/compute-ops-mgmt"

_TENANT: Final = re.compile(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}|[0-9a-fA-F]{32}")
_WITHOUT_TENANT: Final = re.compile(rf"{PREFIX}/v[^/]+/groups(/|$)")

Asked = Callable[[web.Request, Mapping[str, str]], Answer]


class ComApi:
    """COM's routes over a world."""

    def __init__(self, world: World, alarms: Alarms, tokens: Tokens) -> None:
        """Wire the parts; `fleet_alerts` switches `/v1/alerts`, which not all regions have."""
        self._tokens = tokens
        self._servers = Servers(world)
        self._alerts = Alerts(world, alarms)
        self.energy = Energy(world)
        estate = Estate(world)
        self._utilization = Utilization(world, estate)
        self._groups = Groups(world, estate)
        self._lists = Lists(world, estate)
        self.fleet_alerts = True

    def routes(self) -> list[web.RouteDef]:
        """Return the routes; what is not among them is not found."""
        reads: dict[str, Asked] = {
            "/v1/servers": lambda _, query: self._servers.page(query),
            "/v1/servers/{id}": self._server,
            "/v1/servers/{id}/alerts": self._server_alerts,
            "/v1/alerts": self._fleet_alerts,
            "/v1beta1/energy-by-entity": lambda _, query: self.energy.by_entity(query),
            "/v1beta1/utilization-by-entity": lambda _, query: self._utilization.by_entity(query),
            "/v1/groups": lambda _, query: self._groups.page(query),
            "/v1/groups/{id}/compliance": lambda request, query: self._groups.firmware(
                request.match_info["id"], query
            ),
            "/v1beta3/groups/{id}/ilo-settings-compliance": lambda request, query: (
                self._groups.settings(request.match_info["id"], query)
            ),
            "/v1beta2/server-warranty": lambda _, query: self._lists.warranty(query),
            "/v1/jobs": lambda _, query: self._lists.jobs(query),
            "/v1beta2/appliances": lambda _, query: self._lists.gateways(query),
            "/v1beta1/oneview-appliances": lambda _, query: self._lists.oneviews(query),
        }
        return [
            web.post(LEGACY_PATH, self._tokens.legacy),
            web.post(WORKSPACE_PATH, self._tokens.workspace),
            *(
                web.get(PREFIX + path, self._guarded(asked), allow_head=False)
                for path, asked in reads.items()
            ),
        ]

    def refuse(self, request: web.Request, status: int) -> Answer:
        """Answer a request that no route takes: 404 or 405."""
        if request.path.startswith(PREFIX):
            try:
                self._tokens.check(request)
            except ProblemError as error:
                return problem(error.status, error.message)
        return problem(status, "The requested resource was not found.")

    def _guarded(self, asked: Asked) -> Callable[[web.Request], Awaitable[Answer]]:
        async def handler(request: web.Request) -> Answer:
            try:
                self._check(request)
                return asked(request, parameters(request.rel_url.raw_query_string))
            except ProblemError as error:
                return problem(
                    error.status, error.message, parameter=error.parameter, header=error.header
                )
            except BadQueryError as error:
                return problem(400, error.message, parameter=error.parameter)

        return handler

    def _check(self, request: web.Request) -> None:
        self._tokens.check(request)
        accept = request.headers.get("Accept", "*/*")
        if not any(kind in accept for kind in ("application/json", "application/*", "*/*")):
            raise ProblemError(406, "Only application/json can be returned.")
        tenant = request.headers.get("Tenant-Acid")
        if tenant is not None and not _TENANT.fullmatch(tenant):
            raise ProblemError(400, "The header Tenant-Acid is not valid.", header="Tenant-Acid")
        if tenant is not None and _WITHOUT_TENANT.match(request.path):
            raise ProblemError(
                400, "The header Tenant-Acid is not supported here.", header="Tenant-Acid"
            )

    def _server(self, request: web.Request, query: Mapping[str, str]) -> Answer:
        return self._servers.one(request.match_info["id"], query)

    def _server_alerts(self, request: web.Request, query: Mapping[str, str]) -> Answer:
        server = self._servers.server(request.match_info["id"])
        return self._alerts.of_server(server.slot, query)

    def _fleet_alerts(self, request: web.Request, query: Mapping[str, str]) -> Answer:
        del request
        if not self.fleet_alerts:
            raise ProblemError(404, "The requested resource was not found.")
        return self._alerts.fleet(query)
