"""Rows and columns: `table`."""

from collections.abc import Sequence
from dataclasses import dataclass

from grafana.gallery.canvas import text_width
from grafana.gallery.colours import EDGE, FAINT, LINK, TEXT
from grafana.gallery.draw.subject import Subject
from grafana.gallery.layout import Area
from grafana.gallery.reading import Reading
from grafana.gallery.rows import Cell, Frame, frames, ordered, transformed

_ROW = 34
_INDENT = 8
_NARROWEST = 60


@dataclass(frozen=True, slots=True)
class _Column:
    field: str
    title: str
    reading: Reading
    is_number: bool
    x: float = 0.0
    width: float = 0.0


def draw(subject: Subject) -> None:
    """Draw as many rows as there is room for; the others are below, as in a browser."""
    frame = _frame(subject)
    if not frame.rows:
        subject.say_missing()
        return
    area = subject.area
    columns = _placed(_columns(subject, frame), area, frame)
    frame = _sorted(subject, frame, columns)
    for column in columns:
        _draw_cell(subject, column, column.title, area.y + _ROW / 2, FAINT)
    _rule(subject, area.y + _ROW)
    for row, cells in enumerate(frame.rows, start=1):
        y = area.y + row * _ROW
        if y + _ROW * 0.75 > area.bottom:
            break
        for column in columns:
            value = cells.get(column.field)
            _draw_cell(
                subject, column, column.reading.text(value), y + _ROW / 2, _ink(column, value)
            )
        _rule(subject, y + _ROW)


def _frame(subject: Subject) -> Frame:
    made = transformed(frames(subject.answers), subject.panel.get("transformations") or [])
    return next((frame for frame in made if frame.rows), Frame((), ()))


def _columns(subject: Subject, frame: Frame) -> list[_Column]:
    found = []
    for field in frame.columns:
        reading = subject.reading(field)
        values = [value for value in frame.column(field) if value is not None]
        is_number = bool(values) and all(isinstance(value, float) for value in values)
        found.append(_Column(field, reading.named(field), reading, is_number))
    return found


def _placed(columns: Sequence[_Column], area: Area, frame: Frame) -> list[_Column]:
    """Give set widths, and divide the rest by what the columns have to show."""
    wishes = [column.reading.width or _wish(column, frame) for column in columns]
    free = [index for index, column in enumerate(columns) if not column.reading.width]
    left = area.width - sum(wish for index, wish in enumerate(wishes) if index not in free)
    wished = sum(wishes[index] for index in free) or 1.0
    scale = max(left, _NARROWEST * len(free)) / wished if free else area.width / sum(wishes)
    placed, x = [], area.x
    for index, (column, wish) in enumerate(zip(columns, wishes, strict=True)):
        width = wish * scale if index in free or not free else wish
        placed.append(
            _Column(column.field, column.title, column.reading, column.is_number, x, width)
        )
        x += width
    return placed


def _wish(column: _Column, frame: Frame) -> float:
    texts = [column.title, *(column.reading.text(value) for value in frame.column(column.field))]
    return max(text_width(text, 12) for text in texts[:60]) + 3 * _INDENT


def _sorted(subject: Subject, frame: Frame, columns: Sequence[_Column]) -> Frame:
    fields = {column.title: column.field for column in columns}
    for order in reversed(subject.options.get("sortBy") or []):
        field = fields.get(order["displayName"])
        if field:
            frame = ordered(frame, field, desc=order.get("desc", False))
    return frame


def _ink(column: _Column, value: Cell) -> str:
    if value is None:
        return FAINT
    ink = column.reading.judged(value)
    return LINK if ink == TEXT and column.reading.is_link else ink


def _draw_cell(subject: Subject, column: _Column, words: str, y: float, colour: str) -> None:
    room = column.width - 2 * _INDENT
    if column.is_number:
        x = column.x + column.width - _INDENT
        subject.canvas.text(x, y, words, size=12, colour=colour, side="right", room=room)
    else:
        subject.canvas.text(column.x + _INDENT, y, words, size=12, colour=colour, room=room)


def _rule(subject: Subject, y: float) -> None:
    subject.canvas.box(Area(subject.area.x, y - 0.5, subject.area.width, 1), EDGE)
