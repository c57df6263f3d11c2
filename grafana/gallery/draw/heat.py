"""A histogram over time: `heatmap`."""

import math
from collections.abc import Sequence

import numpy as np
from matplotlib import colormaps
from matplotlib.colors import PowerNorm

from grafana.gallery.answers import Series
from grafana.gallery.canvas import text_width
from grafana.gallery.draw.axes import time_axis
from grafana.gallery.draw.subject import Subject
from grafana.gallery.units import written

_BELOW = 24


def draw(subject: Subject) -> None:
    """Draw a cell for each bucket and point in time; Prometheus' buckets hold one another."""
    series = sorted((each for answer in subject.answers for each in answer.series), key=_upper_edge)
    if not series:
        subject.say_missing()
        return
    span = subject.span
    times = np.arange(span.begin, span.end + span.step / 2, span.step)
    cells = _cells(series, span.begin, span.step, len(times))
    shown = np.flatnonzero(np.nan_to_num(cells).sum(axis=1) > 0)
    if not len(shown):
        subject.say_missing()
        return
    low, high = int(shown[0]), int(shown[-1]) + 1
    labels = [_label(each, subject) for each in series[low:high]]
    plot = subject.area.inset(max(text_width(label, 11) for label in labels) + 14, 6, 8, _BELOW)
    axes = subject.canvas.graph(plot, grid="")
    color = subject.options.get("color", {})
    # On a dark ground Grafana turns such a scheme round: few is dark.
    scheme = colormaps[f"{color.get('scheme', 'Blues')}_r"]
    part = cells[low:high]
    axes.pcolormesh(
        times, np.arange(high - low), np.where(part > 0, part, np.nan), cmap=scheme,
        norm=PowerNorm(color.get("exponent", 1.0), vmin=0, vmax=float(np.nanmax(part))),
        edgecolors="#181b1f", linewidth=0.6, shading="nearest",
    )  # fmt: skip
    axes.set_yticks(range(high - low), labels)
    time_axis(axes, span, plot.width)


def _upper_edge(series: Series) -> float:
    return float(series.labels.get("le", "inf"))


def _cells(
    series: Sequence[Series], begin: float, step: float, count: int
) -> "np.ndarray[tuple[int, int], np.dtype[np.float64]]":
    cells = np.zeros((len(series), count))
    for row, each in enumerate(series):
        for time, value in zip(each.times, each.values, strict=True):
            place = round((time - begin) / step)
            if 0 <= place < count and not math.isnan(value):
                cells[row, place] = value
    cells[1:] -= cells[:-1].copy()
    return cells


def _label(series: Series, subject: Subject) -> str:
    edge = _upper_edge(series)
    unit = subject.options.get("yAxis", {}).get("unit") or subject.default.unit
    return "+Inf" if math.isinf(edge) else written(edge, str(unit), None)
