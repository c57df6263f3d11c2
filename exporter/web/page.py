"""The status page: the template assets/page.html, filled from the statement and the list of cases.

Jinja2 escapes every value. Functions here are pure, and may run in a thread.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import cache
from urllib.parse import urlencode

from jinja2 import Environment, PackageLoader, StrictUndefined, Template

from exporter.status.advice import RUNBOOKS
from exporter.status.attention import RANK, Case, Severity
from exporter.status.schema import CollectorStatement, SourceState, SourceStatement, Statement
from exporter.web.links import bmc_link, grafana_link, web_address

FIRST = 25
"""Rows that are listed at first: the sources below them stay within reach."""
STEP = 100
"""Rows that each `Show more` adds."""
MOST = 1000
"""Rows at most: a browser is slow with more, and attention.json has them all."""
LINKS = (
    ("metrics", "Metrics"),
    ("status.json", "Status as JSON"),
    ("sd", "Discovery"),
    ("-/healthy", "Health"),
    ("-/ready", "Readiness"),
)
"""Relative, so that they work under any path of a reverse proxy."""
_SPANS = ((86400, "d"), (3600, "h"), (60, "min"))
_SIZES = ((1e9, "GB"), (1e6, "MB"), (1e3, "kB"))
_DIGITS = re.compile("([0-9]{1,18})")
_STATES = (SourceState.DOWN, SourceState.DEGRADED, SourceState.STARTING, SourceState.OK)
_SORTABLE = ("severity", "server", "reasons", "model", "source", "power")


@dataclass(frozen=True, slots=True)
class Query:
    """Which servers that need attention are listed: the query of the page's address."""

    words: str = ""
    source: str = ""
    severity: str = ""
    sort: str = "severity"
    descending: bool = False
    rows: int = FIRST

    @classmethod
    def read(cls, parameters: Mapping[str, str], sources: Iterable[str]) -> "Query":
        """Read the parameters of an address; a value that is not known counts as none."""
        sort = parameters.get("sort", "")
        source, severity = parameters.get("source", ""), parameters.get("severity", "")
        column = sort.removeprefix("-")
        return cls(
            words=parameters.get("q", ""),
            source=source if source in sources else "",
            severity=severity if severity in tuple(Severity) else "",
            sort=column if column in _SORTABLE else "severity",
            descending=sort.startswith("-") and column in _SORTABLE,
            rows=_rows(parameters.get("show", "")),
        )

    @property
    def order(self) -> str:
        """The parameter `sort`; empty for the order of the list itself."""
        order = f"{'-' if self.descending else ''}{self.sort}"
        return "" if order == "severity" else order

    @property
    def address(self) -> str:
        """The query as a relative address."""
        entries = {
            "q": self.words,
            "source": self.source,
            "severity": self.severity,
            "sort": self.order,
            "show": "" if self.rows == FIRST else self.rows,
        }
        return "?" + urlencode({key: value for key, value in entries.items() if value})

    def sorted_by(self, column: str) -> "Query":
        """Return the query of a column's heading: a second click on it reverses the order."""
        descending = column == self.sort and not self.descending
        return replace(self, sort=column, descending=descending, rows=FIRST)

    def with_more(self) -> "Query":
        """Return the query that lists more rows."""
        return replace(self, rows=min(self.rows + STEP, MOST))


@dataclass(frozen=True, slots=True)
class Listing:
    """The servers that a query lists."""

    query: Query
    total: int
    """Servers that need attention."""
    found: int
    """Those that match the query."""
    cases: tuple[Case, ...]
    """The rows."""

    @property
    def more(self) -> int:
        """Number of rows that can be added at once."""
        return min(STEP, self.found - len(self.cases), MOST - len(self.cases))


def listing(cases: Iterable[Case], query: Query) -> Listing:
    """Select and sort cases; they come in the order of the list, the most urgent first."""
    every = tuple(cases)
    wanted = query.words.lower().split()
    found = [case for case in every if _matches(case, query, wanted)]
    if query.sort == "severity" and query.descending:
        found.sort(key=lambda case: RANK[case.severity], reverse=True)
    elif query.sort != "severity":
        found.sort(key=lambda case: _natural(case, query.sort), reverse=query.descending)
    return Listing(query, len(every), len(found), tuple(found[: query.rows]))


@dataclass(frozen=True, slots=True)
class Problem:
    """The most important problem of a source, for its line in the list of sources."""

    collector: str
    text: str
    advice: str
    others: int
    """Collectors that have a problem as well."""


def main_problem(source: SourceStatement) -> Problem | None:
    """Return the problem of the first collector that fails or whose API has changed, if any."""
    failing = [each for each in source.collectors if each.failure]
    troubled = failing + [each for each in source.collectors if each.drift and not each.failure]
    if not troubled:
        return None
    text, advice = _problem(troubled[0])
    return Problem(troubled[0].name, text, advice, len(troubled) - 1)


def _problem(collector: CollectorStatement) -> tuple[str, str]:
    if collector.failure:
        return collector.failure.text, collector.failure.advice
    return (collector.drift.text, collector.drift.advice) if collector.drift else ("", "")


def troubled_first(sources: Iterable[SourceStatement]) -> list[SourceStatement]:
    """Sort sources by state, the worst first; those in the same state keep their order."""
    return sorted(sources, key=lambda source: _STATES.index(source.state))


def status_page(said: Statement, now: float, servers: Listing, grafana_url: str = "") -> str:
    """Render the page.

    Args:
        said: The state of the exporter and its sources.
        now: Unix seconds.
        servers: Those that need attention.
        grafana_url: Base address of Grafana; empty for no links to it.
    """
    consoles = {source.name: web_address(source.console) for source in said.sources}
    return _template().render(
        said=said,
        sources=troubled_first(said.sources),
        now=now,
        servers=servers,
        query=servers.query,
        consoles=consoles,
        grafana_url=grafana_url,
        links=LINKS,
        runbooks=RUNBOOKS,
    )


@cache
def _template() -> Template:
    """Compile the template when the page is requested for the first time."""
    environment = Environment(
        loader=PackageLoader("exporter.web", "assets"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {
        "main_problem": main_problem,
        "bmc_link": bmc_link,
        "grafana_link": lambda case, base: grafana_link(base, case),
        "number": number,
        "span": span,
        "about": about,
        "length": length,
        "size": size,
        "utc": lambda at: datetime.fromtimestamp(at, UTC),
    }
    return environment.get_template("page.html")


def _rows(text: str) -> int:
    return min(max(int(text), FIRST), MOST) if re.fullmatch("[0-9]{1,6}", text) else FIRST


def _matches(case: Case, query: Query, wanted: Iterable[str]) -> bool:
    if query.source not in ("", case.source) or query.severity not in ("", case.severity):
        return False
    if not query.words:
        return True
    named = (case.server, case.serial, case.model, case.source, case.vendor, case.power)
    text = "\n".join((*named, *case.reasons)).lower()
    return all(word in text for word in wanted)


def _natural(case: Case, column: str) -> list[int | str]:
    """Return a key by which `host9` comes before `host10`, as people sort."""
    value = ", ".join(case.reasons) if column == "reasons" else getattr(case, column)
    parts = _DIGITS.split(value.casefold())
    return [int(part) if place % 2 else part for place, part in enumerate(parts)]


def number(value: float) -> str:
    """Format a whole number."""
    return f"{value:,.0f}"


def span(seconds: float) -> str:
    """Format seconds in the largest unit of which there are at least two."""
    whole = max(0, round(seconds))
    for size, unit in _SPANS:
        if whole >= 2 * size:
            return f"{whole // size} {unit}"
    return f"{whole} s"


def about(seconds: float) -> str:
    """Format seconds that are about right, such as a limit that was noted a moment later."""
    whole = max(0, round(seconds))
    for size, unit in _SPANS:
        if whole >= 1.95 * size:
            return f"{int(whole / size + 0.5)} {unit}"
    return f"{whole} s"


def length(seconds: float) -> str:
    """Format seconds of a setting exactly."""
    for size, unit in _SPANS:
        if seconds % size == 0:
            return f"{seconds / size:g} {unit}"
    return f"{seconds:g} s"


def size(value: int) -> str:
    """Format bytes."""
    for unit, name in _SIZES:
        if value >= unit:
            return f"{value / unit:.1f} {name}"
    return f"{value} B"
