"""The rows of the table: which figures they show, and which marks those should reach."""

import platform
import sys
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from bench.appliance import SweepFigures
from bench.crowd import CrowdFigures
from bench.hostile import MANY, BombFigures
from bench.peers import PeerFigures
from bench.polls import PollFigures, times_less
from bench.sizes import SizeFigures


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


def print_table(sections: Iterable[Iterable[Row]]) -> None:
    """Print the figures of several sections."""
    table = Table("figure", "value", "unit", "mark", "", title=_machine())
    for rows in sections:
        for row in rows:
            _add(table, row)
        table.add_section()
    Console(width=110).print(table)


def _add(table: Table, row: Row) -> None:
    mark = "" if row.mark is None else f"{'≥' if row.at_least else '≤'} {row.mark:g}"
    value = f"{row.value:,.3g}" if row.value < 1e4 else f"{row.value:,.0f}"
    table.add_row(row.figure, value, row.unit, mark, row.verdict)


def _machine() -> str:
    cores = len(
        [line for line in Path("/proc/cpuinfo").read_text().splitlines() if "processor" in line]
    )
    return f"Python {platform.python_version()}, {cores} cores, {time.strftime('%Y-%m-%d')}"


_SLOWEST = 5
_LESS_CPU = {1.0: 5.0, 0.05: 15.0}
"""How often less CPU than the straightforward exporter a poll has to take, by share changed."""


def of_exporter(
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


def of_dashboards(figures: dict[str, Any]) -> list[Row]:
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


def of_sweep(run: SweepFigures) -> list[Row]:
    return [
        Row(run.name, run.seconds, "s", run.interval),
        Row("  ÷ waiting alone", run.seconds / run.ideal, "times", 1.5),
        Row("  calls", run.calls, ""),
        Row("  calls a server", run.calls / run.devices, ""),
    ]


def of_fleet(servers: int, both: list[PollFigures], share: float) -> Iterator[Row]:
    mark = _LESS_CPU.get(share)
    alone, ready = times_less(both, share)
    name = f"{servers} servers, {share:.0%} changed: straightforward ÷ ours"
    yield Row(f"{name}, poll alone", alone, "times", mark, at_least=True)
    yield Row(f"{name}, up to ready bytes", ready, "times", mark, at_least=True)


def of_polls(figures: PollFigures) -> Iterator[Row]:
    name = f"{figures.vendor}, {figures.servers} servers"
    # Of a small fleet a scrape is mostly the exporter's own families and the request itself.
    mark = 100 if figures.servers > 10_000 else None
    for share, ours in figures.ours.items():
        yield Row(f"poll, {name}, {share:.0%} changed", ours, "µs a server")
        for part, spent in figures.parts[share].items():
            yield Row(f"  {part}", spent, "µs a server")
        alone, ready = times_less([figures], share)
        yield Row("  straightforward ÷ ours, poll alone", alone, "times")
        yield Row("  straightforward ÷ ours, up to ready bytes", ready, "times")
    yield Row(f"scrape, {name}", figures.our_scrape * 1e3, "ms of CPU")
    ratio = figures.their_scrape / figures.our_scrape
    yield Row("  straightforward ÷ ours", ratio, "times", mark, at_least=True)
    ratio = figures.memory["theirs"] / figures.memory["ours"]
    yield Row("  memory: straightforward ÷ ours", ratio, "times")


def of_size(figures: SizeFigures) -> Iterator[Row]:
    """One size of fleet with the main collectors."""
    # A file that fits into a packet is sent in no time at all.
    mark = 1.15 if figures.compressed > 1 else None
    yield Row(f"{figures.servers:,} servers: samples", figures.samples, "")
    yield Row("  CPU of the first round", figures.poll_microseconds, "µs a server")
    yield Row("  event loop held, first round, p99.9", figures.lag, "ms", 50)
    yield Row("  resident memory, highest", figures.memory, "MB", 1500)
    yield Row("  scrape, gzip", figures.scrape, "ms")
    yield Row("  scrape, gzip: exporter ÷ nginx", figures.nginx_ratio, "times", mark)
    yield Row("  body, gzip", figures.compressed, "MB")
    yield Row("  scrape_duration_seconds of Prometheus", figures.prometheus_scrape, "s")
    yield Row("  scrape_samples_scraped of Prometheus", figures.prometheus_samples, "")


def of_peer(figures: PeerFigures) -> Iterator[Row]:
    """The Pushgateway with the same series."""
    yield Row("scrape of the same series: samples", figures.samples, "")
    yield Row("  exporter", figures.our_cpu, "ms of CPU")
    yield Row("  Pushgateway", figures.their_cpu, "ms of CPU")
    yield Row("  Pushgateway ÷ exporter", figures.their_cpu / figures.our_cpu, "times")
    yield Row("  memory of the exporter, which polls too", figures.our_memory, "MB")
    yield Row("  memory of the Pushgateway", figures.their_memory, "MB")


def of_bomb(figures: BombFigures) -> Iterator[Row]:
    """Three times `http.max_response_bytes` for one source; for many, what secure.md names."""
    name = f"bomb, {figures.name} ({figures.outcome})"
    mebibytes = 3 * 64 if "sources" not in figures.name else 256 + MANY * 4 * 4
    yield Row(f"{name}: event loop held", figures.held, "ms", 50)
    yield Row(f"{name}: memory", figures.memory, "MB", mebibytes * 1.048576)
    yield Row(f"{name}: took", figures.seconds, "s")


def of_crowd(figures: CrowdFigures) -> Iterator[Row]:
    """Return what becomes of others in a crowd, and what it costs."""
    share = figures.answered * 100
    yield Row(f"{figures.crowd}: others answered", share, "%", 100, at_least=True)
    yield Row(f"{figures.crowd}: memory grown", figures.grown, "MB", 60)
