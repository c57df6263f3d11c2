"""What does a scrape of the same series cost a program of the Prometheus project?

No other exporter of either API is known. What can be compared is serving: the Pushgateway is given
the exporter's own exposition, and both are scraped in turn. It is written in Go and writes every
sample anew for each scrape, as exporters on the official client libraries do.
"""

import statistics
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

from bench.processes import answered, running, simulated_fleet, told
from bench.prometheus import free_port, resident_memory, wait
from bench.sizes import with_main_collectors

_ROUNDS = 9
_PAUSE = 1.1
"""Seconds after which our own families are written anew, as for a Prometheus that comes rarely."""
_ASKED = {
    "Accept": "application/openmetrics-text;version=1.0.0,text/plain;version=0.0.4;q=0.5",
    "Accept-Encoding": "gzip",
}
"""What Prometheus asks for."""


@dataclass(frozen=True)
class PeerFigures:
    """One scrape of the same series, ours and the Pushgateway's."""

    samples: float
    our_cpu: float
    their_cpu: float
    """Milliseconds."""
    our_memory: float
    their_memory: float
    """Megabytes."""


def peer_figures(servers: int, folder: Path) -> PeerFigures:
    """Let both serve a fleet; medians over rounds in turn."""
    with simulated_fleet(servers, folder) as config:
        with_main_collectors(config)
        command = [sys.executable, "-m", "bench.polled", str(config)]
        with running(command, stdout=subprocess.PIPE) as ours:
            first = told(ours)
            our_url = f"http://127.0.0.1:{first['port']}/metrics"
            page = answered(our_url)
            address = f"127.0.0.1:{free_port()}"
            gateway = ["prometheus-pushgateway", f"--web.listen-address={address}"]
            with running(gateway, stderr=subprocess.DEVNULL) as theirs:
                wait(lambda: answered(f"http://{address}/-/ready"), "the Pushgateway answers")
                answered(f"http://{address}/metrics/job/serverfleet", page, method="PUT")
                rounds = [
                    (_cpu(ours.pid, our_url), _cpu(theirs.pid, f"http://{address}/metrics"))
                    for _ in range(_ROUNDS)
                ]
                own, other = (statistics.median(each) for each in zip(*rounds, strict=True))
                return PeerFigures(
                    samples=first["samples"],
                    our_cpu=own,
                    their_cpu=other,
                    our_memory=resident_memory(ours.pid),
                    their_memory=resident_memory(theirs.pid),
                )


def _cpu(pid: int, url: str) -> float:
    """Return the milliseconds of CPU for which a scrape lets a process run."""
    time.sleep(_PAUSE)
    before = _cpu_of(pid)
    answered(url, headers=_ASKED)
    return _cpu_of(pid) - before


def _cpu_of(pid: int) -> float:
    threads = Path(f"/proc/{pid}/task").glob("*/schedstat")
    return sum(int(each.read_text().split()[0]) for each in threads) / 1e6
