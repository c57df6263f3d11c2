"""HPE's own description of the COM API, and what was exchanged with a simulated COM.

The description is not part of the project; tests that need it are skipped without it.
"""

from collections.abc import Awaitable, Callable
from functools import cache
from pathlib import Path

import pytest
from aiohttp import web

from exporter.simulators import Simulation
from exporter.simulators.com.api import PREFIX
from tests.support.openapi import Description, Exchange

FILE = Path(__file__).parents[3] / "shared" / "api" / "hpe-com.openapi.json"

needs_description = pytest.mark.skipif(
    not FILE.is_file(), reason=f"HPE's description of the COM API is missing: {FILE}"
)


@cache
def description() -> Description:
    """Read the description, once."""
    return Description.read(FILE)


def recorded(monkeypatch: pytest.MonkeyPatch) -> list[Exchange]:
    """Return a list that every exchange with a simulated COM is added to; logins are not."""
    seen: list[Exchange] = []
    app_of = Simulation.app

    @web.middleware
    async def record(
        request: web.Request, handler: Callable[[web.Request], Awaitable[web.StreamResponse]]
    ) -> web.StreamResponse:
        response = await handler(request)
        if request.path.startswith(PREFIX):
            seen.append(_exchange(request, response))
        return response

    def app(simulation: Simulation) -> web.Application:
        simulation.gateway.compression = False
        found = app_of(simulation)
        found.middlewares.insert(0, record)
        return found

    monkeypatch.setattr(Simulation, "app", app)
    return seen


def _exchange(request: web.Request, response: web.StreamResponse) -> Exchange:
    assert isinstance(response, web.Response)
    assert isinstance(response.body, bytes)
    return Exchange(
        request.method,
        request.path,
        request.rel_url.raw_query_string,
        request.headers,
        response.status,
        response.content_type,
        response.body,
    )
