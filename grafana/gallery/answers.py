"""What does Prometheus answer, and what are its series called in a legend?"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

_PLACE = re.compile(r"\{\{\s*(\w+)\s*\}\}")


@dataclass(frozen=True, slots=True)
class Series:
    """Values over time, or one value at one time; times are Unix seconds."""

    labels: Mapping[str, str]
    times: Sequence[float]
    values: Sequence[float]

    @property
    def latest(self) -> float:
        """The last value."""
        return self.values[-1]


@dataclass(frozen=True, slots=True)
class Answer:
    """The answer to one query of a panel."""

    letter: str
    """The query's reference in the panel."""
    legend: str
    """How series are named: a template, or `__auto`."""
    series: Sequence[Series]

    def name(self, series: Series) -> str:
        """Name a series as the legend does."""
        if self.legend == "__auto" or not self.legend:
            return _all_labels(series.labels)
        return _PLACE.sub(lambda match: series.labels.get(match[1], ""), self.legend)


def _all_labels(labels: Mapping[str, str]) -> str:
    shown = ", ".join(f'{key}="{value}"' for key, value in labels.items() if key != "__name__")
    return f"{labels.get('__name__', '')}{{{shown}}}" if shown else labels.get("__name__", "Value")
