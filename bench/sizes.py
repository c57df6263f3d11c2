"""How do figures grow with the fleet, and how long does Prometheus itself take for a scrape?"""

import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

import yaml

from bench.polls import MAIN
from bench.processes import running, simulated_fleet, told
from bench.prometheus import prometheus, wait
from bench.scrape import scrape_figures
from exporter.sources.vendors import SOURCES

SIZES = (100, 1_000, 25_000, 100_000)
_EVERY = 15
"""Seconds between scrapes of Prometheus; of a million series and more, four times as many."""
_SCRAPES = 5


@dataclass(frozen=True)
class SizeFigures:
    """Those of a fleet of one size, with the main collectors."""

    servers: int
    samples: float
    poll_microseconds: float
    """CPU of the first round, for each server."""
    memory: float
    """Megabytes, at the highest."""
    lag: float
    """Milliseconds for which the event loop was held in the first round, p99.9."""
    compressed: float
    """Megabytes of a scrape with gzip."""
    scrape: float
    """Milliseconds of a scrape with gzip."""
    nginx_ratio: float
    prometheus_scrape: float
    """Seconds that Prometheus takes to scrape and take in everything, median."""
    prometheus_samples: float


def size_figures(servers: int, folder: Path) -> SizeFigures:
    """Poll a fleet, and scrape it beside nginx and with Prometheus.

    Args:
        servers: Half of them behind each API.
        folder: For the files of all programs; made here.
    """
    folder.mkdir()
    folder.parent.chmod(0o755)  # nginx reads as another user
    with simulated_fleet(servers, folder) as config:
        with_main_collectors(config)
        command = [sys.executable, "-m", "bench.polled", str(config)]
        with running(command, stdout=subprocess.PIPE) as process:
            first = told(process)
            scrape = scrape_figures(first["port"], folder, ("gzip",))["gzip"]
            every = _EVERY if first["samples"] < 1e6 else 4 * _EVERY
            with prometheus(first["port"], folder, every=every) as found:
                began = time.time()
                count = "count_over_time(scrape_samples_scraped[10m])"
                wait(lambda: found.asked("query", query=count), "it is scraped")
                wait(lambda: time.time() > began + _SCRAPES * every, "time passes")
                seconds = found.number("quantile_over_time(0.5, scrape_duration_seconds[10m])")
                samples = found.number("scrape_samples_scraped")
            process.terminate()
            last = told(process)
    return SizeFigures(
        servers=servers,
        samples=first["samples"],
        poll_microseconds=first["round_cpu_seconds"] / servers * 1e6,
        memory=last["memory"]["peak"],
        lag=first["lag_first_round"]["p99.9"],
        compressed=scrape["bytes"] / 1e6,
        scrape=scrape["exporter"],
        nginx_ratio=scrape["ratio"],
        prometheus_scrape=seconds,
        prometheus_samples=samples,
    )


def with_main_collectors(config: Path) -> None:
    """Switch off what a configuration polls besides the inventories and the alerts."""
    tree = yaml.safe_load(config.read_text())
    for entry in tree["sources"]:
        vendor = entry["type"]
        others = (name for name in SOURCES[vendor].intervals if name not in MAIN[vendor])
        entry["collectors"] = {name: {"enabled": False} for name in others}
    config.write_text(yaml.safe_dump(tree))
