"""How are figures shown, and which of them miss their marks?"""

import platform
import time
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console
from rich.table import Table


@dataclass(frozen=True)
class Row:
    """One figure and the mark that it should reach."""

    figure: str
    value: float
    unit: str
    mark: float | None = None
    at_least: bool = False

    @property
    def verdict(self) -> str:
        """Whether the mark is reached."""
        if self.mark is None:
            return ""
        reached = self.value >= self.mark if self.at_least else self.value <= self.mark
        return "reached" if reached else "MISSED"


def print_table(sections: Iterable[Iterable[Row]]) -> None:
    """Print the figures of several sections."""
    table = Table("figure", "value", "unit", "mark", "", title=_machine())
    for rows in sections:
        for row in rows:
            _add(table, row)
        table.add_section()
    Console(width=110).print(table)


def _add(table: Table, row: Row) -> None:
    mark = "" if row.mark is None else f"{'≥' if row.at_least else '≤'} {row.mark:g}"
    value = f"{row.value:,.3g}" if row.value < 1e4 else f"{row.value:,.0f}"
    table.add_row(row.figure, value, row.unit, mark, row.verdict)


def _machine() -> str:
    cores = len(
        [line for line in Path("/proc/cpuinfo").read_text().splitlines() if "processor" in line]
    )
    return f"Python {platform.python_version()}, {cores} cores, {time.strftime('%Y-%m-%d')}"
