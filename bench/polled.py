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
from pathlib import Path

from bench.lag import LagProbe
from bench.rendering import rendering_figures
from exporter.commands.configured import configuration
from exporter.commands.serve import freeze_loaded_code, stop_signal
from exporter.lifecycle import Exporter
from exporter.log import configure


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
