"""Bars of one or more fields, also stacked: `barchart`."""

from collections.abc import Sequence

from matplotlib.axes import Axes

from grafana.gallery.canvas import text_width
from grafana.gallery.colours import shaded
from grafana.gallery.draw.graph import draw_list_legend
from grafana.gallery.draw.subject import Subject
from grafana.gallery.layout import Area
from grafana.gallery.reading import Reading
from grafana.gallery.rows import Frame, frames, transformed

_LEGEND = 22
_INK = "#ffffff"
_SMALL = 11 * 0.72


def draw(subject: Subject) -> None:
    """Draw a bar, or a stack of bars, for each row of the answer."""
    made = transformed(frames(subject.answers), subject.panel.get("transformations") or [])
    frame = next((each for each in made if each.rows), None)
    if frame is None:
        subject.say_missing()
        return
    across = subject.options.get("xField") or frame.columns[0]
    fields = [name for name in frame.columns if name != across]
    readings = [subject.reading(field) for field in fields]
    colours = [reading.colour(None, place) for place, reading in enumerate(readings)]
    area = subject.area
    labels = [subject.reading(across).text(cell) for cell in frame.column(across)]
    lying = _is_lying(subject)
    left = max(text_width(label, 12) for label in labels) + 14 if lying else 40
    plot = area.inset(left, 8, 14, _LEGEND + 26)
    axes = subject.canvas.graph(plot, grid="x" if lying else "y")
    bars = _Bars(axes, subject, frame, labels)
    for place, (field, reading, colour) in enumerate(zip(fields, readings, colours, strict=True)):
        bars.add(field, reading, shaded(colour, 0.8), place)
    bars.write_axes()
    entries = [
        (reading.named(field), colour)
        for field, reading, colour in zip(fields, readings, colours, strict=True)
    ]
    draw_list_legend(subject, entries, Area(area.x, area.bottom - _LEGEND, area.width, _LEGEND))


def _is_lying(subject: Subject) -> bool:
    return bool(subject.options.get("orientation") == "horizontal")


class _Bars:
    """Bars on one pair of axes."""

    def __init__(self, axes: Axes, subject: Subject, frame: Frame, labels: Sequence[str]) -> None:
        self._axes = axes
        self._frame = frame
        self._labels = labels
        self._lying = _is_lying(subject)
        self._reading = subject.default
        self._thick = 0.6 if self._lying else float(subject.options.get("barWidth", 0.85))
        self._ground = [0.0] * len(frame.rows)
        self._stacked = subject.options.get("stacking") == "normal"

    def add(self, field: str, reading: Reading, colour: str, place: int) -> None:
        """Add the bars of a field, on top of those before if they are stacked."""
        if place and not self._stacked:
            raise ValueError("bars side by side are not drawn")
        values = [_size(cell) for cell in self._frame.column(field)]
        places = range(len(values))
        if self._lying:
            self._axes.barh(places, values, self._thick, left=self._ground, color=colour)
        else:
            self._axes.bar(places, values, self._thick, bottom=self._ground, color=colour)
        for row, value in enumerate(values):
            self._write(row, value, reading)
        self._ground = [under + value for under, value in zip(self._ground, values, strict=True)]

    def write_axes(self) -> None:
        """Write the names of the rows and round numbers."""
        places = list(range(len(self._labels)))
        highest = max([*self._ground, 1.0]) * (1.02 if self._lying else 1.12)
        if self._lying:
            self._axes.set_yticks(places, self._labels)
            self._axes.set_ylim(len(places) - 0.4, -0.6)
            self._axes.set_xlim(0, highest)
            self._axes.locator_params(axis="x", nbins=5, integer=True)
        else:
            self._axes.set_xticks(places, self._labels)
            self._axes.set_ylim(0, highest)
            self._axes.locator_params(axis="y", nbins=6, integer=True)

    def _write(self, row: int, value: float, reading: Reading) -> None:
        """Write the number onto its bar, if the bar is wide enough."""
        whole = max(sum(_size(cell) for name, cell in each.items() if name in self._frame.columns)
                    for each in self._frame.rows)  # fmt: skip
        if not value or (self._lying and value < 0.07 * whole):
            return
        text = reading.text(value)
        middle = self._ground[row] + value / 2
        if self._lying:
            self._axes.text(
                middle, row, text, color=_INK, fontsize=_SMALL, ha="center", va="center"
            )
        else:
            top = self._ground[row] + value
            self._axes.annotate(
                text, (row, top), xytext=(0, 3), textcoords="offset points", color=_INK,
                fontsize=_SMALL, ha="center", va="bottom",
            )  # fmt: skip


def _size(cell: object) -> float:
    return float(cell) if isinstance(cell, int | float) else 0.0
