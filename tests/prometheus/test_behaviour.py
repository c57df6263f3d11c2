"""Promtool evaluates the shipped rules: each alert's scenarios, and the recording rules."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from pathlib import Path

import pytest
import yaml

from tests.prometheus import (
    of_compliance,
    of_contracts,
    of_exporter,
    of_power,
    of_servers,
    of_sources,
)
from tests.prometheus.scenario import Scenario, cases_of, document
from tests.prometheus.shipped import ALERTS, RECORDS, SHIPPED, run

promtool = pytest.mark.tool(promtool="prometheus")
RECORDING = sorted((Path(__file__).parent / "rules").glob("*.test.yml"))
THRESHOLDS, RECORDED = "thresholds.yml", "recording.yml"
SUBJECTS: Mapping[tuple[str, ...], Sequence[Scenario]] = {
    (THRESHOLDS, RECORDED, "alerts-exporter.yml"): of_exporter.SCENARIOS,
    ("alerts-exporter.yml",): of_exporter.WITHOUT_THRESHOLDS,
    (THRESHOLDS, RECORDED, "alerts-sources.yml"): of_sources.SCENARIOS,
    (THRESHOLDS, RECORDED, "alerts-servers.yml"): of_servers.SCENARIOS,
    (THRESHOLDS, RECORDED, "alerts-compliance.yml"): of_compliance.SCENARIOS,
    (THRESHOLDS, RECORDED, "alerts-contracts.yml"): of_contracts.SCENARIOS,
    (THRESHOLDS, RECORDED, "alerts-power.yml"): of_power.SCENARIOS,
}
"""The scenarios of alerts, by the rule files that they need."""


@promtool
def test_promtool_takes_the_rules() -> None:
    run("promtool", "check", "rules", *(SHIPPED / "rules").glob("*.yml"))


@promtool
def test_promtool_takes_the_example_with_every_rule_file() -> None:
    said = run("promtool", "check", "config", SHIPPED / "prometheus.example.yml")

    assert f"{len(list((SHIPPED / 'rules').glob('*.yml')))} rule files found" in said


@promtool
@pytest.mark.parametrize(
    ("rules", "scenario"),
    [
        pytest.param(rules, scenario, id=scenario.alert)
        for rules, scenarios in SUBJECTS.items()
        for scenario in scenarios
    ],
)
def test_an_alert_behaves(rules: tuple[str, ...], scenario: Scenario, tmp_path: Path) -> None:
    content = document(scenario, [SHIPPED / "rules" / name for name in rules])
    file = tmp_path / "alert.test.yml"
    file.write_text(yaml.safe_dump(content, sort_keys=False))

    run("promtool", "test", "rules", file)


@promtool
@pytest.mark.parametrize("path", RECORDING, ids=lambda path: path.name)
def test_what_is_recorded_is_right(path: Path) -> None:
    run("promtool", "test", "rules", path)


# -- the scenarios themselves ----------------------------------------------------------------------

OUTAGE = "(serverfleet:source_up:max == 0)"
BEHAVIOURS = ("fires", "does not fire", "resolves", "stays quiet")


def test_every_alert_is_shown_to_fire_to_be_calm_to_resolve_and_to_stay_quiet() -> None:
    behaviours: defaultdict[str, set[str]] = defaultdict(set)
    for scenarios in SUBJECTS.values():
        for scenario in scenarios:
            for test in cases_of(scenario):
                behaviour = test["name"].removeprefix(scenario.alert).split(" while ")[0].strip()
                behaviours[scenario.alert].add(behaviour)

    assert set(behaviours) == set(ALERTS)
    for name, seen in behaviours.items():
        assert {*seen, "goes on"} == {*BEHAVIOURS, "goes on"}, name
        assert ("goes on" in seen) is _outlasts_an_outage(name), name


def _outlasts_an_outage(name: str) -> bool:
    """Tell whether an alert is about something that an outage cannot heal."""
    of_outages = name in {"ServerfleetSourceDown", "ServerfleetSourcePartlyDown"}
    of_a_source = ALERTS[name]["labels"]["scope"] == "source"
    return of_a_source and not of_outages and OUTAGE not in ALERTS[name]["expr"]


def test_every_record_is_tested() -> None:
    text = " ".join(path.read_text() for path in RECORDING)
    behind = " ".join(rule["expr"] for rule in ALERTS.values())

    for name in RECORDS:
        # A threshold is tested by the alert or the record that compares with it.
        assert name in text or name in behind or name.startswith("serverfleet:threshold:"), name
