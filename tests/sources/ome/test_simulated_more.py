"""Do the slower collectors agree with the truth behind a simulated appliance?"""

from collections import Counter
from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest

from exporter.errors import NotAvailableError, Reason, SourceError
from exporter.model import (
    ConfigCompliance,
    Description,
    Firmware,
    FirmwareCompliance,
    GroupCompliances,
    GroupHealths,
    GroupMembership,
    GroupSizes,
    Jobs,
    Location,
    Memory,
    PowerDraw,
    Temperatures,
    Utilization,
    Warranty,
)
from exporter.simulators import Simulation
from exporter.simulators.ome import baselines as sim_baselines
from exporter.simulators.ome import inventory as sim_inventory
from exporter.simulators.ome import power_manager as sim_power
from exporter.simulators.ome.lists import warranty_ends
from tests.sources.ome.simulated import column, known, outcome, run, servers

if TYPE_CHECKING:
    from exporter.sources.contract import Source
    from tests.sources.ome.conftest import FakeClock, Recorder

Build = Callable[..., "Source"]
ADDED = ("power_manager", "groups", "compliance", "warranty", "jobs", "hardware", "appliance")


async def test_warranties_end_when_the_last_one_does(
    source: "Source", simulation: Simulation
) -> None:
    collected = await run(source, "warranty", await known(source))
    truth = {
        key: Warranty(max(end for end in warranty_ends(device) if end))
        for key, device in servers(simulation).items()
        if any(warranty_ends(device))
    }
    assert column(collected, Warranty) == truth
    assert 0 < len(truth) < 150 < collected.items
    assert (collected.problems, collected.warnings, collected.drift) == (0, (), ())


async def test_jobs_are_counted_by_state(source: "Source", simulation: Simulation) -> None:
    collected = await run(source, "jobs")
    codes = simulation.ome.jobs.codes()
    pending = sum(now in (2030, 2040) for now, _ in codes)
    running = sum(now == 2050 for now, _ in codes)
    failed = sum(
        now not in (2020, 2030, 2040, 2050) and last in (2070, 2090, 2100, 2101, 2102, 2103)
        for now, last in codes
    )
    assert (2020, 2070) in codes, "a scheduled job whose last run failed must be among them"
    expected = Jobs((("pending", pending), ("running", running), ("failed", failed)))
    assert collected.source_facets == (expected,)
    assert min(pending, running, failed) > 0
    assert (collected.items, collected.problems, collected.drift) == (len(codes), 0, ())


async def test_groups_are_those_that_users_made(source: "Source", simulation: Simulation) -> None:
    inventory = await known(source)
    collected = await run(source, "groups", inventory)
    truth = simulation.ome.groups.made()
    sizes, healths = collected.source_facets
    assert isinstance(sizes, GroupSizes)
    assert isinstance(healths, GroupHealths)
    assert dict(sizes.members) == {name: len(members) for name, (_, members) in truth.items()}
    words = {1000: "ok", 2000: "unknown", 3000: "warning", 4000: "critical", 5000: "unknown"}
    assert dict(healths.states) == {name: words[code] for name, (code, _) in truth.items()}
    assert dict(sizes.members)["Empty"] == 0
    expected = {
        server.id: GroupMembership(
            tuple(sorted(name for name, (_, ids) in truth.items() if int(server.id) in ids))
        )
        for server in inventory.servers
    }
    assert column(collected, GroupMembership) == expected
    assert (collected.problems, collected.warnings, collected.drift) == (0, (), ())
    assert simulation.max_in_flight["ome"] <= 2


@pytest.mark.parametrize("words", [False, True])
async def test_compliance_is_the_worst_of_all_baselines(
    source: "Source", simulation: Simulation, words: bool
) -> None:
    simulation.appliance.compliance_words = words
    collected = await run(source, "compliance", await known(source))
    states = {1: "compliant", 2: "noncompliant", 3: "unknown"}
    firmware: dict[str, list[sim_baselines.Judgement]] = {}
    config: dict[str, str] = {}
    for key, device in servers(simulation).items():
        for baseline in sim_baselines.FIRMWARE_BASELINES:
            if baseline.judges(device.index):
                firmware.setdefault(key, []).append(sim_baselines.judgement(baseline, device))
        for baseline in sim_baselines.CONFIG_BASELINES:
            if baseline.judges(device.index):
                config[key] = states[sim_baselines.judgement(baseline, device).code]

    found = column(collected, FirmwareCompliance)
    assert found.keys() == firmware.keys()
    for key, judged in firmware.items():
        codes = {each.code for each in judged}
        assert found[key].state == states[2 if 2 in codes else 3 if 3 in codes else 1]
        most: Counter[str] = Counter()
        for each in judged:
            most |= Counter({word.lower(): count for word, count in each.upgrades.items()})
        assert dict(found[key].noncompliant) == most
    assert {k: v.state for k, v in column(collected, ConfigCompliance).items()} == config
    truth = {
        baseline.name: states[simulation.ome.baselines.code(baseline)]
        for baseline in (*sim_baselines.FIRMWARE_BASELINES, *sim_baselines.CONFIG_BASELINES)
    }
    (facet,) = collected.source_facets
    assert isinstance(facet, GroupCompliances)
    assert dict(facet.states) == truth
    assert any(len(judged) > 1 for judged in firmware.values())
    assert (collected.problems, collected.warnings, collected.drift) == (0, (), ())


async def test_hardware_is_read_in_turns_and_names_the_operating_system(
    source: "Source", simulation: Simulation, clock: "FakeClock"
) -> None:
    inventory = await known(source)
    collected = await run(source, "hardware", inventory)
    truth = servers(simulation)
    assert (collected.items, collected.problems) == (len(truth), 0)
    memories = {key: sim_inventory.memory_mib(device) for key, device in truth.items()}
    assert {key: each.bytes for key, each in column(collected, Memory).items()} == {
        key: mib * 1024**2 for key, mib in memories.items() if mib
    }
    assert {key: dict(each.versions) for key, each in column(collected, Firmware).items()} == {
        key: sim_inventory.firmware_of(device) for key, device in truth.items()
    }
    places = {key: sim_inventory.location_of(device) for key, device in truth.items()}
    assert {key: each.rack for key, each in column(collected, Location).items()} == {
        key: place["Rack"] for key, place in places.items() if place
    }
    systems = column(await run(source, "devices"), Description)
    assert {key: each.os for key, each in systems.items()} == {
        key: sim_inventory.os_of(device) for key, device in truth.items()
    }
    assert len({each.os for each in systems.values()}) > 2

    clock.now += 900
    later = await run(source, "hardware", inventory)
    assert 0 < later.items < 20
    assert column(later, Memory) == column(collected, Memory)


@pytest.mark.parametrize("units", [(1, 1), (2, 2)])
async def test_power_manager_is_read_in_the_units_that_it_is_set_to(
    source: "Source", simulation: Simulation, units: tuple[int, int]
) -> None:
    simulation.appliance.temperature_unit, simulation.appliance.power_unit = units
    collected = await run(source, "power_manager", await known(source))
    truth = {
        key: simulation.ome.power_manager.truth(device)
        for key, device in servers(simulation).items()
    }
    truth = {key: values for key, values in truth.items() if values}
    draws = column(collected, PowerDraw)
    assert 0 < len(draws) < 150
    assert {key: each.watts for key, each in draws.items()} == {
        key: pytest.approx(values[sim_power.WATTS], rel=1e-4) for key, values in truth.items()
    }
    heat = {key: dict(each.sensors) for key, each in column(collected, Temperatures).items()}
    assert heat == {
        key: {"inlet": pytest.approx(values[sim_power.INLET])} for key, values in truth.items()
    }
    assert {k: dict(each.resources) for k, each in column(collected, Utilization).items()} == {
        key: {
            "cpu": pytest.approx(values[sim_power.CPU] / 100),
            "memory": pytest.approx(values[sim_power.MEMORY] / 100),
            "io": pytest.approx(values[sim_power.IO] / 100),
        }
        for key, values in truth.items()
    }
    assert next(each.rank for each in collected.columns if each.facet is PowerDraw) == 1
    assert (collected.problems, collected.warnings, collected.drift) == (0, (), ())


async def test_power_manager_is_asked_no_faster_than_it_gathers(
    source: "Source", simulation: Simulation
) -> None:
    inventory = await known(source)
    collector = next(each for each in source.collectors if each.name == "power_manager")
    for minutes, interval in ((15, 900), (60, 3600), (5, 900)):
        simulation.appliance.gathering_minutes = minutes
        await collector.collect(inventory)
        assert collector.interval == interval


async def test_without_the_plugin_power_manager_is_not_available(
    source: "Source", simulation: Simulation
) -> None:
    inventory = await known(source)
    simulation.appliance.power_manager = False
    with pytest.raises(NotAvailableError, match="Power Manager"):
        await run(source, "power_manager", inventory)
    simulation.appliance.power_manager = True
    assert column(await run(source, "power_manager", inventory), PowerDraw)


async def test_the_version_of_the_appliance_is_told_each_time(
    source: "Source", recorder: "Recorder"
) -> None:
    for _ in range(2):
        assert (await run(source, "appliance")).columns == ()
    assert recorder.versions == ["4.3.1", "4.3.1"]


@pytest.mark.parametrize("status", [403, 500])
async def test_a_refusal_is_no_failure_and_an_error_is_one(
    source: "Source", simulation: Simulation, status: int
) -> None:
    inventory = await known(source)
    simulation.faults.add(kind="status", vendor="ome", path="Service", code=status)
    for name in ADDED:
        if name != "appliance" or status != 403:
            expected = NotAvailableError if status == 403 else SourceError
            with pytest.raises(expected):
                await run(source, name, inventory)


@pytest.mark.parametrize(
    "kind",
    [
        "html",
        "empty_body",
        "wrong_types",
        "nulls",
        "missing_fields",
        "unknown_codes",
        "short_list",
        "empty_list",
        "duplicate_items",
        "shifting_pages",
        "truncated_json",
    ],
)
async def test_misbehaviour_is_a_reason_or_a_problem_and_never_a_surprise(
    source: "Source", simulation: Simulation, kind: str
) -> None:
    inventory = await known(source)
    simulation.faults.add(kind=kind, vendor="ome", path="Service")
    for name in ADDED:
        result = await outcome(source, name, inventory)
        if isinstance(result, SourceError):
            assert result.reason is not Reason.INTERNAL
        elif isinstance(result, NotAvailableError):
            assert name == "power_manager"
        else:
            assert all(len(str(each)) < 300 for each in (*result.warnings, *result.drift))
