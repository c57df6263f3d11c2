"""A fault becomes one message to whom it concerns, and its end another: on the real programs.

One story is lived through once, in which several things happen at the same time to different
servers; the tests look at what was told. Half a second of it is a minute of production.
"""

import re
from collections.abc import AsyncIterator, Callable, Mapping
from dataclasses import dataclass
from functools import partial

import pytest
import pytest_asyncio

from exporter.simulators import Simulation
from exporter.simulators.machines import SERVER, ComServer, OmeDevice
from tests.e2e.programs import until
from tests.e2e.receiver import Receiver, Told
from tests.e2e.stack import Stack, running

pytestmark = [
    pytest.mark.asyncio(loop_scope="module"),
    # The story takes a minute, and longer where Prometheus has to share the machine.
    pytest.mark.timeout(1800),
    pytest.mark.tool(
        prometheus="prometheus",
        promtool="prometheus",
        **{"prometheus-alertmanager": "prometheus-alertmanager"},
    ),
]

FACTOR = 60
QUIET = {"health": "OK", "power": "ON", "connected": True, "alerts": []}
HEALTH = "ServerfleetServerHealthCritical"
DOWN = "ServerfleetSourceDown"


@dataclass(frozen=True)
class Story:
    """Who played a part, and what was told."""

    hpe: ComServer
    """Becomes critical and is repaired."""
    warned: ComServer
    """Gets a warning."""
    dell: OmeDevice
    """Becomes critical, before its source goes down."""
    hidden: OmeDevice
    """Becomes critical while its source is down."""
    receiver: Receiver
    descriptions: Mapping[str, str]
    """Of the two that become critical first, by serial."""
    during_outage: tuple[Told, ...]
    """What was told of Dell's source while it was down."""


@pytest_asyncio.fixture(loop_scope="module", scope="module")
async def story(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Story]:
    async with running(quiet_fleet(), tmp_path_factory.mktemp("alerts"), FACTOR) as stack:
        yield await lived(stack)


def quiet_fleet() -> Simulation:
    """Found a small fleet in which nothing happens but what is ordered."""
    simulation = Simulation(servers=24, seed=1)
    world = simulation.world
    for device in world.ome_devices():
        world.override(device.identifier, **QUIET)
    for server in world.com_servers():
        world.override(server.serial, **QUIET)
    return simulation


async def lived(stack: Stack) -> Story:
    world, told = stack.simulation.world, stack.receiver
    hpe, warned, *_ = [each for each in world.com_servers() if each.subscription == "SUBSCRIBED"]
    dell, hidden, *_ = [each for each in world.ome_devices() if each.type == SERVER]
    await settled(stack)
    told.told.clear()
    await stack.send(alertname="ServerfleetPowerAnomaly", severity="info", source="com-demo")

    world.override(hpe.serial, component={"memory": "CRITICAL"})
    world.override(dell.identifier, component={"memory": "CRITICAL"})
    world.override(warned.serial, **{**QUIET, "health": "WARNING"})
    await happened(lambda: told.of("firing", alertname=HEALTH, serial=hpe.serial))
    await happened(lambda: told.of("firing", alertname=HEALTH, serial=dell.identifier))

    descriptions = {
        serial: await until(partial(described, stack, serial), f"the fault of {serial} is named")
        for serial in (hpe.serial, dell.identifier)
    }

    before_outage = len(told.told)
    fault = stack.simulation.faults.add(vendor="ome", path="/Devices$", kind="status", code=503)
    world.override(hpe.serial, **QUIET)
    await happened(lambda: told.of("firing", alertname=DOWN))
    world.override(hidden.identifier, component={"memory": "CRITICAL"})
    await happened(lambda: told.of("resolved", alertname=HEALTH, serial=hpe.serial))
    await forgotten(stack, dell.identifier)
    during_outage = tuple(told.told[before_outage:])

    world.override(dell.identifier, **QUIET)
    fault.remove()
    await happened(lambda: told.of("resolved", alertname=DOWN))
    await happened(lambda: told.of("firing", alertname=HEALTH, serial=hidden.identifier))
    await happened(lambda: told.of("firing", alertname="ServerfleetServerHealthWarning"))
    await happened(lambda: told.of("firing", alertname="ServerfleetPowerAnomaly"))
    return Story(hpe, warned, dell, hidden, told, descriptions, during_outage)


async def happened(condition: Callable[[], list[Told]]) -> None:
    async def holds() -> bool:
        return bool(condition())

    await until(holds, "an alert was told")


async def described(stack: Stack, serial: str) -> str | None:
    """Return what Alertmanager shows of a critical server, once that names the component.

    The first message may not: Prometheus has no component to name just after a scrape that a busy
    machine has missed.
    """
    texts = [each["annotations"]["description"] for each in await stack.alerts(HEALTH, serial)]
    return next((text for text in texts if "Critical: " in text), None)


async def settled(stack: Stack) -> None:
    """Wait until servers are watched, and the first seconds of Prometheus are forgotten."""

    async def watched() -> bool:
        servers = await stack.prometheus.instant("count(serverfleet:server_alerting:info)")
        absent = await stack.prometheus.instant(
            'ALERTS{alertname=~"Serverfleet(Exporter|Source)Down"}'
        )
        known = (await stack.prometheus.get("alertmanagers"))["activeAlertmanagers"]
        return bool(servers and known and not absent)

    await until(watched, "the fleet is watched")


async def forgotten(stack: Stack, serial: str) -> None:
    """Wait until Prometheus has no alert of a server any more."""

    async def none() -> bool:
        return not await stack.prometheus.instant(f'ALERTS{{serial="{serial}"}}')

    await until(none, f"there is no alert of {serial}")


async def test_a_critical_server_is_told_once_with_all_that_one_needs(story: Story) -> None:
    for server, serial, source in (
        (story.hpe, story.hpe.serial, "com-demo"),
        (story.dell, story.dell.identifier, "ome-demo"),
    ):
        [told] = story.receiver.of("firing", alertname=HEALTH, serial=serial)
        model = told.labels["model"]
        assert told.receiver == "serverfleet-critical"
        assert told.labels["severity"] == "critical"
        assert told.annotations["summary"] == f"{server.name}: health critical"
        description = told.annotations["description"]
        assert description.startswith(
            f"{server.name} (source {source}, serial {serial}, model {model})"
        )
        assert re.search(r"Critical: .*\bmemory\b", story.descriptions[serial])
        assert told.annotations["runbook_url"].endswith(f"docs/runbooks.md#{HEALTH.lower()}")
        assert len(model) > 5


async def test_the_components_of_a_critical_server_are_not_told_beside_it(story: Story) -> None:
    for serial in (story.hpe.serial, story.dell.identifier):
        names = {each.name for each in story.receiver.of("firing", serial=serial)}
        assert names == {HEALTH}


async def test_a_repaired_server_is_told_once(story: Story) -> None:
    [told] = story.receiver.of("resolved", alertname=HEALTH, serial=story.hpe.serial)
    [began] = story.receiver.of("firing", alertname=HEALTH, serial=story.hpe.serial)

    assert told.receiver == "serverfleet-critical"
    assert told.since == began.since


async def test_a_source_that_is_down_is_one_alert_and_so_is_its_return(story: Story) -> None:
    [down] = story.receiver.of("firing", alertname=DOWN, source="ome-demo")
    [up] = story.receiver.of("resolved", alertname=DOWN, source="ome-demo")

    assert down.receiver == "serverfleet-critical"
    assert down.labels["severity"] == "critical"
    assert down.since == up.since
    assert down.annotations["summary"] == "ome-demo: the source cannot be read"
    assert down.annotations["runbook_url"].endswith(f"docs/runbooks.md#{DOWN.lower()}")


async def test_a_source_that_is_down_silences_its_servers_and_no_others(story: Story) -> None:
    of_dell = [each for each in story.during_outage if each.labels.get("source") == "ome-demo"]
    of_hpe = [each for each in story.during_outage if each.labels.get("source") == "com-demo"]

    assert DOWN in {each.name for each in of_dell}
    assert not [each for each in of_dell if each.labels["scope"] in {"server", "collector"}]
    assert [each for each in of_hpe if each.labels.get("serial") == story.hpe.serial]


async def test_what_happened_meanwhile_is_told_when_the_source_is_back(story: Story) -> None:
    told, *_ = story.receiver.of("firing", alertname=HEALTH, serial=story.hidden.identifier)

    assert told not in story.during_outage
    assert told.receiver == "serverfleet-critical"


async def test_severity_decides_who_is_told(story: Story) -> None:
    severities = {
        name: {each.labels["severity"] for each in story.receiver.told if each.receiver == name}
        for name in {each.receiver for each in story.receiver.told}
    }
    # A message names all that is on of its group, also what was told before.
    warnings = {each.name for each in story.receiver.of("firing", serial=story.warned.serial)}

    assert severities == {
        "serverfleet-critical": {"critical"},
        "serverfleet-warning": {"warning"},
        "serverfleet-info": {"info"},
    }
    assert warnings == {"ServerfleetServerHealthWarning"}
