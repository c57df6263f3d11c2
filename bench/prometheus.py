"""How is a real Prometheus let watch the exporter, and asked what it saw?"""

import json
import os
import socket
import time
import urllib.parse
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bench.processes import answered, running

_LONGEST_WAIT = 600.0
_CONFIGURATION = """
global: {{scrape_interval: {every}s, scrape_timeout: {every}s}}
rule_files: {rules}
scrape_configs: [{{job_name: serverfleet, static_configs: [{{targets: ["127.0.0.1:{port}"]}}]}}]
"""


@dataclass(frozen=True)
class Prometheus:
    """One that runs."""

    base: str
    pid: int

    def number(self, expression: str) -> float:
        """Return the value of the first series of an expression."""
        return float(self.asked("query", query=expression)[0]["value"][1])

    def asked(self, path: str, **parameters: str) -> list[dict[str, Any]]:
        """Return the series that a query gives."""
        data = urllib.parse.urlencode(parameters).encode()
        result: list[dict[str, Any]] = self.get(path, data)["result"]
        return result

    def get(self, path: str, data: bytes | None = None) -> dict[str, Any]:
        """Return the data of an answer of its API."""
        body: dict[str, Any] = json.loads(answered(f"{self.base}/{path}", data))["data"]
        return body


@contextmanager
def prometheus(
    port: int, folder: Path, *, every: int, rules: Path | None = None
) -> Iterator[Prometheus]:
    """Let it scrape a port while the block lasts.

    Args:
        port: Where the exporter listens.
        folder: Where it keeps its files.
        every: Seconds from one scrape to the next.
        rules: A folder of rules to be evaluated.
    """
    configuration = folder / "prometheus.yml"
    files = json.dumps([f"{rules}/*.yml"] if rules else [])
    configuration.write_text(_CONFIGURATION.format(every=every, rules=files, port=port))
    address = f"127.0.0.1:{free_port()}"
    command = [
        "prometheus",
        f"--config.file={configuration}",
        f"--storage.tsdb.path={folder}/prometheus",
        f"--web.listen-address={address}",
        "--log.level=error",
    ]
    with running(command) as process:
        found = Prometheus(f"http://{address}/api/v1", process.pid)
        wait(lambda: found.asked("query", query="vector(1)"), "Prometheus answers")
        yield found


def wait(condition: Callable[[], object], what: str) -> None:
    """Wait until something is true.

    Raises:
        RuntimeError: It does not become true within minutes.
    """
    deadline = time.monotonic() + _LONGEST_WAIT
    while time.monotonic() < deadline:
        try:
            if condition():
                return
        except OSError:
            pass
        time.sleep(1)
    raise RuntimeError(f"it did not come true that {what}")


def resident_memory(pid: int) -> float:
    """Return the resident memory of a process in MB."""
    pages = int(Path(f"/proc/{pid}/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 1e6


def free_port() -> int:
    """Return a port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
