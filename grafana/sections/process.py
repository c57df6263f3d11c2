"""How much does Prometheus scrape, and what does the process need for it?"""

from grafana_foundation_sdk.models import dashboard

from grafana.parts.bars import bars
from grafana.parts.graphs import lines
from grafana.parts.page import Section, line
from grafana.parts.queries import RATE_WINDOW, of_exporter, scraped, trend
from grafana.parts.values import BYTES, NUMBER, SECONDS, Scale


def section() -> Section:
    """Describe the row."""
    return Section(
        "Scrape and process",
        (
            line(9, _scrape(), _series(), _served_bytes()),
            line(9, _cpu(), _memory(), _lag(), _files()),
        ),
    )


def _scrape() -> dashboard.Panel:
    return lines(
        "Scrape time",
        "How long Prometheus' scrapes take.",
        [trend(scraped("scrape_duration_seconds"), "{{instance}}")],
        SECONDS,
    )


def _series() -> dashboard.Panel:
    return lines(
        "Series",
        "Series of servers and sources that are served, samples of a whole scrape, and series "
        "left out.",
        [
            trend(of_exporter("serverfleet_exposition_series"), "{{instance}} served"),
            trend(scraped("scrape_samples_scraped"), "{{instance}} scraped"),
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
        [trend(f"rate({seconds}[{RATE_WINDOW}])", "{{instance}}")],
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
    rates = f"sum by (instance, le) (rate({lag}[{RATE_WINDOW}]))"
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
