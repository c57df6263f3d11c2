"""What does a fleet of a size cost? The sums of docs/scale.md, from figures that were measured.

`python -m bench.scale` writes its tables anew.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from math import ceil

SAMPLES = {"hpe": 57.0, "dell": 45.0}
"""Samples of one server, all collectors on: the demo's 1,000 servers."""
PLAIN_BYTES = {"hpe": 7800.0, "dell": 5900.0}
"""Of the page, for one server."""
GZIP_BYTES = 530.0
"""Of the compressed page, for one server of either vendor."""
SAMPLE_ON_WIRE = 22.0
"""Bytes of a sample in remote write: Prometheus 2.42 in agent mode, snappy."""
AGENT_SERIES = 4200.0
"""Bytes of memory that such an agent needs for a series."""
EXPORTER_BASE, EXPORTER_SERVER = 65e6, 7_900.0
"""Bytes of memory of an exporter: 261 MB at 25,000 servers."""
SWEEP_CALLS = 28.4
"""Calls an hour for one Dell server: power, health, Power Manager and hardware."""
INTERVAL = 60.0
"""Seconds between scrapes."""
PROCESS_SERVERS = 25_000
"""The most servers that one exporter is measured with; an agent of a million series takes them."""
APPLIANCE_SERVERS = 8_000
"""The most devices of one OpenManage Enterprise appliance."""
FLEETS = (1_000, 25_000, 500_000)


@dataclass(frozen=True, slots=True)
class Sums:
    """What a fleet costs, half of it HPE's and half Dell's."""

    servers: int

    @property
    def series(self) -> float:
        """Series of servers."""
        return self._of_both(SAMPLES)

    @property
    def plain(self) -> float:
        """Bytes of one scrape of everything."""
        return self._of_both(PLAIN_BYTES)

    @property
    def exporters(self) -> int:
        """Processes."""
        return ceil(self.servers / PROCESS_SERVERS)

    @property
    def exporter_memory(self) -> float:
        """Bytes of each process that has sources of its own."""
        return EXPORTER_BASE + EXPORTER_SERVER * self.servers / self.exporters

    @property
    def samples_per_second(self) -> float:
        """Samples that Prometheus takes."""
        return self.series / INTERVAL

    @property
    def hpe_calls(self) -> float:
        """Calls an hour to one workspace, or as many as there are exporters."""
        return self.exporters * hpe_lists(ceil(self.servers / 2 / self.exporters))

    @property
    def appliances(self) -> int:
        """OpenManage Enterprise appliances."""
        return ceil(self.servers / 2 / APPLIANCE_SERVERS)

    @property
    def dell_calls(self) -> float:
        """Calls an hour to all appliances."""
        half = self.servers / 2
        return self.appliances * dell_lists(ceil(half / self.appliances)) + SWEEP_CALLS * half

    def _of_both(self, of_one: dict[str, float]) -> float:
        return sum(each * self.servers / 2 for each in of_one.values())


def hpe_lists(servers: int) -> float:
    """Return the calls an hour for the lists of a workspace with 20 groups; see docs/calls.md."""
    hundreds, thousands = ceil(servers / 100), ceil(servers / 1000)
    frequent = 60 * hundreds + 60 * ceil(servers / 5000)
    hourly = (2 * thousands + 6) + 4 * thousands
    return frequent + hourly + 6 * 21 + 12 * 4 + hundreds / 6 + hundreds / 24


def dell_lists(servers: int) -> float:
    """Return the calls an hour for the lists of an appliance; see docs/calls.md."""
    alerts = 60 * (2 + ceil(servers / 2500))
    return 60 * ceil(servers / 200) + alerts + 6 * 8 + 2 * 11 + 12 + 1


def fleets() -> str:
    """Write the table of whole fleets."""
    return _table(
        "| servers, half of each vendor |" + "".join(f" {size:,} |" for size in FLEETS),
        (
            f"| {name} | {' | '.join(read(Sums(size)) for size in FLEETS)} |"
            for name, read in _FIGURES.items()
        ),
    )


_FIGURES: dict[str, Callable[[Sums], str]] = {
    "series": lambda sums: _round(sums.series),
    "a scrape of everything": lambda sums: _bytes(sums.plain),
    "the same, compressed": lambda sums: _bytes(GZIP_BYTES * sums.servers),
    "samples a second, scraped each minute": lambda sums: _round(sums.samples_per_second),
    "remote write": lambda sums: f"{_bytes(SAMPLE_ON_WIRE * sums.samples_per_second)}/s",
    "exporters": lambda sums: str(sums.exporters),
    "memory of each exporter": lambda sums: _bytes(sums.exporter_memory),
    "Prometheus agents": lambda sums: str(sums.exporters),
    "memory of each agent": lambda sums: _bytes(AGENT_SERIES * sums.series / sums.exporters),
    "calls an hour, HPE": lambda sums: _round(sums.hpe_calls),
    "Dell appliances": lambda sums: str(sums.appliances),
    "calls an hour, Dell, all appliances": lambda sums: _round(sums.dell_calls),
}


def shards() -> str:
    """Write the table of one source that several shards share."""
    head = "| source | shards | calls an hour of each | of all | series of each |"
    return _table(
        head,
        (
            _shared(name, servers, total, lists, sweep)
            for name, servers, lists, sweep in (
                ("HPE workspace, 25,000 servers", 25_000, hpe_lists(25_000), 0.0),
                ("Dell appliance, 8,000 servers", 8_000, dell_lists(8_000), SWEEP_CALLS * 8_000),
            )
            for total in (1, 2, 4, 8)
        ),
    )


def _shared(name: str, servers: int, total: int, lists: float, sweep: float) -> str:
    samples = SAMPLES["dell" if sweep else "hpe"] * servers / total
    each = lists + sweep / total
    return f"| {name} | {total} | {_round(each)} | {_round(each * total)} | {_round(samples)} |"


def _table(head: str, rows: Iterable[str]) -> str:
    return "\n".join([head, "|---" * (head.count("|") - 1) + "|", *rows])


def _round(number: float) -> str:
    """Write two significant digits: more was not measured."""
    digits = len(str(int(number))) - 2
    return f"{round(number, -max(0, digits)):,.0f}"


def _bytes(number: float) -> str:
    for unit, size in (("GB", 1e9), ("MB", 1e6), ("kB", 1e3)):
        if number >= size:
            value = number / size
            return f"{value:.1f} {unit}" if value < 10 else f"{_round(value)} {unit}"
    return f"{number:.0f} B"


if __name__ == "__main__":
    print(fleets(), shards(), sep="\n\n")
