"""How long does Prometheus take for what the Fleet overview asks, and for the rules behind it?"""

import json
import os
import socket
import statistics
import subprocess
import time
import urllib.parse
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any

from bench.processes import running
from tests.grafana.queries import GRAFANA_VALUES, Query, filled, raw_queries

_ROOT = Path(__file__).parents[1]
_DASHBOARD = "Fleet overview"
_ALL = {"vendor": ".*", "source": "(com-demo|ome-demo)"}
"""Every source is chosen."""
_SCRAPE_SECONDS = 15
_WATCHED_SECONDS = 90.0
_LONGEST_WAIT = 300.0
_POINTS = 1_000
_ROUNDS = 3
_CONFIGURATION = """
global: {{scrape_interval: {seconds}s, scrape_timeout: {seconds}s}}
rule_files: ["{rules}/*.yml"]
scrape_configs: [{{job_name: serverfleet, static_configs: [{{targets: ["127.0.0.1:{port}"]}}]}}]
"""


def dashboard_figures(port: int, folder: Path) -> dict[str, Any]:
    """Let Prometheus watch the exporter, then ask it; seconds, and the slowest first.

    Args:
        port: Where the exporter listens.
        folder: Where Prometheus keeps its files.
    """
    asked = list(asked_of_prometheus())
    with _prometheus(port, folder) as (base, process):
        began = time.time()
        _wait(lambda: _asked(base, "query", query="serverfleet_build_info"), "it is scraped")
        scraped = time.time()
        _wait(lambda: time.time() > began + _WATCHED_SECONDS, "time passes")
        _wait(lambda: _evaluated_since(base, scraped), "every rule has been evaluated")
        timed = [_timed(base, query, began) for query in asked]
        groups = _get(f"{base}/rules")["groups"]
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
            "first_scrape_seconds": _number(base, "max_over_time(scrape_duration_seconds[10m])"),
            "scrape_seconds": _number(
                base, "quantile_over_time(0.5, scrape_duration_seconds[10m])"
            ),
            "samples": _number(base, "scrape_samples_scraped"),
            "memory": _memory(process.pid),
        }


def asked_of_prometheus() -> Iterator[Query]:
    """Give what the Fleet overview asks when every source is chosen."""
    for query in raw_queries(_ROOT / "grafana" / "dashboards"):
        if query.dashboard == _DASHBOARD:
            text = filled(query.expression, GRAFANA_VALUES | _ALL)
            yield Query(query.dashboard, query.panel, text, query.instant)


@contextmanager
def _prometheus(port: int, folder: Path) -> Iterator[tuple[str, "subprocess.Popen[str]"]]:
    configuration = folder / "prometheus.yml"
    rules = _ROOT / "prometheus" / "rules"
    configuration.write_text(_CONFIGURATION.format(seconds=_SCRAPE_SECONDS, rules=rules, port=port))
    address = f"127.0.0.1:{_free_port()}"
    command = [
        "prometheus",
        f"--config.file={configuration}",
        f"--storage.tsdb.path={folder}/prometheus",
        f"--web.listen-address={address}",
        "--log.level=error",
    ]
    with running(command) as process:
        base = f"http://{address}/api/v1"
        _wait(lambda: _asked(base, "query", query="vector(1)"), "Prometheus answers")
        yield base, process


def _evaluated_since(base: str, moment: float) -> bool:
    groups = _get(f"{base}/rules")["groups"]
    return all(
        datetime.fromisoformat(each["lastEvaluation"]).timestamp() > moment for each in groups
    )


def _timed(base: str, query: Query, began: float) -> dict[str, Any]:
    """Ask as Grafana does: a graph for a range, everything else for now."""
    seconds, series = [], 0
    for _ in range(_ROUNDS):
        now = time.time()
        started = time.perf_counter()
        if query.instant:
            found = _asked(base, "query", query=query.expression, time=f"{now:.3f}")
        else:
            span = {"start": f"{began:.3f}", "end": f"{now:.3f}"}
            step = f"{(now - began) / _POINTS:.3f}"
            found = _asked(base, "query_range", query=query.expression, step=step, **span)
        seconds.append(time.perf_counter() - started)
        series = len(found)
    return {
        "panel": query.panel,
        "expression": query.expression,
        "seconds": statistics.median(seconds),
        "series": series,
    }


def _number(base: str, expression: str) -> float:
    return float(_asked(base, "query", query=expression)[0]["value"][1])


def _asked(base: str, path: str, **parameters: str) -> list[dict[str, Any]]:
    data = urllib.parse.urlencode(parameters).encode()
    result: list[dict[str, Any]] = _get(f"{base}/{path}", data)["result"]
    return result


def _get(url: str, data: bytes | None = None) -> dict[str, Any]:
    with urllib.request.urlopen(url, data, timeout=120) as answer:  # noqa: S310 - our own address
        body: dict[str, Any] = json.load(answer)["data"]
    return body


def _wait(condition: Callable[[], object], what: str) -> None:
    deadline = time.monotonic() + _LONGEST_WAIT
    while time.monotonic() < deadline:
        try:
            if condition():
                return
        except OSError:
            pass
        time.sleep(1)
    raise RuntimeError(f"it did not come true that {what}")


def _memory(pid: int) -> float:
    """Return resident memory in MB."""
    pages = int(Path(f"/proc/{pid}/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 1e6


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
