"""What does a dashboard ask, with its variables at their defaults?"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from grafana.gallery.answers import Answer, Series
from grafana.gallery.draw.subject import Span

SCRAPE_INTERVAL = 60.0
_MOST_POINTS = 420
_STEPS = (60.0, 120.0, 300.0, 600.0, 900.0, 1200.0, 1800.0, 3600.0, 7200.0, 10800.0, 21600.0)
_LENGTHS = {"m": 60.0, "h": 3600.0, "d": 86400.0}
_SINCE = re.compile(r"now-(\d+)([mhd])")
_VARIABLE = re.compile(r"\$(?:\{(\w+)(?::\w+)?\}|(\w+))")
_LABEL_VALUES = re.compile(r"label_values\((?P<series>.+),\s*(?P<label>\w+)\)")


class Database(Protocol):
    """What answers PromQL."""

    async def at(self, expression: str, time: float) -> list[Series]:
        """Answer for one time."""
        ...

    async def over(self, expression: str, begin: float, end: float, step: float) -> list[Series]:
        """Answer for many times."""
        ...


@dataclass(frozen=True, slots=True)
class Choice:
    """A variable: its value in queries, and what is shown of it."""

    title: str
    value: str
    shown: str


def span_of(board: Mapping[str, Any], moment: float) -> Span:
    """Return the dashboard's time range up to a moment, and the time between its points."""
    match = _SINCE.fullmatch(board["time"]["from"])
    if match is None:
        raise ValueError(f"time ranges such as {board['time']['from']} are not known")
    length = int(match[1]) * _LENGTHS[match[2]]
    step = next(each for each in _STEPS if length / each <= _MOST_POINTS)
    return Span(moment - length, moment, step)


async def choices(
    board: Mapping[str, Any], server: Database, span: Span, chosen: Mapping[str, str]
) -> dict[str, Choice]:
    """Fill the variables in, in their order; `chosen` goes before their defaults."""
    found: dict[str, Choice] = {}
    for variable in board["templating"]["list"]:
        name = variable["name"]
        known = {key: choice.value for key, choice in found.items()}
        title = variable.get("label") or name
        if variable["type"] == "datasource":
            found[name] = Choice(title, "prometheus", "Prometheus")
        elif name in chosen:
            found[name] = Choice(title, chosen[name], chosen[name])
        elif variable["type"] == "textbox":
            text = str(variable.get("query") or variable["current"]["value"])
            found[name] = Choice(title, text, text)
        else:
            values = await _values(variable["query"]["query"], known, server, span)
            found[name] = _default(variable, title, values)
    return found


async def answers(
    panel: Mapping[str, Any], known: Mapping[str, Choice], server: Database, span: Span
) -> list[Answer]:
    """Ask every query of a panel."""
    found = []
    for target in panel.get("targets", []):
        expression = _filled(target["expr"], known, span)
        if target.get("instant"):
            series = await server.at(expression, span.end)
        else:
            series = await server.over(expression, span.begin, span.end, span.step)
        legend = target.get("legendFormat", "__auto")
        found.append(Answer(target["refId"], legend, series))
    return found


async def marks(
    board: Mapping[str, Any], known: Mapping[str, Choice], server: Database, span: Span
) -> list[float]:
    """Give the times at which an annotation begins."""
    times: set[float] = set()
    for annotation in board["annotations"]["list"]:
        if annotation.get("expr"):
            expression = _filled(annotation["expr"], known, span)
            for series in await server.over(expression, span.begin, span.end, span.step):
                times.update(_beginnings(series, span))
    return sorted(times)


def _beginnings(series: Series, span: Span) -> Iterator[float]:
    before = span.begin
    for time in series.times:
        if time - before > 1.5 * span.step:
            yield time
        before = time


def _default(variable: Mapping[str, Any], title: str, values: list[str]) -> Choice:
    if not variable.get("includeAll"):
        first = values[0] if values else ""
        return Choice(title, first, first)
    everything = variable.get("allValue") or "(" + "|".join(map(re.escape, values)) + ")"
    return Choice(title, everything.replace("\\", "\\\\"), "All")


async def _values(query: str, known: Mapping[str, str], server: Database, span: Span) -> list[str]:
    match = _LABEL_VALUES.fullmatch(query)
    if match is None:
        raise ValueError(f"not label_values(series, label): {query}")
    series = _VARIABLE.sub(lambda found: known[found[1] or found[2]], match["series"])
    answer = await server.at(f"group by ({match['label']}) ({series})", span.end)
    return sorted((each.labels.get(match["label"], "") for each in answer), key=str.lower)


def _filled(expression: str, known: Mapping[str, Choice], span: Span) -> str:
    values = {name: choice.value for name, choice in known.items()} | {
        "__interval": f"{span.step:.0f}s",
        "__rate_interval": f"{max(span.step + SCRAPE_INTERVAL, 4 * SCRAPE_INTERVAL):.0f}s",
        "__range": f"{span.end - span.begin:.0f}s",
    }
    return _VARIABLE.sub(lambda match: values[match[1] or match[2]], expression)
