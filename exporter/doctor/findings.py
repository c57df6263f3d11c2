"""The findings of a probe, and their output: a table on a terminal, lines in a pipe, JSON."""

from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Any

import msgspec
from rich.console import Console
from rich.table import Table
from rich.text import Text

from exporter.printable import escaped, escaped_json


class Verdict(StrEnum):
    """How a step went."""

    OK = "ok"
    WARNING = "warning"
    FAILED = "failed"
    NOT_TRIED = "not tried"


@dataclass(frozen=True, slots=True)
class Finding:
    """What one step has found."""

    step: str
    """Such as `dns`, `login`, or `collector`."""
    subject: str
    """The host or the collector that it is about; empty for the whole source."""
    verdict: Verdict
    seen: str = ""
    advice: str = ""
    """What to do; empty only where nothing has to be done."""


class TroubleError(Exception):
    """A step failed; carries what was seen and what to do."""

    def __init__(self, seen: str, advice: str) -> None:
        """Keep both sentences."""
        super().__init__(seen)
        self.seen = seen
        self.advice = advice


@dataclass(frozen=True, slots=True)
class Examined:
    """Everything found of one source."""

    source: str
    type: str
    api: str
    findings: tuple[Finding, ...]

    @property
    def works(self) -> bool:
        """Whether every step was tried and none failed; a warning is no failure."""
        return all(each.verdict in (Verdict.OK, Verdict.WARNING) for each in self.findings)


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
