"""How do the alerts about power, temperature, energy and utilisation behave?"""

from tests.prometheus.of_servers import (
    COM,
    COM_DOWN,
    COM_UP,
    DB,
    DB_TEXT,
    DB_THERE,
    OME,
    OME_DOWN,
    OME_UP,
    WEB,
    WEB_TEXT,
    WEB_THERE,
    of_com,
    of_db,
    of_web,
)
from tests.prometheus.scenario import Labels, Scenario, Series, numbered, one_hot, series

_WATTS = "serverfleet_server_power_watts"
_NEIGHBOURS: Series = {
    series("serverfleet_source_servers", OME): 4,
    **{series(_WATTS, numbered(OME, number)): 200 for number in range(3)},
}
_HEADROOM = "serverfleet_server_power_headroom_watts"
_TEMPERATURE = series("serverfleet_server_temperature_celsius", DB, sensor="system")
_UTILIZATION = "serverfleet_server_utilization_ratio"
_PENDING = series("serverfleet_ledger_hours_pending", source="emea")
_LOST = series("serverfleet_ledger_hours_lost_total", source="emea")
_HOUR_END = series("serverfleet_source_energy_last_hour_end_timestamp_seconds", COM)
_DAY_END = series("serverfleet_source_energy_last_day_end_timestamp_seconds", COM)


def _power_state(owner: Labels, state: str) -> Series:
    words = "on off powering_on powering_off unknown"
    return one_hot("serverfleet_server_power_state", owner, words, state)


def _utilization(resource: str, *servers: float) -> Series:
    return {
        series(_UTILIZATION, numbered(OME, number), resource=resource): used
        for number, used in enumerate(servers)
    }


SCENARIOS = [
    Scenario(
        alert="ServerfleetServerPoweredOff",
        context=WEB_THERE,
        begins=10,
        past=_power_state(WEB, "on"),
        bad=_power_state(WEB, "off"),
        good={
            **_power_state(WEB, "off"),
            series("serverfleet_server_maintenance", WEB): 1,
        },
        after=10,
        quiet=COM_DOWN,
        labels=of_web("warning"),
        summary="web-01: powered off",
        description=f"{WEB_TEXT} was on and has been off for 15m 0s. It is not in maintenance.",
    ),
    Scenario(
        alert="ServerfleetPowerHeadroomLow",
        context=DB_THERE,
        bad={series(_HEADROOM, DB): 40, series(_WATTS, DB): 760},
        good={series(_HEADROOM, DB): 400, series(_WATTS, DB): 400},
        after=15,
        quiet=OME_DOWN,
        labels=of_db("warning"),
        summary="db-01: 5% of its power is left",
        description=(
            f"{DB_TEXT} has 5% of its available power left. It may be throttled, or stop if a "
            "power supply fails."
        ),
    ),
    Scenario(
        alert="ServerfleetTemperatureHigh",
        context=DB_THERE,
        bad={_TEMPERATURE: 37},
        good={_TEMPERATURE: 35},
        after=15,
        quiet=OME_DOWN,
        labels=of_db("warning", condition="temperature", sensor="system"),
        summary="db-01: system at 37 °C",
        description=(
            "The system temperature of db-01 (source frankfurt, serial ABC1234, model PowerEdge "
            "R760) is 37 °C."
        ),
    ),
    Scenario(
        alert="ServerfleetTemperatureCritical",
        context=DB_THERE,
        bad={_TEMPERATURE: 43},
        good={_TEMPERATURE: 40},
        after=10,
        quiet=OME_DOWN,
        labels=of_db("critical", condition="temperature", sensor="system"),
        summary="db-01: system at 43 °C",
        description=(
            "The system temperature of db-01 (source frankfurt, serial ABC1234, model PowerEdge "
            "R760) is 43 °C. It will throttle or shut itself down."
        ),
    ),
    Scenario(
        alert="ServerfleetPowerReadingMissing",
        step=60,
        context={**DB_THERE, **_power_state(DB, "on"), **_NEIGHBOURS},
        begins=1440,
        past={series(_WATTS, DB): 300},
        bad={},
        good={series(_WATTS, DB): 300},
        after=180,
        quiet=OME_DOWN,
        labels=of_db("info"),
        summary="db-01: no power reading any more",
        description=(
            f"{DB_TEXT} is on, but its power has not been reported for hours. Totals of power and "
            "energy lack it."
        ),
    ),
    Scenario(
        alert="ServerfleetEnergyWindowOld",
        step=60,
        context={COM_UP: 1, _DAY_END: 0},
        bad={_HOUR_END: 0},
        good={_HOUR_END: (0, 3600)},
        healed={_HOUR_END: 86400},
        after=9 * 60,
        quiet=COM_DOWN,
        labels=of_com("warning", window="hour"),
        summary="emea: energy of the last hour is 9h 0m 0s old",
        description=(
            "The newest complete hour of energy of emea ended 9h 0m 0s ago. Power, energy "
            "and cost are of that time."
        ),
    ),
    Scenario(
        alert="ServerfleetEnergyHoursPending",
        step=60,
        context={COM_UP: 1},
        bad={_PENDING: (20, 1)},
        # The backlog of an outage, which gets less.
        good={_PENDING: (60, -5)},
        healed={_PENDING: 1},
        after=420,
        quiet=COM_DOWN,
        labels={"severity": "warning", "scope": "source", "source": "emea"},
        summary="emea: hours of energy wait to be counted",
        description=(
            "Closed hours of emea whose energy is not in the state file yet: 27, and they do not "
            "get fewer. The energy counters of its servers lack them."
        ),
    ),
    Scenario(
        alert="ServerfleetEnergyHoursLost",
        step=60,
        context={COM_UP: 1},
        bad={_LOST: 240},
        good={_LOST: 0},
        after=60,
        quiet={_LOST: None},
        quiet_when="no state file is kept",
        outage=COM_DOWN,
        labels={"severity": "info", "scope": "source", "source": "emea"},
        summary="emea: hours of energy are lost",
        description=(
            "Closed hours of emea that went out of the API's reach within a day before they were "
            "counted: 240. The energy counters will never have them."
        ),
    ),
    # While the exporter runs, and not at its start.
    Scenario(
        alert="ServerfleetEnergyHoursLost",
        step=60,
        context={COM_UP: 1},
        begins=1500,
        past={_LOST: 0},
        bad={_LOST: 3},
        good={_LOST: 0},
        healed={_LOST: 3},
        after=60,
        keeps=1440,
        quiet={},
        quiet_past={_LOST: 3},
        quiet_when="they were lost long ago",
        labels={"severity": "info", "scope": "source", "source": "emea"},
        summary="emea: hours of energy are lost",
        description=(
            "Closed hours of emea that went out of the API's reach within a day before they were "
            "counted: 3. The energy counters will never have them."
        ),
    ),
    Scenario(
        alert="ServerfleetPowerAnomaly",
        step=240,
        context={OME_UP: 1},
        begins=7 * 1440,
        past={series(_WATTS, DB): 200},
        bad={series(_WATTS, DB): 100},
        good={series(_WATTS, DB): 230},
        after=240,
        quiet=OME_DOWN,
        labels={"severity": "info", "scope": "source", **OME},
        summary="frankfurt: power has changed by -50% in a week",
        description=(
            "An average server of frankfurt (dell) drew -50% more (or, if negative, less) power "
            "in the last hour than in the same hour a week ago."
        ),
    ),
    Scenario(
        alert="ServerfleetUtilizationHigh",
        step=120,
        context={OME_UP: 1},
        bad=_utilization("cpu", 0.93, 0.97, 0.5),
        good={**_utilization("cpu", 0.9, 0.8, 0.5), **_utilization("memory", 0.93)},
        after=360,
        quiet=OME_DOWN,
        labels={"severity": "info", "scope": "source", **OME, "resource": "cpu"},
        summary="frankfurt: servers at the limit of their cpu",
        description=(
            "Servers of frankfurt (dell) that have been at the limit of their cpu for hours: 2. "
            "The busiest: s0, s1, s2."
        ),
    ),
    # Memory has a limit of its own.
    Scenario(
        alert="ServerfleetUtilizationHigh",
        step=120,
        context={COM_UP: 1},
        bad={series(_UTILIZATION, WEB, resource="memory"): 0.96},
        good={
            series(_UTILIZATION, WEB, resource="memory"): 0.94,
            series(_UTILIZATION, WEB, resource="io"): 1,
        },
        after=360,
        quiet=COM_DOWN,
        labels=of_com("info", resource="memory"),
        summary="emea: servers at the limit of their memory",
        description=(
            "Servers of emea (hpe) that have been at the limit of their memory for hours: 1. "
            "The busiest: web-01."
        ),
    ),
]
