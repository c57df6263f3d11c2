"""A drift is told once, not with every run."""

import structlog

from exporter.model import DriftedField, DriftKind
from exporter.polling.run_log import MOST_TOLD, DriftLog


def odd(name: str, *values: str) -> DriftedField:
    return DriftedField(DriftKind.UNKNOWN_VALUES, name, 3, values)


def gone(name: str) -> DriftedField:
    return DriftedField(DriftKind.MISSING, name, 40)


def told(log: DriftLog, *drift: DriftedField, collector: str = "servers") -> list[tuple[str, ...]]:
    """Return event, field and value of each line that a run gives."""
    with structlog.testing.capture_logs() as lines:
        log.note("emea", collector, drift)
    return [
        tuple(str(line[key]) for key in ("event", "field", "value") if key in line)
        for line in lines
    ]


def test_a_value_is_told_once_for_each_collector_and_field() -> None:
    log = DriftLog()
    new = ("unknown value", "powerState", "WARP")
    assert told(log, odd("powerState", "WARP")) == [new]
    assert told(log, odd("powerState", "WARP")) == []
    assert told(log) == []
    assert told(log, odd("powerState", "WARP", "STASIS")) == [
        ("unknown value", "powerState", "STASIS")
    ]
    assert told(log, odd("powerState", "WARP"), collector="firmware") == [new]


def test_a_missing_field_is_told_once_until_it_is_back() -> None:
    log = DriftLog()
    line = ("expected field is missing", "hardware.health")
    assert told(log, gone("hardware.health")) == [line]
    assert told(log, gone("hardware.health")) == []
    assert told(log) == []
    assert told(log, gone("hardware.health")) == [line]


def test_a_flood_of_values_is_cut_off() -> None:
    log = DriftLog()
    lines = [line for number in range(100) for line in told(log, odd("state", f"until {number}"))]
    assert len(lines) == MOST_TOLD


def test_a_line_says_where_it_is_how_often_and_what_to_do() -> None:
    with structlog.testing.capture_logs() as lines:
        DriftLog().note("emea", "servers", [odd("powerState", "WARP")])
    (line,) = lines
    assert (line["source"], line["collector"], line["records"]) == ("emea", "servers", 3)
    assert line["log_level"] == "warning"
    assert "serverfleet-exporter capture" in line["todo"]
