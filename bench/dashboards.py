"""How long does Prometheus take for what the Fleet overview asks, and for the rules behind it?"""

import statistics
import time
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

from bench.prometheus import Prometheus, prometheus, resident_memory, wait
from tests.grafana.queries import GRAFANA_VALUES, Query, filled, raw_queries

_ROOT = Path(__file__).parents[1]
_DASHBOARD = "Fleet overview"
_ALL = {"vendor": ".*", "source": "(com-demo|ome-demo)"}
"""Every source is chosen."""
_SCRAPE_SECONDS = 15
_WATCHED_SECONDS = 90.0
_POINTS = 1_000
_ROUNDS = 3


def dashboard_figures(port: int, folder: Path) -> dict[str, Any]:
    """Let Prometheus watch the exporter, then ask it; seconds, and the slowest first.

    Args:
        port: Where the exporter listens.
        folder: Where Prometheus keeps its files.
    """
    asked = list(asked_of_prometheus())
    rules = _ROOT / "prometheus" / "rules"
    with prometheus(port, folder, every=_SCRAPE_SECONDS, rules=rules) as found:
        began = time.time()
        wait(lambda: found.asked("query", query="serverfleet_build_info"), "it is scraped")
        scraped = time.time()
        wait(lambda: time.time() > began + _WATCHED_SECONDS, "time passes")
        wait(lambda: _evaluated_since(found, scraped), "every rule has been evaluated")
        timed = [_timed(found, query, began) for query in asked]
        groups = found.get("rules")["groups"]
        return {
            "queries": sorted(timed, key=lambda each: -each["seconds"]),
            "groups": sorted(
                (
                    {
                        "name": group["name"],
                        "seconds": group["evaluationTime"],
                        "interval": group["interval"],
                    }
                    for group in groups
                ),
                key=lambda group: -group["seconds"] / group["interval"],
            ),
            "first_scrape_seconds": found.number("max_over_time(scrape_duration_seconds[10m])"),
            "scrape_seconds": found.number("quantile_over_time(0.5, scrape_duration_seconds[10m])"),
            "samples": found.number("scrape_samples_scraped"),
            "memory": resident_memory(found.pid),
        }


def asked_of_prometheus() -> Iterator[Query]:
    """Give what the Fleet overview asks when every source is chosen."""
    for query in raw_queries(_ROOT / "grafana" / "dashboards"):
        if query.dashboard == _DASHBOARD:
            text = filled(query.expression, GRAFANA_VALUES | _ALL)
            yield Query(query.dashboard, query.panel, text, query.instant)


def _evaluated_since(found: Prometheus, moment: float) -> bool:
    groups = found.get("rules")["groups"]
    return all(
        datetime.fromisoformat(each["lastEvaluation"]).timestamp() > moment for each in groups
    )


def _timed(found: Prometheus, query: Query, began: float) -> dict[str, Any]:
    """Ask as Grafana does: a graph for a range, everything else for now."""
    seconds, series = [], 0
    for _ in range(_ROUNDS):
        now = time.time()
        started = time.perf_counter()
        if query.instant:
            answer = found.asked("query", query=query.expression, time=f"{now:.3f}")
        else:
            span = {"start": f"{began:.3f}", "end": f"{now:.3f}"}
            step = f"{(now - began) / _POINTS:.3f}"
            answer = found.asked("query_range", query=query.expression, step=step, **span)
        seconds.append(time.perf_counter() - started)
        series = len(answer)
    return {
        "panel": query.panel,
        "expression": query.expression,
        "seconds": statistics.median(seconds),
        "series": series,
    }
