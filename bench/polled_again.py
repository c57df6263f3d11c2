"""What does one poll cost? Runs an exporter, ours or the straightforward one, and polls on demand.

It is a process of its own, so that its CPU time is that of one exporter and of nothing else. Each
line of standard input is an order, and is answered with a line of JSON: `poll`; `split`, a poll
whose parts are measured one by one; `scrape`; `memory`.
"""

import asyncio
import json
import sys
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import aiohttp
import yaml

from bench.parts import measured_parts
from bench.polled import memory
from bench.straightforward import Exporter as Straightforward
from exporter.commands.options import configuration
from exporter.commands.serve import freeze_loaded_code
from exporter.lifecycle import Exporter
from exporter.log import configure

Order = Callable[[], Awaitable[dict[str, Any]]]


async def _cpu(work: Awaitable[object]) -> float:
    started = time.process_time()
    await work
    return time.process_time() - started


async def ours(path: Path) -> dict[str, Order]:
    """Prepare our exporter."""
    config = configuration(path)
    if config is None:
        raise SystemExit(2)
    freeze_loaded_code()
    exporter = Exporter(config)

    async def poll() -> dict[str, Any]:
        cpu = await _cpu(_succeed(exporter.scheduler.run_all_once()))
        servers = sum(len(exporter.store.servers(each.name)) for each in config.sources)
        return {"cpu": cpu, "servers": servers}

    async def split() -> dict[str, Any]:
        with measured_parts() as parts:
            cpu = await _cpu(_succeed(exporter.scheduler.run_all_once()))
        return parts.figures(cpu)

    async def scrape() -> dict[str, Any]:
        started = time.process_time()
        body = exporter.answer(compressed=True)
        return {"cpu": time.process_time() - started, "bytes": len(body)}

    return {"poll": poll, "split": split, "scrape": scrape, "memory": _memory}


async def theirs(path: Path) -> dict[str, Order]:
    """Prepare the straightforward one."""
    sources = yaml.safe_load(path.read_text())["sources"]  # noqa: ASYNC240 - nothing else runs yet
    connector = aiohttp.TCPConnector(limit=8)
    exporter = Straightforward(sources, aiohttp.ClientSession(connector=connector))

    async def poll() -> dict[str, Any]:
        return {"cpu": await _cpu(exporter.poll())}

    async def scrape() -> dict[str, Any]:
        started = time.process_time()
        body = exporter.fleet.scrape()
        return {"cpu": time.process_time() - started, "bytes": len(body)}

    return {"poll": poll, "scrape": scrape, "memory": _memory}


async def _memory() -> dict[str, Any]:
    return memory()


async def _succeed(run: Awaitable[bool]) -> None:
    if not await run:
        raise RuntimeError("a collector failed")


async def main(who: str, path: Path) -> None:
    """Obey until standard input ends."""
    orders = await {"ours": ours, "theirs": theirs}[who](path)
    while line := await asyncio.to_thread(sys.stdin.readline):
        print(json.dumps(await orders[line.strip()]()), flush=True)


if __name__ == "__main__":
    configure("json", "error")
    asyncio.run(main(sys.argv[1], Path(sys.argv[2])))
