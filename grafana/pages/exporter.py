"""Can the exporter itself be trusted?"""

from dataclasses import replace

from grafana_foundation_sdk.models import dashboard

from grafana.parts import filters
from grafana.parts.links import EXPORTER
from grafana.parts.page import Page, Section, line
from grafana.parts.queries import of_exporter, of_source, scraped
from grafana.parts.tiles import name_tile, tile
from grafana.parts.values import (
    FAULTS,
    GREEN,
    NUMBER,
    ORANGE,
    RED,
    WARNINGS,
    YES_GOOD,
    Scale,
)
from grafana.sections import calls, polling, process, requests, state_file

QUICK = Scale(unit="s", low=0, base=GREEN, steps=((2, ORANGE), (8, RED)))


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
            _highlights(),
            polling.section(),
            requests.section(),
            process.section(),
            state_file.section(),
        ),
    )


def _highlights() -> Section:
    return Section(
        "Highlights",
        (
            line(4, *_figures()),
            line(10, polling.collectors(), polling.age(), widths=(16, 8)),
            line(
                9, polling.saturation(), polling.failures(), calls.by_status("API calls by status")
            ),
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
            f"max({scraped('scrape_duration_seconds')})",
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
