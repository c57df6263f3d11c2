"""Measures the exporter against its marks and prints the table; what misses its mark is said."""

import argparse
import json
import platform
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from bench.processes import running, simulated_fleet
from bench.scrape import scrape_figures

_STEADY_SECONDS = 75.0
"""Long enough for another round of the collectors that run every minute."""


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


def main() -> int:
    """Run every measurement and print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--servers", type=int, default=25_000)
    parser.add_argument("--small", type=int, default=1_000)
    options = parser.parse_args()
    missing = [tool for tool in ("nginx", "wrk") if shutil.which(tool) is None]
    if missing:
        print(f"install {' and '.join(missing)} first (packages nginx-light and wrk on Debian)")
        return 1
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        small = _measured(options.small, folder, scrape=False)
        large = _measured(options.servers, folder, scrape=True)
    _print(_rows(options.small, small, options.servers, large))
    return 0


def _measured(servers: int, folder: Path, *, scrape: bool) -> dict[str, Any]:
    """Poll a fleet of a size, and scrape it while it goes on polling."""
    print(f"polling {servers} servers …", file=sys.stderr)
    with simulated_fleet(servers, folder) as config:
        command = [sys.executable, "-m", "bench.polled", str(config)]
        if scrape:
            command.append("--compare")
        with running(command, stdout=subprocess.PIPE) as process:
            found = _told(process)
            if scrape:
                time.sleep(_STEADY_SECONDS)
                process_lag = _steady(process, found, folder)
                found.update(process_lag)
    return found


def _steady(
    process: "subprocess.Popen[str]", found: dict[str, Any], folder: Path
) -> dict[str, Any]:
    print("scraping …", file=sys.stderr)
    figures: dict[str, Any] = {"scrapes": scrape_figures(found["port"], folder)}
    process.send_signal(signal.SIGTERM)
    figures.update(_told(process))
    figures.update(_told(process))
    return figures


def _told(process: "subprocess.Popen[str]") -> dict[str, Any]:
    line = process.stdout.readline() if process.stdout else ""
    if not line:
        raise RuntimeError("the measured exporter ended")
    figures: dict[str, Any] = json.loads(line)
    return figures


def _rows(
    small_fleet: int, small: dict[str, Any], large_fleet: int, large: dict[str, Any]
) -> list[Row]:
    scrapes = large["scrapes"]
    cost = {
        servers: figures["round_cpu_seconds"] / servers * 1e6
        for servers, figures in ((small_fleet, small), (large_fleet, large))
    }
    return [
        Row("samples served", large["samples"], ""),
        *(
            Row(f"scrape, {encoding}: exporter ÷ nginx", scrapes[encoding]["ratio"], "times", 1.25)
            for encoding in scrapes
        ),
        *(
            Row(f"scrape, {encoding}: {who}", scrapes[encoding][who], "ms")
            for encoding in scrapes
            for who in ("exporter", "nginx")
        ),
        *(Row(f"body, {encoding}", scrapes[encoding]["bytes"] / 1e6, "MB") for encoding in scrapes),
        Row("rendering", large["microseconds_a_sample"], "µs a sample", 0.5),
        Row(
            "prometheus_client ÷ rendering",
            large["prometheus_client_ratio"],
            "times",
            10,
            at_least=True,
        ),
        Row("event loop held, first round, p99.9", large["lag_first_round"]["p99.9"], "ms", 50),
        Row("event loop held, first round, worst", large["lag_first_round"]["max"], "ms"),
        Row("event loop held, steady, p99.9", large["lag_steady"]["p99.9"], "ms", 50),
        Row("resident memory, highest", large["memory"]["peak"], "MB", 500),
        Row("resident memory, at the end", large["memory"]["now"], "MB"),
        Row(f"CPU of a first round, {small_fleet} servers", cost[small_fleet], "µs a server"),
        Row(f"CPU of a first round, {large_fleet} servers", cost[large_fleet], "µs a server"),
        Row("cost per server, large ÷ small", cost[large_fleet] / cost[small_fleet], "times", 1.3),
        Row("first round, every collector", large["round_seconds"], "s"),
    ]


def _print(rows: list[Row]) -> None:
    table = Table("figure", "value", "unit", "mark", "", title=_machine())
    for row in rows:
        mark = "" if row.mark is None else f"{'≥' if row.at_least else '≤'} {row.mark:g}"
        table.add_row(
            row.figure,
            f"{row.value:,.3g}" if row.value < 1e4 else f"{row.value:,.0f}",
            row.unit,
            mark,
            row.verdict,
        )
    Console(width=110).print(table)


def _machine() -> str:
    cores = len(
        [line for line in Path("/proc/cpuinfo").read_text().splitlines() if "processor" in line]
    )
    return f"Python {platform.python_version()}, {cores} cores, {time.strftime('%Y-%m-%d')}"


if __name__ == "__main__":
    sys.exit(main())
