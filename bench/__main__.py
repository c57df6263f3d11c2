"""Measures the exporter against its marks and prints the table; what misses its mark is said."""

import argparse
import json
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from bench.appliance import ROUNDS, SweepFigures, sweep_figures
from bench.dashboards import dashboard_figures
from bench.polls import SHARES, PollFigures, poll_figures, times_less
from bench.processes import running, simulated_fleet
from bench.results import Row, print_table
from bench.scrape import scrape_figures

_STEADY_SECONDS = 75.0
"""Long enough for another round of the collectors that run every minute."""
_TOOLS: dict[str, dict[str, str]] = {
    "exporter": {"nginx": "nginx-light", "wrk": "wrk"},
    "dashboards": {"prometheus": "prometheus"},
    "ome": {},
    "poll": {},
}
"""The sections of the table, and the programs each needs with their packages."""
_SLOWEST = 5
_LESS_CPU = {1.0: 5.0, 0.05: 15.0}
"""How often less CPU than the straightforward exporter a poll has to take, by share changed."""


def main() -> int:
    """Run every measurement and print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--servers", type=int, default=25_000)
    parser.add_argument("--small", type=int, default=1_000)
    parser.add_argument("--only", choices=_TOOLS, help="measure one section")
    parser.add_argument(
        "--sweep",
        action="append",
        metavar="DEVICES:CONCURRENCY",
        help=f"rounds of the section ome, repeatable; {', '.join(ROUNDS)} if not given",
    )
    options = parser.parse_args()
    chosen = [options.only] if options.only else list(_TOOLS)
    missing = [
        package
        for section in chosen
        for tool, package in _TOOLS[section].items()
        if shutil.which(tool) is None
    ]
    if missing:
        print(f"install these packages of Debian first: {' '.join(missing)}")
        return 1
    sections: list[list[Row]] = []
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        if "exporter" in chosen:
            small = _measured(options.small, folder, scrape=False)
            large = _measured(options.servers, folder, scrape=True)
            sections.append(_rows(options.small, small, options.servers, large))
        if "dashboards" in chosen:
            sections.append(_rows_of_dashboards(_asked(options.servers, folder)))
        if "ome" in chosen:
            sections += _sections_of_appliance(options.sweep or ROUNDS, folder)
        if "poll" in chosen:
            for servers in (options.small, options.servers):
                sections += _sections_of_polls(servers, folder)
    print_table(sections)
    return 0


def _asked(servers: int, folder: Path) -> dict[str, Any]:
    """Poll a fleet, and let Prometheus answer what a dashboard asks about it."""
    print(f"polling {servers} servers for Prometheus …", file=sys.stderr)
    with simulated_fleet(servers, folder) as config:
        command = [sys.executable, "-m", "bench.polled", str(config)]
        with running(command, stdout=subprocess.PIPE) as process:
            port = _told(process)["port"]
            print("letting Prometheus watch …", file=sys.stderr)
            return dashboard_figures(port, folder)


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
            Row(f"scrape, {encoding}: exporter ÷ nginx", scrapes[encoding]["ratio"], "times", 1.15)
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


def _rows_of_dashboards(figures: dict[str, Any]) -> list[Row]:
    queries, groups = figures["queries"], figures["groups"]
    for query in queries[:_SLOWEST]:
        text = " ".join(query["expression"].split())
        print(f"{query['seconds']:.3f} s, {query['panel']}: {text}", file=sys.stderr)
    for query in queries:
        if not query["series"]:
            print(f"no data: {query['panel']}: {query['expression']}", file=sys.stderr)
    return [
        Row("slowest panel query of the Fleet overview", queries[0]["seconds"], "s", 2),
        *(
            Row(f"query {number}: {query['panel']}", query["seconds"] * 1000, "ms")
            for number, query in enumerate(queries[:_SLOWEST], start=1)
        ),
        Row("all queries of the Fleet overview", sum(each["seconds"] for each in queries), "s"),
        *(
            Row(f"rules {group['name']}", group["seconds"], "s", group["interval"])
            for group in groups[:_SLOWEST]
        ),
        # The first one creates every series.
        Row("scrape by Prometheus, longest", figures["first_scrape_seconds"], "s"),
        Row("scrape by Prometheus, median", figures["scrape_seconds"], "s", 15),
        Row("samples scraped", figures["samples"], ""),
        Row("resident memory of Prometheus", figures["memory"], "MB"),
    ]


def _sections_of_appliance(rounds: Sequence[str], folder: Path) -> list[list[Row]]:
    sections = []
    print("sweeping an appliance that takes 100 ms for each call …", file=sys.stderr)
    for in_flight, runs in sweep_figures(rounds, folder):
        rows = [row for run in runs for row in _rows_of_sweep(run)]
        most = Row("calls in flight, most", in_flight, "", runs[0].concurrency)
        sections.append([*rows, most])
    return sections


def _rows_of_sweep(run: SweepFigures) -> list[Row]:
    return [
        Row(run.name, run.seconds, "s", run.interval),
        Row("  ÷ waiting alone", run.seconds / run.ideal, "times", 1.5),
        Row("  calls", run.calls, ""),
        Row("  calls a server", run.calls / run.devices, ""),
    ]


def _sections_of_polls(servers: int, folder: Path) -> Iterator[list[Row]]:
    print(f"polling {servers} servers with two exporters …", file=sys.stderr)
    both = list(poll_figures(servers, folder))
    for figures in both:
        yield list(_rows_of_polls(figures))
    yield [row for share in SHARES for row in _rows_of_fleet(servers, both, share)]


def _rows_of_fleet(servers: int, both: list[PollFigures], share: float) -> Iterator[Row]:
    mark = _LESS_CPU.get(share)
    alone, ready = times_less(both, share)
    name = f"{servers} servers, {share:.0%} changed: straightforward ÷ ours"
    yield Row(f"{name}, poll alone", alone, "times", mark, at_least=True)
    yield Row(f"{name}, up to ready bytes", ready, "times", mark, at_least=True)


def _rows_of_polls(figures: PollFigures) -> Iterator[Row]:
    name = f"{figures.vendor}, {figures.servers} servers"
    for share, ours in figures.ours.items():
        yield Row(f"poll, {name}, {share:.0%} changed", ours, "µs a server")
        for part, spent in figures.parts[share].items():
            yield Row(f"  {part}", spent, "µs a server")
        alone, ready = times_less([figures], share)
        yield Row("  straightforward ÷ ours, poll alone", alone, "times")
        yield Row("  straightforward ÷ ours, up to ready bytes", ready, "times")
    yield Row(f"scrape, {name}", figures.our_scrape * 1e3, "ms of CPU")
    ratio = figures.their_scrape / figures.our_scrape
    yield Row("  straightforward ÷ ours", ratio, "times", 100, at_least=True)
    ratio = figures.memory["theirs"] / figures.memory["ours"]
    yield Row("  memory: straightforward ÷ ours", ratio, "times")


if __name__ == "__main__":
    sys.exit(main())
