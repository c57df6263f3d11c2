"""Every request that the client sends to COM, checked against HPE's description of the API."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from exporter.model import Window
from exporter.simulators.com.api import PREFIX
from exporter.sources.calls import Call
from exporter.sources.com import SOURCE
from exporter.sources.com.energy_windows import EnergyArchive
from tests.sources.com.conftest import NOW, Connected
from tests.support.hpe import description, needs_description, recorded
from tests.support.openapi import Exchange

pytestmark = needs_description

TENANT = "11111111-2222-3333-4444-555555555555"
DAY = int(NOW) // 86400 * 86400 - 86400
WITH_COMPONENTS = {"firmware": {"components": "all"}}
PATHS = {call.endpoint.replace("/groups/{id}", "/groups/{group-id}") for call in SOURCE.calls}
WITHOUT_TENANT = {each for each in PATHS if "/groups" in each}


@pytest.fixture
def exchanges(monkeypatch: pytest.MonkeyPatch) -> list[Exchange]:
    return recorded(monkeypatch)


async def read_everything(fleet: Connected, collectors: list[str]) -> None:
    for name in collectors:
        await fleet.run(name)
    fleet.simulation.com_fleet_alerts = False
    fleet.inventory = replace(fleet.inventory, servers=fleet.inventory.servers[:5])
    await fleet.run("alerts")
    for window in Window:
        await EnergyArchive(fleet.source.parts.energy).read(window, DAY)


@pytest.mark.parametrize(
    ("tenant", "paths"), [(None, PATHS), (TENANT, PATHS - WITHOUT_TENANT)], ids=["own", "tenant"]
)
async def test_every_request_is_one_that_the_description_allows(
    connected: Callable[..., Any], exchanges: list[Exchange], tenant: str | None, paths: set[str]
) -> None:
    collectors = [name for name in SOURCE.intervals if tenant is None or name != "groups"]

    async with connected(servers=120, tenant_acid=tenant, collectors=WITH_COMPONENTS) as fleet:
        await read_everything(fleet, collectors)

    violations = {each for sent in exchanges for each in description().request_violations(sent)}
    asked = [description().operation(sent.method, sent.path) for sent in exchanges]
    assert violations == set()
    assert {each.path.removeprefix(PREFIX + "/") for each in asked if each} == paths


@pytest.mark.parametrize(
    ("path", "query", "headers", "violation"),
    [
        ("/v1/servers", "limit=101", {}, ("query limit", "maximum")),
        ("/v1/servers", "limit=many", {}, ("query limit", "type")),
        ("/v1/servers", "sort=id", {}, ("query sort", "unknown parameter")),
        ("/v1/jobs", "", {"tenant-acid": "me"}, ("header tenant-acid", "format")),
        ("/v1/groups", "", {"Tenant-Acid": TENANT}, ("header Tenant-Acid", "unknown parameter")),
        ("/v1/groups/7/compliance", "", {}, ("path group-id", "format")),
        ("/v1/nothing", "", {}, ("", "unknown operation")),
    ],
)
def test_a_request_that_the_description_does_not_allow_is_reported(
    path: str, query: str, headers: dict[str, str], violation: tuple[str, str]
) -> None:
    sent = Exchange("GET", PREFIX + path, query, headers, 200, "application/json", b"{}")

    (found,) = description().request_violations(sent)

    assert (found.place, found.rule) == violation


def test_required_parameters_and_enumerations_are_checked() -> None:
    path = f"{PREFIX}/v1beta1/energy-by-entity"
    query = "start-date=2026-07-12&sample-size=1_WEEK"
    sent = Exchange("GET", path, query, {}, 200, "application/json", b"{}")

    found = {(each.place, each.rule) for each in description().request_violations(sent)}

    assert found == {("query end-date", "required"), ("query sample-size", "enum")}


UNDESCRIBED = {"v1/alerts: server.id"}
"""Fields that were seen, and that the description lacks."""


def test_every_declared_field_is_described() -> None:
    lacking = {
        f"{call.endpoint}: {field.path}"
        for call in SOURCE.calls
        if call.page
        for field in call.fields
        if not field.parts and not is_described(call, field.path)
    }

    assert lacking == UNDESCRIBED


def is_described(call: Call[Any], path: str) -> bool:
    address = f"{PREFIX}/{call.endpoint}".replace("{id}", "1")
    operation = description().operation("GET", address)
    assert operation is not None
    return description().has_field(operation, ["items", *path.split(".")])
