"""What did a server use in closed windows of time?"""

from collections.abc import Callable, Iterable

from exporter.catalogue.family import CACHED, Family, Sample, Scope
from exporter.model import Energy, EnergyWindows, Window


def windowed(name: str, help_text: str, figure: Callable[[Energy, int], float | None], /) -> Family:
    """Build a row with one figure for each closed window; `figure` also gets its seconds."""
    hour, day = Window.HOUR.seconds, Window.DAY.seconds

    def expand(item: EnergyWindows) -> Iterable[Sample]:
        found = []
        if item.hour is not None and (value := figure(item.hour, hour)) is not None:
            found.append((Window.HOUR, value))
        if item.day is not None and (value := figure(item.day, day)) is not None:
            found.append((Window.DAY, value))
        return found

    return Family(
        name=name,
        help=help_text,
        scope=Scope.SERVER,
        facet=EnergyWindows,
        labels=("window",),
        read=lambda item: item,
        expand=expand,
        repeats=False,
    )


def average_watts(energy: Energy, seconds: int) -> float | None:
    """Return the average power in watts; None where the energy is not known."""
    return None if energy.joules is None else round(energy.joules / seconds, 3)


ENERGY_FAMILIES: tuple[Family, ...] = (
    windowed(
        "serverfleet_server_power_average_watts",
        "Average power of the last complete window. HPE: kwh.collected of energy-by-entity "
        "divided by the window's length." + CACHED,
        average_watts,
    ),
    windowed(
        "serverfleet_server_energy_window_joules",
        "Energy used in the last complete window. HPE: kwh.collected of energy-by-entity." + CACHED,
        lambda energy, _: energy.joules,
    ),
    windowed(
        "serverfleet_server_emissions_window_grams",
        "CO2 equivalent of the energy used in the last complete window. HPE: co2eKg.collected of "
        "energy-by-entity." + CACHED,
        lambda energy, _: energy.grams_co2e,
    ),
    windowed(
        "serverfleet_server_energy_cost_window_usd",
        "Cost of the energy used in the last complete window. HPE: cost.collected of "
        "energy-by-entity." + CACHED,
        lambda energy, _: energy.cost_usd,
    ),
)
