"""Lines over time: `timeseries`."""

import itertools
import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from matplotlib.axes import Axes
from numpy.typing import NDArray

from grafana.gallery.canvas import fitted, text_width
from grafana.gallery.colours import FAINT, LINK, colour
from grafana.gallery.draw.axes import number_axis, time_axis
from grafana.gallery.draw.subject import Line, Span, Subject
from grafana.gallery.layout import Area

Numbers = NDArray[np.float64]

_LEFT, _RIGHT = "left", "right"
_ROW = 22
_MOST_OF_THE_HEIGHT = 0.42
_LABEL_BELOW = 22
_FIGURE_WIDTH = 58
_CALCULATIONS: Mapping[str, tuple[str, Callable[[Numbers], float]]] = {
    "mean": ("Mean", lambda values: float(values.mean())),
    "lastNotNull": ("Last *", lambda values: float(values[-1])),
    "max": ("Max", lambda values: float(values.max())),
    "min": ("Min", lambda values: float(values.min())),
}


def draw(subject: Subject) -> None:
    """Draw every series as a line, with the legend that the panel asks for."""
    lines = subject.lines
    if not lines:
        subject.say_missing()
        return
    legend = _legend_height(subject, len(lines))
    plot = subject.area.inset(0, 6, 8, legend + _LABEL_BELOW)
    tops, bottoms = _curves(subject, lines)
    axes = _axes(subject, plot, lines, tops)
    times = _times(subject.span)
    custom = subject.panel["fieldConfig"]["defaults"].get("custom", {})
    _draw_marks(axes[_LEFT], subject)
    for line, top, under in zip(lines, tops, bottoms, strict=True):
        fill = line.reading.settings.get("custom.fillOpacity", custom.get("fillOpacity", 0))
        axes[_side(line)].fill_between(
            times, under, top, color=line.colour, linewidth=0, alpha=fill / 100
        )
        axes[_side(line)].plot(
            times, top, color=line.colour, linewidth=1.1, solid_joinstyle="round"
        )
    if legend:
        _draw_legend(subject, lines, Area(plot.x, plot.bottom + _LABEL_BELOW, plot.width, legend))


def _axes(
    subject: Subject, plot: Area, lines: Sequence[Line], tops: Sequence[Numbers]
) -> Mapping[str, Axes]:
    """Give the axes of each side, and leave as much room beside them as their numbers need."""
    sides = sorted({_side(line) for line in lines}) or [_LEFT]
    axes: dict[str, Axes] = {}
    room = {_LEFT: 0.0, _RIGHT: 0.0}
    for side in sides:
        grid: Literal["both", "x"] = "x" if axes else "both"
        axes[side] = drawn = subject.canvas.graph(plot, grid=grid)
        own = [place for place, line in enumerate(lines) if _side(line) == side]
        number_axis(drawn, lines[own[0]].reading, *_extremes([tops[at] for at in own]), plot.height)
        if side == _RIGHT:
            drawn.yaxis.tick_right()
        room[side] = 12 + max(text_width(each.get_text(), 11) for each in drawn.get_yticklabels())
    inner = plot.inset(room[_LEFT], 0, room[_RIGHT], 0)
    for drawn in axes.values():
        subject.canvas.move(drawn, inner)
        time_axis(drawn, subject.span, inner.width)
    return {_LEFT: next(iter(axes.values()))} | axes


def _side(line: Line) -> str:
    return str(line.reading.settings.get("custom.axisPlacement", _LEFT)).replace("auto", _LEFT)


def _extremes(curves: Sequence[Numbers]) -> tuple[float, float]:
    known = [curve for curve in curves if not np.isnan(curve).all()]
    if not known:
        return 1.0, 0.0
    return max(float(np.nanmax(top)) for top in known), min(float(np.nanmin(top)) for top in known)


def _draw_marks(axes: Axes, subject: Subject) -> None:
    low, _ = axes.get_ylim()
    for mark in subject.marks:
        axes.axvline(mark, color=colour("red"), linewidth=0.7, linestyle=(0, (4, 3)), alpha=0.4)
        axes.plot(
            [mark], [low], marker="^", markersize=4.5, color=colour("red"), clip_on=False, alpha=0.9
        )


def _times(span: Span) -> Numbers:
    return np.arange(span.begin, span.end + span.step / 2, span.step)


def _curves(subject: Subject, lines: Sequence[Line]) -> tuple[list[Numbers], list[Numbers]]:
    """Give the upper and the lower edge of every series on the dashboard's points in time."""
    custom = subject.panel["fieldConfig"]["defaults"].get("custom", {})
    curves = [_on_grid(line, subject.span, custom.get("spanNulls", False)) for line in lines]
    if custom.get("stacking", {}).get("mode") != "normal":
        return curves, [np.zeros_like(curve) for curve in curves]
    tops: list[Numbers] = []
    bottoms: list[Numbers] = []
    ground = np.zeros_like(curves[0])
    for curve in curves:
        bottoms.append(ground)
        tops.append(ground + curve)
        ground = ground + np.nan_to_num(curve)
    return tops, bottoms


def _on_grid(line: Line, span: Span, bridged: bool | float) -> Numbers:
    """Put values on the points in time; gaps up to `bridged` milliseconds are closed."""
    times = _times(span)
    curve = np.full(times.shape, np.nan)
    places = np.rint((np.asarray(line.series.times) - span.begin) / span.step).astype(int)
    inside = (places >= 0) & (places < len(times))
    curve[places[inside]] = np.asarray(line.series.values)[inside]
    known = np.flatnonzero(~np.isnan(curve))
    longest = math.inf if bridged is True else float(bridged or 0) / 1000
    for left, right in itertools.pairwise(known):
        if right - left > 1 and (right - left) * span.step <= longest:
            curve[left : right + 1] = np.linspace(curve[left], curve[right], right - left + 1)
    return curve


def _legend_height(subject: Subject, count: int) -> float:
    legend = subject.options.get("legend", {})
    if not legend.get("showLegend", True):
        return 0
    if legend.get("displayMode") != "table":
        return _ROW
    rows = count + 1
    return float(min(rows * _ROW, subject.area.height * _MOST_OF_THE_HEIGHT // _ROW * _ROW))


def _draw_legend(subject: Subject, lines: Sequence[Line], area: Area) -> None:
    legend = subject.options.get("legend", {})
    if legend.get("displayMode") != "table":
        draw_list_legend(subject, [(line.shown, line.colour) for line in lines], area)
        return
    columns = _figures(lines, legend)
    x = area.right
    for column in reversed(columns):
        bold = legend.get("sortBy") == column.title
        subject.canvas.text(
            x, area.y + _ROW / 2, column.title, size=11, colour=LINK, side="right", bold=bold
        )
        for row, line in enumerate(_visible(lines, legend, area)):
            y = area.y + _ROW * (row + 1.5)
            subject.canvas.text(x, y, column.texts[line.index], size=11.5, side="right")
        x -= column.width
    subject.canvas.text(area.x + 22, area.y + _ROW / 2, "Name", size=11, colour=FAINT)
    for row, line in enumerate(_visible(lines, legend, area)):
        y = area.y + _ROW * (row + 1.5)
        subject.canvas.box(Area(area.x + 4, y - 2, 12, 4), line.colour, corner=1)
        subject.canvas.text(area.x + 22, y, line.shown, size=11.5, room=x - area.x - 26)


@dataclass(frozen=True, slots=True)
class _Figures:
    """A column of a legend: a figure of each series by the series' place."""

    title: str
    texts: Mapping[int, str]
    width: float


def _figures(lines: Sequence[Line], legend: Mapping[str, Any]) -> list[_Figures]:
    found = []
    for title, calculate in (_CALCULATIONS[name] for name in legend.get("calcs", [])):
        texts = {
            line.index: line.reading.text(calculate(_known(line))) if len(_known(line)) else "-"
            for line in lines
        }
        widest = max(text_width(text, 11.5) for text in (*texts.values(), title))
        found.append(_Figures(title, texts, max(_FIGURE_WIDTH, widest + 16)))
    return found


def _visible(lines: Sequence[Line], legend: Mapping[str, Any], area: Area) -> list[Line]:
    """Give the series that there is room for; the others are below, as in a browser."""
    return _in_order(lines, legend)[: int((area.height + 1) // _ROW) - 1]


def _in_order(lines: Sequence[Line], legend: Mapping[str, Any]) -> list[Line]:
    title = legend.get("sortBy")
    found = next((each for each in _CALCULATIONS.values() if each[0] == title), None)
    if found is None:
        return list(lines)
    calculate = found[1]
    return sorted(
        lines,
        key=lambda line: calculate(_known(line)) if len(_known(line)) else -math.inf,
        reverse=bool(legend.get("sortDesc")),
    )


def _known(line: Line) -> Numbers:
    values = np.asarray(line.series.values, dtype=float)
    known: Numbers = values[~np.isnan(values)]
    return known


def draw_list_legend(subject: Subject, entries: Sequence[tuple[str, str]], area: Area) -> None:
    """Write names with their colours side by side."""
    x, y = area.x + 4, area.y + area.height / 2
    for name, shade in entries:
        if x + 40 > area.right:
            break
        subject.canvas.box(Area(x, y - 2, 12, 4), shade, corner=1)
        shown = fitted(name, area.right - x - 18, 11.5)
        x += 18 + subject.canvas.text(x + 18, y, shown, size=11.5) + 16
