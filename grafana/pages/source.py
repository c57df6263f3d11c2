"""How does one source answer, and how are its servers?"""

from dataclasses import replace

from grafana_foundation_sdk.models import dashboard

from grafana.parts import filters
from grafana.parts.bars import bars, distribution
from grafana.parts.graphs import lines, stack
from grafana.parts.links import ALERTS, EXPORTER, SOURCE, to_page
from grafana.parts.page import Page, Section, line
from grafana.parts.queries import equal, of_fleet, of_source, trend
from grafana.parts.tables import label, table, value
from grafana.parts.tiles import tile
from grafana.parts.values import (
    AGE_IN_INTERVALS,
    BLUE,
    COUNT,
    ERROR_RATIO,
    FAULTS,
    GREEN,
    NUMBER,
    ORANGE,
    RED,
    SECONDS,
    WARNINGS,
    WATTS,
    YES_GOOD,
    Scale,
    Words,
)
from grafana.sections import calls, operations, utilization

IDENTITY = "source, vendor"
AVAILABLE: Words = {"0": ("No", ORANGE), "1": ("Yes", GREEN)}
DAYS_LEFT = Scale(unit="suffix:d", decimals=0, base=RED, steps=((14, ORANGE), (30, GREEN)))


def page() -> Page:
    """Describe the dashboard."""
    return Page(
        uid=SOURCE,
        title="Source",
        text="How the chosen sources answer, how fresh their data are, and how their servers are.",
        filters=(filters.datasource(), filters.vendor(), filters.source_of_vendor()),
        alerts='source=~"$source"',
        sections=(
            Section(
                "Highlights",
                (
                    line(4, *_figures()),
                    line(7, _sources()),
                    line(11, _collectors(), _health(), widths=(15, 9)),
                ),
            ),
            Section(
                "Servers",
                (
                    line(9, _power_states(), _power(), _temperatures()),
                    line(9, _alerts(), _unassigned()),
                ),
            ),
            utilization.section(),
            operations.section(),
            calls.section(),
        ),
    )


def _figures() -> list[dashboard.Panel]:
    served = of_fleet("serverfleet_source_servers")
    reported = of_fleet("serverfleet_source_servers_reported")
    limited = of_source("serverfleet_api_requests_total", equal("code", "429"))
    late = of_source("serverfleet:collector_age_intervals:ratio")
    return [
        tile(
            "Sources",
            "Configured sources.",
            f"count(group by (source) ({of_fleet('serverfleet_source_info')}))",
            COUNT,
        ),
        tile(
            "Down",
            "Sources whose server list could not be read the last time.",
            f"sum({of_fleet('serverfleet:source_up:max')} == bool 0)",
            FAULTS,
        ),
        tile(
            "Servers missing",
            "Servers that the API counts and that are not served: records that could not be read, "
            "or the same server twice.",
            f"sum(max by ({IDENTITY}) ({reported}) - max by ({IDENTITY}) ({served}))",
            WARNINGS,
        ),
        tile(
            "Late collectors",
            "Collectors whose last success is more than three of their intervals ago.",
            f"sum({late} > bool 3)",
            FAULTS,
            link=to_page(EXPORTER, "Show the collectors"),
        ),
        tile(
            "API calls",
            "Calls of the last hour to all chosen sources.",
            f"sum({calls.sent_in_last_hour()})",
            NUMBER,
        ),
        tile(
            "API errors",
            "Share of the calls of the last hour that failed, in the worst source.",
            f"max({of_source('serverfleet:api_errors:ratio1h')})",
            replace(ERROR_RATIO, missing="No calls"),
        ),
        tile(
            "Rate limited",
            "Answers with status 429 in the chosen time.",
            f"sum(increase({limited}[$__range]))",
            replace(WARNINGS, decimals=0),
        ),
        tile(
            "Critical alerts",
            "Open critical alerts of the sources.",
            f"sum({of_fleet('serverfleet:alerts_open:count', equal('severity', 'critical'))})",
            FAULTS,
            link=to_page(ALERTS, "Show the alerts"),
        ),
    ]


def _sources() -> dashboard.Panel:
    certificate = of_fleet("serverfleet_source_certificate_not_after_timestamp_seconds")
    token = of_source("serverfleet_api_token_expiry_timestamp_seconds")
    verified = of_fleet("serverfleet_source_tls_verification_enabled")
    return table(
        "Sources",
        "What is configured, whether it answers, and how long its certificate and token last.",
        [
            f"group by ({IDENTITY}, type, version, url) ({of_fleet('serverfleet_source_info')})",
            f"max by ({IDENTITY}) ({of_fleet('serverfleet:source_up:max')})",
            f"max by ({IDENTITY}) ({of_fleet('serverfleet_source_servers')})",
            f"max by ({IDENTITY}) ({of_fleet('serverfleet_source_servers_reported')})",
            f"min by ({IDENTITY}) ({verified})",
            f"(min by ({IDENTITY}) ({certificate}) - time()) / 86400",
            f"max by (source) ({token}) - time()",
            f"max by (source) ({of_source('serverfleet:api_errors:ratio1h')})",
        ],
        [
            label("source", "Source"),
            label("vendor", "Vendor", width=80),
            label("type", "Type", width=70),
            label("version", "Version", width=90),
            value("B", "Up", Scale(words=YES_GOOD), width=60),
            value("C", "Servers", Scale(decimals=0), width=80),
            value("D", "Counted by the API", Scale(decimals=0), width=140),
            value("H", "API errors", ERROR_RATIO, width=95),
            value("E", "TLS verified", Scale(words=YES_GOOD), width=100),
            value("F", "Certificate ends in", DAYS_LEFT, width=135),
            value("G", "Token ends in", SECONDS, width=110),
            label("url", "Address"),
        ],
        order=[("Source", False)],
    )


def _collectors() -> dashboard.Panel:
    keys = "source, collector"

    def latest(name: str) -> str:
        return f"max by ({keys}) ({of_source(name)})"

    def oldest(name: str) -> str:
        return f"min by ({keys}) ({of_source(name)})"

    return table(
        "Collectors",
        "What each collector of each source did in its last run. Age: since its last success, in "
        "units of its interval. Not available: its licence, plugin or permission is missing.",
        [
            f"min by ({keys}) ({of_source('serverfleet_collector_success')})",
            f"min by ({keys}) ({of_source('serverfleet_collector_data_served')})",
            of_source("serverfleet:collector_age_intervals:ratio"),
            latest("serverfleet_collector_interval_seconds"),
            latest("serverfleet_collector_duration_seconds"),
            latest("serverfleet_collector_last_run_requests"),
            latest("serverfleet_collector_last_run_records"),
            latest("serverfleet_collector_last_run_skipped_records"),
            latest("serverfleet_collector_consecutive_failures"),
            f"{oldest('serverfleet_collector_last_run_timestamp_seconds')} * 1000",
            f"min by ({keys}) ({of_source('serverfleet_collector_available')})",
        ],
        [
            label("source", "Source"),
            label("collector", "Collector"),
            value("K", "Available", Scale(words=AVAILABLE), width=85),
            value("A", "Success", Scale(words=YES_GOOD), width=75),
            value("B", "Data served", Scale(words=YES_GOOD), width=95),
            value("C", "Age", replace(AGE_IN_INTERVALS, missing="Never"), width=65),
            value("D", "Interval", SECONDS, width=80),
            value("E", "Duration", replace(SECONDS, decimals=1), width=80),
            value("F", "Calls", Scale(decimals=0), width=65),
            value("G", "Records", Scale(decimals=0), width=65),
            value("H", "Skipped", WARNINGS, width=80),
            value("I", "Failures", FAULTS, width=75),
            value("J", "Last run", Scale(unit="dateTimeFromNow"), width=125),
        ],
        order=[("Age", True)],
    )


def _health() -> dashboard.Panel:
    states = ("ok", "warning", "critical", "unknown")
    return stack(
        "Servers by health",
        "Servers by overall health, as their management reports it.",
        [trend(f"sum by (state) ({of_fleet('serverfleet:servers_by_health:count')})", "{{state}}")],
        COUNT,
        states=states,
    )


def _power_states() -> dashboard.Panel:
    states = ("on", "off", "powering_on", "powering_off", "unknown")
    return stack(
        "Servers by power state",
        "Servers that are switched on, off, or between the two.",
        [
            trend(
                f"sum by (state) ({of_fleet('serverfleet:servers_by_power_state:count')})",
                "{{state}}",
            )
        ],
        COUNT,
        states=states,
    )


def _power() -> dashboard.Panel:
    each = of_fleet("serverfleet:power_per_server:watts")
    return lines(
        "Power of a server",
        "Mean power of the servers that have a reading: comparable between sources, and over time "
        "also while servers come and go.",
        [trend(f"avg by (source) ({each})", "{{source}}")],
        WATTS,
    )


def _temperatures() -> dashboard.Panel:
    temperature = of_fleet("serverfleet_server_temperature_celsius")
    return distribution(
        "Temperatures",
        "How many servers have which temperature now, in steps of 2 °C. HPE COM gives none.",
        f'count_values("celsius", round({temperature}, 2))',
        "celsius",
        COUNT,
    )


def _alerts() -> dashboard.Panel:
    return lines(
        "Open alerts by severity",
        "Alerts that COM has not cleared and that nobody has acknowledged in OME.",
        [trend(f"sum by (severity) ({of_fleet('serverfleet:alerts_open:count')})", "{{severity}}")],
        COUNT,
        states=("critical", "warning", "info"),
    )


def _unassigned() -> dashboard.Panel:
    unassigned = of_fleet("serverfleet_source_alerts_unassigned")
    return bars(
        "Open alerts of other devices",
        "Open alerts of devices that are not among the served servers, such as chassis.",
        (f"max by (source, severity) ({unassigned})", "{{source}} {{severity}}"),
        replace(COUNT, base=BLUE),
    )
