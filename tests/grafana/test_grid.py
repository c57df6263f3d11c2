"""Where the panels stand."""

from collections import Counter
from itertools import product
from typing import Any

Board = dict[str, Any]
WIDTH = 24
GLANCE = 24
"""So many lines of the grid does a screen of 1920 x 1080 show."""


def test_the_first_row_is_the_highlights_and_open(board: Board) -> None:
    first = board["panels"][0]
    assert (first["type"], first["title"], first["collapsed"]) == ("row", "Highlights", False)


def test_the_other_rows_are_closed_and_ask_nothing_before_they_are_opened(board: Board) -> None:
    for row in _rows(board)[1:]:
        assert row["collapsed"], f"{board['title']} / {row['title']}"
        assert row["panels"], f"{board['title']} / {row['title']} is empty"


def test_the_highlights_fit_on_a_screen(board: Board) -> None:
    lowest = max(_bottom(panel) for panel in _open(board))
    assert lowest <= GLANCE, f"{board['title']}: {lowest} lines"


def test_panels_fill_the_grid_without_holes_or_overlaps(board: Board) -> None:
    _assert_filled(board["title"], _open(board), top=1)
    for row in _rows(board)[1:]:
        place = f"{board['title']} / {row['title']}"
        _assert_filled(place, row["panels"], top=row["gridPos"]["y"] + 1)


def test_rows_follow_one_another(board: Board) -> None:
    first, *closed = _rows(board)
    assert first["gridPos"]["y"] == 0
    end = max(_bottom(panel) for panel in _open(board))
    assert [row["gridPos"]["y"] for row in closed] == list(range(end, end + len(closed)))


def _assert_filled(place: str, panels: list[dict[str, Any]], top: int) -> None:
    cells = Counter(cell for panel in panels for cell in _cells(panel))
    bottom = max(_bottom(panel) for panel in panels)
    wanted = set(product(range(WIDTH), range(top, bottom)))
    assert set(cells) == wanted, f"{place}: holes at {sorted(wanted - set(cells))[:3]}"
    twice = [cell for cell, count in cells.items() if count > 1]
    assert not twice, f"{place}: overlaps at {twice[:3]}"


def _cells(panel: dict[str, Any]) -> list[tuple[int, int]]:
    at = panel["gridPos"]
    across, down = range(at["x"], at["x"] + at["w"]), range(at["y"], at["y"] + at["h"])
    return list(product(across, down))


def _bottom(panel: dict[str, Any]) -> int:
    return int(panel["gridPos"]["y"] + panel["gridPos"]["h"])


def _open(board: Board) -> list[dict[str, Any]]:
    return [panel for panel in board["panels"] if panel["type"] != "row"]


def _rows(board: Board) -> list[dict[str, Any]]:
    return [panel for panel in board["panels"] if panel["type"] == "row"]
