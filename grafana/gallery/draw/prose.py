"""Explanations: `text`, of whose Markdown bold words and paragraphs are known."""

import re

from grafana.gallery.canvas import text_width
from grafana.gallery.draw.subject import Subject

_LINE = 21
_SIZE = 12.5
_BOLD = re.compile(r"\*\*(.+?)\*\*")
_SPACE = 6.5


def draw(subject: Subject) -> None:
    """Write the paragraphs, broken at the width of the panel."""
    area = subject.area
    y = area.y + _LINE / 2
    for paragraph in str(subject.options["content"]).strip().split("\n\n"):
        x = area.x
        for word, bold in _words(paragraph):
            width = text_width(word, _SIZE, bold=bold)
            if x + width > area.right:
                x, y = area.x, y + _LINE
            if y + _LINE / 2 > area.bottom:
                return
            subject.canvas.text(x, y, word, size=_SIZE, bold=bold)
            x += width + _SPACE
        y += _LINE * 1.6


def _words(paragraph: str) -> list[tuple[str, bool]]:
    """Give the words, and whether each is bold; a sign after a bold word stays with it."""
    found: list[tuple[str, bool]] = []
    for place, part in enumerate(_BOLD.split(paragraph.replace("\n", " "))):
        for word in part.split():
            if found and not place % 2 and word in (".", ",", ":", ";"):
                found[-1] = (found[-1][0] + word, found[-1][1])
            else:
                found.append((word, place % 2 == 1))
    return found
