"""Do exactly those alerts fire that the page names?

The matrix shows that the exporter says `told_of` an outcome; here Prometheus' rules get to see it
for three hours.
"""

import random
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, Final

import pytest
import yaml

from exporter.errors import Reason
from exporter.polling import timing
from tests.faults.fault import SERVES, Outcome, Verdict
from tests.faults.page import HELD_BACK, alerts_of
from tests.faults.polled import COLLECTORS, INVENTORY, Polled, of
from tests.faults.table import FAULTS
from tests.faults.telling import Series, Told, named, own, told_of
from tests.prometheus.shipped import SHIPPED, run

STEP, LASTS = 5, 180
"""Minutes between two scrapes, and of the fault."""
FIRING: Final = 'ALERTS{alertstate="firing"}'
INVENTORY_OF_OME, HEALTH = (each for each in of("ome") if each.name in ("devices", "health"))
INTERVALS: Final = 60.0, 300.0
"""Their seconds."""
CALLS: Final = 3
"""Of a run that is limited: each is repeated twice."""
Story = tuple[Outcome, Outcome]
"""What becomes of the inventory, and of a collector."""


def _stories() -> Iterator[Story]:
    """Give every combination of the table, and each outcome beside an inventory that is well."""
    for fault in FAULTS:
        for each in COLLECTORS:
            if fault.concerns(each) and each.id not in INVENTORY:
                outcome = fault.expected(each)
                yield fault.expected(of(each.vendor)[0]), outcome
                yield SERVES, outcome


STORIES: Final = sorted(set(_stories()), key=str)


def expected(story: Story) -> set[str]:
    """Name the alerts that the page promises."""
    inventory, _ = story
    found = {name for outcome in story for name in alerts_of(outcome)}
    if inventory.verdict is Verdict.FAILS:
        return found.difference(HELD_BACK)
    return found - {"SourceDown"}


def _test() -> dict[str, Any]:
    """Let one Prometheus see every story, each as a source of its own."""
    values: dict[Series, list[float]] = {}
    for minute in range(0, LASTS + STEP, STEP):
        for series, value in _served_of_all(minute).items():
            values.setdefault(series, []).append(value)
    return {
        "interval": f"{STEP}m",
        "input_series": [
            {"series": _written(*series), "values": " ".join(f"{value:g}" for value in each)}
            for series, each in values.items()
        ],
        "promql_expr_test": [
            {
                "expr": f"group by (source, alertname) (last_over_time({FIRING}[{LASTS}m]))",
                "eval_time": f"{LASTS}m",
                "exp_samples": [
                    {
                        "labels": f'{{alertname="Serverfleet{name}",source="{_named(story)}"}}',
                        "value": 1,
                    }
                    for story in STORIES
                    for name in sorted(expected(story))
                ],
            }
        ],
    }


def _named(story: Story) -> str:
    return ", ".join(f"{each.verdict} {each.reason or ''}".strip() for each in story)


def _served_of_all(minute: int) -> Told:
    found = {named("build_info", {"job": "any", "instance": "any:10450"}): 1.0}
    for story in STORIES:
        for (name, labels), value in _served(story, minute).items():
            found[name, frozenset({**dict(labels), "source": _named(story)}.items())] = value
    return found


def _written(name: str, labels: Iterable[tuple[str, str]]) -> str:
    return name + "{" + ",".join(f'{key}="{value}"' for key, value in sorted(labels)) + "}"


def _served(story: Story, minute: int) -> Told:
    """Return what an exporter serves so many minutes after the beginning of the fault."""
    inventory, _ = story
    source = {"source": own(INVENTORY_OF_OME)["source"]}
    answered = 0 if inventory.verdict is Verdict.FAILS else minute
    refused = sum(
        CALLS * _failures(each, interval, minute)
        for (each, interval) in zip(story, INTERVALS, strict=True)
        if each.reason is Reason.RATE_LIMITED
    )
    return {
        named("api_requests_total", source, endpoint="any", code="200"): float(answered),
        named("api_requests_total", source, endpoint="any", code="429"): float(refused),
        **_collector(INVENTORY_OF_OME, inventory, INTERVALS[0], minute),
        **_collector(HEALTH, story[1], INTERVALS[1], minute),
    }


def _collector(polled: Polled, outcome: Outcome, interval: float, minute: int) -> Told:
    if outcome.verdict is Verdict.ABSENT:
        interval = timing.recheck_interval(interval)
    now = 60.0 * minute
    last = 0.0 if outcome.verdict is Verdict.FAILS else now // interval * interval
    skips, labels = outcome.verdict is Verdict.SKIPS, own(polled)
    found = {
        **told_of(polled, outcome, _failures(outcome, interval, minute)),
        named("collector_interval_seconds", labels): interval,
        named("collector_last_success_timestamp_seconds", labels): last,
        named("collector_last_run_records", labels): 10.0,
        named("collector_last_run_skipped_records", labels): 5.0 * skips,
    }
    if skips:
        found[named("collector_missing_fields", labels, field="any")] = 10.0
    return found


def _failures(outcome: Outcome, interval: float, minute: int) -> int:
    """Count the attempts until then; the first one is at the beginning."""
    if outcome.verdict is not Verdict.FAILS:
        return 0
    chance = random.Random(1)  # noqa: S311 - jitter
    failures, at = 0, 0.0
    while at <= 60.0 * minute:
        failures += 1
        at += timing.delay_after_failure(interval, failures, None, chance)
    return failures


def _order(group: str) -> tuple[bool, bool]:
    return "alerts" in group, "threshold" not in group


@pytest.mark.tool(promtool="prometheus")
def test_the_alerts_of_the_page_fire_for_what_the_exporter_says_and_no_others(
    tmp_path: Path,
) -> None:
    files = sorted((SHIPPED / "rules").glob("*.yml"))
    groups = [
        group["name"] for file in files for group in yaml.safe_load(file.read_text())["groups"]
    ]
    document = {
        "rule_files": [str(file) for file in files],
        "evaluation_interval": f"{STEP}m",
        "group_eval_order": sorted(groups, key=_order),
        "tests": [_test()],
    }
    file = tmp_path / "faults.test.yml"
    file.write_text(yaml.safe_dump(document))

    assert len(STORIES) > 30
    run("promtool", "test", "rules", file)
