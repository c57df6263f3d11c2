"""What do the vendors and the shipped rules complain about, and what runs out?"""

from dataclasses import replace

from grafana_foundation_sdk.models import dashboard

from grafana.parts import filters
from grafana.parts.bars import bars
from grafana.parts.graphs import lines
from grafana.parts.links import ALERTS, to_server_of_row
from grafana.parts.page import Page, Section, line
from grafana.parts.queries import equal, of_alerts, of_chosen_models, of_fleet, trend
from grafana.parts.tables import label, table, value
from grafana.parts.tiles import tile
from grafana.parts.values import (
    BLUE,
    COUNT,
    FAULTS,
    STATE_WORDS,
    WARNINGS,
    Scale,
)
from grafana.sections import compliance, contracts, firmware

IDENTITY = "source, vendor, serial, server"
OPEN = "serverfleet:alerts_open:count"
SERVER_ALERTS = "serverfleet_server_alerts"
SEVERITIES = ("critical", "warning", "info")


def page() -> Page:
    """Describe the dashboard."""
    return Page(
        uid=ALERTS,
        title="Alerts and compliance",
        text="What the vendors and the shipped rules complain about, and what runs out soon.",
        filters=(
            filters.datasource(),
            filters.vendor(),
            filters.source_of_vendor(),
            filters.model(),
        ),
        alerts='source=~"$source|"',
        sections=(
            Section(
                "Highlights",
                (
                    line(4, *_figures()),
                    line(8, _by_source(), _over_time(), _shipped(), widths=(6, 9, 9)),
                    line(10, _most_alerts(), compliance.servers_to_mend(), widths=(12, 12)),
                ),
            ),
            compliance.section(),
            firmware.section(),
            contracts.section(),
        ),
    )


def _figures() -> list[dashboard.Panel]:
    unassigned = of_fleet("serverfleet_source_alerts_unassigned", 'severity=~"critical|warning"')
    return [
        _open("Critical", "critical", FAULTS),
        _open("Warning", "warning", WARNINGS),
        _open("Info", "info", COUNT),
        tile(
            "Of other devices",
            "Open critical and warning alerts of devices that are not among the served servers.",
            f"sum(max by (source, severity) ({unassigned}))",
            COUNT,
        ),
        *compliance.figures(),
        firmware.failed(),
        *contracts.highlights(),
        tile(
            "TLS not verified",
            "Sources whose certificate is not verified, so that anybody could answer for them.",
            f"sum(min by (source) ({of_fleet('serverfleet_source_tls_verification_enabled')}) "
            "== bool 0)",
            WARNINGS,
        ),
    ]


def _open(title: str, severity: str, scale: Scale) -> dashboard.Panel:
    return tile(
        title,
        f"Open {severity} alerts: COM has not cleared them, nobody acknowledged them in OME.",
        f"sum({of_fleet(OPEN, equal('severity', severity))})",
        scale,
    )


def _by_source() -> dashboard.Panel:
    return bars(
        "Open alerts by source",
        "Critical and warning alerts of each source, the 15 largest.",
        (
            f"topk(15, sum by (source, severity) ({of_fleet(OPEN, _SERIOUS)}))",
            "{{source}} {{severity}}",
        ),
        replace(COUNT, base=BLUE),
    )


_SERIOUS = 'severity=~"critical|warning"'


def _over_time() -> dashboard.Panel:
    return lines(
        "Open alerts over time",
        "Open alerts of both vendors by severity.",
        [trend(f"sum by (severity) ({of_fleet(OPEN)})", "{{severity}}")],
        COUNT,
        states=SEVERITIES,
    )


def _shipped() -> dashboard.Panel:
    return table(
        "Alerts of the shipped rules",
        "What Prometheus' rules complain about now, and for how many things. Pending: not yet long "
        "enough to be sent.",
        [f"count by (alertname, alertstate, severity, source) ({of_alerts()})"],
        [
            label("alertname", "Alert"),
            label("alertstate", "State", scale=Scale(unit="none", words=STATE_WORDS), width=80),
            label("severity", "Severity", scale=Scale(unit="none", words=STATE_WORDS), width=85),
            label("source", "Source", width=100),
            value("A", "For", Scale(decimals=0), width=55),
        ],
        order=[("For", True)],
        missing="No alert",
    )


def _most_alerts() -> dashboard.Panel:
    alerts = of_chosen_models(f"{of_fleet(SERVER_ALERTS, _SERIOUS)} > 0")
    return table(
        "Servers with most alerts",
        "Open critical and warning alerts of single servers, the 50 largest numbers.",
        [f"max by ({IDENTITY}, severity, model) (topk(50, {alerts}))"],
        [
            label("server", "Server", link=to_server_of_row()),
            label("severity", "Severity", scale=Scale(unit="none", words=STATE_WORDS), width=85),
            value("A", "Alerts", Scale(decimals=0), width=70),
            label("model", "Model"),
            label("source", "Source", width=100),
            label("serial", "Serial number", width=110),
        ],
        order=[("Severity", False), ("Alerts", True)],
        missing="No server has an alert",
    )
