"""Is what the slower collectors give the truth of the simulated workspace?"""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import pytest

from exporter.errors import NotAvailableError
from exporter.model import (
    Appliances,
    Collected,
    ConfigCompliance,
    Firmware,
    FirmwareCompliance,
    GroupCompliances,
    GroupMembership,
    GroupSizes,
    Jobs,
    Memory,
    Utilization,
    Warranty,
)
from exporter.simulators.com.estate import RESOURCES, Estate
from exporter.simulators.load import DAY
from tests.sources.com.conftest import NOW

if TYPE_CHECKING:
    from exporter.simulators.machines import ComServer

Connect = Callable[..., Any]
WORDS = {"COMPLIANT": "compliant", "NOT_COMPLIANT": "noncompliant", "UNKNOWN": "unknown"}
SLOW = ["utilization", "groups", "jobs", "appliances", "firmware", "warranty"]


def by_id(found: Collected, facet: type) -> dict[str, Any]:
    return next(dict(column.by_id) for column in found.columns if column.facet is facet)


def of_source(found: Collected, facet: type) -> Any:
    return next(each for each in found.source_facets if isinstance(each, facet))


def truth(fleet: Any) -> tuple[Estate, list["ComServer"]]:
    return Estate(fleet.simulation.world), fleet.simulation.world.com_servers(NOW)


async def test_memory_is_that_of_the_servers(connected: Connect) -> None:
    async with connected(servers=80) as fleet:
        found = by_id(await fleet.run("servers"), Memory)
        _, servers = truth(fleet)

        assert found == {
            each.id: Memory(each.memory_mib * 2**20)
            for each in servers
            if each.memory_mib and each.subscription == "SUBSCRIBED"
        }


async def test_utilization_is_that_of_the_last_published_day(connected: Connect) -> None:
    async with connected(servers=300) as fleet:
        await fleet.run("servers")
        collected = await fleet.run("utilization")
        found = by_id(collected, Utilization)
        estate, servers = truth(fleet)

        day = (NOW - 3 * 3600) // DAY * DAY - DAY
        measured = {each.id: each for each in servers if estate.is_measured(each)}
        assert len(measured) * 0.9 < len(found) <= len(measured) < len(servers)
        words = ("cpu", "memory", "io", "cpu_interconnect")
        for id, item in found.items():
            assert dict(item.resources) == {
                word: pytest.approx(estate.utilization(measured[id], resource, day) / 100)
                for word, resource in zip(words, RESOURCES, strict=True)
            }
        assert collected.items == 4 * len(measured)
        assert collected.problems == 4 * (len(measured) - len(found))


async def test_groups_have_their_members_and_what_those_lack(connected: Connect) -> None:
    async with connected(servers=500) as fleet:
        await fleet.run("servers")
        found = await fleet.run("groups")
        estate, servers = truth(fleet)
        groups = estate.groups(NOW)

        assert dict(of_source(found, GroupSizes).members) == {
            each.name: len(each.servers) + len(each.appliances) for each in groups
        }
        members = by_id(found, GroupMembership)
        assert {id: item.groups for id, item in members.items() if id[0] == "P"} == {
            server.id: (group.name,) for group in groups for server in group.servers
        }
        assert by_id(found, FirmwareCompliance) == {
            server.id: FirmwareCompliance(
                state=WORDS[estate.firmware(server)],  # type: ignore[arg-type]
                score=None if estate.firmware(server) == "UNKNOWN" else estate.score(server) / 100,
            )
            for group in groups
            if group.has_firmware
            for server in group.servers
        }
        assert {id: item.state for id, item in by_id(found, ConfigCompliance).items()} == {
            server.id: WORDS[estate.settings(server)]
            for group in groups
            if group.has_settings
            for server in group.servers
        }
        states = dict(of_source(found, GroupCompliances).states)
        assert set(states) == {each.name for each in groups}
        assert {"noncompliant", "not_applicable"} <= {*states.values()}
        assert (found.problems, found.warnings, found.drift) == (0, (), ())
        assert len(servers) > len(members) > 0.9 * len(servers)


async def test_groups_cost_two_calls_for_each_group_of_servers(connected: Connect) -> None:
    async with connected(servers=500) as fleet:
        await fleet.run("servers")
        before = fleet.simulation.requests.total()
        await fleet.run("groups")

        assert fleet.simulation.requests.total() - before == 1 + 2 * 10
        assert fleet.simulation.max_in_flight["com"] <= 4


async def test_jobs_are_counted_by_their_state(connected: Connect) -> None:
    async with connected(servers=20) as fleet:
        await fleet.run("servers")
        before = fleet.simulation.requests.total()
        found = await fleet.run("jobs")
        jobs = list(Estate(fleet.simulation.world).jobs(NOW))

        states = [each.state for each in jobs]
        failed = [
            each
            for each in jobs
            if each.updated_at >= NOW - DAY and (each.result == "FAILURE" or each.state == "ERROR")
        ]
        assert failed
        assert dict(of_source(found, Jobs).counts) == {
            "pending": states.count("PENDING") + states.count("APPROVAL_PENDING"),
            "running": states.count("RUNNING"),
            "stalled": states.count("STALLED"),
            "failed": len(failed),
        }
        assert fleet.simulation.requests.total() - before == 2
        assert found.items < 50


async def test_appliances_are_counted_by_kind_and_state(connected: Connect) -> None:
    async with connected(servers=500) as fleet:
        await fleet.run("servers")
        found = await fleet.run("appliances")
        estate, _ = truth(fleet)

        kinds = {"gateway": estate.gateways(), "oneview": estate.oneviews()}
        assert {(kind, state): n for kind, state, n in of_source(found, Appliances).counts} == {
            (kind, state): sum(each.lower().replace(" ", "_") == state for _, each in appliances)
            for kind, appliances in kinds.items()
            for state in ("connected", "not_activated", "disconnected")
        }
        assert (found.problems, found.warnings, found.drift) == (0, (), ())


async def test_oneview_alone_may_be_forbidden(connected: Connect) -> None:
    async with connected(servers=20) as fleet:
        await fleet.run("servers")
        fleet.simulation.faults.add(vendor="com", path="oneview", kind="status", code=403)
        found = await fleet.run("appliances")

        assert {kind for kind, _, _ in of_source(found, Appliances).counts} == {"gateway"}
        assert len(found.warnings) == 1


async def test_firmware_is_bios_and_bmc_by_default(connected: Connect) -> None:
    async with connected(servers=200) as fleet:
        await fleet.run("servers")
        found = by_id(await fleet.run("firmware"), Firmware)
        _, servers = truth(fleet)

        have = [x for x in servers if x.subscription == "SUBSCRIBED" and x.index % 64 != 21]
        assert set(found) == {each.id for each in have}
        for each in have:
            versions = dict(found[each.id].versions)
            assert versions["bios"] == f"{each.hardware.bios_family} v2.56 (02/10/2025)"
            assert versions["bmc"].startswith(each.hardware.bmc_version.partition(" v")[2])
            assert set(versions) == {"bios", "bmc"}


async def test_all_firmware_can_be_asked_for(connected: Connect) -> None:
    async with connected(servers=20, collectors={"firmware": {"components": "all"}}) as fleet:
        await fleet.run("servers")
        found = by_id(await fleet.run("firmware"), Firmware)

        versions = dict(next(iter(found.values())).versions)
        assert {"bios", "bmc", "redundant_system_rom", "power_supply_firmware"} <= set(versions)
        assert len(versions) > 10


async def test_the_latest_end_of_support_is_served(connected: Connect) -> None:
    async with connected(servers=300) as fleet:
        await fleet.run("servers")
        found = by_id(await fleet.run("warranty"), Warranty)
        estate, servers = truth(fleet)

        ends = {each.id: [x.ends for x in estate.contracts(each) if x.ends] for each in servers}
        assert found == {id: Warranty(max(each)) for id, each in ends.items() if each}
        assert 0 < len(found) < len(servers)


@pytest.mark.parametrize("collector", SLOW)
async def test_a_missing_permission_is_not_a_failure(connected: Connect, collector: str) -> None:
    async with connected(servers=20) as fleet:
        await fleet.run("servers")
        fleet.simulation.faults.add(vendor="com", path="compute-ops", kind="status", code=403)

        with pytest.raises(NotAvailableError, match="role Viewer"):
            await fleet.run(collector)

        fleet.simulation.faults.clear()
        assert (await fleet.run(collector)).items


@pytest.mark.parametrize("collector", ["utilization", "appliances", "warranty"])
async def test_a_beta_path_that_is_gone_is_not_a_failure(
    connected: Connect, collector: str
) -> None:
    async with connected(servers=20) as fleet:
        await fleet.run("servers")
        fleet.simulation.faults.add(vendor="com", path="v.beta", kind="status", code=404)

        with pytest.raises(NotAvailableError, match="not offered here"):
            await fleet.run(collector)
