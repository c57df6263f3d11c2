"""Does the whole source agree with a simulated appliance, and survive its misbehaviour?"""

from collections import Counter
from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest

from exporter.errors import Reason, SourceError
from exporter.model import (
    AlertSeverity,
    Collected,
    Components,
    Power,
    PowerDraw,
    SourceAlerts,
    Status,
    Temperatures,
)
from exporter.simulators import Simulation
from tests.sources.ome.simulated import column, known, outcome, run, servers

if TYPE_CHECKING:
    from exporter.sources.contract import Source
    from tests.sources.ome.conftest import FakeClock, Recorder

Build = Callable[..., "Source"]


async def test_the_inventory_is_the_fleet(
    source: "Source", simulation: Simulation, recorder: "Recorder"
) -> None:
    collected = await run(source, "devices")
    truth = servers(simulation)
    assert collected.servers is not None
    assert {each.id: each.serial for each in collected.servers} == {
        key: each.identifier for key, each in truth.items()
    }
    assert (collected.items, collected.problems, collected.duplicates) == (len(truth), 0, 0)
    assert (collected.warnings, collected.drift) == ((), ())
    states = column(collected, Status)
    for key, device in truth.items():
        expected = device.situation.health.lower() if device.situation.rated else "unknown"
        assert states[key].health == expected
        assert states[key].connected is device.situation.connected
    assert len(recorder.versions) == 1


async def test_alerts_are_those_of_the_fleet(source: "Source", simulation: Simulation) -> None:
    inventory = await known(source)
    for accepted in (True, False):
        simulation.appliance.alert_orderby = accepted
        collected = await run(source, "alerts", inventory)
        (facet,) = collected.source_facets
        assert isinstance(facet, SourceAlerts)
        assert collected.alerts is not None
        listed = Counter(each.severity for each in collected.alerts)
        assert dict(facet.counts)[AlertSeverity.CRITICAL] == listed[AlertSeverity.CRITICAL] > 0
        assert dict(facet.counts)[AlertSeverity.WARNING] == listed[AlertSeverity.WARNING] > 0
        assert collected.problems == 0
        assert all(each.message for each in collected.alerts)


async def test_health_and_power_are_read_of_every_server(
    source: "Source", simulation: Simulation, clock: "FakeClock"
) -> None:
    inventory = await known(source)
    health = await run(source, "health", inventory)
    assert (health.items, health.problems, health.drift) == (len(inventory.servers), 0, ())
    ill = {
        key
        for key, each in column(health, Components).items()
        if max(s for _, s in each.severities)
    }
    truth = {str(d.id): d for d in simulation.world.ome_devices()}
    assert ill == {
        key
        for key in column(health, Components)
        if set(truth[key].situation.components.values()) & {"WARNING", "CRITICAL"}
    }

    power = await run(source, "power", inventory)
    assert (power.problems, power.drift) == (0, ())
    watts = column(power, PowerDraw)
    assert 0.8 < len(watts) / len(inventory.servers) < 1
    assert all(each.watts < 5000 for each in watts.values())
    assert all((each.minimum_watts or 0) < 5000 for each in column(power, Power).values())
    heat = [each.sensors[0] for each in column(power, Temperatures).values()]
    assert all(sensor == "system" and 5 < celsius < 60 for sensor, celsius in heat)

    before = simulation.requests[("ome", "GET", "/api/DeviceService/Devices({id})/Power")]
    clock.now += 300
    again = await run(source, "power", inventory)
    assert again.items == power.items
    assert simulation.requests[("ome", "GET", "/api/DeviceService/Devices({id})/Power")] >= before
    assert simulation.max_in_flight["ome"] <= 2


async def test_sessions_that_end_are_renewed_and_none_is_left_behind(
    source: "Source", simulation: Simulation
) -> None:
    inventory = await known(source)
    simulation.expire_ome_sessions()
    await run(source, "power", inventory)
    assert simulation.open_sessions == 1
    await source.close()
    assert simulation.open_sessions == 0


async def test_a_password_that_is_wrong_is_not_tried_again_and_again(
    source: "Source", simulation: Simulation, recorder: "Recorder"
) -> None:
    simulation.rotate_ome_password("another")
    for _ in range(5):
        with pytest.raises(SourceError) as caught:
            await run(source, "devices")
        assert caught.value.reason is Reason.AUTH
    assert recorder.logins == [False]


async def test_chassis_and_others_are_read_where_they_are_asked_for(
    simulation: Simulation, build: Build
) -> None:
    credentials = simulation.ome_credentials
    async with simulation.serving() as url:
        source = build(
            url,
            username=credentials.username,
            password=credentials.password,
            device_types=[1000, 2000, 3000, 4000],
        )
        inventory = await known(source)
        assert len(inventory.servers) == len(simulation.world.ome_devices()) > 150
        health = await run(source, "health", inventory)
        assert health.problems == 0
        names = {
            name for each in column(health, Components).values() for name, _ in each.severities
        }
        assert {"management_module", "iom", "system", "sel", "fans"} <= names
        assert health.drift == ()
        await source.close()


@pytest.mark.parametrize(
    "kind",
    [
        "status",
        "reset",
        "html",
        "empty_body",
        "redirect",
        "wrong_types",
        "nulls",
        "missing_fields",
        "unknown_codes",
        "short_list",
        "empty_list",
        "duplicate_items",
        "shifting_pages",
        "foreign_link",
        "growing_total",
        "truncated_json",
        "not_json_type",
        "close_midway",
    ],
)
async def test_misbehaviour_is_a_reason_or_a_problem_and_never_a_surprise(
    source: "Source", simulation: Simulation, kind: str
) -> None:
    inventory = await known(source)
    simulation.faults.add(kind=kind, vendor="ome", path="Devices|Alerts")
    for name in ("devices", "alerts", "health", "power"):
        result = await outcome(source, name, inventory)
        if isinstance(result, SourceError):
            assert result.reason is not Reason.INTERNAL
            assert simulation.ome_credentials.password not in str(result)
        else:
            assert isinstance(result, Collected)
            assert len(result.drift) < 40
            assert all(len(str(each)) < 300 for each in result.drift)
