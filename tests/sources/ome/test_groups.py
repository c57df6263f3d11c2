"""Groups with subgroups, hidden groups, and lists of members that an appliance lacks."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import pytest

from exporter.errors import Reason, SourceError
from exporter.model import (
    Collected,
    GroupHealths,
    GroupMembership,
    GroupSizes,
    Inventory,
    Server,
)
from exporter.simulators import Simulation
from tests.sources.ome.conftest import complaint
from tests.sources.ome.simulated import column, known, run

if TYPE_CHECKING:
    from exporter.sources.contract import Source
    from tests.sources.ome.conftest import Appliance, FakeClock, Handler

Build = Callable[..., "Source"]
FLEET = Inventory(tuple(Server(str(each), f"TAG{each}", f"srv{each}") for each in (7, 8, 9)))
GROUPS = "GroupService/Groups"


def group(number: int, name: str, **more: Any) -> dict[str, Any]:
    return {"Id": number, "Name": name, "TypeId": 3000, "GlobalStatus": 1000, **more}


@pytest.fixture
def nested(appliance: "Appliance") -> "Appliance":
    """A group `outer` of device 7, within it a group `inner` of devices 8 and 9."""
    appliance.serve(GROUPS, [group(1, "outer"), group(2, "inner", ParentId=1)])
    appliance.serve(f"{GROUPS}(1)/Devices", [{"Id": 7}])
    appliance.serve(f"{GROUPS}(1)/AllLeafDevices", [{"Id": 7}, {"Id": 8}, {"Id": 9}])
    for last in ("Devices", "AllLeafDevices"):
        appliance.serve(f"{GROUPS}(2)/{last}", [{"Id": 8}, {"Id": 9}])
    return appliance


def sizes(collected: Collected) -> dict[str, int]:
    return dict(next(each.members for each in collected.source_facets if type(each) is GroupSizes))


def healths(collected: Collected) -> dict[str, str]:
    found = next(each for each in collected.source_facets if type(each) is GroupHealths)
    return dict(found.states)


def refusal(status: int, message_id: str = "CGEN1006") -> "Handler":
    return lambda _: complaint(message_id, "no such list", status)


async def test_the_members_of_a_group_are_those_of_its_subgroups_too(
    nested: "Appliance", build: Build
) -> None:
    collected = await run(build(nested.url), "groups", FLEET)
    assert sizes(collected) == {"outer": 3, "inner": 2}
    assert column(collected, GroupMembership) == {
        "7": GroupMembership(("outer",)),
        "8": GroupMembership(("inner", "outer")),
        "9": GroupMembership(("inner", "outer")),
    }


async def test_members_that_are_no_served_server_count_too(
    nested: "Appliance", build: Build
) -> None:
    nested.serve(f"{GROUPS}(1)/AllLeafDevices", [{"Id": 7}, {"Id": 99}])
    collected = await run(build(nested.url), "groups", FLEET)
    assert sizes(collected)["outer"] == 2
    assert "99" not in column(collected, GroupMembership)


@pytest.mark.parametrize("status", [400, 404, 501])
async def test_an_appliance_without_leaf_devices_is_asked_for_the_direct_ones_and_remembered(
    nested: "Appliance", build: Build, clock: "FakeClock", status: int
) -> None:
    leaves = {number: nested.handlers[f"{GROUPS}({number})/AllLeafDevices"] for number in (1, 2)}
    for number in leaves:
        nested.handlers[f"{GROUPS}({number})/AllLeafDevices"] = refusal(status)
    source = build(nested.url)
    collected = await run(source, "groups", FLEET)
    assert (sizes(collected), collected.problems) == ({"outer": 1, "inner": 2}, 0)
    nested.raw.clear()
    clock.now += 6 * 3600 - 1
    await run(source, "groups", FLEET)
    assert not nested.asked("AllLeafDevices")
    for number, handler in leaves.items():
        nested.handlers[f"{GROUPS}({number})/AllLeafDevices"] = handler
    clock.now += 1
    assert sizes(await run(source, "groups", FLEET)) == {"outer": 3, "inner": 2}


async def test_a_group_that_was_deleted_meanwhile_does_not_end_the_leaf_devices(
    nested: "Appliance", build: Build
) -> None:
    source = build(nested.url)
    for last in ("Devices", "AllLeafDevices"):
        nested.handlers[f"{GROUPS}(2)/{last}"] = refusal(404)
    for _ in range(2):
        assert sizes(await run(source, "groups", FLEET)) == {"outer": 3}


async def test_hidden_groups_are_left_out(nested: "Appliance", build: Build) -> None:
    listed = [group(1, "outer", Visible=True), group(2, "inner", Visible=False)]
    nested.serve(GROUPS, listed)
    collected = await run(build(nested.url), "groups", FLEET)
    assert sizes(collected) == {"outer": 3}
    assert healths(collected) == {"outer": "ok"}
    assert {each.groups for each in column(collected, GroupMembership).values()} == {("outer",)}
    assert not nested.asked("Groups(2)")


@pytest.mark.parametrize(
    ("handler", "words"),
    [(refusal(500), "2 of 2 could not be read"), (refusal(404), "no group lists its")],
)
async def test_the_health_of_groups_is_served_while_their_members_cannot_be_read(
    nested: "Appliance", build: Build, handler: "Handler", words: str
) -> None:
    for number in (1, 2):
        for last in ("Devices", "AllLeafDevices"):
            nested.handlers[f"{GROUPS}({number})/{last}"] = handler
    collected = await run(build(nested.url), "groups", FLEET)
    assert healths(collected) == {"outer": "ok", "inner": "ok"}
    assert (sizes(collected), column(collected, GroupMembership)) == ({}, {})
    (warning,) = collected.warnings
    assert "members of groups" in warning
    assert words in warning


async def test_groups_that_cannot_be_listed_fail_the_run(nested: "Appliance", build: Build) -> None:
    nested.handlers[GROUPS] = refusal(500)
    with pytest.raises(SourceError) as caught:
        await run(build(nested.url), "groups", FLEET)
    assert caught.value.reason is Reason.HTTP_5XX


async def test_members_and_health_of_a_simulated_group_are_about_the_same_devices(
    source: "Source", simulation: Simulation
) -> None:
    inventory = await known(source)
    whole = await run(source, "groups", inventory)
    truth = simulation.ome.groups.made()
    assert sizes(whole) == {name: len(members) for name, (_, members) in truth.items()}
    assert sizes(whole)["Europe"] > sizes(whole)["Frankfurt FRA2"] > 0
    assert "Hidden" not in sizes(whole)


async def test_a_simulated_appliance_without_leaf_devices_lists_direct_members(
    source: "Source", simulation: Simulation
) -> None:
    simulation.appliance.all_leaf_devices = False
    collected = await run(source, "groups", await known(source))
    truth = simulation.ome.groups.made()
    found = sizes(collected)
    assert found.keys() == truth.keys()
    assert found["Europe"] < len(truth["Europe"][1])
    assert found["Every third"] == len(truth["Every third"][1])
