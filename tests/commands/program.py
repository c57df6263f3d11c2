"""The real program in a process of its own: run it, watch what it says, and stop it."""

import asyncio
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import aiohttp

from tests.support.patient import sitecustomize

PROGRAM = [sys.executable, "-m", "exporter"]
PATIENCE = 240.0
"""Seconds after which a program hangs; on a busy machine everything takes many times as long."""

NEVER = 86_400.0
"""Seconds of a delay that no test waits for."""
PATIENT = Path(sitecustomize.__file__)
"""Raises limits of the program that a busy machine exceeds."""

T = TypeVar("T")


def environment(**variables: str) -> dict[str, str]:
    """Return an environment with nothing of the tests' own but coverage, and these variables."""
    kept = {
        name: text
        for name, text in os.environ.items()
        if name in ("PATH", "HOME", "LANG") or name.startswith("COVERAGE_")
    }
    return {**kept, "COLUMNS": "120", "PYTHONPATH": str(PATIENT.parent), **variables}


@dataclass(frozen=True)
class Finished:
    """A program that has ended."""

    code: int
    out: str
    err: str

    @property
    def said(self) -> str:
        """Everything that it wrote."""
        return self.out + self.err


def run(*arguments: str | Path, **variables: str) -> Finished:
    """Run the program until it ends."""
    done = subprocess.run(  # noqa: S603 - the program under test
        [*PROGRAM, *map(str, arguments)],
        capture_output=True,
        check=False,
        encoding="utf-8",
        env=environment(**variables),
        stdin=subprocess.DEVNULL,
        timeout=PATIENCE,
    )
    return Finished(done.returncode, done.stdout, done.stderr)


def run_unread(*arguments: str | Path) -> Finished:
    """Run the program while nobody reads its output."""
    reading, writing = os.pipe()
    os.close(reading)
    try:
        done = subprocess.run(  # noqa: S603 - the program under test
            [*PROGRAM, *map(str, arguments)],
            stdout=writing,
            stderr=subprocess.PIPE,
            check=False,
            encoding="utf-8",
            env=environment(),
            timeout=PATIENCE,
        )
    finally:
        os.close(writing)
    return Finished(done.returncode, "", done.stderr)


async def run_beside(*arguments: str | Path, **variables: str) -> Finished:
    """Run the program until it ends, while this process goes on serving."""
    return await asyncio.to_thread(run, *arguments, **variables)


class Running:
    """A program that has been started. Its output goes to files, so that it never has to wait."""

    def __init__(self, process: asyncio.subprocess.Process, out: Path, err: Path) -> None:
        self._process = process
        self._out = out
        self._err = err

    @property
    def out(self) -> str:
        return self._out.read_text(encoding="utf-8")

    @property
    def err(self) -> str:
        return self._err.read_text(encoding="utf-8")

    @property
    def pid(self) -> int:
        return self._process.pid

    async def until(self, found: Callable[[], T | None]) -> T:
        """Wait until something can be found, and return it; a program that ends has failed."""
        ends = time.monotonic() + PATIENCE
        while time.monotonic() < ends:
            answer = found()
            if answer is not None:
                return answer
            assert self._process.returncode is None, self.out + self.err
            await asyncio.sleep(0.02)
        raise AssertionError(f"not within {PATIENCE} s; it said:\n{self.out}{self.err}")

    async def event(self, name: str, **fields: Any) -> Mapping[str, Any]:
        """Wait for a line of the log."""
        return await self.until(lambda: self._logged(name, fields))

    async def address(self) -> str:
        """Wait until the metrics are served, and return where, without the path."""
        event = await self.event("serving metrics")
        return str(event["address"]).removesuffix("/metrics")

    def send(self, number: signal.Signals) -> None:
        """Send a signal."""
        self._process.send_signal(number)

    async def stop(self, number: signal.Signals = signal.SIGTERM) -> int:
        """Send a signal, and return the exit code."""
        self.send(number)
        return await self.ended()

    async def ended(self) -> int:
        """Wait until it has ended, and return the exit code."""
        return await asyncio.wait_for(self._process.wait(), PATIENCE)

    async def kill(self) -> None:
        """End it if it still runs."""
        if self._process.returncode is None:
            self._process.kill()
        await self._process.wait()

    def _logged(self, name: str, fields: Mapping[str, Any]) -> Mapping[str, Any] | None:
        for line in self.err.splitlines():
            if not line.startswith("{"):
                continue
            event: dict[str, Any] = json.loads(line)
            if event["event"] == name and fields.items() <= event.items():
                return event
        return None


@asynccontextmanager
async def running(folder: Path, *arguments: str | Path, **variables: str) -> AsyncIterator[Running]:
    """Start the program; it is ended with the block."""
    out, err = folder / "stdout.txt", folder / "stderr.txt"
    with out.open("wb") as out_file, err.open("wb") as err_file:
        process = await asyncio.create_subprocess_exec(
            *PROGRAM,
            *map(str, arguments),
            stdin=subprocess.DEVNULL,
            stdout=out_file,
            stderr=err_file,
            env=environment(**variables),
        )
    started = Running(process, out, err)
    try:
        yield started
    finally:
        await started.kill()


async def fetch(url: str) -> str:
    """GET a page."""
    async with aiohttp.ClientSession() as session, session.get(url) as response:
        assert response.status == 200, await response.text()
        return await response.text()


async def fetch_when(url: str, good: Callable[[str], bool]) -> str:
    """GET a page until it is as it should be."""
    ends = time.monotonic() + PATIENCE
    while time.monotonic() < ends:
        page = await fetch(url)
        if good(page):
            return page
        await asyncio.sleep(0.05)
    raise AssertionError(f"{url} did not become what it should be")
