"""What do the dashboards ask Prometheus, with their variables filled in?"""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

GRAFANA_VALUES = {"__rate_interval": "5m", "__interval": "1m", "__range": "3h"}
"""What Grafana itself fills in, as for a dashboard that shows three hours."""

_VARIABLE = re.compile(r"\$(?:\{(\w+)(?::\w+)?\}|(\w+))")
_LABEL_VALUES = re.compile(r"label_values\((?P<series>.+),\s*(?P<label>\w+)\)")


@dataclass(frozen=True)
class Query:
    dashboard: str
    panel: str
    """The title of the panel, or `variable ...` or `annotation ...`."""
    expression: str
    instant: bool

    def __str__(self) -> str:
        return f"{self.dashboard} / {self.panel}: {self.expression}"


def queries(dashboard_dir: Path, values: Mapping[str, str]) -> Iterator[Query]:
    """Give every query; `values` are those of the dashboards' variables by name."""
    known = {**GRAFANA_VALUES, **values}
    for query in raw_queries(dashboard_dir):
        text = filled(query.expression, known)
        yield Query(query.dashboard, query.panel, text, query.instant)


def raw_queries(dashboard_dir: Path) -> Iterator[Query]:
    """Give every query as it is written, with its variables."""
    for file in sorted(dashboard_dir.glob("*.json")):
        yield from queries_of(json.loads(file.read_text()))


def queries_of(dashboard: Mapping[str, Any]) -> Iterator[Query]:
    title = dashboard["title"]
    for variable in variables(dashboard):
        if variable["type"] == "query":
            asked = as_promql(variable["query"]["query"])
            yield Query(title, f"variable {variable['name']}", asked, instant=True)
    for mark in dashboard["annotations"]["list"]:
        yield Query(title, f"annotation {mark['name']}", mark["expr"], instant=False)
    for panel in panels(dashboard):
        for target in panel.get("targets", []):
            instant = bool(target.get("instant"))
            yield Query(title, panel["title"], target["expr"], instant)


def variables(dashboard: Mapping[str, Any]) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = dashboard["templating"]["list"]
    return found


def panels(dashboard: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """Give every panel that draws something, also those in closed rows."""
    for panel in dashboard["panels"]:
        if panel["type"] == "row":
            yield from panel["panels"]
        else:
            yield panel


def as_promql(variable_query: str) -> str:
    """Ask in PromQL for what Grafana's `label_values` lists."""
    match = _LABEL_VALUES.fullmatch(variable_query)
    if match is None:
        raise ValueError(f"not label_values(series, label): {variable_query}")
    return f"group by ({match['label']}) ({match['series']})"


def filled(text: str, values: Mapping[str, str]) -> str:
    """Put the values in the place of the variables."""
    return _VARIABLE.sub(lambda match: values[match[1] or match[2]], text)


def variables_in(text: str) -> set[str]:
    return {match[1] or match[2] for match in _VARIABLE.finditer(text)}
