"""What does polling a fleet cost? Runs a whole exporter, and tells what it measured as JSON lines.

It is started as a process of its own, so that its memory and its event loop are those of an
exporter and of nothing else. After the first round of every collector it writes a line and goes on
serving; told to stop, it writes another.
"""

import asyncio
import json
import os
import sys
import time
from collections.abc import Iterable
from pathlib import Path

from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import Metric
from prometheus_client.parser import text_string_to_metric_families
from prometheus_client.registry import Collector

from exporter.commands.options import configuration
from exporter.commands.serve import freeze_loaded_code, stop_signal
from exporter.exposition.block import SHARD
from exporter.exposition.render import FamilyRenderer
from exporter.exposition.store import BLOCK_FAMILIES
from exporter.lifecycle import Exporter
from exporter.log import configure

_EVERY = 0.001


class LagProbe:
    """Wakes every millisecond and notes how much later than asked it was."""

    def __init__(self) -> None:
        self._lags: list[float] = []

    def reset(self) -> None:
        """Start from zero."""
        self._lags.clear()

    async def watch(self) -> None:
        """Measure until cancelled."""
        while True:
            due = time.perf_counter() + _EVERY
            await asyncio.sleep(_EVERY)
            self._lags.append(time.perf_counter() - due)

    def figures(self) -> dict[str, float]:
        """Return milliseconds (median, 99.9 %, worst) and how many were taken."""
        lags = sorted(self._lags) or [0.0]
        at = {"p50": 0.5, "p99.9": 0.999, "max": 1.0}
        found = {
            name: lags[min(len(lags) - 1, int(len(lags) * q))] * 1000 for name, q in at.items()
        }
        return {**found, "count": float(len(lags))}


_ROUNDS = 3


class _Ready(Collector):
    """Gives families that are built already, so that only their rendering is measured."""

    def __init__(self, families: list[Metric]) -> None:
        self._families = families

    def collect(self) -> Iterable[Metric]:
        return self._families


def rendering_figures(exporter: Exporter) -> dict[str, object]:
    """Render everything that is served, both ways; the medians of a few rounds."""
    ours = [_ours(exporter) for _ in range(_ROUNDS)]
    samples = ours[0][1]
    registry = CollectorRegistry()
    families = list(text_string_to_metric_families(exporter.exposition().decode()))
    registry.register(_Ready(families))
    theirs_samples = sum(len(family.samples) for family in families)
    theirs = [_timed(registry) for _ in range(_ROUNDS)]
    own = sorted(seconds for seconds, _ in ours)[_ROUNDS // 2] / samples
    other = sorted(theirs)[_ROUNDS // 2] / theirs_samples
    return {
        "rendered_samples": samples,
        "microseconds_a_sample": own * 1e6,
        "prometheus_client_microseconds_a_sample": other * 1e6,
        "prometheus_client_ratio": other / own,
    }


def _ours(exporter: Exporter) -> tuple[float, int]:
    """Render every family with new renderers, in the chunks of the exporter."""
    started = time.perf_counter()
    samples = 0
    for _, _, published in exporter.store.served():
        for family in BLOCK_FAMILIES:
            rows = published.rows.get(family.facet) if family.facet else None
            if rows is None:
                continue
            renderer = FamilyRenderer(family)
            for start in range(0, len(rows.identities), SHARD):
                part = slice(start, start + SHARD)
                samples += renderer.lines(rows.identities[part], rows.facets[part])[1]
    return time.perf_counter() - started, samples


def _timed(registry: CollectorRegistry) -> float:
    started = time.perf_counter()
    generate_latest(registry)
    return time.perf_counter() - started


async def main(path: Path, *, compare: bool) -> None:
    """Poll the fleet of a configuration file.

    Args:
        path: The configuration.
        compare: Whether rendering is measured too, which takes much memory and time.
    """
    config = configuration(path)
    if config is None:
        raise SystemExit(2)
    stop = stop_signal()
    freeze_loaded_code()
    exporter = Exporter(config)
    probe = LagProbe()
    started, cpu = time.monotonic(), time.process_time()
    async with exporter.serving("127.0.0.1", 0) as port:
        watching = asyncio.create_task(probe.watch())
        await _first_round(exporter)
        figures = {
            "port": port,
            "round_seconds": time.monotonic() - started,
            "round_cpu_seconds": time.process_time() - cpu,
            "samples": sum(
                block.series
                for _, _, published in exporter.store.served()
                for block in published.blocks.values()
            ),
            "lag_first_round": probe.figures(),
            "memory": memory(),
        }
        _tell(figures)
        probe.reset()
        await stop.wait()
        watching.cancel()
        _tell({"lag_steady": probe.figures(), "memory": memory()})
        if compare:
            _tell(rendering_figures(exporter))


async def _first_round(exporter: Exporter) -> None:
    """Wait until every collector has succeeded once."""
    while True:
        if all(state.success for state in exporter.scheduler.board):
            return
        await asyncio.sleep(0.05)


def memory() -> dict[str, float]:
    """Return resident memory now and at its highest, in MB."""
    status = Path(f"/proc/{os.getpid()}/status").read_text()
    fields = dict(line.split(":", 1) for line in status.splitlines())
    return {
        "now": int(fields["VmRSS"].split()[0]) / 1000,
        "peak": int(fields["VmHWM"].split()[0]) / 1000,
    }


def _tell(figures: dict[str, object]) -> None:
    print(json.dumps(figures), flush=True)


if __name__ == "__main__":
    configure("json", "error")
    asyncio.run(main(Path(sys.argv[1]), compare="--compare" in sys.argv))
