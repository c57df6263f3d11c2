import re
from pathlib import Path
from typing import Any

import pytest

from exporter.errors import Reason
from exporter.model import DriftedField, DriftKind
from exporter.polling.board import CollectorState
from exporter.status.advice import (
    COLLECTOR_FAILING,
    RUNBOOKS,
    SCHEMA_DRIFT,
    advice_for,
    runbook,
    runbook_for,
)
from exporter.status.attention import Severity, attention_counts
from exporter.status.build import source_statement, summary
from exporter.status.schema import CollectorCondition, SourceState, SourceStatement
from tests.support.source import polled

NOW = 1_750_000_000.0
ROOT = Path(__file__).parents[2]
NONE = attention_counts({})


def state(collector: str = "servers", **changes: Any) -> CollectorState:
    return CollectorState(source="emea", collector=collector, interval=60.0, **changes)


OK: dict[str, Any] = {
    "success": True,
    "last_success": NOW,
    "last_run": NOW,
    "duration": 1.23456,
    "items": 5,
}
FAILED: dict[str, Any] = {
    "success": False,
    "reason": "timeout",
    "error": "no complete answer",
    "consecutive_failures": 4,
    "last_success": NOW - 100,
}


def stated(*states: CollectorState, per_minute: int = 0, **changes: Any) -> SourceStatement:
    facts: dict[str, Any] = {
        "servers": 5,
        "attention": NONE,
        "until": {each.collector: NOW + 180 for each in states},
        **changes,
    }
    source = polled("emea", requests_per_minute=per_minute)
    return source_statement(source, states, **facts)


@pytest.mark.parametrize(
    ("changes", "served", "condition"),
    [
        ({}, False, "waiting"),
        (OK, True, "ok"),
        (FAILED, True, "failing"),
        (FAILED, False, "no_data"),
        ({**OK, "unavailable": "a licence is missing"}, False, "unavailable"),
        (OK, False, "no_data"),
    ],
)
def test_a_collector_has_a_state(changes: Any, served: bool, condition: str) -> None:
    until = {"servers": NOW + 180} if served else {}

    (collector,) = stated(state(**changes), until=until).collectors

    assert collector.state == condition
    assert collector.data_served is served
    assert collector.data_until_timestamp_seconds == (NOW + 180 if served else None)


@pytest.mark.parametrize(
    ("inventory", "other", "expected"),
    [
        ({}, {}, SourceState.STARTING),
        (OK, OK, SourceState.OK),
        (OK, {}, SourceState.OK),
        (OK, {**OK, "unavailable": "no plugin"}, SourceState.OK),
        (OK, FAILED, SourceState.DEGRADED),
        (FAILED, OK, SourceState.DOWN),
    ],
)
def test_a_source_is_as_well_as_its_inventory_and_then_its_other_collectors(
    inventory: Any, other: Any, expected: SourceState
) -> None:
    assert stated(state(**inventory), state("alerts", **other)).state is expected


def test_a_failure_says_why_and_what_to_do() -> None:
    (collector,) = stated(state(**FAILED)).collectors

    assert collector.failure is not None
    assert collector.failure.reason == "timeout"
    assert collector.failure.text == "no complete answer"
    assert "proxy and firewall" in collector.failure.advice
    assert collector.failure.runbook == f"{RUNBOOKS}#serverfleetsourcedown"
    assert collector.consecutive_failures == 4
    assert collector.last_success_timestamp_seconds == NOW - 100


def test_what_helps_in_this_very_case_takes_the_place_of_what_helps_in_general() -> None:
    remedy = "renew the certificate"
    told = {"reason": "tls", "error": f"certificate expired; {remedy}", "remedy": remedy}

    (collector,) = stated(state(**{**FAILED, **told})).collectors

    assert collector.failure is not None
    assert collector.failure.text == "certificate expired"
    assert collector.failure.advice == "Renew the certificate."


def test_a_collector_that_works_has_no_failure_and_short_numbers() -> None:
    (collector,) = stated(state(**OK)).collectors

    assert collector.failure is None
    assert collector.drift is None
    assert collector.duration_seconds == 1.235


def test_drift_names_three_fields_and_lists_all() -> None:
    fields = tuple(DriftedField(DriftKind.MISSING, f"field{n}", n) for n in range(5))

    (collector,) = stated(state(**OK, drift=fields)).collectors

    assert collector.drift is not None
    assert len(collector.drift.fields) == 5
    assert collector.drift.text.startswith("field0 is missing")
    assert "field3" not in collector.drift.text
    assert collector.drift.text.endswith("; and 2 more fields")


@pytest.mark.parametrize(("per_minute", "allowed"), [(0, None), (60, 3600)])
def test_calls_are_compared_with_what_is_allowed(per_minute: int, allowed: int | None) -> None:
    calls = stated(state(**OK, calls=2), per_minute=per_minute).calls

    assert calls.needed_per_hour == 120
    assert calls.allowed_per_hour == allowed


def sentence(*sources: SourceStatement, attention: int = 0) -> str:
    counted = attention_counts({Severity.WARNING: attention})
    return summary(sources, counted).text


WELL = stated(state(**OK))
DOWN = stated(state(**FAILED))
DEGRADED = stated(state(**OK), state("alerts", **FAILED))
STARTING = stated(state(), servers=0)


@pytest.mark.parametrize(
    ("sources", "attention", "expected"),
    [
        ([WELL], 0, "The source is up · None of 5 servers needs attention"),
        ([WELL, WELL], 7, "All 2 sources up · 7 of 10 servers need attention: 7 warning"),
        ([WELL], 1, "The source is up · 1 of 5 servers needs attention: 1 warning"),
        ([DOWN], 0, "The source is down · None of 5 servers needs attention"),
        ([WELL, DOWN], 0, "1 of 2 sources down · None of 10 servers needs attention"),
        (
            [DOWN, DEGRADED, DEGRADED, STARTING],
            2,
            "1 of 4 sources down, 2 degraded, 1 starting · "
            "2 of 15 servers need attention: 2 warning",
        ),
        ([STARTING], 0, "The source is starting · No servers known yet"),
    ],
)
def test_the_text_counts_sources_and_servers_apart(
    sources: list[SourceStatement], attention: int, expected: str
) -> None:
    assert sentence(*sources, attention=attention) == expected


@pytest.mark.parametrize(
    ("sources", "severity", "overall"),
    [
        ([WELL], None, "healthy"),
        ([WELL], Severity.UNKNOWN, "warning"),
        ([WELL], Severity.WARNING, "warning"),
        ([WELL], Severity.CRITICAL, "critical"),
        ([WELL, STARTING], None, "starting"),
        ([STARTING], Severity.WARNING, "warning"),
        ([WELL, DEGRADED], None, "warning"),
        ([DEGRADED], Severity.CRITICAL, "critical"),
        ([WELL, DOWN], None, "critical"),
    ],
)
def test_the_whole_is_as_bad_as_the_worst_source_or_server(
    sources: list[SourceStatement], severity: Severity | None, overall: str
) -> None:
    attention = attention_counts({severity: 1} if severity else {})

    assert summary(sources, attention).overall == overall


def test_the_summary_has_the_worst_state_and_counts_what_is_read() -> None:
    found = summary([WELL, DEGRADED, STARTING, DOWN], NONE)

    assert found.state is SourceState.DOWN
    assert (found.sources, found.sources_read, found.servers) == (4, 2, 15)


@pytest.mark.parametrize("reason", list(Reason))
def test_every_failure_has_advice_and_a_runbook_that_exists(reason: Reason) -> None:
    text = (ROOT / "docs" / "runbooks.md").read_text(encoding="utf-8")
    sections = {f"{RUNBOOKS}#{name.lower()}" for name in re.findall(r"^### (\w+)$", text, re.M)}

    assert advice_for(reason.value).endswith(".")
    for is_inventory in (True, False):
        assert runbook_for(reason.value, is_inventory=is_inventory) in sections
    assert {runbook(SCHEMA_DRIFT), runbook(COLLECTOR_FAILING)} <= sections


def test_the_states_are_those_that_the_documentation_names() -> None:
    text = (ROOT / "docs" / "status.md").read_text(encoding="utf-8")

    for word in (*SourceState, *CollectorCondition, *Severity):
        assert f"`{word}`" in text
