"""Where are the dashboards, and what are their parts called in a message?"""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from tests.grafana.queries import panels

ROOT = Path(__file__).parents[2]
FOLDER = ROOT / "grafana" / "dashboards"
BOARDS: dict[str, dict[str, Any]] = {
    file.stem: json.loads(file.read_text()) for file in sorted(FOLDER.glob("*.json"))
}
DRAWN = {"stat", "timeseries", "table", "bargauge", "piechart", "state-timeline", "heatmap"} | {
    "gauge",
    "barchart",
}
"""The panels of Grafana itself that draw numbers."""
WITH_AXIS = {"timeseries", "state-timeline", "heatmap", "barchart"}
"""Those of them that are graphs."""


def drawn(board: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Give the panels that draw numbers."""
    return (panel for panel in panels(board) if panel["type"] in DRAWN)


def named(board: dict[str, Any], panel: dict[str, Any]) -> str:
    return f"{board['title']} / {panel['title']}"


def within(part: Any, key: str) -> Iterator[Any]:
    """Give every value that has this key, however deep."""
    if isinstance(part, dict):
        if key in part:
            yield part[key]
        for value in part.values():
            yield from within(value, key)
    elif isinstance(part, list):
        for value in part:
            yield from within(value, key)
