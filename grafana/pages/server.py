"""What is known about one server, and how has it been?"""

from dataclasses import replace

from grafana_foundation_sdk.models import dashboard

from grafana.parts import filters
from grafana.parts.graphs import lines, timeline
from grafana.parts.links import SERVER, to_address, to_source_of_row
from grafana.parts.page import Page, Section, line
from grafana.parts.queries import equal, of_server, state_number, trend
from grafana.parts.tables import label, table
from grafana.parts.tiles import tile, tiles
from grafana.parts.values import (
    BYTES,
    CELSIUS,
    CONNECTED,
    DOLLARS,
    FAULTS,
    GRAMS,
    GREEN,
    KILOWATT_HOURS,
    ORANGE,
    RED,
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
SUBSCRIPTION = "serverfleet_server_subscription"
FIRMWARE_UPDATE = "serverfleet_server_firmware_update"
NOT_GIVEN = "Not given"


def page() -> Page:
    """Describe the dashboard."""
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
        sections=(
            Section(
                "Highlights",
                (
                    line(4, *_figures()),
                    line(4, _identity()),
                    line(5, _components(), _redundancy(), widths=(17, 7)),
                    line(9, _states(), _power()),
                ),
            ),
            Section(
                "Energy and temperature",
                (line(8, _energy(), _temperature()), line(4, *_energy_figures())),
            ),
            Section(
                "Management, contract and alerts",
                (line(4, *_management()), line(8, _alerts())),
            ),
        ),
    )


def _figures() -> list[dashboard.Panel]:
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
        tile(
            "Power",
            "Dell: latest reading; HPE: average of the last complete hour.",
            of_server("serverfleet:server_power:watts"),
            replace(WATTS, decimals=0, missing=NOT_GIVEN),
        ),
        tile(
            "Energy of a day",
            "HPE: the last complete UTC day; Dell: the last 24 hours as far as they were seen.",
            f"{of_server('serverfleet:server_energy_day:joules')} / 3.6e6",
            replace(KILOWATT_HOURS, missing=NOT_GIVEN),
        ),
        tile(
            "Temperature",
            "The warmest sensor. HPE COM gives no temperatures.",
            _latest("serverfleet_server_temperature_celsius"),
            replace(CELSIUS, missing=NOT_GIVEN),
        ),
    ]


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
    return tiles(
        "Components",
        "Health of each component; a component that the vendor says nothing about is left out.",
        f"max by (component) ({severity})",
        "{{component}}",
        replace(SEVERITY, missing=NOT_GIVEN),
    )


def _redundancy() -> dashboard.Panel:
    first, *others = (
        f"max by (component) ({of_server(REDUNDANCY, equal('state', state))})"
        for state in ("non_redundant", "failed")
    )
    return tiles(
        "Redundancy",
        "Whether fans, power supplies and cooling are redundant. OME does not tell.",
        f"{first} + 2 * {others[0]}",
        "{{component}}",
        state_scale(REDUNDANCY),
    )


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
    average = "serverfleet_server_power_average_watts"
    return lines(
        "Power",
        "Now, and what it is measured by. Dell: peak and minimum since the statistics were reset, "
        "headroom up to the limit; HPE: average of the last complete hour and day.",
        [
            trend(of_server("serverfleet:server_power:watts"), "Power"),
            trend(f"max by (window) ({of_server(average)})", "Average of {{window}}"),
            trend(_latest("serverfleet_server_power_watts"), "Reading"),
            trend(_latest("serverfleet_server_power_peak_watts"), "Peak"),
            trend(_latest("serverfleet_server_power_minimum_watts"), "Minimum"),
            trend(_latest("serverfleet_server_power_headroom_watts"), "Headroom"),
        ],
        replace(WATTS, missing=NOT_GIVEN),
    )


def _energy() -> dashboard.Panel:
    window = of_server("serverfleet_server_energy_window_joules")
    counter = of_server("serverfleet_server_energy_joules_total")
    return lines(
        "Energy",
        "Energy of a day. HPE: also of the last complete hour; Dell: also the counter since the "
        "statistics were reset.",
        [
            trend(f"{of_server('serverfleet:server_energy_day:joules')} / 3.6e6", "A day"),
            trend(f"max by (window) ({window}) / 3.6e6", "Window of {{window}}"),
            trend(f"max({counter}) / 3.6e6", "Counter"),
        ],
        replace(KILOWATT_HOURS, missing=NOT_GIVEN),
    )


def _temperature() -> dashboard.Panel:
    temperature = of_server("serverfleet_server_temperature_celsius")
    return lines(
        "Temperature",
        "Each sensor. HPE COM gives no temperatures.",
        [trend(f"max by (sensor) ({temperature})", "{{sensor}}")],
        replace(CELSIUS, missing=NOT_GIVEN),
    )


def _energy_figures() -> list[dashboard.Panel]:
    return [
        tile(
            "Emissions of a day",
            "What HPE COM gives for the last complete day; Dell OME gives none.",
            _latest("serverfleet_server_emissions_window_grams", 'window="1d"'),
            replace(GRAMS, missing=NOT_GIVEN),
        ),
        tile(
            "Cost of a day",
            "What HPE COM gives for the last complete day; Dell OME gives none.",
            _latest("serverfleet_server_energy_cost_window_usd", 'window="1d"'),
            replace(DOLLARS, missing=NOT_GIVEN),
        ),
        tile(
            "Highest power",
            "Dell: since the statistics were reset; HPE COM gives none.",
            _latest("serverfleet_server_power_peak_watts"),
            replace(WATTS, decimals=0, missing=NOT_GIVEN),
        ),
        tile(
            "Headroom",
            "Dell: power still available to the server; HPE COM gives none.",
            _latest("serverfleet_server_power_headroom_watts"),
            replace(WATTS, decimals=0, missing=NOT_GIVEN),
        ),
    ]


def _management() -> list[dashboard.Panel]:
    inventory = _latest("serverfleet_server_inventory_timestamp_seconds")
    end = of_server("serverfleet_server_subscription_end_timestamp_seconds")
    return [
        tile(
            "Managed",
            "Whether COM or OME manages the server.",
            _latest("serverfleet_server_managed"),
            Scale(words=YES_GOOD, missing=NOT_GIVEN),
        ),
        tile(
            "Maintenance",
            "Whether the server is in maintenance mode. OME has no such mode.",
            _latest("serverfleet_server_maintenance"),
            Scale(words=YES_NEUTRAL, missing=NOT_GIVEN),
        ),
        tile(
            "Memory",
            "Installed memory.",
            _latest("serverfleet_server_memory_bytes"),
            replace(BYTES, missing=NOT_GIVEN),
        ),
        tile(
            "Inventory age",
            "Time since the last full inventory of the server.",
            f"time() - {inventory}",
            replace(SECONDS, missing=NOT_GIVEN),
        ),
        tile(
            "Firmware update",
            "Outcome of the last firmware update. Dell OME does not tell.",
            state_number(FIRMWARE_UPDATE),
            state_scale(FIRMWARE_UPDATE),
        ),
        tile(
            "Subscription",
            "State of the COM subscription. Dell OME needs none.",
            state_number(SUBSCRIPTION),
            state_scale(SUBSCRIPTION),
        ),
        tile(
            "Subscription ends in",
            "Days until the COM subscription ends.",
            f"(min({end}) - time()) / 86400",
            Scale(
                unit="d",
                decimals=0,
                base=RED,
                steps=((14, ORANGE), (60, GREEN)),
                missing=NOT_GIVEN,
            ),
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


def _alerts() -> dashboard.Panel:
    return lines(
        "Open alerts",
        "Open alerts that COM or OME has for this server, by severity.",
        [trend(f"max by (severity) ({of_server('serverfleet_server_alerts')})", "{{severity}}")],
        Scale(decimals=0, low=0, missing=NOT_GIVEN),
        states=("critical", "warning", "info"),
    )


def _latest(name: str, *matchers: str) -> str:
    return f"max({of_server(name, *matchers)})"
