"""Every query of the dashboards and every rule works on the real program, with the demo fleet."""

import itertools
import re
import time
from collections.abc import AsyncIterator, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import pytest
import pytest_asyncio
from prometheus_client.parser import text_string_to_metric_families

from exporter.simulators import Simulation
from exporter.simulators.load import DAY
from tests.e2e import shortened
from tests.e2e.examples import Examples, Exposition, chosen, switch_one_off
from tests.e2e.history import ENERGY
from tests.e2e.programs import until
from tests.e2e.rig import samples
from tests.e2e.stack import Stack, running
from tests.e2e.without_data import MISSING
from tests.grafana.boards import FOLDER
from tests.grafana.queries import Query, queries

pytestmark = [
    pytest.mark.asyncio(loop_scope="module"),
    pytest.mark.tool(
        prometheus="prometheus",
        promtool="prometheus",
        **{"prometheus-alertmanager": "prometheus-alertmanager"},
    ),
]

FACTOR = 60
SHOWN = 3 * 3600
"""Seconds that a dashboard shows."""
OF_ONE_SERVER = "Server"
"""The dashboard that shows one."""
NONCOMPLIANT = ("state", "noncompliant")
NO_TROUBLE = (
    "prometheus_rule_evaluation_failures_total",
    "prometheus_target_scrapes_exceeded_sample_limit_total",
    "prometheus_target_scrapes_sample_duplicate_timestamp_total",
    "prometheus_target_scrapes_sample_out_of_bounds_total",
    "prometheus_target_scrapes_sample_out_of_order_total",
    "prometheus_tsdb_wal_corruptions_total",
)


@pytest_asyncio.fixture(loop_scope="module", scope="module")
async def stack(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Stack]:
    simulation = Simulation(servers=200, seed=1)
    switch_one_off(simulation.world)
    async with running(simulation, tmp_path_factory.mktemp("dashboards"), FACTOR) as stack:
        yield stack


@pytest_asyncio.fixture(loop_scope="module", scope="module")
async def examples(stack: Stack) -> Examples:
    return chosen(stack.simulation.world, samples(stack.exporter.exposition()), time.time())


@dataclass
class Findings:
    """What was asked in each view, and which of it has had data by now."""

    stack: Stack
    asked: Mapping[str, list[Query]]
    found: set[Query] = field(default_factory=set)

    async def look(self) -> bool:
        """Ask what had no data yet, and say whether nothing is left to wait for."""
        for query in itertools.chain.from_iterable(self.asked.values()):
            if query not in self.found and await has_data(self.stack, query):
                self.found.add(query)
        return not self.empty_panels() and not self.unexplained()

    def empty_panels(self) -> list[str]:
        """Name the panels without any data, with the view."""
        panels = {(view, each.dashboard, each.panel): False for view, each in self._all()}
        for view, each in self._all():
            panels[view, each.dashboard, each.panel] |= each in self.found
        return [" / ".join(panel) for panel, has_any in panels.items() if not has_any]

    def unexplained(self) -> list[str]:
        """Give the queries that no view has data of, the reasoned ones left out."""
        return [text for text in self.without() if not families(text) & MISSING.keys()]

    def without(self) -> set[str]:
        """Give the queries that no view has data of, without the names of servers."""
        kinds = {self._kind(each): False for _, each in self._all()}
        for _, each in self._all():
            kinds[self._kind(each)] |= each in self.found
        return {text for text, has_any in kinds.items() if not has_any}

    def _all(self) -> Iterator[tuple[str, Query]]:
        return ((view, each) for view, asked in self.asked.items() for each in asked)

    @staticmethod
    def _kind(query: Query) -> str:
        return re.sub(r'serial="[^"]*"|server="[^"]*"', "", str(query))


async def test_every_panel_has_data_of_each_vendor_and_every_query_of_one(
    stack: Stack, examples: Examples
) -> None:
    asked = {view: list(asked_in(view, stack, *examples[view])) for view in examples}
    findings = Findings(stack, asked)

    try:
        await until(findings.look, "every panel has data")
    except AssertionError:
        assert findings.empty_panels() == []
        assert findings.unexplained() == []

    without = set().union(*map(families, findings.without()))
    with_data = {family for query in findings.found for family in families(str(query))}
    outdated = MISSING.keys() - (without - with_data)
    assert not outdated, "these have data, or nobody asks for them: take them off the list"
    assert all(len(queries) > 20 for queries in asked.values())


async def test_every_recording_rule_has_a_value(stack: Stack) -> None:
    names = {
        rule["record"]
        for file in shortened.rule_files(FACTOR).values()
        for group in file["groups"]
        for rule in group["rules"]
        if "record" in rule
    }

    async def all_there() -> bool:
        return not await empty()

    async def empty() -> list[str]:
        return [name for name in sorted(names) if not await stack.prometheus.instant(name)]

    await until(all_there, "every recording rule has a value")
    assert len(names) > 20


async def test_a_day_and_a_week_are_what_the_fleet_lived_through(stack: Stack) -> None:
    world = stack.simulation.world
    counters = map(dict, samples(stack.exporter.exposition())[ENERGY])
    serials = {labels["serial"] for labels in counters if labels["vendor"] == "dell"}
    begin = time.time()
    machines = [world.ome_device(world.slot_of(serial), begin) for serial in serials]
    seen = [each for each in machines if world.power(each).since < begin - DAY]

    def lived(now: float) -> float:
        shapes = [(each.slot, world.shape(each.slot, each.hardware.watts)) for each in seen]
        return sum(world.load.joules(*shape, now - DAY, now) for shape in shapes)

    async def measured() -> float:
        known = "|".join(each.identifier for each in seen)
        day = f'sum(serverfleet:server_energy_day:joules{{source="ome-demo",serial=~"{known}"}})'
        answer = await stack.prometheus.instant(day)
        return float(answer[0]["value"][1]) if answer else 0.0

    async def as_lived() -> bool:
        return await measured() == pytest.approx(lived(time.time()), rel=0.02)

    assert len(seen) > 50

    async def changed() -> list[dict[str, Any]]:
        found = await stack.prometheus.instant("serverfleet:power_change_week:ratio")
        return found if len(found) == 2 else []

    await until(as_lived, "the energy of the last day is what was used in it")
    changes = await until(changed, "the change within a week is known of both sources")
    assert all(abs(float(each["value"][1])) < 0.2 for each in changes)


async def test_compliance_and_contracts_count_what_is_served(stack: Stack) -> None:
    served = counted(samples(stack.exporter.exposition()), time.time())
    asked = [
        query
        for query in asked_in("fleet", stack, "", "")
        if query.dashboard == "Alerts and compliance" and query.panel in served
    ]

    async def shown() -> dict[str, float]:
        found = {each.panel: await stack.prometheus.instant(each.expression) for each in asked}
        return {name: float(each[0]["value"][1]) for name, each in found.items() if each}

    async def as_served() -> bool:
        return await shown() == pytest.approx(served)

    await until(as_served, "the tiles show what is served")
    assert all(served.values()), "a figure of nothing proves nothing"


def counted(page: Exposition, now: float) -> dict[str, float]:
    """Count what some tiles show."""

    def wrong(family: str) -> float:
        return sum(value for own, value in page[family].items() if NONCOMPLIANT in own)

    supported = page["serverfleet_server_warranty_end_timestamp_seconds"].values()
    subscribed = page["serverfleet_server_subscription_end_timestamp_seconds"].values()
    return {
        "Old firmware": wrong("serverfleet_server_firmware_compliance"),
        "Wrong settings": wrong("serverfleet_server_config_compliance"),
        "Warranty known": len(supported) / len(page["serverfleet_server_connected"]),
        "Warranty, 365 days": sum(now < end < now + 365 * DAY for end in supported),
        "Subscription ended": sum(end < now for end in subscribed),
    }


async def test_no_rule_and_no_scrape_fails(stack: Stack) -> None:
    async def all_evaluated() -> bool:
        groups = (await stack.prometheus.get("rules"))["groups"]
        return all(rule["health"] != "unknown" for group in groups for rule in group["rules"])

    await until(all_evaluated, "every rule has been evaluated")

    rules = [
        rule for group in (await stack.prometheus.get("rules"))["groups"] for rule in group["rules"]
    ]
    assert {rule["name"]: rule["lastError"] for rule in rules if rule.get("lastError")} == {}
    [target] = (await stack.prometheus.get("targets"))["activeTargets"]
    assert (target["health"], target["lastError"]) == ("up", "")
    troubles = {
        sample.name: sample.value
        for family in text_string_to_metric_families(await stack.prometheus.own_metrics())
        for sample in family.samples
        if sample.name in NO_TROUBLE
    }
    assert troubles == dict.fromkeys(NO_TROUBLE, 0.0)


def asked_in(view: str, stack: Stack, server: str, serial: str) -> Iterator[Query]:
    values = {
        "vendor": ".*",
        "source": "(com-demo|ome-demo)",
        "model": ".*",
        "server": server,
        "serial": serial,
        "instance": f"({stack.instance})",
        "price": "0.20",
        "grams": "380",
        "pue": "1.5",
        "idle": "20",
    }
    for query in queries(FOLDER, values):
        if (query.dashboard == OF_ONE_SERVER) == (view != "fleet"):
            yield query


async def has_data(stack: Stack, query: Query) -> bool:
    if query.instant:
        return bool(await stack.prometheus.instant(query.expression))
    now = time.time()
    return bool(await stack.prometheus.over(query.expression, now - SHOWN, now))


def families(text: str) -> set[str]:
    return set(re.findall(r"\bserverfleet_\w+", text))
