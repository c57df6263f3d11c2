"""What becomes of answers that are shown as a table, after the panel's transformations?"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from grafana.gallery.answers import Answer

Cell = float | str | None
Row = Mapping[str, Cell]
Options = Mapping[str, Any]

_EMPTY: Mapping[str, Cell] = {"zero": 0.0, "empty": "", "null": None}


@dataclass(frozen=True, slots=True)
class Frame:
    """Rows with the order of their columns."""

    columns: tuple[str, ...]
    rows: tuple[Row, ...]

    def column(self, name: str) -> list[Cell]:
        """Give every value of a column."""
        return [row.get(name) for row in self.rows]


def frames(answers: Sequence[Answer]) -> list[Frame]:
    """Make tables of answers, as Grafana does for the format `table`."""
    return [_frame(answer, single=len(answers) == 1) for answer in answers]


def transformed(made: Sequence[Frame], steps: Sequence[Mapping[str, Any]]) -> list[Frame]:
    """Apply transformations, one after the other."""
    for step in steps:
        kind = step["id"]
        if kind not in _TRANSFORMATIONS:
            raise ValueError(f"the transformation {kind} is not drawn")
        made = _TRANSFORMATIONS[kind](list(made), step["options"])
    return list(made)


def _frame(answer: Answer, *, single: bool) -> Frame:
    value = "Value" if single else f"Value #{answer.letter}"
    labels = sorted({key for series in answer.series for key in series.labels})
    rows: list[Row] = [
        {"Time": series.times[-1], **series.labels, value: series.latest}
        for series in answer.series
    ]
    return Frame(("Time", *labels, value), tuple(rows))


def _merge(made: list[Frame], options: Options) -> list[Frame]:
    """Join rows as Grafana does: also the series' name must not differ."""
    del options
    filled = [frame for frame in made if frame.rows]
    if not filled:
        return [Frame((), ())]
    columns = tuple(dict.fromkeys(name for frame in filled for name in frame.columns))
    shared = set.intersection(*(set(frame.columns) for frame in filled))
    merged: dict[tuple[Cell, ...], list[dict[str, Cell]]] = {}
    keys = sorted(shared)
    for frame in filled:
        for row in frame.rows:
            places = merged.setdefault(tuple(row.get(key) for key in keys), [])
            fitting = [place for place in places if _agree(place, row)]
            for place in fitting:
                place.update(row)
            if not fitting:
                places.append(dict(row))
    return [Frame(columns, tuple(row for places in merged.values() for row in places))]


def _agree(one: Row, other: Row) -> bool:
    return all(one.get(key, value) == value for key, value in other.items())


def _filter(made: list[Frame], options: Options) -> list[Frame]:
    names = options["include"]["names"]
    return [
        Frame(tuple(name for name in frame.columns if name in names), frame.rows) for frame in made
    ]


def _organize(made: list[Frame], options: Options) -> list[Frame]:
    places = options["indexByName"]
    return [
        Frame(
            tuple(sorted(frame.columns, key=lambda name: places.get(name, len(places)))),
            frame.rows,
        )
        for frame in made
    ]


def _matrix(made: list[Frame], options: Options) -> list[Frame]:
    across, down, value = options["columnField"], options["rowField"], options["valueField"]
    corner = f"{down}\\{across}"
    empty = _EMPTY[options.get("emptyValue", "empty")]
    rows: dict[Cell, dict[str, Cell]] = {}
    columns: dict[str, None] = {}
    for row in made[0].rows:
        columns[str(row.get(across))] = None
        place = rows.setdefault(row.get(down), {corner: row.get(down)})
        place[str(row.get(across))] = row.get(value)
    if not rows:
        return [Frame((), ())]
    full: list[Row] = [{**dict.fromkeys(columns, empty), **row} for row in rows.values()]
    return [Frame((corner, *columns), tuple(full))]


def _convert(made: list[Frame], options: Options) -> list[Frame]:
    for conversion in options["conversions"]:
        name, kind = conversion["targetField"], conversion["destinationType"]
        change: Callable[[Cell], Cell] = _number if kind == "number" else _string
        made = [
            Frame(frame.columns, tuple({**row, name: change(row.get(name))} for row in frame.rows))
            for frame in made
        ]
    return made


def _sort(made: list[Frame], options: Options) -> list[Frame]:
    for order in reversed(options["sort"]):
        made = [ordered(frame, order["field"], desc=order.get("desc", False)) for frame in made]
    return made


def ordered(frame: Frame, column: str, *, desc: bool) -> Frame:
    """Sort rows by a column; rows without a value come last."""
    present = [row for row in frame.rows if row.get(column) is not None]
    absent = [row for row in frame.rows if row.get(column) is None]
    present.sort(key=lambda row: _rank(row.get(column)), reverse=desc)
    return Frame(frame.columns, (*present, *absent))


def _rank(cell: Cell) -> tuple[bool, float, str]:
    number = not isinstance(cell, str)
    return not number, float(cell) if number and cell is not None else 0.0, str(cell).lower()


def _number(cell: Cell) -> Cell:
    return None if cell is None else float(cell)


def _string(cell: Cell) -> Cell:
    return f"{cell:g}" if isinstance(cell, float) else cell


_TRANSFORMATIONS: Mapping[str, Callable[[list[Frame], Options], list[Frame]]] = {
    "merge": _merge,
    "filterFieldsByName": _filter,
    "organize": _organize,
    "groupingToMatrix": _matrix,
    "convertFieldType": _convert,
    "sortBy": _sort,
}
