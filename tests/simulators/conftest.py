"""A running simulation with a clock of its own, and a client that does no more than it is told."""

import json
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import aiohttp
import pytest
from yarl import URL

from exporter.simulators import Simulation

START = 1_780_000_000.0


@dataclass
class HandClock:
    """Stands still until it is moved."""

    now: float = START

    def __call__(self) -> float:
        return self.now


@dataclass
class Caller:
    """Sends queries exactly as they are written, percent signs and plus signs included."""

    simulation: Simulation
    session: aiohttp.ClientSession
    base: str
    com_token: str = ""
    ome_token: str = ""

    async def raw(
        self, method: str, path: str, **options: Any
    ) -> tuple[int, Any, aiohttp.ClientResponse]:
        url = URL(self.base + path, encoded=True)
        async with self.session.request(method, url, allow_redirects=False, **options) as response:
            body = await response.read()
            try:
                return response.status, json.loads(body) if body else None, response
            except ValueError:
                return response.status, body, response

    async def com(self, path: str) -> tuple[int, Any]:
        headers = {"Authorization": f"Bearer {self.com_token}"}
        status, document, _ = await self.raw("GET", f"/compute-ops-mgmt{path}", headers=headers)
        return status, document

    async def ome(self, path: str) -> tuple[int, Any]:
        headers = {"X-Auth-Token": self.ome_token}
        status, document, _ = await self.raw("GET", f"/api{path}", headers=headers)
        return status, document

    async def log_in(self) -> None:
        mine = self.simulation.com_credentials
        _, document, _ = await self.raw(
            "POST",
            f"/authorization/v2/oauth2/{mine.workspace_id}/token",
            data={
                "grant_type": "client_credentials",
                "client_id": mine.client_id,
                "client_secret": mine.client_secret,
            },
        )
        self.com_token = document["access_token"]
        user = self.simulation.ome_credentials
        _, _, response = await self.raw(
            "POST",
            "/api/SessionService/Sessions",
            json={"UserName": user.username, "Password": user.password, "SessionType": "API"},
        )
        self.ome_token = response.headers["X-Auth-Token"]


def add(caller: Caller, kind: str, **options: Any) -> None:
    """Add a fault to the calls for servers and devices."""
    caller.simulation.faults.add(kind=kind, path="servers|Devices", **options)


def day(t: float) -> str:
    """Write the UTC day of a Unix second."""
    return datetime.fromtimestamp(t, UTC).strftime("%Y-%m-%d")


@pytest.fixture
def clock() -> HandClock:
    return HandClock()


@pytest.fixture
def simulation(clock: HandClock) -> Simulation:
    return Simulation(servers=200, seed=7, clock=clock)


@pytest.fixture
async def caller(simulation: Simulation) -> AsyncIterator[Caller]:
    async with simulation.serving() as base, aiohttp.ClientSession() as session:
        caller = Caller(simulation, session, base)
        await caller.log_in()
        yield caller
