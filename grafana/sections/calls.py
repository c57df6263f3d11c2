"""How many calls does a source need, how many may it get, and how does it answer them?"""

from dataclasses import replace

from grafana_foundation_sdk.models import dashboard

from grafana.parts.bars import bars
from grafana.parts.graphs import lines, stack
from grafana.parts.page import Section, line
from grafana.parts.queries import of_last_hour, of_source, trend
from grafana.parts.tables import label, table, value
from grafana.parts.values import (
    BLUE,
    COUNT,
    ERROR_RATIO,
    ORANGE,
    RED,
    SECONDS,
    Scale,
)

REQUESTS = "serverfleet_api_requests_total"
NEEDED = "serverfleet_api_needed_requests_per_second"
ALLOWED = "serverfleet_api_limit_requests_per_second"
OF_LIMIT = Scale(
    unit="percentunit", decimals=0, low=0, steps=((0.8, ORANGE), (1, RED)), missing="No limit"
)


def section() -> Section:
    """Describe the row."""
    return Section(
        "API calls",
        (
            line(9, by_status("Calls by status"), _durations(), _errors()),
            line(9, _budget(), _budget_over_time(), _calls_of_a_run(), widths=(8, 9, 7)),
        ),
    )


def by_status(title: str) -> dashboard.Panel:
    """Show how the calls were answered."""
    calls = of_source(REQUESTS)
    return stack(
        title,
        "Calls of the hour before each moment by HTTP status; error: no answer came.",
        [trend(of_last_hour("source, code", calls), "{{source}} {{code}}")],
        COUNT,
    )


def _durations() -> dashboard.Panel:
    times = of_source("serverfleet_api_request_duration_seconds_bucket")
    calls = of_last_hour("source, le", times)
    return lines(
        "Time of a call",
        "Time from sending a call to the last byte of its answer, for 95 of 100 calls "
        "of the hour before each moment.",
        [trend(f"histogram_quantile(0.95, {calls})", "{{source}}")],
        SECONDS,
    )


def _errors() -> dashboard.Panel:
    return lines(
        "API errors",
        "Share of the calls of the hour before each moment that failed.",
        [trend(of_source("serverfleet:api_errors:ratio1h"), "{{source}}")],
        ERROR_RATIO,
    )


def sent_in_last_hour() -> str:
    """Count the calls to each source in the hour before each moment."""
    return of_last_hour("source", of_source(REQUESTS))


def _largest(family: str) -> str:
    return f"max by (source) ({of_source(family)})"


def _hourly(family: str) -> str:
    return f"{_largest(family)} * 3600"


def _budget() -> dashboard.Panel:
    hourly = replace(COUNT, decimals=1)
    return table(
        "Request budget",
        "Calls an hour: those sent in the last hour, those that the enabled collectors need, and "
        "those that requests_per_minute allows. Beyond 100 % slow collectors run less often than "
        "asked.",
        [
            sent_in_last_hour(),
            _hourly(NEEDED),
            _hourly(ALLOWED),
            f"{_largest(NEEDED)} / {_largest(ALLOWED)}",
        ],
        [
            label("source", "Source"),
            value("A", "Sent", hourly, width=75),
            value("B", "Needed", hourly, width=80),
            value("C", "Allowed", replace(hourly, missing="No limit"), width=85),
            value("D", "Of limit", OF_LIMIT, width=85),
        ],
        order=[("Needed", True)],
    )


def _budget_over_time() -> dashboard.Panel:
    return lines(
        "Calls an hour",
        "Calls that were sent, that the enabled collectors need, and that requests_per_minute "
        "allows where it is set.",
        [
            trend(sent_in_last_hour(), "{{source}} sent"),
            trend(_hourly(NEEDED), "{{source}} needed"),
            trend(_hourly(ALLOWED), "{{source}} allowed"),
        ],
        replace(COUNT, decimals=None),
    )


def _calls_of_a_run() -> dashboard.Panel:
    calls = of_source("serverfleet_collector_last_run_requests")
    return bars(
        "Calls of a run",
        "Calls of each collector's last successful run, logins and repetitions included, the 15 "
        "largest.",
        (f"topk(15, max by (source, collector) ({calls}))", "{{source}} {{collector}}"),
        replace(COUNT, base=BLUE),
    )
