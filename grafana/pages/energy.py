"""What do the servers draw, and what does that cost and emit?"""

from dataclasses import replace

from grafana_foundation_sdk.models import dashboard

from grafana.parts import filters
from grafana.parts.bars import bars
from grafana.parts.graphs import lines, stack
from grafana.parts.links import ENERGY, to_server_of_row, to_source_of_row
from grafana.parts.notes import note
from grafana.parts.page import Page, Section, line
from grafana.parts.queries import equal, of_fleet, trend, with_model
from grafana.parts.tables import label, table, value
from grafana.parts.tiles import tile
from grafana.parts.values import (
    COVERAGE,
    DOLLARS,
    KILOGRAMS,
    KILOWATT_HOURS,
    WATTS,
    Scale,
)
from grafana.sections import idle

IDENTITY = "source, vendor, serial, server"
SERVERS = "serverfleet:servers:count"
POWER = "serverfleet:power:watts"
SERVER_POWER = "serverfleet:server_power:watts"
ENERGY_DAY = "serverfleet:energy_day:joules"
JOULES_IN_KWH = "3.6e6"
DAYS_IN_MONTH = "30"
DRAWING_WHILE_OFF_WATTS = "50"
"""Management controller and standby supplies of a server that is off draw less."""
OFF_SECONDS = "7200"

EXPLANATION = """\
**Power** is Dell's latest reading, and for HPE the average of the last complete hour.
**Energy of a day** is the last complete UTC day for HPE, and for Dell the last 24 hours of the \
servers' own counters.

**Estimated** figures are energy times PUE times price, or times emission factor, all from the \
fields at the top; they treat both vendors alike. **Figures of HPE COM** are its own, with its own \
prices and factors, without PUE, for HPE servers only.

A total speaks of the servers with data: look at the **coverage** beside it.
"""


def page() -> Page:
    """Describe the dashboard."""
    return Page(
        uid=ENERGY,
        title="Power, energy, CO₂ and cost",
        text="What the servers draw, what that costs and emits, and of how many servers it speaks.",
        filters=(
            filters.datasource(),
            filters.vendor(),
            filters.source_of_vendor(),
            filters.number("price", "Price of a kWh in USD", "0.20"),
            filters.number("grams", "CO₂ of a kWh in g", "380"),
            filters.number("pue", "PUE", "1.5"),
            filters.number("idle", "Little used: CPU below %", "20"),
        ),
        alerts='source=~"$source|"',
        since="now-7d",
        sections=(
            Section(
                "Highlights",
                (
                    line(4, *_figures()),
                    line(9, _power(), _energy()),
                    line(9, _sources(), _consumers(), widths=(12, 12)),
                ),
            ),
            Section("Cost and emissions", (line(9, _cost(), _emissions()),)),
            Section(
                "Servers",
                (line(10, _by_model(), _mean_power(), _off_but_drawing(), widths=(8, 7, 9)),),
            ),
            idle.section(),
            Section("How these figures arise", (line(8, _coverage_over_time(), _explanation()),)),
        ),
    )


def _figures() -> list[dashboard.Panel]:
    month = f"sum(avg_over_time({of_fleet(ENERGY_DAY)}[$__range])) * {DAYS_IN_MONTH}"
    return [
        tile(
            "Power",
            "What the servers with a reading draw now.",
            f"sum({of_fleet(POWER)})",
            replace(WATTS, decimals=1),
        ),
        tile(
            "Power coverage",
            "Share of the servers that the total power speaks of.",
            _coverage("serverfleet:power_coverage:ratio"),
            COVERAGE,
        ),
        tile(
            "Energy of a day",
            "Energy of the servers in a day.",
            f"sum({_kwh()})",
            KILOWATT_HOURS,
        ),
        tile(
            "Energy coverage",
            "Share of the servers that the energy of a whole day is known of.",
            _coverage("serverfleet:energy_day_coverage:ratio"),
            COVERAGE,
        ),
        tile(
            "Energy of a month",
            "Thirty times the mean day of the chosen time.",
            f"{month} / {JOULES_IN_KWH}",
            replace(KILOWATT_HOURS, decimals=0),
        ),
        tile(
            "Cost of a day, estimated",
            "Energy times PUE and price, from the fields at the top.",
            f"sum({_kwh()}) * $pue * $price",
            DOLLARS,
        ),
        tile(
            "CO₂ of a day, estimated",
            "Energy times PUE and emission factor, from the fields at the top.",
            f"sum({_kwh()}) * $pue * $grams / 1000",
            KILOGRAMS,
        ),
        tile(
            "CO₂ of a day, by HPE COM",
            "What COM gives for the HPE servers, with its own factors; Dell OME gives none.",
            f"sum({of_fleet('serverfleet:emissions_day:grams')}) / 1000",
            replace(KILOGRAMS, missing="None from COM"),
        ),
    ]


def _kwh() -> str:
    return f"{of_fleet(ENERGY_DAY)} / {JOULES_IN_KWH}"


def _coverage(ratio: str) -> str:
    servers = of_fleet(SERVERS)
    return f"sum({of_fleet(ratio)} * {servers}) / sum({servers})"


def _power() -> dashboard.Panel:
    return stack(
        "Power by source",
        "What the servers with a reading draw.",
        [trend(f"sum by (vendor, source) ({of_fleet(POWER)})", "{{vendor}} {{source}}")],
        WATTS,
    )


def _energy() -> dashboard.Panel:
    return stack(
        "Energy of a day by source",
        "Energy of the day that ends at each moment. HPE: the last complete UTC day.",
        [trend(f"sum by (vendor, source) ({_kwh()})", "{{vendor}} {{source}}")],
        KILOWATT_HOURS,
    )


def _sources() -> dashboard.Panel:
    end = of_fleet("serverfleet_source_energy_last_day_end_timestamp_seconds")

    def each(record: str) -> str:
        # Rows of several queries become one only without the names of their series.
        return f"max by (source, vendor) ({of_fleet(record)})"

    return table(
        "Sources",
        "Power, energy, cost and emissions of each source, with the share of its servers that they "
        "speak of. By COM: HPE's own figures.",
        [
            each(POWER),
            each("serverfleet:power_coverage:ratio"),
            _kwh(),
            each("serverfleet:energy_day_coverage:ratio"),
            f"{_kwh()} * $pue * $price",
            f"{_kwh()} * $pue * $grams / 1000",
            each("serverfleet:energy_cost_day:usd"),
            f"{each('serverfleet:emissions_day:grams')} / 1000",
            f"max by (source, vendor) ({end}) * 1000",
        ],
        [
            label("source", "Source", link=to_source_of_row()),
            value("A", "Power", replace(WATTS, decimals=1), width=75),
            value("B", "Coverage", COVERAGE, width=75),
            value("C", "Energy of a day", KILOWATT_HOURS, width=115),
            value("D", "Coverage", COVERAGE, width=75),
            value("E", "Cost", DOLLARS, width=75),
            value("F", "CO₂", KILOGRAMS, width=75),
            value("G", "Cost by COM", DOLLARS, width=95),
            value("H", "CO₂ by COM", KILOGRAMS, width=95),
            value("I", "Day by COM ended", Scale(unit="dateTimeFromNow"), width=130),
        ],
        order=[("Power", True)],
    )


def _consumers() -> dashboard.Panel:
    largest = f"topk(50, {of_fleet(SERVER_POWER)})"
    among = f"and on (source, serial) {largest}"

    def reading(name: str) -> str:
        return f"max by ({IDENTITY}) ({of_fleet(name)} {among})"

    return table(
        "Largest consumers",
        "The 50 servers that draw most. Peak, minimum and headroom are given by Dell only.",
        [
            with_model(largest),
            f"{of_fleet('serverfleet:server_energy_day:joules')} / {JOULES_IN_KWH} {among}",
            reading("serverfleet_server_power_peak_watts"),
            reading("serverfleet_server_power_minimum_watts"),
            reading("serverfleet_server_power_headroom_watts"),
        ],
        [
            label("server", "Server", link=to_server_of_row()),
            value("A", "Power", replace(WATTS, decimals=0), width=75),
            value("B", "Energy of a day", KILOWATT_HOURS, width=115),
            value("C", "Peak", replace(WATTS, decimals=0), width=75),
            value("D", "Minimum", replace(WATTS, decimals=0), width=80),
            value("E", "Headroom", replace(WATTS, decimals=0), width=85),
            label("model", "Model"),
            label("source", "Source", width=90),
            label("serial", "Serial number", width=105),
        ],
        order=[("Power", True)],
    )


def _cost() -> dashboard.Panel:
    return lines(
        "Cost of a day",
        "Estimated from the fields at the top, and what COM gives for the HPE servers.",
        [
            trend(f"sum by (vendor) ({_kwh()}) * $pue * $price", "{{vendor}}, estimated"),
            trend(
                f"sum by (vendor) ({of_fleet('serverfleet:energy_cost_day:usd')})",
                "{{vendor}}, by COM",
            ),
        ],
        DOLLARS,
    )


def _emissions() -> dashboard.Panel:
    return lines(
        "CO₂ of a day",
        "Estimated from the fields at the top, and what COM gives for the HPE servers.",
        [
            trend(f"sum by (vendor) ({_kwh()}) * $pue * $grams / 1000", "{{vendor}}, estimated"),
            trend(
                f"sum by (vendor) ({of_fleet('serverfleet:emissions_day:grams')}) / 1000",
                "{{vendor}}, by COM",
            ),
        ],
        KILOGRAMS,
    )


def _by_model() -> dashboard.Panel:
    return bars(
        "Power of a server by model",
        "Mean power of the servers of each model, the 15 largest.",
        (f"topk(15, avg by (model) ({with_model(of_fleet(SERVER_POWER))}))", "{{model}}"),
        replace(WATTS, decimals=0),
    )


def _mean_power() -> dashboard.Panel:
    return lines(
        "Power of a server by source",
        "Mean power of the servers that have a reading.",
        [trend(of_fleet("serverfleet:power_per_server:watts"), "{{source}}")],
        WATTS,
    )


def _off_but_drawing() -> dashboard.Panel:
    off = f"{of_fleet('serverfleet_server_power_state', equal('state', 'off'))} == 1"
    # HPE's hour of power may lie up to two hours back, in which the server was still on.
    lately = f"{of_fleet('serverfleet:server_last_on:timestamp_seconds')} > time() - {OFF_SECONDS}"
    drawing = f"{of_fleet(SERVER_POWER)} > {DRAWING_WHILE_OFF_WATTS}"
    both = f"{drawing} and on (source, serial) ({off}) unless on (source, serial) ({lately})"
    return table(
        "Switched off but drawing power",
        f"Servers that have been off for two hours and draw more than {DRAWING_WHILE_OFF_WATTS} W, "
        "the largest 50.",
        [with_model(f"topk(50, {both})")],
        [
            label("server", "Server", link=to_server_of_row()),
            value("A", "Power", replace(WATTS, decimals=0), width=75),
            label("model", "Model"),
            label("source", "Source", width=90),
            label("serial", "Serial number", width=105),
        ],
        order=[("Power", True)],
        missing="None",
    )


def _coverage_over_time() -> dashboard.Panel:
    return lines(
        "Coverage by source",
        "Share of the servers that power and energy speak of.",
        [
            trend(of_fleet("serverfleet:power_coverage:ratio"), "{{source}} power"),
            trend(of_fleet("serverfleet:energy_day_coverage:ratio"), "{{source}} energy"),
        ],
        COVERAGE,
    )


def _explanation() -> dashboard.Panel:
    return note("How these figures arise", "Where the figures come from.", EXPLANATION)
