"""Which measurements are there, what does each need, and how is it made?"""

import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bench import rows
from bench.appliance import ROUNDS, sweep_figures
from bench.crowd import crowd_figures
from bench.dashboards import dashboard_figures
from bench.hostile import bomb_figures
from bench.peers import peer_figures
from bench.polls import SHARES, poll_figures
from bench.processes import running, simulated_fleet, told
from bench.rows import Row
from bench.scrape import scrape_figures
from bench.sizes import SIZES, size_figures

_STEADY_SECONDS = 75.0
"""Long enough for another round of the collectors that run every minute."""


@dataclass(frozen=True)
class Scope:
    """How much is measured."""

    servers: int = 25_000
    small: int = 1_000
    """Servers of the small fleet that the large one is compared with."""
    sweeps: Sequence[str] = ROUNDS
    sizes: Sequence[int] = SIZES


@dataclass(frozen=True)
class Section:
    """One part of the table."""

    tools: Mapping[str, str]
    """The programs it needs, with their packages."""
    measure: Callable[[Scope, Path], Iterable[Sequence[Row]]]
    """Gives the rows; the folder is its own."""


def _exporter(scope: Scope, folder: Path) -> Iterator[list[Row]]:
    small = _measured(scope.small, folder, scrape=False)
    large = _measured(scope.servers, folder, scrape=True)
    yield rows.of_exporter(scope.small, small, scope.servers, large)


def _measured(servers: int, folder: Path, *, scrape: bool) -> dict[str, Any]:
    """Poll a fleet of a size, and scrape it while it goes on polling."""
    _say(f"polling {servers} servers")
    with simulated_fleet(servers, folder) as config:
        command = [sys.executable, "-m", "bench.polled", str(config)]
        if scrape:
            command.append("--compare")
        with running(command, stdout=subprocess.PIPE) as process:
            found = told(process)
            if scrape:
                time.sleep(_STEADY_SECONDS)
                _say("scraping")
                found["scrapes"] = scrape_figures(found["port"], folder)
                process.send_signal(signal.SIGTERM)
                found.update(told(process))
                found.update(told(process))
    return found


def _dashboards(scope: Scope, folder: Path) -> Iterator[list[Row]]:
    _say(f"polling {scope.servers} servers for Prometheus")
    with simulated_fleet(scope.servers, folder) as config:
        command = [sys.executable, "-m", "bench.polled", str(config)]
        with running(command, stdout=subprocess.PIPE) as process:
            port = told(process)["port"]
            _say("letting Prometheus watch")
            yield rows.of_dashboards(dashboard_figures(port, folder))


def _appliance(scope: Scope, folder: Path) -> Iterator[list[Row]]:
    _say("sweeping an appliance that takes 100 ms for each call")
    for in_flight, runs in sweep_figures(scope.sweeps, folder):
        found = [row for run in runs for row in rows.of_sweep(run)]
        yield [*found, Row("calls in flight, most", in_flight, "", runs[0].concurrency)]


def _polls(scope: Scope, folder: Path) -> Iterator[list[Row]]:
    for servers in (scope.small, scope.servers):
        _say(f"polling {servers} servers with two exporters")
        both = list(poll_figures(servers, folder))
        for figures in both:
            yield list(rows.of_polls(figures))
        yield [row for share in SHARES for row in rows.of_fleet(servers, both, share)]


def _sizes(scope: Scope, folder: Path) -> Iterator[list[Row]]:
    for servers in scope.sizes:
        _say(f"polling {servers} servers with the main collectors")
        yield list(rows.of_size(size_figures(servers, folder / str(servers))))


def _peers(scope: Scope, folder: Path) -> Iterator[list[Row]]:
    _say("serving the same series with the Pushgateway")
    yield list(rows.of_peer(peer_figures(scope.servers, folder)))


def _hostile(scope: Scope, folder: Path) -> Iterator[list[Row]]:
    del scope
    _say("answering with bombs")
    for figures in bomb_figures(folder):
        yield list(rows.of_bomb(figures))


def _crowd(_: Scope, folder: Path) -> Iterator[list[Row]]:
    _say("crowding the port")
    for figures in crowd_figures(folder):
        yield list(rows.of_crowd(figures))


def _say(what: str) -> None:
    print(f"{what} …", file=sys.stderr)


SECTIONS: Mapping[str, Section] = {
    "exporter": Section({"nginx": "nginx-light", "wrk": "wrk"}, _exporter),
    "dashboards": Section({"prometheus": "prometheus"}, _dashboards),
    "ome": Section({}, _appliance),
    "poll": Section({}, _polls),
    "sizes": Section(
        {"nginx": "nginx-light", "wrk": "wrk", "prometheus": "prometheus"},
        _sizes,
    ),
    "hostile": Section({}, _hostile),
    "crowd": Section({}, _crowd),
    "peers": Section({"prometheus-pushgateway": "prometheus-pushgateway"}, _peers),
}
