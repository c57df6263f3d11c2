"""Does a COM source read a whole simulated workspace over real sockets, whatever it does?"""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import pytest

from exporter.errors import NotAvailableError, Reason, SourceError
from exporter.model import (
    AlertCounts,
    Collected,
    EnergyWindowEnds,
    EnergyWindows,
    InventoryCount,
    SourceAlerts,
    Status,
    Window,
)
from exporter.sources.com import SOURCE
from tests.sources.com.conftest import NOW

if TYPE_CHECKING:
    from tests.sources.com.conftest import Witness

SERVERS = "/v1/servers$"


def by_id(found: Collected, facet: type) -> dict[str, Any]:
    return next(dict(column.by_id) for column in found.columns if column.facet is facet)


async def test_the_whole_fleet_is_read(connected: Callable[..., Any]) -> None:
    async with connected() as fleet:
        found = await fleet.run("servers")
        world = fleet.simulation.world.com_servers()

        assert {server.id for server in found.servers} == {each.id for each in world}
        assert {server.serial for server in found.servers} == {each.serial for each in world}
        assert found.source_facets == (InventoryCount(len(world), len(world)),)
        assert (found.problems, found.duplicates, found.warnings, found.drift) == (0, 0, (), ())
        assert set(by_id(found, Status)) == {each.id for each in world}


async def test_its_open_alerts_are_read_the_same_in_both_ways(
    connected: Callable[..., Any],
) -> None:
    async with connected(servers=40) as fleet:
        await fleet.run("servers")
        whole = await fleet.run("alerts")
        fleet.simulation.com_fleet_alerts = False
        one_by_one = await fleet.run("alerts")

        assert whole.alerts
        assert by_id(one_by_one, AlertCounts) == by_id(whole, AlertCounts)
        known = {server.id for server in fleet.inventory.servers}
        assert [each for each in whole.alerts if each.device in known] == list(one_by_one.alerts)
        (of_source,) = whole.source_facets
        assert isinstance(of_source, SourceAlerts)


async def test_its_energy_is_read(connected: Callable[..., Any]) -> None:
    async with connected() as fleet:
        await fleet.run("servers")
        found = await fleet.run("energy")

        (facet,) = found.source_facets
        assert isinstance(facet, EnergyWindowEnds)
        ends = dict(facet.ends)
        assert set(ends) == set(Window)
        assert NOW - 86400 < ends[Window.HOUR] <= NOW
        assert ends[Window.HOUR] % 3600 == ends[Window.DAY] % 86400 == 0
        known = {server.id for server in fleet.inventory.servers}
        energies = by_id(found, EnergyWindows)
        assert len(energies) >= len(known) / 2
        assert set(energies) <= known
        for item in energies.values():
            watts = {window: energy.joules / window.seconds for window, energy in item.windows}
            assert all(0 < each < 5000 for each in watts.values())


async def test_tokens_that_end_are_renewed_unnoticed(
    connected: Callable[..., Any], witness: "Witness"
) -> None:
    async with connected() as fleet:
        await fleet.run("servers")
        fleet.simulation.expire_com_tokens()
        await fleet.run("servers")

        assert witness.logins == [True, True]


async def test_a_rotated_secret_is_refused_until_it_is_known(
    connected: Callable[..., Any], tmp_path: Any
) -> None:
    file = tmp_path / "secret"
    file.write_text("wrong")
    async with connected(client_secret=None, client_secret_file=str(file)) as fleet:
        assert (await fleet.failure()).reason is Reason.AUTH
        file.write_text(fleet.simulation.com_credentials.client_secret + "\n")

        assert (await fleet.run("servers")).servers


async def test_the_tenant_header_is_accepted(connected: Callable[..., Any]) -> None:
    async with connected(tenant_acid="11111111-2222-3333-4444-555555555555") as fleet:
        for name in SOURCE.intervals:
            if name != "groups":
                await fleet.run(name)


async def test_groups_are_not_to_be_had_for_a_tenant(connected: Callable[..., Any]) -> None:
    async with connected(tenant_acid="11111111-2222-3333-4444-555555555555") as fleet:
        await fleet.run("servers")
        asked = fleet.simulation.requests.total()

        with pytest.raises(NotAvailableError, match="not offered for a tenant of an MSP workspace"):
            await fleet.run("groups")

        assert fleet.simulation.requests.total() == asked


async def test_servers_that_a_page_lists_twice_are_skipped_records(
    connected: Callable[..., Any],
) -> None:
    async with connected() as fleet:
        whole = await fleet.run("servers")
        fleet.simulation.faults.add(vendor="com", path=SERVERS, kind="duplicate_items")

        found = await fleet.run("servers")

        assert found.servers == whole.servers
        assert found.problems > 0


@pytest.mark.parametrize(
    ("fault", "reason"),
    [
        ({"kind": "status", "code": 401}, Reason.AUTH),
        ({"kind": "status", "code": 403}, Reason.FORBIDDEN),
        ({"kind": "status", "code": 404}, Reason.HTTP_4XX),
        ({"kind": "status", "code": 429}, Reason.RATE_LIMITED),
        ({"kind": "status", "code": 503}, Reason.HTTP_5XX),
        ({"kind": "reset"}, Reason.CONNECT),
        ({"kind": "html"}, Reason.DECODE),
        ({"kind": "empty_body"}, Reason.DECODE),
        ({"kind": "redirect"}, Reason.REDIRECT),
        ({"kind": "endless"}, Reason.TOO_LARGE),
        ({"kind": "gzip_bomb"}, Reason.TOO_LARGE),
        ({"kind": "oversize"}, Reason.TOO_LARGE),
        ({"kind": "many_records"}, Reason.TOO_LARGE),
        ({"kind": "huge_field"}, Reason.TOO_LARGE),
        ({"kind": "truncated_json"}, Reason.DECODE),
        ({"kind": "close_midway"}, Reason.CONNECT),
        ({"kind": "empty_list"}, Reason.TRUNCATED),
        ({"kind": "short_list"}, Reason.TRUNCATED),
    ],
)
async def test_a_workspace_that_misbehaves_is_a_failure_with_its_reason(
    connected: Callable[..., Any], fault: dict[str, Any], reason: Reason
) -> None:
    async with connected() as fleet:
        fleet.simulation.faults.add(vendor="com", path=SERVERS, **fault)
        assert (await fleet.failure()).reason is reason

        fleet.simulation.faults.clear()
        assert (await fleet.run("servers")).servers


@pytest.mark.parametrize(
    "fault",
    [
        {"kind": "status", "code": 503, "times": 2},
        {"kind": "reset", "times": 2},
        {"kind": "short_list", "times": 1},
        {"kind": "shifting_pages"},
        {"kind": "not_json_type"},
    ],
)
async def test_what_can_be_overcome_is_overcome(
    connected: Callable[..., Any], fault: dict[str, Any]
) -> None:
    async with connected() as fleet:
        fleet.simulation.faults.add(vendor="com", path=SERVERS, **fault)

        found = await fleet.run("servers")

        assert len(found.servers) == len(fleet.simulation.world.com_servers())


@pytest.mark.parametrize("collector", list(SOURCE.intervals))
@pytest.mark.parametrize("kind", ["wrong_types", "nulls", "missing_fields", "unknown_codes"])
async def test_spoilt_documents_cost_records_and_never_more(
    connected: Callable[..., Any], collector: str, kind: str
) -> None:
    async with connected() as fleet:
        await fleet.run("servers")
        options = {} if kind == "unknown_codes" else {"every": 7}
        fleet.simulation.faults.add(vendor="com", path="compute-ops-mgmt", kind=kind, **options)

        try:
            found = await fleet.run(collector)
        except SourceError as error:
            assert error.reason in (Reason.SCHEMA, Reason.TRUNCATED, Reason.EMPTY)  # noqa: PT017
        else:
            assert found.items
