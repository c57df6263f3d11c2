"""States over time: `state-timeline`."""

import itertools
from collections.abc import Iterator

from grafana.gallery.canvas import text_width
from grafana.gallery.colours import shaded
from grafana.gallery.draw.axes import time_axis
from grafana.gallery.draw.subject import Line, Span, Subject

_WIDEST_NAME = 0.36
_SIZE = 11.5
_BELOW = 24


def draw(subject: Subject) -> None:
    """Draw a band for each series; equal values that follow one another are one piece."""
    lines = subject.lines
    if not lines:
        subject.say_missing()
        return
    area = subject.area
    names = min(
        max(text_width(line.shown, _SIZE) for line in lines) + 14, area.width * _WIDEST_NAME
    )
    plot = area.inset(names, 4, 8, _BELOW)
    axes = subject.canvas.graph(plot, grid="x")
    axes.set_ylim(len(lines), 0)
    axes.set_yticks([])
    time_axis(axes, subject.span, plot.width)
    thick = float(subject.options.get("rowHeight", 0.9))
    for row, line in enumerate(lines):
        y = plot.y + plot.height * (row + 0.5) / len(lines)
        subject.canvas.text(plot.x - 10, y, line.shown, size=_SIZE, side="right", room=names - 12)
        for begin, end, value in _pieces(line, subject.span):
            axes.barh(
                row + 0.5, end - begin, thick, left=begin, linewidth=0,
                color=shaded(line.reading.colour(value, line.index), 0.8),
            )  # fmt: skip
            words = line.reading.text(value)
            pixels = (end - begin) / (subject.span.end - subject.span.begin) * plot.width
            if text_width(words, _SIZE) + 8 < pixels:
                axes.text(
                    begin + 5 * (end - begin) / pixels, row + 0.5, words, va="center_baseline",
                    color="#ffffff", fontsize=_SIZE * 0.72, clip_on=True,
                )  # fmt: skip


def _pieces(line: Line, span: Span) -> Iterator[tuple[float, float, float]]:
    """Give begin, end and value of what stays the same without a gap."""
    points = list(zip(line.series.times, line.series.values, strict=True))
    begin, before, value = points[0][0], points[0][0], points[0][1]
    for time, number in itertools.islice(points, 1, None):
        if number != value or time - before > span.step * 1.5:
            yield begin, min(before + span.step, time), value
            begin, value = time, number
        before = time
    yield begin, min(before + span.step, span.end), value
