"""Large figures: `stat`."""

import math
from dataclasses import dataclass

from grafana.gallery.canvas import text_width
from grafana.gallery.colours import FAINT, TEXT, shaded
from grafana.gallery.draw.subject import Subject
from grafana.gallery.layout import Area

_GAP = 6
_ON_COLOUR = "#ffffff"


@dataclass(frozen=True, slots=True)
class _Tile:
    name: str
    value: str
    colour: str


def draw(subject: Subject) -> None:
    """Draw a tile for each series."""
    tiles = [
        _Tile(line.shown, line.reading.text(line.series.latest), line.colour)
        for line in subject.lines
    ]
    if not tiles:
        tiles = [_Tile("", subject.default.missing or "No data", subject.default.colour(None))]
    for tile, area in zip(tiles, _grid(subject.area, len(tiles)), strict=True):
        _draw_tile(subject, tile, area)


def _draw_tile(subject: Subject, tile: _Tile, area: Area) -> None:
    on_colour = str(subject.options.get("colorMode", "")).startswith("background")
    if on_colour:
        subject.canvas.box(area, shaded(tile.colour, 0.82, "#000000"), corner=3)
    mode = subject.options.get("textMode", "auto")
    words = tile.name if mode == "name" else tile.value
    wanted = subject.options.get("text", {})
    size = float(wanted.get("titleSize" if mode == "name" else "valueSize", 30))
    ink = _ON_COLOUR if on_colour else TEXT
    coloured = tile.colour if subject.options.get("colorMode") == "value" else ink
    middle, centre = area.x + area.width / 2, area.y + area.height / 2
    if mode == "value_and_name" and tile.name:
        title = float(wanted.get("titleSize", 14))
        subject.canvas.text(
            middle, area.y + area.height * 0.3, tile.name, size=min(title, 13) * 0.92,
            colour=ink, side="center", room=area.width - 8,
        )  # fmt: skip
        centre = area.y + area.height * 0.66
    size = _fitting(words, size, area.width - 10)
    colour = coloured if on_colour or tile.name or tile.value else FAINT
    subject.canvas.text(
        middle, centre, words, size=size, colour=colour, side="center", bold=True,
        room=area.width - 6,
    )  # fmt: skip


def _fitting(words: str, size: float, room: float) -> float:
    """Make the letters as large as is asked for, or as there is room for."""
    width = text_width(words, size, bold=True)
    return max(11.0, size * min(1.0, room / width)) if width else size


def _grid(area: Area, count: int) -> list[Area]:
    """Divide an area into tiles that are about three times as wide as high."""
    if count == 1:
        return [area]
    columns = min(
        range(1, count + 1),
        key=lambda wide: abs(math.log(_shape(area, count, wide) / 2.4)),
    )
    rows = math.ceil(count / columns)
    width = (area.width - (columns - 1) * _GAP) / columns
    height = (area.height - (rows - 1) * _GAP) / rows
    return [
        Area(
            area.x + place % columns * (width + _GAP),
            area.y + place // columns * (height + _GAP),
            width,
            height,
        )
        for place in range(count)
    ]


def _shape(area: Area, count: int, columns: int) -> float:
    return (area.width / columns) / (area.height / math.ceil(count / columns))
