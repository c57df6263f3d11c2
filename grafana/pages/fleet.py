"""Which servers need attention, and how is the fleet as a whole?"""

from dataclasses import replace

from grafana_foundation_sdk.models import dashboard

from grafana.parts import filters
from grafana.parts.bars import bars, stacked_bars
from grafana.parts.graphs import lines, stack, timeline
from grafana.parts.links import (
    ALERTS,
    ENERGY,
    FLEET,
    SOURCE,
    to_page,
    to_server_of_row,
    to_server_of_series,
    to_source_of_row,
)
from grafana.parts.page import Page, Section, line
from grafana.parts.queries import equal, of_alerts, of_fleet, of_source, trend, with_model
from grafana.parts.tables import label, table, value
from grafana.parts.tiles import Fact, facts, tile, tiles
from grafana.parts.values import (
    AGE_IN_INTERVALS,
    BLUE,
    CELSIUS,
    CONNECTED,
    COUNT,
    COVERAGE,
    FAULTS,
    GREY,
    KILOWATT_HOURS,
    RED,
    SEVERITY,
    SEVERITY_WORDS,
    SWITCHED_ON,
    WARNINGS,
    WATTS,
    Scale,
)

HEALTH = "serverfleet:servers_by_health:count"
SERVERS = "serverfleet:servers:count"
SHARE = Scale(unit="percentunit", decimals=0, low=0, base=BLUE)
_NOT_COMPLIANT = equal("state", "noncompliant")
_NOT_OK = 'state!="ok"'
STATES = ("ok", "warning", "critical", "unknown")
IDENTITY = "source, vendor, serial, server"


def page() -> Page:
    """Describe the dashboard."""
    return Page(
        uid=FLEET,
        title="Fleet overview",
        text="Which servers need attention, what the fleet draws, and how fresh the data are.",
        filters=(filters.datasource(), filters.vendor(), filters.source_of_vendor()),
        alerts='source=~"$source|"',
        shows_alerts=True,
        sections=(
            Section(
                "Highlights",
                (
                    line(3, *_figures()),
                    line(3, *_standing(), widths=(5, 5, 6, 8)),
                    line(
                        8,
                        _health_by_vendor(),
                        _unhealthy_over_time(),
                        _age_of_data(),
                        widths=(6, 10, 8),
                    ),
                    line(9, _problem_servers(), _largest_power(), widths=(17, 7)),
                ),
            ),
            Section("Power and temperature", (line(9, _power_over_time(), _hottest()),)),
            Section("Problems over time", (line(9, _alerts_firing(), _vendor_alerts()),)),
        ),
    )


def _figures() -> list[dashboard.Panel]:
    return [
        tile("Servers", "Servers that the sources serve.", f"sum({of_fleet(SERVERS)})", COUNT),
        _with_health("Critical", "critical", FAULTS),
        _with_health("Warning", "warning", WARNINGS),
        _with_health("Health unknown", "unknown", WARNINGS),
        tile(
            "Switched off",
            "Servers whose power state is off.",
            f"sum({of_fleet('serverfleet:servers_by_power_state:count', equal('state', 'off'))})",
            replace(COUNT, base=GREY),
        ),
        tile(
            "Disconnected",
            "Servers that COM or OME does not reach at the moment; their other values are old.",
            f"sum({of_fleet('serverfleet:servers_disconnected:count')})",
            FAULTS,
        ),
        tile(
            "Critical alerts",
            "Open critical alerts of the sources, also of devices that are no servers.",
            f"sum({of_fleet('serverfleet:alerts_open:count', equal('severity', 'critical'))})",
            FAULTS,
            link=to_page(ALERTS, "Show the alerts"),
        ),
        tile(
            "Sources down",
            "Sources whose server list could not be read the last time.",
            f"sum({of_fleet('serverfleet:source_up:max')} == bool 0)",
            FAULTS,
            link=to_page(SOURCE, "Show the sources"),
        ),
        tile(
            "Power",
            "What the servers draw. Dell: latest reading; HPE: average of the last complete hour. "
            "It is the sum over the servers that the coverage beside it tells of.",
            f"sum({of_fleet('serverfleet:power:watts')})",
            replace(WATTS, decimals=1),
            link=to_page(ENERGY, "Show power and energy"),
        ),
        tile(
            "Power coverage",
            "Share of the servers with a power reading: the total speaks of these only.",
            _coverage("serverfleet:power_coverage:ratio"),
            COVERAGE,
        ),
        tile(
            "Energy of a day",
            "HPE: the last complete UTC day; Dell: the last 24 hours as far as they were seen.",
            f"sum({of_fleet('serverfleet:energy_day:joules')}) / 3.6e6",
            KILOWATT_HOURS,
            link=to_page(ENERGY, "Show power and energy"),
        ),
        tile(
            "Energy coverage",
            "Share of the servers whose energy of a whole day is known. For Dell it becomes "
            "complete one day after the first scrape.",
            _coverage("serverfleet:energy_day_coverage:ratio"),
            COVERAGE,
        ),
    ]


def _standing() -> list[dashboard.Panel]:
    warranties = "serverfleet:servers_by_warranty:count"
    ended = of_fleet(warranties, equal("state", "ended"))
    ending = of_fleet(warranties, equal("state", "ending"))
    use = of_fleet("serverfleet_server_utilization_ratio")
    return [
        _not_compliant("Firmware", "serverfleet_server_firmware_compliance"),
        _not_compliant("Settings", "serverfleet_server_config_compliance"),
        facts(
            "Warranties",
            "Servers whose support has ended, and whose support ends soon, of those whose end is "
            "known. Soon is what the rules say: 30 days, unless the threshold was changed.",
            [
                Fact(f"sum({ended})", "Ended", FAULTS),
                Fact(f"sum({ending})", "End soon", WARNINGS),
            ],
            missing="No warranties",
        ),
        tiles(
            "Mean utilisation",
            "Mean of the servers that tell it. HPE: of the last day; Dell: by Power Manager.",
            f"avg by (resource) ({use})",
            "{{resource}}",
            replace(SHARE, missing="Not given"),
        ),
    ]


def _not_compliant(what: str, family: str) -> dashboard.Panel:
    servers = f"max by (source, vendor, serial) ({of_fleet(family, _NOT_COMPLIANT)})"
    return tiles(
        f"{what} not compliant",
        f"Servers of each vendor whose {what.lower()} is not as the group (COM) or a baseline "
        "(OME) asks, of those that belong to one.",
        f"sum by (vendor) ({servers})",
        "{{vendor}}",
        replace(WARNINGS, missing="No baselines"),
    )


def _with_health(title: str, state: str, scale: Scale) -> dashboard.Panel:
    return tile(
        title,
        f"Servers whose overall health is {state}, as their management reports it.",
        f"sum({of_fleet(HEALTH, equal('state', state))})",
        scale,
    )


def _coverage(ratio: str) -> str:
    servers = of_fleet(SERVERS)
    return f"sum({of_fleet(ratio)} * {servers}) / sum({servers})"


def _health_by_vendor() -> dashboard.Panel:
    return stacked_bars(
        "Health by vendor",
        "Servers of each vendor by overall health.",
        f"sum by (vendor, state) ({of_fleet(HEALTH)})",
        ("vendor", "state"),
        STATES,
    )


def _unhealthy_over_time() -> dashboard.Panel:
    return stack(
        "Servers that are not OK",
        "Servers by overall health; those that are OK are left out, so that problems can be seen.",
        [trend(f"sum by (state) ({of_fleet(HEALTH, _NOT_OK)})", "{{state}}")],
        COUNT,
        states=STATES[1:],
    )


def _age_of_data() -> dashboard.Panel:
    age = of_source("serverfleet:collector_age_intervals:ratio")
    return bars(
        "Oldest data",
        "Time since the last success of a collector, in units of its own interval: up to about 1 "
        "all is well, from 3 on its data are late. The ten latest are shown.",
        (f"topk(10, {age})", "{{source}} {{collector}}"),
        AGE_IN_INTERVALS,
    )


def _problem_servers() -> dashboard.Panel:
    # Recorded series first: what is read for each server must be one series, not ten.
    problems = f"topk(200, {of_fleet('serverfleet:server_health:severity')} > 0)"
    among = f"and on (source, serial) {problems}"
    on = of_fleet("serverfleet_server_power_state", equal("state", "on"))
    # Few have any: those are compared with the problems faster than all are.
    alerts = f"({of_fleet('serverfleet_server_alerts', equal('severity', 'critical'))} > 0)"
    critical = of_fleet("ALERTS", equal("alertname", "ServerfleetComponentCritical"))
    warning = of_fleet("ALERTS", equal("alertname", "ServerfleetComponentWarning"))
    worst = f"topk by (source, serial) (1, 2 * {critical} or {warning})"
    since = of_fleet("ALERTS_FOR_STATE", 'alertname=~"Serverfleet(Server|Component).*"')
    return table(
        "Servers with problems",
        "Servers whose overall health is critical or warning, the worst 200. Component and since "
        "come from the shipped alerts. A click on a server shows it.",
        [
            with_model(problems),
            f"max by ({IDENTITY}, component) ({worst} {among})",
            f"max by ({IDENTITY}) ({on} {among})",
            f"min by ({IDENTITY}) ({of_fleet('serverfleet_server_connected')} {among})",
            f"max by ({IDENTITY}) ({alerts} {among})",
            f"min by ({IDENTITY}) ({since} {among}) * 1000",
        ],
        [
            label("server", "Server", link=to_server_of_row()),
            value("A", "Health", SEVERITY, width=80),
            label("component", "Worst component", width=130),
            value("B", "Component", Scale(words=SEVERITY_WORDS), width=95),
            value("E", "Critical alerts", FAULTS, width=105),
            value("C", "Power", Scale(words=SWITCHED_ON), width=75),
            value("D", "Connection", Scale(words=CONNECTED), width=105),
            value("F", "Since", Scale(unit="dateTimeFromNow"), width=110),
            label("model", "Model"),
            label("source", "Source", width=100, link=to_source_of_row()),
            label("serial", "Serial number", width=110),
        ],
        order=[("Health", True), ("Server", False)],
        missing="No server has a problem",
    )


def _largest_power() -> dashboard.Panel:
    return bars(
        "Largest power",
        "The ten servers that draw most. Dell: latest reading; HPE: average of the last hour.",
        (f"topk(10, {of_fleet('serverfleet:server_power:watts')})", "{{server}}"),
        WATTS,
        link=to_server_of_series(),
    )


def _power_over_time() -> dashboard.Panel:
    return stack(
        "Power by source",
        "What the servers of each source draw, as far as readings exist (see the coverage).",
        [trend(f"sum by (source) ({of_fleet('serverfleet:power:watts')})", "{{source}}")],
        WATTS,
    )


def _hottest() -> dashboard.Panel:
    temperature = of_fleet("serverfleet_server_temperature_celsius")
    return bars(
        "Highest temperature",
        "The ten warmest servers, with the sensor's name. HPE COM gives no temperatures.",
        (f"topk(10, {temperature})", "{{server}} {{sensor}}"),
        replace(CELSIUS, low=0, missing="No temperatures"),
        link=to_server_of_series(),
    )


def _alerts_firing() -> dashboard.Panel:
    alerts = of_alerts(equal("alertstate", "firing"))
    return timeline(
        "Shipped alerts that fire",
        "How many things each alert of the shipped Prometheus rules fires for; no data while none "
        "fires.",
        [
            (
                trend(f"count by (alertname) ({alerts})", "{{alertname}}"),
                Scale(decimals=0, base=RED),
            )
        ],
    )


def _vendor_alerts() -> dashboard.Panel:
    severities = ("critical", "warning", "info")
    return lines(
        "Open alerts of the vendors",
        "Alerts that COM has not cleared and that nobody has acknowledged in OME, by severity.",
        [trend(f"sum by (severity) ({of_fleet('serverfleet:alerts_open:count')})", "{{severity}}")],
        COUNT,
        states=severities,
    )
