"""Which families have no data, and why not? A query that names one of them may find nothing."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Missing:
    """A family that is absent in a view, with the reason."""

    view: str
    """`fleet`: the dashboards that show many servers; `hpe`, `dell`: the one that shows one."""
    family: str
    why: str


_NO_CERTIFICATE = "the simulated APIs are spoken to in plain HTTP"
_NO_RETRY = "counted from the first retry on, by its reason; the simulated APIs never need one"
_NOT_OF_HPE = "HPE Compute Ops Management does not tell it"
_NOT_OF_DELL = "Dell OpenManage Enterprise does not tell it"
_ENERGY_OF_HPE = "HPE tells energy and average power of complete windows; Dell has counters instead"
_ENERGY_OF_DELL = "Dell tells readings and counters; HPE tells complete windows instead"

MISSING = (
    Missing("fleet", "serverfleet_source_certificate_not_after_timestamp_seconds", _NO_CERTIFICATE),
    Missing("fleet", "serverfleet_api_retries_total", _NO_RETRY),
    Missing("hpe", "serverfleet_server_temperature_celsius", _NOT_OF_HPE),
    Missing("hpe", "serverfleet_server_power_watts", _ENERGY_OF_DELL),
    Missing("hpe", "serverfleet_server_power_peak_watts", _NOT_OF_HPE),
    Missing("hpe", "serverfleet_server_power_minimum_watts", _NOT_OF_HPE),
    Missing("hpe", "serverfleet_server_power_headroom_watts", _NOT_OF_HPE),
    Missing("hpe", "serverfleet_server_energy_joules_total", _ENERGY_OF_DELL),
    Missing("dell", "serverfleet_server_redundancy", _NOT_OF_DELL),
    Missing("dell", "serverfleet_server_power_average_watts", _ENERGY_OF_HPE),
    Missing("dell", "serverfleet_server_energy_window_joules", _ENERGY_OF_HPE),
    Missing("dell", "serverfleet_server_emissions_window_grams", _NOT_OF_DELL),
    Missing("dell", "serverfleet_server_energy_cost_window_usd", _NOT_OF_DELL),
    Missing("dell", "serverfleet_server_maintenance", _NOT_OF_DELL),
    Missing("dell", "serverfleet_server_firmware_update", _NOT_OF_DELL),
    Missing("dell", "serverfleet_server_subscription", "only HPE sells them"),
    Missing("dell", "serverfleet_server_subscription_end_timestamp_seconds", "only HPE sells them"),
)
