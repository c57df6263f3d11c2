"""What does a scrape say? Read fast, because every series of every scrape is looked at."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from prometheus_client.parser import text_string_to_metric_families

_LABEL = re.compile(r'(\w+)="((?:[^"\\]|\\.)*)"')

Labels = dict[str, str]


@dataclass(frozen=True)
class Page:
    """One scrape."""

    asked: float
    """Time of the fleet at which it was asked for."""
    had: float
    """Time of the fleet at which it was there."""
    text: str
    _lines: dict[str, list[str]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for line in self.text.splitlines():
            if line and not line.startswith("#"):
                name = line[: line.find("{")] if "{" in line else line.split(" ", 1)[0]
                self._lines.setdefault(name, []).append(line)

    def family(self, name: str) -> Iterator[tuple[Labels, float]]:
        """Give the labels and values of the samples of a name."""
        for line in self._lines.get(name, ()):
            series, _, number = line.rpartition(" ")
            yield dict(_LABEL.findall(series)), float(number)

    def of_collectors(self, name: str) -> dict[tuple[str, str], float]:
        """Return the values of a family by source and collector."""
        return {(own["source"], own["collector"]): number for own, number in self.family(name)}

    def samples(self) -> Iterator[tuple[str, str]]:
        """Give every series with its value, both as they are written."""
        for line in (each for lines in self._lines.values() for each in lines):
            series, _, number = line.rpartition(" ")
            yield series, number

    @property
    def doubled(self) -> list[str]:
        """Series that are there twice."""
        seen: set[str] = set()
        found = []
        for series, _ in self.samples():
            if series in seen:
                found.append(series)
            seen.add(series)
        return found

    @property
    def of_servers(self) -> int:
        """How many series are about a server."""
        return sum('serial="' in series for series, _ in self.samples())

    @property
    def series(self) -> int:
        """How many series there are."""
        return sum(map(len, self._lines.values()))

    def parsed_by_prometheus_client(self) -> None:
        """Let somebody else's parser read it.

        Raises:
            ValueError: It is no valid exposition.
        """
        for _ in text_string_to_metric_families(self.text):
            pass
