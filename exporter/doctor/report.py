"""How are findings shown: as a table on a terminal, as lines in a pipe, as JSON for programs?"""

from collections.abc import Iterator, Sequence
from dataclasses import asdict
from typing import Any

import msgspec
from rich.console import Console
from rich.table import Table
from rich.text import Text

from exporter.doctor.findings import Examined, Finding, Verdict
from exporter.printable import escaped, escaped_json

_COLOURS = {
    Verdict.OK: "green",
    Verdict.WARNING: "yellow",
    Verdict.FAILED: "bold red",
    Verdict.NOT_TRIED: "dim",
}
_WIDEST = max(map(len, Verdict))


def show(examined: Sequence[Examined], console: Console) -> None:
    """Write every finding; nothing is cut, and in a pipe no line is broken."""
    for each in examined:
        if console.is_terminal:
            console.print(_table(each))
        else:
            for line in _lines(each):
                console.print(escaped(line), markup=False, highlight=False, soft_wrap=True)


def as_json(examined: Sequence[Examined]) -> str:
    """Write every finding for programs."""
    document = msgspec.json.format(msgspec.json.encode(_tree(examined)), indent=2).decode()
    return escaped_json(document) + "\n"


def _tree(examined: Sequence[Examined]) -> dict[str, Any]:
    works = all(each.works for each in examined)
    return {"works": works, "sources": [{"works": e.works, **asdict(e)} for e in examined]}


def _title(examined: Examined) -> str:
    how = "works" if examined.works else "does not work"
    return f"{examined.source} ({examined.type}, {examined.api}) {how}"


def _lines(examined: Examined) -> Iterator[str]:
    yield _title(examined)
    for finding in examined.findings:
        told = ": ".join(part for part in (_step(finding), finding.seen) if part)
        yield f"  {finding.verdict:{_WIDEST}}  {told}"
        if finding.advice:
            yield f"  {'':{_WIDEST}}    do: {finding.advice}"


def _table(examined: Examined) -> Table:
    table = Table(title=Text(escaped(_title(examined))), title_justify="left")
    for heading, fixed in (("step", False), ("result", True), ("seen", False), ("do", False)):
        table.add_column(heading, overflow="fold", no_wrap=fixed)
    for finding in examined.findings:
        result = Text(finding.verdict, style=_COLOURS[finding.verdict])
        # As Text, because what an API says could look like markup.
        seen, advice = Text(escaped(finding.seen)), Text(escaped(finding.advice))
        table.add_row(Text(escaped(_step(finding))), result, seen, advice)
    return table


def _step(finding: Finding) -> str:
    return f"{finding.step} {finding.subject}".rstrip()
