"""What does a server draw, how warm is it, and how busy?"""

from exporter.catalogue.family import CACHED, Family, each, number
from exporter.model import Power, PowerDraw, Temperatures, Utilization

POWER_FAMILIES: tuple[Family, ...] = (
    number(
        "serverfleet_server_power_watts",
        "Power drawn at the last reading. Dell: type 4 of Power Manager, else power of /Power."
        + CACHED,
        PowerDraw,
        lambda item: item.watts,
    ),
    number(
        "serverfleet_server_power_peak_watts",
        "Highest power since the BMC's statistics were reset. Dell: peakPower of /Power." + CACHED,
        Power,
        lambda item: item.peak_watts,
    ),
    number(
        "serverfleet_server_power_minimum_watts",
        "Lowest power since the BMC's statistics were reset. Dell: minimumPower of /Power."
        + CACHED,
        Power,
        lambda item: item.minimum_watts,
    ),
    number(
        "serverfleet_server_power_headroom_watts",
        "Power still available to the server. Dell: instantaneousHeadroom of /Power." + CACHED,
        Power,
        lambda item: item.headroom_watts,
    ),
    number(
        "serverfleet_server_energy_joules_total",
        "Energy used. Without --state.file: since the BMC's statistics were reset, and it falls "
        "when they are reset; with it: since the state file began. Dell: systemEnergyConsumption "
        "of /Power; HPE, with --state.file only: kwh.collected of every complete hour of "
        "energy-by-entity." + CACHED,
        Power,
        lambda item: item.energy_joules,
        kind="counter",
    ),
    each(
        "serverfleet_server_temperature_celsius",
        "Temperature at the last reading. Dell: instantaneousTemperature of /Temperature (system); "
        "type 8 of Power Manager (inlet)." + CACHED,
        Temperatures,
        "sensor",
        lambda item: item.sensors,
        repeats=False,
    ),
    each(
        "serverfleet_server_utilization_ratio",
        "Average use of a resource. HPE: collected.average of "
        "utilization-by-entity over the last day; "
        "Dell: Power Manager averages." + CACHED,
        Utilization,
        "resource",
        lambda item: item.resources,
        repeats=False,
    ),
)
