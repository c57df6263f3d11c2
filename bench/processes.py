"""How the programs of a measurement are started, asked and stopped."""

import json
import signal
import subprocess
import sys
import urllib.request
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

STOP_WITHIN = 10.0


@contextmanager
def running(command: Sequence[str], **options: object) -> Iterator[subprocess.Popen[str]]:
    """Run a program while the block lasts."""
    process: subprocess.Popen[str] = subprocess.Popen(command, text=True, **options)  # type: ignore[call-overload]
    try:
        yield process
    finally:
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(STOP_WITHIN)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def told(process: "subprocess.Popen[str]") -> dict[str, Any]:
    """Return the next figures that a measured exporter tells.

    Raises:
        RuntimeError: It ended.
    """
    line = process.stdout.readline() if process.stdout else ""
    if not line:
        raise RuntimeError("the measured exporter ended")
    figures: dict[str, Any] = json.loads(line)
    return figures


@contextmanager
def simulated_fleet(servers: int, folder: Path) -> Iterator[Path]:
    """Serve both simulated APIs from a process of their own; gives a configuration for them."""
    command = [sys.executable, "-m", "exporter", "simulate", "--servers", str(servers)]
    with running(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as process:
        path = folder / f"fleet-{servers}.yaml"
        path.write_text(f'listen: "127.0.0.1:0"\n{read_sources(process.stdout)}')
        yield path


def read_sources(output: IO[str] | None) -> str:
    """Read the `sources:` block; the program writes it at once and then keeps silent."""
    if output is None:
        raise RuntimeError("the simulators have no output")
    lines: list[str] = []
    while not any("password:" in line for line in lines):
        line = output.readline()
        if not line:
            raise RuntimeError("the simulators ended at once")
        lines.append(line)
    return "".join(lines)


_TIMEOUT = 120.0
_HERE = ("http://127.0.0.1:", "http://localhost:")


def answered(
    url: str,
    data: bytes | None = None,
    headers: Mapping[str, str] | None = None,
    method: str | None = None,
) -> bytes:
    """Return the body of an answer, as it came.

    Args:
        url: On this machine.
        data: What is sent; a POST unless `method` says otherwise.
        headers: Of the request.
        method: GET without data.

    Raises:
        OSError: There is no answer, or its status is an error.
        ValueError: It is another machine's address.
    """
    if not url.startswith(_HERE):
        raise ValueError(f"not a program of this machine: {url}")
    # The scheme was looked at.
    request = urllib.request.Request(url, data, dict(headers or {}), method=method)  # noqa: S310
    with urllib.request.urlopen(request, timeout=_TIMEOUT) as answer:  # noqa: S310
        body: bytes = answer.read()
    return body
