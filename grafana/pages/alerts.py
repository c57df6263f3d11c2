"""What do the vendors and the shipped rules complain about, and what runs out?"""

from dataclasses import replace

from grafana_foundation_sdk.models import dashboard

from grafana.parts import filters
from grafana.parts.bars import bars, shares
from grafana.parts.graphs import lines
from grafana.parts.links import ALERTS, to_server_of_row, to_source_of_row
from grafana.parts.page import Page, Section, line
from grafana.parts.queries import equal, of_alerts, of_chosen_models, of_fleet, states_of, trend
from grafana.parts.tables import label, table, value
from grafana.parts.tiles import tile
from grafana.parts.values import (
    BLUE,
    COUNT,
    FAULTS,
    GREEN,
    ORANGE,
    RED,
    STATE_WORDS,
    WARNINGS,
    YES_GOOD,
    Scale,
)

IDENTITY = "source, vendor, serial, server"
OPEN = "serverfleet:alerts_open:count"
SERVER_ALERTS = "serverfleet_server_alerts"
SUBSCRIPTION = "serverfleet_server_subscription"
SUBSCRIPTION_END = "serverfleet_server_subscription_end_timestamp_seconds"
FIRMWARE_UPDATE = "serverfleet_server_firmware_update"
CERTIFICATE = "serverfleet_source_certificate_not_after_timestamp_seconds"
SOON_DAYS = 180
SEVERITIES = ("critical", "warning", "info")
DAYS_LEFT = Scale(unit="d", decimals=0, base=RED, steps=((14, ORANGE), (60, GREEN)), missing="")


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
                    line(10, _most_alerts(), _subscriptions_ending(), widths=(12, 12)),
                ),
            ),
            Section(
                "Firmware, subscriptions and certificates",
                (
                    line(8, _firmware_updates(), _subscriptions(), _certificates()),
                    line(8, _failed_updates()),
                ),
            ),
        ),
    )


def _figures() -> list[dashboard.Panel]:
    failed = of_fleet(FIRMWARE_UPDATE, equal("state", "failed"))
    expired = of_fleet(SUBSCRIPTION, 'state=~"required|expired"')
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
        tile(
            "Updates failed",
            "Servers whose last firmware update failed. Dell OME does not tell.",
            f"sum(max by (source, serial) ({failed}))",
            replace(FAULTS, missing="None told"),
        ),
        tile(
            "Not subscribed",
            "Servers whose COM subscription is missing or has expired. Dell OME needs none.",
            f"sum(max by (source, serial) ({expired}))",
            replace(FAULTS, missing="None needed"),
        ),
        tile(
            "Ending in 90 days",
            "Servers whose COM subscription ends within 90 days or has ended.",
            f"sum(max by (source, serial) ({of_fleet(SUBSCRIPTION_END)} - time() "
            "< bool 90 * 86400))",
            replace(WARNINGS, missing="None needed"),
        ),
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


def _subscriptions_ending() -> dashboard.Panel:
    left = f"({of_fleet(SUBSCRIPTION_END)} - time()) / 86400 < {SOON_DAYS}"
    return table(
        "Subscriptions that end first",
        f"COM subscriptions that end within {SOON_DAYS} days, the 50 that end first. Dell OME "
        "needs none.",
        [f"min by ({IDENTITY}, tier, model) (bottomk(50, {of_chosen_models(left)}))"],
        [
            label("server", "Server", link=to_server_of_row()),
            value("A", "Ends in", DAYS_LEFT, width=90),
            label("tier", "Tier", width=90),
            label("model", "Model"),
            label("source", "Source", width=100),
            label("serial", "Serial number", width=110),
        ],
        order=[("Ends in", False)],
        missing="None ends soon",
    )


def _firmware_updates() -> dashboard.Panel:
    return shares(
        "Last firmware update",
        "Servers by the outcome of their last firmware update. Dell OME does not tell.",
        (f"sum by (state) ({of_fleet(FIRMWARE_UPDATE)})", "{{state}}"),
        replace(COUNT, missing="None told"),
        states=states_of(FIRMWARE_UPDATE),
    )


def _subscriptions() -> dashboard.Panel:
    return shares(
        "Subscriptions",
        "Servers by the state of their COM subscription. Dell OME needs none.",
        (f"sum by (state) ({of_fleet(SUBSCRIPTION)})", "{{state}}"),
        replace(COUNT, missing="None needed"),
        states=states_of(SUBSCRIPTION),
    )


def _certificates() -> dashboard.Panel:
    verified = of_fleet("serverfleet_source_tls_verification_enabled")
    return table(
        "Certificates",
        "Certificates of the sources, and the days until they end. Where a certificate is not "
        "verified, its end is not known.",
        [
            f"min by (source, vendor) ({verified})",
            f"(min by (source, vendor) ({of_fleet(CERTIFICATE)}) - time()) / 86400",
            of_fleet("serverfleet:source_up:max"),
        ],
        [
            label("source", "Source", link=to_source_of_row()),
            value("C", "Up", Scale(words=YES_GOOD), width=60),
            value("A", "Verified", Scale(words=YES_GOOD), width=90),
            value("B", "Ends in", DAYS_LEFT, width=90),
        ],
        order=[("Ends in", False)],
    )


def _failed_updates() -> dashboard.Panel:
    failed = f"{of_fleet(FIRMWARE_UPDATE, equal('state', 'failed'))} == 1"
    return table(
        "Servers whose firmware update failed",
        "The last update of these servers failed; 200 at most. Dell OME does not tell.",
        [f"max by ({IDENTITY}, model) (topk(200, {of_chosen_models(failed)}))"],
        [
            label("server", "Server", link=to_server_of_row()),
            label("model", "Model"),
            label("source", "Source"),
            label("vendor", "Vendor"),
            label("serial", "Serial number"),
        ],
        order=[("Server", False)],
        missing="None",
    )
