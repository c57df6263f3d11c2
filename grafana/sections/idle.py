"""Which servers draw power without doing much, and what would it save to switch them off?"""

from dataclasses import replace

from grafana_foundation_sdk.models import dashboard

from grafana.parts.links import to_server_of_row
from grafana.parts.page import Section, line
from grafana.parts.queries import equal, of_fleet, with_model
from grafana.parts.tables import label, table, value
from grafana.parts.tiles import tile
from grafana.parts.values import BLUE, COUNT, COVERAGE, DOLLARS, WATTS, Scale

IDENTITY = "source, vendor, serial, server"
SERVERS = "serverfleet:servers:count"
POWER = "serverfleet:server_power:watts"
UTILIZATION = "serverfleet_server_utilization_ratio"
KILOWATT_HOURS_OF_A_WATT_YEAR = "8.766"
USED = Scale(unit="percentunit", decimals=0, low=0, high=1, base=BLUE)
NONE = "None told"


def section() -> Section:
    """Describe the row."""
    return Section(
        "Little used servers",
        (
            line(4, *_figures(), widths=(6, 6, 6, 6)),
            line(10, _idle_servers(), _by_model(), widths=(13, 11)),
        ),
    )


def _cpu() -> str:
    cpu = of_fleet(UTILIZATION, equal("resource", "cpu"))
    return f"max by ({IDENTITY}) ({cpu})"


def _is_idle() -> str:
    """Give 1 for each server that is on and uses less of its CPUs than asked for, else 0."""
    on = of_fleet("serverfleet_server_power_state", equal("state", "on"))
    return f"({_cpu()} * 100 < bool $idle) * on (source, serial) max by (source, serial) ({on})"


def _figures() -> list[dashboard.Panel]:
    power = f"sum({of_fleet(POWER)} * on (source, serial) ({_is_idle()}))"
    return [
        tile(
            "Little used servers",
            "Servers that are on, have a power reading, and use less of their CPUs than the field "
            "at the top says.",
            f"sum(({_is_idle()}) and on (source, serial) {of_fleet(POWER)})",
            replace(COUNT, missing=NONE),
        ),
        tile(
            "Power of little used servers",
            "What they draw together.",
            power,
            replace(WATTS, decimals=1, missing=NONE),
        ),
        tile(
            "A year of little used servers, estimated",
            "What that power costs in a year, by PUE and price from the fields at the top.",
            _cost_of_a_year(power),
            replace(DOLLARS, missing=NONE),
        ),
        tile(
            "CPU coverage",
            "Share of the servers whose CPU use is known: the others are not looked at.",
            f"count({_cpu()}) / sum({of_fleet(SERVERS)})",
            COVERAGE,
        ),
    ]


def _cost_of_a_year(watts: str) -> str:
    return f"{watts} * {KILOWATT_HOURS_OF_A_WATT_YEAR} * $pue * $price"


def _idle_servers() -> dashboard.Panel:
    largest = f"topk(50, {of_fleet(POWER)} and on (source, serial) ({_is_idle()} == 1))"
    return table(
        "Little used but powered",
        "Servers that are on and use less of their CPUs than the field at the top says, the 50 "
        "that draw most. CPU: HPE of the last day; Dell by Power Manager.",
        [
            with_model(largest),
            f"{_cpu()} and on (source, serial) {largest}",
            f"max by ({IDENTITY}) ({_cost_of_a_year(largest)})",
        ],
        [
            label("server", "Server", link=to_server_of_row()),
            value("A", "Power", replace(WATTS, decimals=0), width=75),
            value("B", "CPU", USED, width=60),
            value("C", "Cost of a year", DOLLARS, width=110),
            label("model", "Model"),
            label("source", "Source", width=90),
            label("serial", "Serial number", width=110),
        ],
        order=[("Power", True)],
        missing="None",
    )


def _by_model() -> dashboard.Panel:
    power = f"avg by (model) ({with_model(f'{of_fleet(POWER)} and on (source, serial) {_cpu()}')})"
    cpu = f"avg by (model) ({with_model(f'{_cpu()} and on (source, serial) {of_fleet(POWER)}')})"
    return table(
        "Power and CPU use by model",
        "Mean power and mean CPU use of the servers that both are known of, and how many watts a "
        "percent of CPU use takes: the more, the less work for the power.",
        [power, cpu, f"{power} / ({cpu} * 100)"],
        [
            label("model", "Model"),
            value("A", "Power", replace(WATTS, decimals=0), width=85),
            value("B", "CPU", USED, width=70),
            value("C", "Power for 1 %", replace(WATTS, decimals=1), width=125),
        ],
        order=[("Power for 1 %", True)],
        missing="None told",
    )
