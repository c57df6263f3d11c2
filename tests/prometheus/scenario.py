"""How does the compact description of an alert's behaviour become tests that promtool runs?

A scenario says which series make an alert fire and which are its healthy counterpart. Four tests
come of it: fires (with two exporters of one fleet, once), does not fire, resolves, stays quiet; and
a fifth of what an outage cannot heal: goes on.
Times are minutes from the Unix epoch, at which promtool lets every test begin.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import yaml

RUNBOOKS = "https://github.com/serverfleet/serverfleet-exporter/blob/main/docs/runbooks.md#"

Labels = Mapping[str, str]
Steps = tuple[float, float]
"""The first value and what each step adds."""
Series = Mapping[str, float | Steps]
Replacements = Mapping[str, float | Steps | None]
"""Series in place of others; None removes one."""


def series(name: str, *owners: Labels, **labels: str) -> str:
    """Write a series' name with its labels."""
    own = {key: value for owner in owners for key, value in owner.items()} | labels
    text = ",".join(f'{key}="{value}"' for key, value in own.items())
    return f"{name}{{{text}}}"


def one_hot(name: str, owner: Labels, states: str, current: str, **labels: str) -> Series:
    """Write all series of a family with the label `state`."""
    return {
        series(name, owner, **labels, state=state): float(state == current)
        for state in states.split()
    }


def numbered(owner: Labels, number: int) -> Labels:
    """Return the labels of one of several servers."""
    return {**owner, "serial": f"S{number}", "server": f"s{number}"}


def outage(up: str, known: Series) -> Replacements:
    """Return what is served while the source is down: nothing of its servers."""
    return {up: 0.0, **dict.fromkeys(known)}


@dataclass(frozen=True, kw_only=True)
class Scenario:
    """What makes one alert fire, and what it then says."""

    alert: str
    bad: Series
    good: Series
    healed: Series | None = None
    """What takes the place of `bad` when the alert resolves; None: `good`."""
    after: int
    """Minutes after which it fires, but not a step before."""
    labels: Labels
    summary: str
    description: str
    context: Series = field(default_factory=dict)
    """In force in all four tests."""
    past: Series = field(default_factory=dict)
    """In force before `bad` or `good`, for `begins` minutes."""
    begins: int = 0
    quiet: Replacements = field(default_factory=dict)
    """Replaces series of `bad` and `context` in the fourth test; None removes one."""
    quiet_past: Series | None = None
    """In the fourth test in place of `past`."""
    quiet_when: str = "its source is down"
    outage: Replacements | None = None
    """Replaces series of `bad` and `context` when the source goes down, where that ends nothing."""
    says_then: tuple[str, str] | None = None
    """Summary and description at the end of the fifth test, if they are others by then."""
    keeps: int = 10
    """Minutes for which it goes on after the condition has ended."""
    step: int = 5
    """Minutes between two samples, and between two evaluations."""
    twin: bool = True
    """Whether a second exporter serves the same when it fires."""


def cases_of(scenario: Scenario) -> list[dict[str, Any]]:
    """Return the four tests of a scenario."""
    begins, step, after = scenario.begins, scenario.step, scenario.after
    fires_at = begins + after
    ends = fires_at + 2 * step
    lasting = ends + step
    healed = ends + scenario.keeps + 2 * step
    expected = _expected(scenario, scenario.summary, scenario.description)
    bad = {**scenario.context, **scenario.bad}
    good = {**scenario.context, **scenario.good}
    healthy = good if scenario.healed is None else {**scenario.context, **scenario.healed}
    quiet = _replaced(bad, scenario.quiet)
    calm = scenario
    if scenario.quiet_past is not None:
        calm = replace(scenario, past=scenario.quiet_past)

    def test(behaviour: str, inputs: list[dict[str, str]], *checks: Any) -> dict[str, Any]:
        return {
            "name": f"{scenario.alert} {behaviour}",
            "interval": f"{step}m",
            "input_series": inputs,
            "alert_rule_test": [
                {"eval_time": f"{minute}m", "alertname": scenario.alert, "exp_alerts": alerts}
                for minute, alerts in checks
            ],
        }

    tests = [
        test(
            "fires",
            _inputs(scenario, [(lasting, bad)], exporters="ab" if scenario.twin else ""),
            (fires_at - step, []),
            (fires_at, expected),
        ),
        test("does not fire", _inputs(scenario, [(lasting, good)]), (fires_at, [])),
        test(
            "resolves",
            _inputs(scenario, [(ends - begins, bad), (healed - ends + step, healthy)]),
            (fires_at, expected),
            (healed, []),
        ),
        test(
            f"stays quiet while {scenario.quiet_when}",
            _inputs(calm, [(lasting, quiet)]),
            (fires_at, []),
        ),
    ]
    if scenario.outage is None:
        return tests
    hidden = _replaced(bad, scenario.outage)
    later = ends + scenario.keeps + 2 * step
    texts = scenario.says_then or (scenario.summary, scenario.description)
    return [
        *tests,
        test(
            "goes on while its source is down",
            _inputs(scenario, [(ends - begins, bad), (later - ends + step, hidden)]),
            (fires_at, expected),
            (later, _expected(scenario, *texts)),
        ),
    ]


def _replaced(values: Series, by: Replacements) -> Series:
    return {name: value for name, value in {**values, **by}.items() if value is not None}


def _expected(scenario: Scenario, summary: str, description: str) -> list[dict[str, Any]]:
    annotations = {
        "summary": summary,
        "description": description,
        "runbook_url": RUNBOOKS + scenario.alert.lower(),
    }
    return [{"exp_labels": dict(scenario.labels), "exp_annotations": annotations}]


def _inputs(
    scenario: Scenario, phases: Sequence[tuple[int, Series]], exporters: str = "a"
) -> list[dict[str, str]]:
    """Write every series, with the values of one phase after the other; minutes are of a phase."""
    if scenario.begins:
        phases = [(scenario.begins, {**scenario.context, **scenario.past}), *phases]
    names = dict.fromkeys(name for _, values in phases for name in values)
    return [
        {"series": named, "values": _values(name, phases, scenario.step)}
        for name in names
        for named in _served_by(name, exporters if scenario.twin else "")
    ]


def _served_by(name: str, exporters: str) -> list[str]:
    """Add the labels that Prometheus gives to what it scrapes."""
    if not exporters or "instance=" in name:
        return [name]
    return [
        name.replace("{", f'{{job="any",instance="{exporter}",').replace(",}", "}")
        for exporter in exporters
    ]


def _values(name: str, phases: Sequence[tuple[int, Series]], step: int) -> str:
    written: list[str] = []
    last: float | None = None
    for minutes, values in phases:
        count = minutes // step
        value = values.get(name)
        if value is None:
            written.append(f"{'stale' if last is not None else '_'} _x{count - 1}")
            last = None
            continue
        start, add = value if isinstance(value, tuple) else (value, 0.0)
        if last is not None and isinstance(value, tuple):
            start = last + add  # a counter goes on
        written.append(f"{start:.10g}{add:+.10g}x{count - 1}")
        last = start + add * (count - 1)
    return " ".join(written)


def document(scenario: Scenario, rules: Sequence[Path]) -> dict[str, Any]:
    """Return a file of a scenario's tests; the groups of its rules are evaluated in their order."""
    return {
        "rule_files": [str(path) for path in rules],
        "evaluation_interval": f"{scenario.step}m",
        "group_eval_order": [
            group["name"] for path in rules for group in yaml.safe_load(path.read_text())["groups"]
        ],
        "tests": cases_of(scenario),
    }
