"""What is known about one server, and how has it been?"""

from dataclasses import replace

from grafana_foundation_sdk.models import dashboard

from grafana.parts import filters
from grafana.parts.graphs import lines, lines_of_two, timeline
from grafana.parts.links import SERVER, to_address, to_source_of_row
from grafana.parts.page import Page, Section, line
from grafana.parts.queries import equal, of_server, state_number, trend
from grafana.parts.tables import label, table
from grafana.parts.tiles import Fact, facts, tile
from grafana.parts.values import (
    BYTES,
    CELSIUS,
    CONNECTED,
    COUNT,
    DAYS_LEFT,
    DOLLARS,
    FAULTS,
    KILOGRAMS,
    KILOWATT_HOURS,
    SECONDS,
    SEVERITY,
    WARNINGS,
    WATTS,
    YES_GOOD,
    YES_NEUTRAL,
    Scale,
    state_scale,
)

IDENTITY = "source, vendor, serial, server"
HEALTH = "serverfleet_server_health"
POWER_STATE = "serverfleet_server_power_state"
REDUNDANCY = "serverfleet_server_redundancy"
FIRMWARE = "serverfleet_server_firmware_compliance"
SETTINGS = "serverfleet_server_config_compliance"
SUBSCRIPTION = "serverfleet_server_subscription"
FIRMWARE_UPDATE = "serverfleet_server_firmware_update"
NOT_GIVEN = "Not given"
WHOLE_WATTS = replace(WATTS, decimals=0)
SHARE = Scale(unit="percentunit", decimals=0, low=0)


def page() -> Page:
    """Describe the dashboard: each panel shows what the server's vendor tells, and no more."""
    return Page(
        uid=SERVER,
        title="Server",
        text="Everything that is known about one server.",
        filters=(
            filters.datasource(),
            filters.source(),
            filters.server(),
            filters.serial(),
        ),
        alerts='source=~"$source",serial="$serial"',
        shows_alerts=True,
        sections=(
            Section(
                "Highlights",
                (
                    line(4, *_figures(), widths=(3, 3, 3, 2, 2, 6, 3, 2)),
                    line(4, _identity()),
                    line(5, _components(), _power_facts(), widths=(15, 9)),
                    line(9, _states(), _power(), _load()),
                ),
            ),
            Section(
                "Firmware, compliance and groups",
                (line(8, _firmware(), _compliance(), _groups()),),
            ),
            Section(
                "Energy, management and alerts",
                (line(8, _energy(), _energy_facts()), line(8, _management(), _alerts())),
            ),
        ),
    )


def _figures() -> list[dashboard.Panel]:
    end = of_server("serverfleet_server_warranty_end_timestamp_seconds")
    return [
        tile(
            "Health",
            "Overall health as the server's management reports it.",
            state_number(HEALTH),
            state_scale(HEALTH),
        ),
        tile(
            "Power state",
            "Whether the server is switched on.",
            state_number(POWER_STATE),
            state_scale(POWER_STATE),
        ),
        tile(
            "Connection",
            "Whether COM or OME reaches the server; if not, everything else here is old.",
            _latest("serverfleet_server_connected"),
            Scale(words=CONNECTED, missing=NOT_GIVEN),
        ),
        _alert_count("Critical alerts", "critical", FAULTS),
        _alert_count("Warning alerts", "warning", WARNINGS),
        facts(
            "Compliance",
            "Whether firmware and settings are as the group (COM) or the baselines (OME) ask.",
            [
                Fact(state_number(FIRMWARE), "Firmware", state_scale(FIRMWARE)),
                Fact(state_number(SETTINGS), "Settings", state_scale(SETTINGS)),
            ],
            missing="In no baseline",
            filled=True,
        ),
        tile(
            "Warranty ends in",
            "Days until the support ends; negative after it has ended.",
            f"(max({end}) - time()) / 86400",
            replace(DAYS_LEFT, missing=NOT_GIVEN),
        ),
        tile(
            "Shipped alerts",
            "Alerts of the shipped Prometheus rules that fire for this server.",
            f"count({of_server('ALERTS', *_FIRING)}) "
            f"or 0 * max({of_server('serverfleet_server_info')})",
            replace(FAULTS, missing=NOT_GIVEN),
        ),
    ]


_FIRING = ('alertname=~"Serverfleet.*"', 'alertstate="firing"')


def _alert_count(title: str, severity: str, scale: Scale) -> dashboard.Panel:
    return tile(
        title,
        f"Open {severity} alerts that COM or OME has for this server.",
        f"max({of_server('serverfleet_server_alerts', equal('severity', severity))})",
        replace(scale, missing=NOT_GIVEN),
    )


def _identity() -> dashboard.Panel:
    properties = (
        "id, model, generation, processor, hostname, os, bmc_address, bmc_model, bmc_version, "
        "chassis, device_type"
    )
    places = "location, room, aisle, rack, slot"
    return table(
        "Identity",
        "What the server is, where it stands and how its management is reached.",
        [
            f"group by ({IDENTITY}, {properties}) ({of_server('serverfleet_server_info')})",
            f"group by ({IDENTITY}, {places}) ({of_server('serverfleet_server_location_info')})",
        ],
        [
            label("server", "Server"),
            label("model", "Model"),
            label("generation", "Generation", width=90),
            label("processor", "Processor"),
            label("os", "Operating system"),
            label("hostname", "Host name"),
            label("bmc_address", "Management", link=to_address("Open the management"), width=110),
            label("bmc_model", "Controller", width=90),
            label("bmc_version", "Version", width=90),
            label("chassis", "Chassis", width=80),
            label("location", "Location"),
            label("rack", "Rack", width=60),
            label("slot", "Slot", width=50),
            label("serial", "Serial number", width=105),
            label("source", "Source", link=to_source_of_row(), width=90),
        ],
    )


def _components() -> dashboard.Panel:
    severity = of_server("serverfleet_server_component_health_severity")
    lost, failed = (
        f"max by (component) ({of_server(REDUNDANCY, equal('state', state))})"
        for state in ("non_redundant", "failed")
    )
    return facts(
        "Components",
        "Health of each component, and for HPE whether fans, power supplies and cooling are "
        "redundant. What the vendor says nothing about is left out.",
        [
            Fact(f"max by (component) ({severity})", "{{component}}", SEVERITY),
            Fact(f"{lost} + 2 * {failed}", "{{component}} spare", state_scale(REDUNDANCY)),
        ],
        missing=NOT_GIVEN,
        filled=True,
    )


def _power_facts() -> dashboard.Panel:
    average = _latest("serverfleet_server_power_last_day_average_watts")
    temperature = of_server("serverfleet_server_temperature_celsius")
    return facts(
        "Power, energy and temperature",
        "Power now is Dell's latest reading, and for HPE the average of the last complete hour. "
        "Mean of the day: HPE; peak, minimum (since the statistics were reset), headroom up to the "
        "limit and temperatures: Dell.",
        [
            Fact(of_server("serverfleet:server_power:watts"), "Power now", WHOLE_WATTS),
            Fact(_energy_of_a_day(), "Energy of a day", KILOWATT_HOURS),
            Fact(average, "Mean of the day", WHOLE_WATTS),
            Fact(_latest("serverfleet_server_power_peak_watts"), "Peak", WHOLE_WATTS),
            Fact(_latest("serverfleet_server_power_minimum_watts"), "Minimum", WHOLE_WATTS),
            Fact(_latest("serverfleet_server_power_headroom_watts"), "Headroom", WHOLE_WATTS),
            Fact(f"max by (sensor) ({temperature})", "{{sensor}} temperature", CELSIUS),
        ],
        missing=NOT_GIVEN,
    )


def _energy_of_a_day() -> str:
    return f"{of_server('serverfleet:server_energy_day:joules')} / 3.6e6"


def _states() -> dashboard.Panel:
    return timeline(
        "States",
        "Health, power state and connection over time.",
        [
            (trend(state_number(HEALTH), "Health"), state_scale(HEALTH)),
            (trend(state_number(POWER_STATE), "Power state"), state_scale(POWER_STATE)),
            (
                trend(_latest("serverfleet_server_connected"), "Connection"),
                Scale(words=CONNECTED),
            ),
        ],
    )


def _power() -> dashboard.Panel:
    return lines(
        "Power",
        "Dell: latest reading; HPE: average of the last complete hour.",
        [trend(of_server("serverfleet:server_power:watts"), "Power")],
        WATTS,
    )


def _load() -> dashboard.Panel:
    use = of_server("serverfleet_server_utilization_ratio")
    temperature = of_server("serverfleet_server_temperature_celsius")
    return lines_of_two(
        "Utilisation and temperature",
        "How much each resource is used: HPE on average of the last day, Dell by Power Manager. "
        "Temperatures, on the right, are given by Dell only.",
        (trend(f"max by (resource) ({use})", "{{resource}}"), SHARE),
        (trend(f"max by (sensor) ({temperature})", "{{sensor}} temperature"), CELSIUS),
    )


def _firmware() -> dashboard.Panel:
    versions = of_server("serverfleet_server_firmware_info")
    return table(
        "Firmware",
        "Installed versions: BIOS and management controller, or every component if the "
        "collector is told to read them.",
        [f"group by (component, version) ({versions})"],
        [label("component", "Component", width=200), label("version", "Version")],
        order=[("Component", False)],
        missing=NOT_GIVEN,
    )


def _compliance() -> dashboard.Panel:
    outdated = of_server("serverfleet_server_firmware_noncompliant_components")
    score = _latest("serverfleet_server_firmware_compliance_score_ratio")
    return facts(
        "Compliance in detail",
        "Firmware and settings against what the group or the baselines ask. Score and last update "
        "are given by HPE, components to update, by their urgency, by Dell.",
        [
            Fact(state_number(FIRMWARE), "Firmware", state_scale(FIRMWARE)),
            Fact(state_number(SETTINGS), "Settings", state_scale(SETTINGS)),
            Fact(score, "Firmware score", SHARE),
            Fact(state_number(FIRMWARE_UPDATE), "Last update", state_scale(FIRMWARE_UPDATE)),
            Fact(f"max by (criticality) ({outdated})", "To update: {{criticality}}", WARNINGS),
        ],
        missing=NOT_GIVEN,
    )


def _groups() -> dashboard.Panel:
    return table(
        "Groups",
        "The groups of COM or OME that the server is a member of.",
        [f"group by (source, group) ({of_server('serverfleet_server_group_info')})"],
        [label("group", "Group"), label("source", "Source", link=to_source_of_row(), width=140)],
        order=[("Group", False)],
        missing="In no group",
    )


def _energy() -> dashboard.Panel:
    return lines(
        "Energy of a day",
        "Energy of the day that ends at each moment. HPE: the last complete UTC day.",
        [trend(_energy_of_a_day(), "Energy of a day")],
        KILOWATT_HOURS,
    )


def _energy_facts() -> dashboard.Panel:
    counter = _latest("serverfleet_server_energy_joules_total")
    hour = _latest("serverfleet_server_energy_last_hour_joules")
    emissions = _latest("serverfleet_server_co2e_last_day_grams")
    cost = _latest("serverfleet_server_energy_cost_last_day", equal("currency", "USD"))
    return facts(
        "Energy, emissions and cost",
        "Last hour, emissions and cost are HPE COM's own figures; Dell counts since the server's "
        "statistics were reset.",
        [
            Fact(_energy_of_a_day(), "A day", KILOWATT_HOURS),
            Fact(f"{hour} / 3.6e6", "Last hour", replace(KILOWATT_HOURS, decimals=2)),
            Fact(f"{counter} / 3.6e6", "Since reset", replace(KILOWATT_HOURS, decimals=0)),
            Fact(f"{emissions} / 1000", "CO₂ of a day", KILOGRAMS),
            Fact(cost, "Cost of a day", DOLLARS),
        ],
        missing=NOT_GIVEN,
    )


def _management() -> dashboard.Panel:
    inventory = _latest("serverfleet_server_inventory_timestamp_seconds")
    end = of_server("serverfleet_server_subscription_end_timestamp_seconds")
    return facts(
        "Management",
        "Whether COM or OME manages the server, its memory, and the time since its last full "
        "inventory. Maintenance and subscription exist in COM only.",
        [
            Fact(_latest("serverfleet_server_managed"), "Managed", Scale(words=YES_GOOD)),
            Fact(_latest("serverfleet_server_memory_bytes"), "Memory", BYTES),
            Fact(f"time() - {inventory}", "Inventory age", replace(SECONDS, decimals=1)),
            Fact(_latest("serverfleet_server_maintenance"), "Maintenance", _MAINTENANCE),
            Fact(state_number(SUBSCRIPTION), "Subscription", state_scale(SUBSCRIPTION)),
            Fact(f"(min({end}) - time()) / 86400", "Subscription ends in", DAYS_LEFT),
        ],
        missing=NOT_GIVEN,
    )


_MAINTENANCE = Scale(words=YES_NEUTRAL)


def _alerts() -> dashboard.Panel:
    return lines(
        "Open alerts",
        "Open alerts that COM or OME has for this server, by severity.",
        [trend(f"max by (severity) ({of_server('serverfleet_server_alerts')})", "{{severity}}")],
        COUNT,
        states=("critical", "warning", "info"),
    )


def _latest(name: str, *matchers: str) -> str:
    return f"max({of_server(name, *matchers)})"
