"""Can the exporter itself be trusted?"""

from dataclasses import replace

from grafana_foundation_sdk.models import dashboard

from grafana.parts import filters
from grafana.parts.bars import bars
from grafana.parts.graphs import heat_map, lines, stack
from grafana.parts.links import EXPORTER
from grafana.parts.page import Page, Section, line
from grafana.parts.queries import of_exporter, of_source, trend
from grafana.parts.tables import label, table, value
from grafana.parts.tiles import name_tile, tile
from grafana.parts.values import (
    AGE_IN_INTERVALS,
    BLUE,
    BYTES,
    COUNT,
    FAULTS,
    GREEN,
    ORANGE,
    PER_SECOND,
    RED,
    SECONDS,
    WARNINGS,
    YES_GOOD,
    Scale,
)
from grafana.sections import state_file

KEYS = "source, collector"
COLLECTOR = "{{source}} {{collector}}"
SATURATION = Scale(unit="percentunit", decimals=0, low=0, high=1, steps=((0.5, ORANGE), (0.8, RED)))
QUICK = Scale(unit="s", low=0, base=GREEN, steps=((2, ORANGE), (8, RED)))
NUMBER = Scale(unit="none", decimals=0, low=0, base=BLUE)
AVAILABLE = {"0": ("Missing", ORANGE), "1": ("Yes", GREEN)}
BYTES_PER_SECOND = replace(BYTES, unit="Bps")


def page() -> Page:
    """Describe the dashboard."""
    return Page(
        uid=EXPORTER,
        title="Exporter health",
        text="Whether the exporter runs, is scraped, polls in time and is answered.",
        filters=(
            filters.datasource(),
            filters.vendor(),
            filters.source_of_vendor(),
            filters.instance(),
        ),
        alerts='source=~"$source|"',
        sections=(
            Section(
                "Highlights",
                (
                    line(4, *_figures()),
                    line(10, _collectors(), _age(), widths=(16, 8)),
                    line(9, _saturation(), _failures(), _calls()),
                ),
            ),
            Section("Polling", (line(9, _streaks(), _runs(), _items(), _problems()),)),
            Section(
                "API calls",
                (
                    line(9, _latency(), _latency_spread(), _budget()),
                    line(9, _retries(), _logins(), _tokens(), _bytes_received()),
                ),
            ),
            Section(
                "Scrape and process",
                (
                    line(9, _scrape(), _series(), _served_bytes()),
                    line(9, _cpu(), _memory(), _lag(), _files()),
                ),
            ),
            state_file.section(),
        ),
    )


def _figures() -> list[dashboard.Panel]:
    late = of_source("serverfleet:collector_age_intervals:ratio")
    dropped = of_exporter("serverfleet_series_dropped_total")
    reloaded = of_exporter("serverfleet_config_last_reload_success_timestamp_seconds")
    return [
        tile(
            "Up",
            "Whether Prometheus could scrape every exporter the last time.",
            f"min({of_exporter('up')})",
            Scale(words=YES_GOOD),
        ),
        name_tile(
            "Version",
            "Version of the exporter and of Python.",
            f"group by (version, python) ({of_exporter('serverfleet_build_info')})",
            "{{version}}",
            Scale(unit="none"),
        ),
        tile(
            "Configuration",
            "Whether the configuration was read without a mistake the last time; if not, the one "
            "before is in force.",
            f"min({of_exporter('serverfleet_config_last_reload_successful')})",
            Scale(words={"0": ("Refused", RED), "1": ("In force", GREEN)}),
        ),
        tile(
            "Configured",
            "When the configuration was last read without a mistake.",
            f"max({reloaded}) * 1000",
            Scale(unit="dateTimeFromNow"),
        ),
        tile(
            "Late collectors",
            "Collectors whose last success is more than three of their intervals ago.",
            f"sum({late} > bool 3)",
            FAULTS,
        ),
        tile(
            "Scrape time",
            "Time of Prometheus' last scrape, the slowest exporter.",
            f"max({_scraped('scrape_duration_seconds')})",
            replace(QUICK, decimals=2),
        ),
        tile(
            "Series",
            "Series of servers and sources that are served now.",
            f"sum({of_exporter('serverfleet_exposition_series')})",
            NUMBER,
        ),
        tile(
            "Series dropped",
            "Series left out in the chosen time, such as of a second server with one serial "
            "number.",
            f"sum(increase({dropped}[$__range]))",
            WARNINGS,
        ),
    ]


def _scraped(name: str) -> str:
    """Select one of Prometheus' own series of the exporters only, whatever else it scrapes."""
    return f"{of_exporter(name)} and on (job, instance) serverfleet_build_info"


def _collectors() -> dashboard.Panel:
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
            _latest("serverfleet_collector_items"),
            _latest("serverfleet_collector_problems"),
            f"{_oldest('serverfleet_collector_last_success_timestamp_seconds')} * 1000",
            _latest("serverfleet_collector_calls"),
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
            value("G", "Items", NUMBER, width=70),
            value("H", "Problems", WARNINGS, width=80),
            value("I", "Last success", Scale(unit="dateTimeFromNow", missing="Never"), width=120),
        ],
        order=[("Age", True)],
    )


def _latest(name: str) -> str:
    return f"max by ({KEYS}) ({of_source(name)})"


def _oldest(name: str) -> str:
    """Of several shards the worst counts."""
    return f"min by ({KEYS}) ({of_source(name)})"


def _busy() -> str:
    duration = _latest("serverfleet_collector_duration_seconds")
    return f"{duration} / {_latest('serverfleet_collector_interval_seconds')}"


def _age() -> dashboard.Panel:
    return lines(
        "Age of the data",
        "Time since the last success of each collector, in units of its interval: a saw that stays "
        "below about 1 is well.",
        [trend(of_source("serverfleet:collector_age_intervals:ratio"), COLLECTOR)],
        AGE_IN_INTERVALS,
    )


def _saturation() -> dashboard.Panel:
    return lines(
        "Duration of a run",
        "Time of a run as a share of its interval: near 100 % the collector cannot keep up.",
        [trend(_busy(), COLLECTOR)],
        SATURATION,
    )


def _failures() -> dashboard.Panel:
    failures = of_source("serverfleet_collector_failures_total")
    runs = of_source("serverfleet_collector_runs_total")
    # Every reason is counted from zero on: those that did not occur in the shown time are left
    # out, and a source without any failure is a zero.
    keys = "source, collector, reason"
    failed = (
        f"sum by ({keys}) (increase({failures}[$__rate_interval])) "
        f"and sum by ({keys}) (increase({failures}[$__range] @ end())) > 0"
    )
    none = f"0 * sum by (source) (increase({runs}[$__rate_interval]))"
    return stack(
        "Failed runs by reason",
        "Runs of collectors that failed, in each step of the graph; only what failed in the shown "
        "time.",
        [trend(f"{failed} or on (source) {none}", "{{source}} {{collector}} {{reason}}")],
        COUNT,
    )


def _calls() -> dashboard.Panel:
    calls = of_source("serverfleet_api_requests_total")
    return stack(
        "API calls by status",
        "Calls a second by HTTP status; error: no answer came.",
        [trend(f"sum by (source, code) (rate({calls}[$__rate_interval]))", "{{source}} {{code}}")],
        PER_SECOND,
    )


def _streaks() -> dashboard.Panel:
    return lines(
        "Failures in a row",
        "Failed runs since the last success; only collectors that failed in the shown time.",
        [trend(_once_above_zero("serverfleet_collector_consecutive_failures"), COLLECTOR)],
        COUNT,
    )


def _once_above_zero(name: str) -> str:
    """Leave out collectors that were at zero all the time; the rest of a source is a zero."""
    was_above = f"max by ({KEYS}) (max_over_time({of_source(name)}[$__range] @ end())) > 0"
    return f"{_latest(name)} and {was_above} or on (source) 0 * max by (source) ({of_source(name)})"


def _runs() -> dashboard.Panel:
    runs = of_source("serverfleet_collector_runs_total")
    return lines(
        "Runs an hour",
        "Runs that ended, as a rate for an hour.",
        [
            trend(
                f"sum by ({KEYS}) (rate({runs}[$__rate_interval])) * 3600",
                COLLECTOR,
            )
        ],
        COUNT,
    )


def _items() -> dashboard.Panel:
    return lines(
        "Records read",
        "Records that the last successful run read.",
        [trend(_latest("serverfleet_collector_items"), COLLECTOR)],
        COUNT,
    )


def _problems() -> dashboard.Panel:
    return lines(
        "Records skipped",
        "Records that could not be read in the last successful run; only collectors that skipped "
        "any in the shown time.",
        [trend(_once_above_zero("serverfleet_collector_problems"), COLLECTOR)],
        COUNT,
    )


def _latency() -> dashboard.Panel:
    times = of_source("serverfleet_api_request_duration_seconds_bucket")
    rates = f"sum by (source, le) (rate({times}[$__rate_interval]))"
    return lines(
        "Time of a call",
        "Time from sending a call to the last byte of its answer: half of the calls, and 95 of "
        "100, are quicker.",
        [
            trend(f"histogram_quantile(0.5, {rates})", "{{source}} half"),
            trend(f"histogram_quantile(0.95, {rates})", "{{source}} 95 %"),
        ],
        SECONDS,
    )


def _latency_spread() -> dashboard.Panel:
    times = of_source("serverfleet_api_request_duration_seconds_bucket")
    return heat_map(
        "Spread of the time of calls",
        "How many calls took how long.",
        f"sum by (le) (increase({times}[$__rate_interval]))",
        SECONDS,
    )


def _budget() -> dashboard.Panel:
    made = of_source("serverfleet_api_requests_total")
    needed = _by_source("serverfleet_api_budget_requests_per_hour")
    allowed = _by_source("serverfleet_api_limit_requests_per_hour")
    return table(
        "Calls an hour",
        "Calls that the enabled collectors need, that were made at the rate of the shown time, and "
        "that requests_per_minute allows; without that limit the last two are empty.",
        [
            needed,
            f"sum by (source) (rate({made}[$__range])) * 3600",
            allowed,
            f"{needed} / {allowed}",
        ],
        [
            label("source", "Source"),
            value("A", "Needed", NUMBER, width=90),
            value("B", "Made", NUMBER, width=90),
            value("C", "Allowed", NUMBER, width=90),
            value("D", "Used", SATURATION, width=80),
        ],
        order=[("Needed", True)],
    )


def _by_source(name: str) -> str:
    return f"max by (source) ({of_source(name)})"


def _retries() -> dashboard.Panel:
    retries = of_source("serverfleet_api_retries_total")
    limited = of_source("serverfleet_api_rate_limited_total")
    return lines(
        "Retries and rate limiting",
        "Calls that were sent again, by reason, and answers with status 429, a second.",
        [
            trend(
                f"sum by (source, reason) (rate({retries}[$__rate_interval]))",
                "{{source}} again: {{reason}}",
            ),
            trend(f"sum by (source) (rate({limited}[$__rate_interval]))", "{{source}} 429"),
        ],
        PER_SECOND,
    )


def _logins() -> dashboard.Panel:
    logins = of_source("serverfleet_api_logins_total")
    failed = of_source("serverfleet_api_login_failures_total")
    return lines(
        "Logins",
        "Logins that were tried and that failed, in each step of the graph. A session is kept, so "
        "there are few.",
        [
            trend(f"sum by (source) (increase({logins}[$__rate_interval]))", "{{source}} tried"),
            trend(f"sum by (source) (increase({failed}[$__rate_interval]))", "{{source}} failed"),
        ],
        COUNT,
    )


def _tokens() -> dashboard.Panel:
    expiry = of_source("serverfleet_api_token_expiry_timestamp_seconds")
    return lines(
        "Token ends in",
        "Time until the present token of COM ends. OME has sessions instead.",
        [trend(f"max by (source) ({expiry}) - time()", "{{source}}")],
        replace(SECONDS, missing="No tokens"),
    )


def _bytes_received() -> dashboard.Panel:
    received = of_source("serverfleet_api_response_bytes_total")
    return lines(
        "Bytes received",
        "Bytes of answers a second, before decompression.",
        [trend(f"sum by (source) (rate({received}[$__rate_interval]))", "{{source}}")],
        BYTES_PER_SECOND,
    )


def _scrape() -> dashboard.Panel:
    return lines(
        "Scrape time",
        "How long Prometheus' scrapes take.",
        [trend(_scraped("scrape_duration_seconds"), "{{instance}}")],
        SECONDS,
    )


def _series() -> dashboard.Panel:
    return lines(
        "Series",
        "Series of servers and sources that are served, samples of a whole scrape, and series "
        "left out.",
        [
            trend(of_exporter("serverfleet_exposition_series"), "{{instance}} served"),
            trend(_scraped("scrape_samples_scraped"), "{{instance}} scraped"),
            trend(
                f"sum by (instance, reason) ({of_exporter('serverfleet_series_dropped_total')})",
                "{{instance}} left out: {{reason}}",
            ),
        ],
        NUMBER,
    )


def _served_bytes() -> dashboard.Panel:
    return bars(
        "Size of an answer",
        "Bytes that are served of servers and sources, by encoding.",
        (of_exporter("serverfleet_exposition_bytes"), "{{instance}} {{encoding}}"),
        BYTES,
    )


def _cpu() -> dashboard.Panel:
    seconds = of_exporter("process_cpu_seconds_total")
    return lines(
        "Processor",
        "Processor time that the exporter uses; 100 % is one core.",
        [trend(f"rate({seconds}[$__rate_interval])", "{{instance}}")],
        Scale(unit="percentunit", decimals=1, low=0),
    )


def _memory() -> dashboard.Panel:
    return lines(
        "Memory",
        "Memory that the exporter occupies.",
        [trend(of_exporter("process_resident_memory_bytes"), "{{instance}}")],
        BYTES,
    )


def _lag() -> dashboard.Panel:
    lag = of_exporter("serverfleet_event_loop_lag_seconds_bucket")
    rates = f"sum by (instance, le) (rate({lag}[$__rate_interval]))"
    return lines(
        "Delay of tasks",
        "How late the event loop wakes a task, for 99 of 100 tasks: above a second, scrapes and "
        "polls wait.",
        [trend(f"histogram_quantile(0.99, {rates})", "{{instance}}")],
        SECONDS,
    )


def _files() -> dashboard.Panel:
    used = of_exporter("process_open_fds")
    return lines(
        "Open files",
        "Open files and connections as a share of the limit: at 100 % no connection can be made.",
        [trend(f"{used} / {of_exporter('process_max_fds')}", "{{instance}}")],
        Scale(unit="percentunit", decimals=2, low=0),
    )
