"""How are a real Prometheus and its `promtool` asked?"""

import asyncio
import socket
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import aiohttp

from grafana.gallery.answers import Series
from grafana.gallery.rules import Recording, document

_STARTING_SECONDS = 60.0


class ToolError(Exception):
    """A program failed; the message is what it wrote."""


class Prometheus:
    """A running server."""

    def __init__(self, address: str, session: aiohttp.ClientSession) -> None:
        """Ask the server at an address."""
        self.address = address
        self._session = session

    async def at(self, expression: str, time: float) -> list[Series]:
        """Return what an expression gives at a time."""
        data = await self._ask("query", {"query": expression, "time": f"{time:.3f}"})
        if data["resultType"] == "scalar":
            return [_series({}, [data["result"]])]
        return [_series(each["metric"], [each["value"]]) for each in data["result"]]

    async def over(self, expression: str, begin: float, end: float, step: float) -> list[Series]:
        """Return what an expression gives over a time."""
        asked = {"start": f"{begin:.3f}", "end": f"{end:.3f}", "step": f"{step:g}"}
        data = await self._ask("query_range", {"query": expression, **asked})
        return [_series(each["metric"], each["values"]) for each in data["result"]]

    async def is_ready(self) -> bool:
        """Tell whether it answers queries."""
        try:
            async with self._session.get(f"{self.address}/-/ready") as response:
                return response.status == 200
        except aiohttp.ClientError:
            return False

    async def _ask(self, endpoint: str, form: Mapping[str, str]) -> Any:
        async with self._session.post(f"{self.address}/api/v1/{endpoint}", data=form) as response:
            answer = await response.json()
        if answer["status"] != "success":
            raise ToolError(f"{form['query']}: {answer.get('error')}")
        return answer["data"]


@asynccontextmanager
async def running_prometheus(data: Path) -> AsyncIterator[Prometheus]:
    """Serve the blocks of a folder on a free port of this machine."""
    port = _free_port()
    config = data.parent / "prometheus.yml"
    config.write_text("{}\n", encoding="utf-8")
    process = await asyncio.create_subprocess_exec(
        "prometheus",
        f"--config.file={config}",
        f"--storage.tsdb.path={data}",
        "--storage.tsdb.retention.time=10y",
        f"--web.listen-address=127.0.0.1:{port}",
        "--query.timeout=10m",
        "--query.max-samples=200000000",
        "--log.level=error",
        stderr=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.DEVNULL,
    )
    try:
        async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=600)) as session:
            server = Prometheus(f"http://127.0.0.1:{port}", session)
            async with asyncio.timeout(_STARTING_SECONDS):
                while not await server.is_ready():
                    if process.returncode is not None:
                        raise ToolError(f"prometheus ended with {process.returncode}")
                    await asyncio.sleep(0.1)
            yield server
    finally:
        if process.returncode is None:
            process.terminate()
        await process.wait()


async def write_samples(file: Path, data: Path) -> None:
    """Make blocks of a file in OpenMetrics."""
    await _promtool("create-blocks-from", "openmetrics", str(file), str(data))


async def write_rules(
    rules: Sequence[Recording],
    server: Prometheus,
    span: tuple[float, float, float],
    data: Path,
) -> None:
    """Make blocks of what recording rules give; `span` is begin, end and seconds between."""
    begin, end, every = span
    file = data.parent / "rules.yml"
    file.write_text(document(rules, every), encoding="utf-8")
    await _promtool(
        "create-blocks-from",
        "rules",
        f"--start={begin:.0f}",
        f"--end={end:.0f}",
        f"--url={server.address}",
        f"--output-dir={data}",
        str(file),
    )


async def _promtool(*arguments: str) -> None:
    process = await asyncio.create_subprocess_exec(
        "promtool",
        "tsdb",
        *arguments,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    output, _ = await process.communicate()
    if process.returncode:
        raise ToolError(output.decode(errors="replace")[-2000:])


def _series(labels: Mapping[str, str], points: Sequence[Sequence[Any]]) -> Series:
    times = [float(time) for time, _ in points]
    return Series(labels, times, [float(value) for _, value in points])


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
