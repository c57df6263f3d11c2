"""A bar for each series: `bargauge`."""

from collections.abc import Sequence

from grafana.gallery.canvas import text_width
from grafana.gallery.colours import TEXT, UNFILLED, shaded
from grafana.gallery.draw.subject import Line, Subject
from grafana.gallery.layout import Area

_GAP = 6
_TALLEST = 46
_WIDEST_NAME = 0.4
_SIZE = 12.0


def draw(subject: Subject) -> None:
    """Draw the bars below one another, as high as there is room for."""
    lines = subject.lines
    if not lines:
        subject.say_missing()
        return
    area = subject.area
    height = min(_TALLEST, (area.height + _GAP) / len(lines) - _GAP)
    names = min(
        max(text_width(line.shown, _SIZE) for line in lines) + 12, area.width * _WIDEST_NAME
    )
    texts = [line.reading.text(line.series.latest) for line in lines]
    values = max(text_width(text, _SIZE + 1) for text in texts) + 14
    low, high = _limits(lines)
    for row, (line, text) in enumerate(zip(lines, texts, strict=True)):
        y = area.y + row * (height + _GAP)
        track = Area(area.x + names, y, area.width - names - values, height)
        part = max(0.0, min(1.0, (line.series.latest - low) / (high - low)))
        subject.canvas.text(
            area.x + names - 10, y + height / 2, line.shown, size=_SIZE, side="right",
            room=names - 10,
        )  # fmt: skip
        subject.canvas.box(track, UNFILLED, corner=1)
        filled = Area(track.x, y, max(2.0, track.width * part), height)
        subject.canvas.box(filled, shaded(line.colour, 0.55), corner=1)
        subject.canvas.box(Area(filled.right - 2, y, 2, height), line.colour)
        ink = line.colour if subject.options.get("valueMode") == "color" else TEXT
        subject.canvas.text(track.right + 10, y + height / 2, text, size=_SIZE + 1, colour=ink)


def _limits(lines: Sequence[Line]) -> tuple[float, float]:
    settings = lines[0].reading.settings
    values = [line.series.latest for line in lines]
    low = settings.get("min")
    high = settings.get("max")
    bottom = float(min(values) if low is None else low)
    top = float(max(values) if high is None else high)
    return bottom, top if top > bottom else bottom + 1.0
