"""Does every collector run in time, and what do its runs bring?"""

from dataclasses import replace

from grafana_foundation_sdk.models import dashboard

from grafana.parts.graphs import lines, stack
from grafana.parts.page import Section, line
from grafana.parts.queries import of_last_hour, of_source, trend
from grafana.parts.tables import label, table, value
from grafana.parts.values import (
    AGE_IN_INTERVALS,
    COUNT,
    FAULTS,
    GREEN,
    NUMBER,
    ORANGE,
    SATURATION,
    SECONDS,
    WARNINGS,
    YES_GOOD,
    Scale,
)

KEYS = "source, collector"
COLLECTOR = "{{source}} {{collector}}"
AVAILABLE = {"0": ("Missing", ORANGE), "1": ("Yes", GREEN)}


def section() -> Section:
    """Describe the row."""
    return Section("Polling", (line(9, _streaks(), _runs(), _items(), _problems()),))


def collectors() -> dashboard.Panel:
    """Show the last run of each collector."""
    return table(
        "Collectors",
        "The last run of each collector. Age and duration are in units of its interval. One "
        "that is not available lacks a licence, a plugin or a permission, and is only re-checked.",
        [
            f"min by ({KEYS}) ({of_source('serverfleet_collector_success')})",
            f"min by ({KEYS}) ({of_source('serverfleet_collector_data_served')})",
            of_source("serverfleet:collector_age_intervals:ratio"),
            _busy(),
            _latest("serverfleet_collector_interval_seconds"),
            _latest("serverfleet_collector_consecutive_failures"),
            _latest("serverfleet_collector_last_run_records"),
            _latest("serverfleet_collector_last_run_skipped_records"),
            f"{_oldest('serverfleet_collector_last_success_timestamp_seconds')} * 1000",
            _latest("serverfleet_collector_last_run_requests"),
            f"max by ({KEYS}) ({of_source('serverfleet_collector_available')})",
        ],
        [
            label("source", "Source"),
            label("collector", "Collector"),
            value("K", "Available", Scale(words=AVAILABLE), width=90),
            value("A", "Success", Scale(words=YES_GOOD), width=75),
            value("B", "Served", Scale(words=YES_GOOD), width=70),
            value("C", "Age", replace(AGE_IN_INTERVALS, missing="Never"), width=60),
            value("D", "Duration", SATURATION, width=80),
            value("E", "Interval", SECONDS, width=80),
            value("J", "Calls", NUMBER, width=65),
            value("F", "Failures", FAULTS, width=75),
            value("G", "Records", NUMBER, width=70),
            value("H", "Skipped", WARNINGS, width=80),
            value("I", "Last success", Scale(unit="dateTimeFromNow", missing="Never"), width=120),
        ],
        order=[("Age", True)],
    )


def age() -> dashboard.Panel:
    """Show how old the data of each collector were."""
    return lines(
        "Age of the data",
        "Time since the last success of each collector, in units of its interval: a saw that stays "
        "below about 1 is well.",
        [trend(of_source("serverfleet:collector_age_intervals:ratio"), COLLECTOR)],
        AGE_IN_INTERVALS,
    )


def saturation() -> dashboard.Panel:
    """Show how much of its interval a run takes."""
    return lines(
        "Duration of a run",
        "Time of a run as a share of its interval: near 100 % the collector cannot keep up.",
        [trend(_busy(), COLLECTOR)],
        SATURATION,
    )


def failures() -> dashboard.Panel:
    """Show why runs failed."""
    failures = of_source("serverfleet_collector_failures_total")
    runs = of_source("serverfleet_collector_runs_total")
    # Every reason is counted from zero on: those that did not occur in the shown time are left
    # out, and a source without any failure is a zero.
    keys = "source, collector, reason"
    failed = (
        f"{of_last_hour(keys, failures)} "
        f"and sum by ({keys}) (increase({failures}[$__range] @ end())) > 0"
    )
    none = f"0 * {of_last_hour('source', runs)}"
    return stack(
        "Failed runs by reason",
        "Runs of collectors that failed in the hour before each moment; only what failed in the "
        "shown time.",
        [trend(f"{failed} or on (source) {none}", "{{source}} {{collector}} {{reason}}")],
        COUNT,
    )


def _streaks() -> dashboard.Panel:
    return lines(
        "Failures in a row",
        "Failed runs since the last success; only collectors that failed in the shown time.",
        [trend(_once_above_zero("serverfleet_collector_consecutive_failures"), COLLECTOR)],
        COUNT,
    )


def _runs() -> dashboard.Panel:
    runs = of_source("serverfleet_collector_runs_total")
    return lines(
        "Runs an hour",
        "Runs that ended in the hour before each moment.",
        [trend(of_last_hour(KEYS, runs), COLLECTOR)],
        COUNT,
    )


def _items() -> dashboard.Panel:
    return lines(
        "Records read",
        "Records that the last successful run read.",
        [trend(_latest("serverfleet_collector_last_run_records"), COLLECTOR)],
        COUNT,
    )


def _problems() -> dashboard.Panel:
    return lines(
        "Records skipped",
        "Records that could not be read in the last successful run; only collectors that skipped "
        "any in the shown time.",
        [trend(_once_above_zero("serverfleet_collector_last_run_skipped_records"), COLLECTOR)],
        COUNT,
    )


def _once_above_zero(name: str) -> str:
    """Leave out collectors that were at zero all the time; the rest of a source is a zero."""
    was_above = f"max by ({KEYS}) (max_over_time({of_source(name)}[$__range] @ end())) > 0"
    return f"{_latest(name)} and {was_above} or on (source) 0 * max by (source) ({of_source(name)})"


def _busy() -> str:
    duration = _latest("serverfleet_collector_duration_seconds")
    return f"{duration} / {_latest('serverfleet_collector_interval_seconds')}"


def _latest(name: str) -> str:
    return f"max by ({KEYS}) ({of_source(name)})"


def _oldest(name: str) -> str:
    """Of several shards the worst counts."""
    return f"min by ({KEYS}) ({of_source(name)})"
