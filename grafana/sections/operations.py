"""What do the management planes themselves do, and what are their servers grouped by?"""

from dataclasses import replace

from grafana_foundation_sdk.models import dashboard

from grafana.parts.graphs import lines
from grafana.parts.page import Section, line
from grafana.parts.queries import equal, of_fleet, states_of, trend
from grafana.parts.tables import label, table, value
from grafana.parts.values import BLUE, COUNT, FAULTS, NOTHING, WARNINGS, Scale, state_scale
from grafana.sections.compliance import OF_A_GROUP, of_groups

JOBS = "serverfleet_source_jobs"
APPLIANCES = "serverfleet_source_appliances"
MEMBERS = "serverfleet_group_servers"
HEALTH = "serverfleet_group_health"
GROUP = "source, vendor, group"
PLAIN = Scale(decimals=0)


def section() -> Section:
    """Describe the row."""
    return Section(
        "Jobs, appliances and groups",
        (
            line(8, _jobs(), _jobs_over_time(), widths=(10, 14)),
            line(10, _groups(), _appliances(), widths=(14, 10)),
        ),
    )


def _jobs() -> dashboard.Panel:
    def counted(state: str) -> str:
        return f"max by (source, vendor) ({of_fleet(JOBS, equal('state', state))})"

    return table(
        "Jobs",
        "Jobs of COM and OME. Failed: within the last day. Stalled: COM only.",
        [counted(state) for state in ("pending", "running", "stalled", "failed")],
        [
            label("source", "Source"),
            value("A", "Pending", PLAIN, width=85),
            value("B", "Running", PLAIN, width=85),
            value("C", "Stalled", WARNINGS, width=85),
            value("D", "Failed", FAULTS, width=85),
        ],
        order=[("Failed", True)],
        missing="None told",
    )


def _jobs_over_time() -> dashboard.Panel:
    return lines(
        "Jobs over time",
        "Jobs of all chosen sources by state. Failed: within the day before each moment.",
        [trend(f"sum by (state) (max by (source, state) ({of_fleet(JOBS)}))", "{{state}}")],
        COUNT,
        states=("pending", "running", "stalled", "failed"),
    )


def _appliances() -> dashboard.Panel:
    def counted(state: str) -> str:
        return f"max by (source, vendor, kind) ({of_fleet(APPLIANCES, equal('state', state))})"

    return table(
        "Appliances",
        "Secure gateways and OneView appliances between HPE COM and its servers. Dell OME has "
        "none.",
        [counted(state) for state in ("connected", "not_activated", "disconnected")],
        [
            label("source", "Source"),
            label("kind", "Kind", width=90),
            value("A", "Connected", PLAIN, width=95),
            value("B", "Not activated", WARNINGS, width=115),
            value("C", "Disconnected", FAULTS, width=110),
        ],
        order=[("Disconnected", True)],
        missing="None",
    )


def _groups() -> dashboard.Panel:
    return table(
        "Groups and baselines",
        "Groups with their members as the vendor counts them, and their compliance. Dell: groups "
        "have a health, firmware and configuration baselines have a compliance.",
        [f"max by ({GROUP}) ({of_fleet(MEMBERS)})", _health(), of_groups()],
        [
            label("group", "Group or baseline"),
            label("source", "Source", width=120),
            value("A", "Members", replace(COUNT, base=BLUE), width=95),
            value("B", "Health", state_scale(HEALTH, missing=NOTHING), width=110),
            value("C", "Compliance", OF_A_GROUP, width=130),
        ],
        order=[("Source", False), ("Members", True)],
        missing="No groups",
    )


def _health() -> str:
    """Give the health of each group as the state's place in the catalogue."""
    _, *others = states_of(HEALTH)
    return " + ".join(
        f"{place} * max by ({GROUP}) ({of_fleet(HEALTH, equal('state', state))})"
        for place, state in enumerate(others, start=1)
    )
