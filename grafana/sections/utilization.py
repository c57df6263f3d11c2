"""How much of what they have do the servers use?"""

from dataclasses import replace

from grafana_foundation_sdk.models import dashboard

from grafana.parts.bars import distribution
from grafana.parts.links import to_server_of_row
from grafana.parts.page import Section, line
from grafana.parts.queries import equal, of_fleet, with_model
from grafana.parts.tables import label, table, value
from grafana.parts.values import BLUE, COUNT, COVERAGE, ORANGE, RED, Scale

UTILIZATION = "serverfleet_server_utilization_ratio"
SERVERS = "serverfleet:servers:count"
IDENTITY = "source, vendor, serial, server"
USED = Scale(unit="percentunit", decimals=0, low=0, high=1, base=BLUE)


def section() -> Section:
    """Describe the row."""
    return Section("Utilisation", (line(9, _by_source(), _cpu(), _busiest(), widths=(10, 7, 7)),))


def _by_source() -> dashboard.Panel:
    keys = "source, vendor, resource"
    each = f"max by ({keys}, serial) ({of_fleet(UTILIZATION)})"
    count = f"max by (source, vendor) ({of_fleet(SERVERS)})"
    return table(
        "Utilisation by source",
        "Average use of each resource by the servers: their mean, and what half of them and 95 of "
        "100 stay below. HPE: of the last day; Dell: by Power Manager.",
        [
            f"avg by ({keys}) ({each})",
            f"quantile by ({keys}) (0.5, {each})",
            f"quantile by ({keys}) (0.95, {each})",
            f"count by ({keys}) ({each}) / on (source) group_left () {count}",
        ],
        [
            label("source", "Source", width=110),
            label("resource", "Resource"),
            value("A", "Mean", USED, width=75),
            value("B", "Half below", USED, width=95),
            value("C", "95 % below", USED, width=100),
            value("D", "Coverage", COVERAGE, width=90),
        ],
        order=[("Source", False)],
        missing="None told",
    )


def _cpu() -> dashboard.Panel:
    cpu = of_fleet(UTILIZATION, equal("resource", "cpu"))
    return distribution(
        "CPU use",
        "How many servers use which share of their CPUs, to the nearest 10 %.",
        f'count_values("percent", round({cpu} * 100, 10))',
        "percent",
        COUNT,
    )


def _busiest() -> dashboard.Panel:
    cpu = of_fleet(UTILIZATION, equal("resource", "cpu"))
    return table(
        "Busiest servers",
        "The 20 servers that use the largest share of their CPUs.",
        [f"max by ({IDENTITY}, model) ({with_model(f'topk(20, {cpu})')})"],
        [
            label("server", "Server", link=to_server_of_row()),
            value("A", "CPU", replace(USED, steps=((0.8, ORANGE), (0.95, RED))), width=65),
            label("model", "Model"),
            label("source", "Source", width=90),
        ],
        order=[("CPU", True)],
        missing="None told",
    )
