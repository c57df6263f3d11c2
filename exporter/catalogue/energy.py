"""The families of energy in the last complete hour and UTC day, for servers and for sources.

Each is declared once for both windows. They are families of their own, and not one with a label,
because the hour is part of the day: a sum over both would mean nothing.
"""

from collections.abc import Callable, Iterable

from exporter.catalogue.family import CACHED, Family, Sample, Scope, number
from exporter.model import Energy, EnergyWindowEnds, EnergyWindows, Window


def average_watts(energy: Energy, seconds: int) -> float | None:
    """Return the average power in watts; None where the energy is not known."""
    return None if energy.joules is None else round(energy.joules / seconds, 3)


def windowed(
    name: str,
    help_text: str,
    figure: Callable[[Energy, int], float | None],
    /,
    *,
    currency: str = "",
) -> dict[Window, Family]:
    """Build two rows of the same figure: of the last complete hour, and of the last complete day.

    Args:
        name: Has `{}` in place of `hour` and `day`.
        help_text: Has `{}` in place of `hour` and `UTC day`.
        figure: Reads the figure from the energy of a window and its length in seconds.
        currency: The value of the label `currency`; without it there is no such label.
    """

    def row(
        window: Window, length: str, energy: Callable[[EnergyWindows], Energy | None]
    ) -> Family:
        def read(item: EnergyWindows) -> float | None:
            found = energy(item)
            return None if found is None else figure(found, window.seconds)

        def expand(value: float) -> Iterable[Sample]:
            return ((currency, value),)

        return Family(
            name=name.format(window.word),
            help=help_text.format(length) + CACHED,
            scope=Scope.SERVER,
            facet=EnergyWindows,
            labels=("currency",) if currency else (),
            read=read,
            expand=expand if currency else None,
            repeats=False,
        )

    return {
        Window.HOUR: row(Window.HOUR, "hour", lambda item: item.hour),
        Window.DAY: row(Window.DAY, "UTC day", lambda item: item.day),
    }


_WINDOWED = (
    windowed(
        "serverfleet_server_power_last_{}_average_watts",
        "Average power over the last complete {}. HPE: kwh.collected of energy-by-entity, divided "
        "by that time.",
        average_watts,
    ),
    windowed(
        "serverfleet_server_energy_last_{}_joules",
        "Energy used in the last complete {}. HPE: kwh.collected of energy-by-entity.",
        lambda energy, _: energy.joules,
    ),
    windowed(
        "serverfleet_server_co2e_last_{}_grams",
        "CO2 equivalent of the energy used in the last complete {}. HPE: co2eKg.collected of "
        "energy-by-entity.",
        lambda energy, _: energy.grams_co2e,
    ),
    windowed(
        "serverfleet_server_energy_cost_last_{}",
        "Cost of the energy used in the last complete {}. HPE: cost.collected of "
        "energy-by-entity, by the price per kWh that is set in COM.",
        lambda energy, _: energy.cost_usd,
        currency="USD",
    ),
)
FAMILIES_OF_WINDOW = {window: tuple(rows[window] for rows in _WINDOWED) for window in Window}
"""The families of energy in the last complete hour, and those of the last complete day."""
ENERGY_OF_SERVERS = tuple(row for rows in _WINDOWED for row in rows.values())


def _end(window: Window, length: str) -> Family:
    return number(
        f"serverfleet_source_energy_last_{window.word}_end_timestamp_seconds",
        f"Unix time at the end of the {length} that the families with _last_{window.word}_ in "
        "their name describe. HPE: end-date asked of energy-by-entity. Cached at the interval "
        "of the energy collector.",
        EnergyWindowEnds,
        lambda item: dict(item.ends).get(window),
        scope=Scope.SOURCE,
    )


ENERGY_OF_SOURCES = (_end(Window.HOUR, "hour"), _end(Window.DAY, "UTC day"))
