"""Which promises does a soak hold against which marks?"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from statistics import median

from bench.soak.fleet import Fleet
from bench.soak.watch import RECOVERED, Calm, Watch

LONG_ENOUGH = 30.0
"""Minutes from which growth and pauses are judged: earlier, caches fill, the heap finds its size,
and a single pause is a thousandth part."""

_CONNECTIONS = 16
"""Kept by both sources at the highest concurrency that a storm sets; few calms may all have it."""
_MORE = 2
"""What may be there by chance while it is calm: a connection that idles, a call under way."""


@dataclass(frozen=True)
class Promise:
    """One figure, and the most that it may be."""

    name: str
    found: float
    most: float | None = None
    unit: str = ""

    @property
    def kept(self) -> bool:
        """Whether it holds."""
        return self.most is None or self.found <= self.most


def promises(fleet: Fleet, watch: Watch, minutes: float, code: int) -> Iterator[Promise]:
    """Judge a soak that has ended."""
    judged = minutes >= LONG_ENOUGH
    yield Promise("scrapes", watch.scrapes)
    yield Promise("scrapes that never came", 0 if watch.scrapes else 1, 0)
    yield Promise("promises broken in scrapes", watch.broken_promises, 0)
    yield Promise("series compared with a new exporter's", watch.compared)
    yield Promise("comparisons of nothing", watch.compared_nothing, 0)
    yield Promise("errors, tracebacks and warnings of Python logged", fleet.log.bad_lines, 0)
    yield Promise("longest recovery after a storm", watch.longest_recovery, RECOVERED, "s")
    yield Promise("slowest scrape", watch.slowest_scrape * 1000, None, "ms")
    memory = [float(each.memory) for each in fleet.signs]
    yield Promise("memory", memory[-1] / 1e6, None, "MB")
    yield Promise("growth of memory, last half", growth(memory), 3 if judged else None, "%")
    flat: tuple[tuple[str, Callable[[Calm], int], int], ...] = (
        ("open files", lambda calm: calm.signs.files, _CONNECTIONS),
        ("asyncio tasks", lambda calm: calm.signs.tasks, _MORE),
        ("sessions at the appliance", lambda calm: calm.sessions, _MORE),
    )
    for name, read, limit in flat:
        # In a short soak there are too few calms for one without a call under way.
        most = limit if judged else _CONNECTIONS
        yield from _flat(name, [read(calm) for calm in watch.calm], most)
    reads: tuple[tuple[str, Callable[[Calm], int]], ...] = (
        ("series of servers", lambda calm: calm.of_servers),
        ("series of the exporter's own", lambda calm: calm.own),
    )
    for name, read in reads:
        yield from _bounded(name, [read(calm) for calm in watch.calm], judged=judged)
    yield Promise("event loop held, p99.9", fleet.signs[-1].lag, 50 if judged else None, "ms")
    yield Promise("sessions left after the end", fleet.simulation.open_sessions, 1)
    yield Promise("exit code after SIGTERM", code, 0)


def _flat(name: str, found: Sequence[int], most: int) -> Iterator[Promise]:
    """Compare the least of the first and of the last third: a leak never goes back."""
    third = max(1, len(found) // 3)
    if found:
        yield Promise(f"{name}, while calm", min(found[-third:]))
        more = min(found[-third:]) - min(found[:third])
        yield Promise("  more than at the begin", more, most)


def _bounded(name: str, found: Sequence[int], *, judged: bool) -> Iterator[Promise]:
    """Compare the most of both halves: what is withdrawn for a while comes back."""
    half = len(found) // 2
    if half:
        first, last = max(found[:half]), max(found[half:])
        yield Promise(f"{name}, most", last)
        yield Promise(
            "  growth in the last half", 100 * (last / first - 1), 5 if judged else None, "%"
        )


def growth(values: Sequence[float]) -> float:
    """Return by how many percent the last half of the values rises, if it rises steadily.

    A storm of answers that are too large takes memory for a minute, and gives it back: the medians
    of both quarters do not see that.
    """
    half = values[len(values) // 2 :]
    middle = len(half) // 2
    if not middle:
        return 0.0
    return 200 * (median(half[middle:]) / median(half[:middle]) - 1)
