"""What is a panel drawn from?"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from grafana.gallery.answers import Answer, Series
from grafana.gallery.canvas import Canvas
from grafana.gallery.colours import FAINT
from grafana.gallery.layout import Area
from grafana.gallery.reading import Reading, reading


@dataclass(frozen=True, slots=True)
class Span:
    """The time range of a dashboard in Unix seconds, and the seconds between two points."""

    begin: float
    end: float
    step: float


@dataclass(frozen=True, slots=True)
class Line:
    """A series with its name and reading; `index` is its place in the palette."""

    name: str
    series: Series
    reading: Reading
    index: int

    @property
    def shown(self) -> str:
        """The name that is displayed."""
        return self.reading.named(self.name)

    @property
    def colour(self) -> str:
        """The colour of the series."""
        return self.reading.colour(self.series.latest, self.index)


@dataclass(frozen=True, slots=True)
class Subject:
    """A panel, what its queries gave, and where to draw it."""

    panel: Mapping[str, Any]
    answers: Sequence[Answer]
    span: Span
    canvas: Canvas
    area: Area
    marks: Sequence[float] = ()
    """Unix seconds at which an alert began to fire."""

    @property
    def options(self) -> Mapping[str, Any]:
        """The options of the panel's type."""
        found: Mapping[str, Any] = self.panel.get("options", {})
        return found

    @property
    def default(self) -> Reading:
        """The reading without overrides."""
        return self.reading("")

    def reading(self, name: str, letter: str = "") -> Reading:
        """Read a field."""
        return reading(self.panel, name, letter, self.span.end)

    @property
    def lines(self) -> list[Line]:
        """Every series of every query."""
        return [
            Line(name, series, self.reading(name, letter), index)
            for index, (name, letter, series) in enumerate(self._series())
        ]

    def say_missing(self) -> None:
        """Write that there is nothing to draw."""
        middle = self.area.x + self.area.width / 2, self.area.y + self.area.height / 2
        words = self.default.missing or "No data"
        self.canvas.text(*middle, words, size=13, colour=FAINT, side="center")

    def _series(self) -> Iterator[tuple[str, str, Series]]:
        for answer in self.answers:
            for series in answer.series:
                yield answer.name(series), answer.letter, series
