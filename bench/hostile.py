"""The cost of answers that are made to harm: each bomb for one source, and all for many.

The API answers `v1/servers` with 63 MiB that are small on the wire. It runs in a process of its
own, and so do the sources, whose event loop and memory are measured.
"""

import asyncio
import gc
import gzip
import json
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from aiohttp import web

from bench.processes import running, told
from exporter.clock import SystemClock
from exporter.model import Inventory
from exporter.sources.body import ResponseMemory
from exporter.sources.com import SOURCE
from exporter.sources.contract import Surroundings
from exporter.sources.observer import Silence

SIZE = 63 * 2**20
"""Bytes of an answer: less than `http.max_response_bytes` allows."""
HEAD = b'{"total":3,"count":3,"offset":0,"items":['
MANY = 20
"""Sources that are answered with bombs at the same time."""


@dataclass(frozen=True)
class BombFigures:
    """One run of the inventory of one or of many sources."""

    name: str
    seconds: float
    held: float
    """The longest time of the processor between two passes of the event loop, in ms."""
    memory: float
    """More resident memory than before, at its highest, in MB."""
    outcome: str


def _of(unit: bytes) -> bytes:
    return HEAD + unit * (SIZE // len(unit)) + unit[:-1] + b"]}"


def _fleet() -> bytes:
    items = (
        {"id": f"P1+S{each}", "name": f"n{each}", "notes": "x" * 500} for each in range(99_000)
    )
    return json.dumps({"total": 99_000, "items": list(items)}).encode()


BOMBS: Mapping[str, Callable[[], bytes]] = {
    "numbers": lambda: _of(b"0,"),
    "ids": lambda: _of(b'{"id":"a"},'),
    "arrays": lambda: _of(b"[],"),
    "keys": lambda: HEAD + b'{"id":"a",' + b'"name":"",' * (SIZE // 10) + b'"x":0}]}',
    "text": lambda: HEAD + b'{"id":"' + b"x" * SIZE + b'"}]}',
    "levels": lambda: HEAD + b"[" * SIZE,
    "fleet": _fleet,
}


def bomb_figures(folder: Path) -> Iterator[BombFigures]:
    """Measure each bomb alone, then all of them at many sources at the same time."""
    del folder
    command = [sys.executable, "-m", "bench.hostile"]
    with running([*command, "serve"], stdout=subprocess.PIPE) as server:
        port = str(told(server)["port"])
        for bombs in (*((each,) for each in BOMBS), tuple(BOMBS)):
            count = "1" if len(bombs) == 1 else str(MANY)
            with running([*command, port, count, *bombs], stdout=subprocess.PIPE) as client:
                yield BombFigures(**told(client))


async def _serve() -> None:
    packed = {name: gzip.compress(make(), 1) for name, make in BOMBS.items()}

    async def answer(request: web.Request) -> web.Response:
        if request.method == "POST":
            return web.json_response({"access_token": "token-of-the-bench", "expires_in": 7200})
        headers = {"Content-Encoding": "gzip", "Content-Type": "application/json"}
        return web.Response(body=packed[request.path.split("/")[1]], headers=headers)

    app = web.Application()
    app.router.add_route("*", "/{path:.*}", answer)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    _tell({"port": runner.addresses[0][1]})
    await asyncio.Event().wait()


async def _measure(port: str, count: int, bombs: list[str]) -> None:
    memory = ResponseMemory()
    sources = [_source(port, bombs[each % len(bombs)], memory) for each in range(count)]
    gc.collect()
    gc.freeze()
    before, highest, held = _resident(), _Highest(), [0.0]
    watching = asyncio.create_task(_watch(held))
    started = time.monotonic()
    outcomes = await asyncio.gather(*(_outcome(each) for each in sources))
    _tell(
        {
            "name": bombs[0] if count == 1 else f"{count} sources",
            "seconds": time.monotonic() - started,
            "held": held[0] * 1000,
            "memory": highest.found - before,
            "outcome": ", ".join(sorted(set(outcomes))),
        }
    )
    watching.cancel()


def _source(port: str, bomb: str, memory: ResponseMemory) -> Any:
    base = f"http://127.0.0.1:{port}/{bomb}"
    entry = {"name": bomb, "type": "com", "url": base, "token_url": f"{base}/token"}
    secrets = {"client_id": "bench", "client_secret": "secret-of-the-bench"}
    settings = SOURCE.settings.model_validate({**entry, **secrets, "http": {"timeout": "300s"}})
    return SOURCE.build(settings, Surroundings(SystemClock(), Silence(), memory))


async def _outcome(source: Any) -> str:
    try:
        found = await source.collectors[0].collect(Inventory())
    except Exception as error:  # noqa: BLE001 - whatever it is, it is the outcome
        return str(getattr(error, "reason", type(error).__name__))
    finally:
        await source.close()
    return f"{found.items} servers"


async def _watch(held: list[float]) -> None:
    """Take the time of the processor: on a busy machine, others hold the loop too."""
    last = time.thread_time()
    while True:
        await asyncio.sleep(0)
        now = time.thread_time()
        held[0], last = max(held[0], now - last), now


class _Highest(threading.Thread):
    """Looks at the resident memory every few milliseconds."""

    def __init__(self) -> None:
        super().__init__(daemon=True)
        self.found = 0.0
        self.start()

    def run(self) -> None:
        while True:
            self.found = max(self.found, _resident())
            time.sleep(0.005)


def _resident() -> float:
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * 4096 / 1e6


def _tell(figures: dict[str, object]) -> None:
    print(json.dumps(figures), flush=True)


if __name__ == "__main__":
    if sys.argv[1] == "serve":
        asyncio.run(_serve())
    else:
        asyncio.run(_measure(sys.argv[1], int(sys.argv[2]), sys.argv[3:]))
