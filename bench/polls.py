"""What does one poll cost, beside an exporter that is written in the obvious way?

Both poll the same changing fleet from processes of their own, in turn, and the CPU time of each is
told. Ours is written and compressed when a poll ends, theirs when it is scraped; so a poll is
compared both by itself, and up to the bytes that are ready to be sent.
"""

import json
import statistics
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from bench.parts import PARTS
from bench.processes import answered, read_sources, running
from exporter.sources.vendors import SOURCES

SHARES = (1.0, 0.05, 0.0)
MAIN = {"com": ("servers", "alerts"), "ome": ("devices", "alerts")}
_ROUNDS = 5


@dataclass
class PollFigures:
    """Medians of CPU microseconds a server, by share of changed records."""

    servers: int
    vendor: str
    ours: dict[float, float] = field(default_factory=dict)
    theirs: dict[float, float] = field(default_factory=dict)
    parts: dict[float, dict[str, float]] = field(default_factory=dict)
    our_scrape: float = 0.0
    """Seconds, the first one after a poll."""
    their_scrape: float = 0.0
    memory: dict[str, float] = field(default_factory=dict)
    """Megabytes at the highest, ours and theirs."""

    @property
    def their_writing(self) -> float:
        """Microseconds a server that writing and compressing takes in a scrape of theirs."""
        return self.their_scrape / self.servers * 1e6


def poll_figures(servers: int, folder: Path) -> Iterator[PollFigures]:
    """Measure one poll of each vendor; half of the servers are behind each."""
    command = [sys.executable, "-m", "bench.changing", str(servers)]
    with running(command, stdout=subprocess.PIPE) as process:
        tree = yaml.safe_load(read_sources(process.stdout))
        for entry in tree["sources"]:
            yield _of_vendor(entry, folder)


def times_less(fleets: Sequence[PollFigures], share: float) -> tuple[float, float]:
    """Tell how much less CPU ours takes: for the polls alone, and up to ready bytes."""
    ours = sum(each.ours[share] * each.servers for each in fleets)
    theirs = sum(each.theirs[share] * each.servers for each in fleets)
    writing = sum(each.their_writing * each.servers for each in fleets)
    return theirs / ours, (theirs + writing) / ours


def _of_vendor(entry: dict[str, Any], folder: Path) -> PollFigures:
    vendor = entry["type"]
    off = {n: {"enabled": False} for n in SOURCES[vendor].intervals if n not in MAIN[vendor]}
    config = folder / f"{vendor}.yaml"
    config.write_text(
        yaml.safe_dump({"listen": "127.0.0.1:0", "sources": [{**entry, "collectors": off}]})
    )
    with _exporter("ours", config) as ours, _exporter("theirs", config) as theirs:
        # The first poll opens connections and logs in, the second one finds the memory grown.
        for _ in range(2):
            servers = ours.told("poll")["servers"]
            theirs.told("poll")
        figures = PollFigures(servers, vendor)
        for share in SHARES:
            _compare(figures, share, entry["url"], ours, theirs)
        figures.memory = {
            "ours": ours.told("memory")["peak"],
            "theirs": theirs.told("memory")["peak"],
        }
    return figures


def _compare(
    figures: PollFigures, share: float, url: str, ours: "_Measured", theirs: "_Measured"
) -> None:
    rounds: list[tuple[float, float, float, float]] = []
    splits: list[dict[str, float]] = []
    for _ in range(_ROUNDS):
        _change(url, share)
        row = [ours.told("poll")["cpu"], theirs.told("poll")["cpu"]]
        rounds.append((row[0], row[1], ours.told("scrape")["cpu"], theirs.told("scrape")["cpu"]))
        _change(url, share)
        splits.append(ours.told("split"))
    per_server = 1e6 / figures.servers
    own, other, own_scrape, other_scrape = map(statistics.median, zip(*rounds, strict=True))
    figures.ours[share], figures.theirs[share] = own * per_server, other * per_server
    figures.parts[share] = {
        part: statistics.median(each[part] for each in splits) * per_server for part in PARTS
    }
    if share == 1:
        figures.our_scrape, figures.their_scrape = own_scrape, other_scrape


class _Measured:
    """An exporter that obeys."""

    def __init__(self, process: "subprocess.Popen[str]") -> None:
        self._process = process

    def told(self, order: str) -> dict[str, Any]:
        """Give an order and return what it answers."""
        if self._process.stdin is None or self._process.stdout is None:
            raise RuntimeError("the measured exporter cannot be talked to")
        self._process.stdin.write(f"{order}\n")
        self._process.stdin.flush()
        line = self._process.stdout.readline()
        if not line:
            raise RuntimeError("the measured exporter ended")
        answer: dict[str, Any] = json.loads(line)
        return answer


@contextmanager
def _exporter(who: str, config: Path) -> Iterator[_Measured]:
    command = [sys.executable, "-m", "bench.polled_again", who, str(config)]
    with running(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        yield _Measured(process)


def _change(url: str, share: float) -> None:
    answered(f"{url}/-/change?share={share}", method="POST")
