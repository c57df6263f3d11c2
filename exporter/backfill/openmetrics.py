"""The past of every server as OpenMetrics, for `promtool tsdb create-blocks-from openmetrics`.

Family after family, in each one series after the other, in each the oldest sample first. A window
stands at its end, which is when it can be known. The counter counts from the first hour on: it ends
where the exporter's own begins, at zero, which Prometheus takes for a reset.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from exporter.backfill.spool import History
from exporter.catalogue import SERVER_FAMILIES
from exporter.catalogue.energy import FAMILIES_OF_WINDOW
from exporter.catalogue.family import Family, Sample, Scope
from exporter.exposition.text import Format, all_escaped, header, labels_text, number_text
from exporter.model import EnergyWindows, Server, Window

COUNTER = next(
    family for family in SERVER_FAMILIES if family.name == "serverfleet_server_energy_joules_total"
)
WINDOW_OF = {
    **{family: window for window, rows in FAMILIES_OF_WINDOW.items() for family in rows},
    COUNTER: Window.HOUR,
}
"""Every family that is written, and the windows that it is made of."""
END = "# EOF\n"
_MILLIJOULES = 1000


def added_label(text: str) -> tuple[str, str]:
    """Read a label such as `instance=exporter:10450`.

    Raises:
        ValueError: It is none, or one that every series has already.
    """
    name, equals, value = text.partition("=")
    if not equals or not value or not re.fullmatch(r"(?!__)[a-zA-Z_][a-zA-Z0-9_]*", name):
        raise ValueError("write a label as NAME=VALUE, such as instance=exporter:10450")
    if any(name in family.all_labels for family in WINDOW_OF):
        raise ValueError(f"{name} is a label of the exporter's own")
    return name, value


@dataclass(frozen=True, slots=True)
class Labels:
    """What every series has in common, and how a server is named."""

    source: str
    vendor: str
    servers: Mapping[str, Server]
    """By the vendor's id; a server that is in no inventory has its serial number as name."""
    more: tuple[tuple[str, str], ...] = ()
    """Labels that Prometheus would add at a scrape, such as `instance`."""

    def of(self, server_id: str) -> str:
        """Write the labels of a server without braces."""
        server = self.servers[server_id]
        own = labels_text(
            Scope.SERVER.labels, (self.source, self.vendor, server.serial, server.name)
        )
        added = (f'{name}="{all_escaped((value,))[0]}"' for name, value in self.more)
        return ",".join((own, *added))


def family_lines(
    family: Family, labels: Labels, histories: Iterable[tuple[str, History]]
) -> Iterator[str]:
    """Write one family: its header, and the lines of each server as one text.

    Args:
        family: One of `WINDOW_OF`.
        labels: What names the series.
        histories: The vendor's id of each server, and its windows of that family, oldest first.
    """
    yield header(family, Format.OPENMETRICS)
    write = _counter_lines if family is COUNTER else _window_lines
    for server_id, history in histories:
        if server_id in labels.servers:
            yield "".join(write(family, labels.of(server_id), history))


def _window_lines(family: Family, labels: str, history: History) -> Iterator[str]:
    for past, energy in history:
        end = past.start + past.window.seconds
        for values, number in _samples(family, EnergyWindows(hour=energy, day=energy)):
            own = labels_text(family.labels, (values,) if isinstance(values, str) else values)
            all_labels = f"{labels},{own}" if own else labels
            yield f"{family.name}{{{all_labels}}} {number_text(number)} {end}\n"


def _samples(family: Family, windows: EnergyWindows) -> Iterable[Sample]:
    """Read what a scrape would show."""
    value: Any = family.read(windows) if family.read else None
    if value is None:
        return ()
    return family.expand(value) if family.expand else (((), value),)


def _counter_lines(family: Family, labels: str, history: History) -> Iterator[str]:
    head = f"{family.name}{{{labels}}}"
    total = 0
    for number, (past, joules) in enumerate(
        (past, energy.joules) for past, energy in history if energy.joules is not None
    ):
        if number == 0:
            yield f"{head} 0 {past.start}\n"
        # Whole millijoules, as the exporter counts.
        total += round(joules * _MILLIJOULES)
        yield f"{head} {number_text(total / _MILLIJOULES)} {past.start + past.window.seconds}\n"
