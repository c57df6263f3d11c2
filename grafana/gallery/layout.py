"""Where does each panel of a dashboard stand when every row is open?"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

GRID_COLUMNS = 24
UNIT = 38
"""Pixels of one grid row, the gap included."""
GAP = 8
MARGIN = 16
HEAD = 112
"""Pixels above the first row: the title and the variables."""
FOOT = 34


@dataclass(frozen=True, slots=True)
class Area:
    """A rectangle in pixels; y grows downwards."""

    x: float
    y: float
    width: float
    height: float

    @property
    def right(self) -> float:
        """The x of the right edge."""
        return self.x + self.width

    @property
    def bottom(self) -> float:
        """The y of the bottom edge."""
        return self.y + self.height

    def inset(self, left: float, top: float, right: float, bottom: float) -> "Area":
        """Return what is left inside of margins."""
        return Area(
            self.x + left, self.y + top, self.width - left - right, self.height - top - bottom
        )

    def overlaps(self, other: "Area") -> bool:
        """Tell whether both share any pixel."""
        return (
            self.x < other.right
            and other.x < self.right
            and self.y < other.bottom
            and other.y < self.bottom
        )


@dataclass(frozen=True, slots=True)
class Placed:
    """A panel, or the heading of a row, and where it stands."""

    panel: Mapping[str, Any]
    area: Area

    @property
    def is_heading(self) -> bool:
        """Whether it only carries the title of a row."""
        return bool(self.panel["type"] == "row")


def placed(board: Mapping[str, Any], width: int) -> list[Placed]:
    """Place every panel, those of closed rows below their heading."""
    found: list[Placed] = []
    shift = 0
    for panel in board["panels"]:
        found.append(_placed(panel, width, shift))
        inside = panel.get("panels") or []
        found.extend(_placed(each, width, shift) for each in inside)
        shift += _height(panel, inside)
    return found


def bottom(things: Sequence[Placed]) -> int:
    """Return the height of the whole picture."""
    return round(max(thing.area.bottom for thing in things)) + FOOT


def drawn_panels(board: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    """Give every panel that is no heading."""
    for panel in board["panels"]:
        if panel["type"] == "row":
            yield from panel.get("panels") or []
        else:
            yield panel


def _height(heading: Mapping[str, Any], inside: Sequence[Mapping[str, Any]]) -> int:
    """Return by how many grid rows a closed row's panels push down what follows."""
    if not inside:
        return 0
    ends = (each["gridPos"]["y"] + each["gridPos"]["h"] for each in inside)
    return int(max(ends)) - int(heading["gridPos"]["y"]) - 1


def _placed(panel: Mapping[str, Any], width: int, shift: int) -> Placed:
    grid = panel["gridPos"]
    column = (width - 2 * MARGIN + GAP) / GRID_COLUMNS
    return Placed(
        panel,
        Area(
            MARGIN + grid["x"] * column,
            HEAD + (grid["y"] + shift) * UNIT,
            grid["w"] * column - GAP,
            grid["h"] * UNIT - GAP,
        ),
    )
