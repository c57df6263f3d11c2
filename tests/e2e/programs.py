"""Prometheus and Alertmanager as real programs, and what they answer."""

import asyncio
import socket
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import aiohttp
import yaml

PATIENCE = 300.0
"""Seconds after which a condition counts as never met; usually it takes a few."""
EVERY = 0.1


async def until(condition: Callable[[], Awaitable[Any]], what: str) -> Any:
    """Wait until a condition holds and return its value; a call that fails is repeated."""
    last: object = None
    try:
        async with asyncio.timeout(PATIENCE):
            while True:
                try:
                    if value := await condition():
                        return value
                    last = value
                except aiohttp.ClientError as error:
                    last = error
                await asyncio.sleep(EVERY)
    except TimeoutError:
        raise AssertionError(f"it did not come true that {what}; last seen: {last}") from None


@asynccontextmanager
async def program(command: list[str], log: Path) -> AsyncIterator[None]:
    """Run a program while the block lasts; what it prints goes to a file."""
    with log.open("wb") as output:
        process = await asyncio.create_subprocess_exec(*command, stdout=output, stderr=output)
        try:
            yield
        finally:
            if process.returncode is None:
                process.terminate()
            await process.wait()


class Prometheus:
    """A Prometheus that runs, seen through its HTTP API."""

    def __init__(self, base: str, session: aiohttp.ClientSession) -> None:
        self.base = base
        self._session = session

    async def ask(self, path: str, **parameters: str) -> Any:
        """Call the API; what it refuses fails, with its own words."""
        address = f"{self.base}/api/v1/{path}"
        async with self._session.post(address, data=parameters) as answer:
            if answer.status == 503:
                raise aiohttp.ClientError("not ready yet")
            body = await answer.json()
        assert body["status"] == "success", f"{parameters}: {body}"
        return body["data"]

    async def get(self, path: str) -> Any:
        """Read one of the lists of the API."""
        async with self._session.get(f"{self.base}/api/v1/{path}") as answer:
            return (await answer.json())["data"]

    async def own_metrics(self) -> str:
        """Read what Prometheus says of itself."""
        async with self._session.get(f"{self.base}/metrics") as answer:
            return await answer.text()

    async def instant(self, expression: str) -> list[dict[str, Any]]:
        """Ask for a moment: now."""
        result: list[dict[str, Any]] = (await self.ask("query", query=expression))["result"]
        return result

    async def over(self, expression: str, start: float, end: float) -> list[dict[str, Any]]:
        """Ask for a range, as a graph does."""
        span = {"start": f"{start:.3f}", "end": f"{end:.3f}", "step": "60"}
        data = await self.ask("query_range", query=expression, **span)
        result: list[dict[str, Any]] = data["result"]
        return result


@asynccontextmanager
async def prometheus(
    folder: Path, port: int, config: Any, rules: Mapping[str, Any]
) -> AsyncIterator[Prometheus]:
    """Run Prometheus while the block lasts."""
    (folder / "rules").mkdir()
    for name, content in {"prometheus.yml": config, **rules}.items():
        (folder / name).write_text(yaml.safe_dump(content, sort_keys=False))
    command = [
        "prometheus",
        f"--config.file={folder}/prometheus.yml",
        f"--storage.tsdb.path={folder}/data",
        f"--web.listen-address=127.0.0.1:{port}",
        # Four times this is how long an alert holds that is not renewed: time for a busy machine.
        "--rules.alert.resend-delay=15s",
        "--log.level=warn",
    ]
    log = folder / "prometheus.log"
    async with program(command, log), aiohttp.ClientSession() as session:
        running = Prometheus(f"http://127.0.0.1:{port}", session)

        async def answers() -> bool:
            return bool(await running.instant("vector(1)"))

        await until(answers, f"Prometheus answers (see {log})")
        yield running


@asynccontextmanager
async def alertmanager(folder: Path, port: int, config: Any) -> AsyncIterator[str]:
    """Run Alertmanager while the block lasts; gives its base address."""
    (folder / "alertmanager.yml").write_text(yaml.safe_dump(config, sort_keys=False))
    command = [
        "prometheus-alertmanager",
        f"--config.file={folder}/alertmanager.yml",
        f"--storage.path={folder}/alertmanager",
        f"--web.listen-address=127.0.0.1:{port}",
        "--cluster.listen-address=",
        "--log.level=warn",
    ]
    base = f"http://127.0.0.1:{port}"
    log = folder / "alertmanager.log"
    async with program(command, log), aiohttp.ClientSession() as session:

        async def answers() -> bool:
            async with session.get(f"{base}/-/ready") as answer:
                return answer.status == 200

        await until(answers, f"Alertmanager answers (see {log})")
        yield base


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
