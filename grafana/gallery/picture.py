"""How does a whole dashboard become one picture?"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from grafana.gallery.answers import Answer
from grafana.gallery.canvas import Canvas
from grafana.gallery.colours import EDGE, FAINT, PANEL, TEXT
from grafana.gallery.draw import DRAWINGS
from grafana.gallery.draw.subject import Span, Subject
from grafana.gallery.layout import MARGIN, Area, Placed, bottom, placed
from grafana.gallery.questions import Choice

WIDTH = 1920
NOTE = (
    "Drawn by matplotlib from the dashboard's file and a real Prometheus' answers about a "
    "simulated fleet; not a screenshot of Grafana."
)
_TITLE_HEIGHT = 34
_PADDING = 8


@dataclass(frozen=True, slots=True)
class Facts:
    """What a dashboard shows: the answers by the panel's id, the variables and the time."""

    answers: Mapping[int, Sequence[Answer]]
    choices: Sequence[Choice]
    span: Span
    marks: Sequence[float] = ()


def picture(board: Mapping[str, Any], facts: Facts) -> Canvas:
    """Draw a dashboard with every row open."""
    things = placed(board, WIDTH)
    canvas = Canvas(WIDTH, bottom(things))
    _draw_head(canvas, board, facts)
    for thing in things:
        if thing.is_heading:
            _draw_heading(canvas, thing)
        else:
            draw_panel(canvas, thing, facts)
    canvas.text(MARGIN, canvas.height - 17, NOTE, size=11, colour=FAINT)
    return canvas


def draw_panel(canvas: Canvas, thing: Placed, facts: Facts) -> None:
    """Draw a panel with its frame and title."""
    area, panel = thing.area, thing.panel
    kind = str(panel["type"])
    if kind not in DRAWINGS:
        raise ValueError(f"panels of type {kind} are not drawn: {panel['title']}")
    canvas.box(area, PANEL, edge=EDGE, corner=2)
    canvas.text(
        area.x + 10, area.y + _TITLE_HEIGHT / 2, panel["title"], size=12.5, bold=True,
        room=area.width - 18,
    )  # fmt: skip
    inner = area.inset(_PADDING, _TITLE_HEIGHT, _PADDING, _PADDING)
    answers = facts.answers.get(panel["id"], ())
    DRAWINGS[kind](Subject(panel, answers, facts.span, canvas, inner, facts.marks))


def _draw_heading(canvas: Canvas, thing: Placed) -> None:
    y = thing.area.y + thing.area.height / 2 + 2
    canvas.text(thing.area.x + 4, y, "⌄", size=13, colour=TEXT)
    canvas.text(thing.area.x + 24, y, thing.panel["title"], size=14.5, bold=True)


def _draw_head(canvas: Canvas, board: Mapping[str, Any], facts: Facts) -> None:
    canvas.text(MARGIN + 2, 30, board["title"], size=19, bold=True)
    begin, end = (
        datetime.fromtimestamp(time, UTC).strftime("%Y-%m-%d %H:%M")
        for time in (facts.span.begin, facts.span.end)
    )
    canvas.text(canvas.width - MARGIN, 30, f"{begin}  to  {end} UTC", size=13, side="right")
    x = float(MARGIN)
    for choice in facts.choices:
        x = _draw_choice(canvas, x, choice)


def _draw_choice(canvas: Canvas, x: float, choice: Choice) -> float:
    """Draw a variable with its value, and return where the next one begins."""
    y, height = 62, 32
    title = canvas.text(x + 12, y + height / 2, choice.title, size=12.5, bold=True)
    left = x + 24 + title
    value = canvas.text(left + 12, y + height / 2, choice.shown, size=12.5)
    canvas.box(Area(x, y, 24 + title, height), "none", edge=EDGE)
    canvas.box(Area(left, y, value + 24, height), "none", edge=EDGE)
    return left + value + 24 + 12
