"""The state of every collector: immutable values, replaced after each run."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from exporter.errors import SourceError
from exporter.model import Collected, DriftedField


@dataclass(frozen=True, slots=True, kw_only=True)
class RunOutcome:
    """What became of a run: data were collected, there is nothing to read, or it failed."""

    ended: float
    """Unix seconds."""
    duration: float
    """Seconds."""
    interval: float
    """Seconds from this run to the next."""
    collected: Collected | None = None
    """What is served of the run; None where it failed, or there is nothing to read."""
    calls: int = 0
    """Requests, where data were collected."""
    missing: str = ""
    """What is missing, where there is nothing to read."""
    failure: SourceError | None = None

    @property
    def success(self) -> bool:
        """Whether the run did not fail; nothing to read is no failure."""
        return self.failure is None


@dataclass(frozen=True, slots=True, kw_only=True)
class CollectorState:
    """What is known of one collector of one source. Times are Unix seconds."""

    source: str
    collector: str
    interval: float
    running: bool = False
    runs: int = 0
    success: bool | None = None
    """Of the last run; None before it."""
    last_run: float | None = None
    last_success: float | None = None
    next_run: float | None = None
    due: float | None = None
    """The same on the monotonic clock, which no change of the machine's time moves."""
    duration: float | None = None
    again_after: float | None = None
    """What the last successful run asked for in place of the interval, in seconds."""
    consecutive_failures: int = 0
    calls: int | None = None
    """Requests of the last successful run, logins and repetitions included."""
    items: int | None = None
    problems: int | None = None
    drift: tuple[DriftedField, ...] = ()
    """Of the last successful run."""
    reason: str = ""
    """Of the last run, if it failed."""
    error: str = ""
    """A sentence for people."""
    remedy: str = ""
    """What to do about it, where that is known; the error ends with it."""
    unavailable: str = ""
    """What is missing, while the collector is only re-checked now and then."""

    @property
    def cause(self) -> str:
        """The error without the remedy."""
        return self.error.removesuffix(f"; {self.remedy}") if self.remedy else self.error

    def after(self, outcome: RunOutcome) -> "CollectorState":
        """Return the state after a run; a failure keeps the facts of the last success."""
        state = replace(
            self,
            running=False,
            runs=self.runs + 1,
            interval=outcome.interval,
            success=outcome.success,
            last_run=outcome.ended,
            duration=outcome.duration,
        )
        if outcome.failure is not None:
            return _after_failure(state, outcome.failure)
        return _after_success(state, outcome)


def _after_failure(state: CollectorState, failure: SourceError) -> CollectorState:
    return replace(
        state,
        consecutive_failures=state.consecutive_failures + 1,
        reason=failure.reason.value,
        error=failure.message,
        remedy=failure.remedy,
    )


def _after_success(state: CollectorState, outcome: RunOutcome) -> CollectorState:
    collected = outcome.collected
    succeeded = replace(
        state,
        last_success=outcome.ended,
        consecutive_failures=0,
        reason="",
        error="",
        remedy="",
        unavailable=outcome.missing,
        drift=collected.drift if collected else (),
        again_after=collected.again_after if collected else None,
    )
    if collected is None:
        return succeeded
    return replace(
        succeeded, calls=outcome.calls, items=collected.items, problems=collected.problems
    )


def calls_an_hour(states: Iterable[CollectorState]) -> float:
    """Return the requests that collectors need an hour, by their last successful runs."""
    return sum(state.calls * 3600 / state.interval for state in states if state.calls is not None)


class Board:
    """Keeps the present state of every collector."""

    def __init__(self) -> None:
        """Begin empty."""
        self._states: dict[tuple[str, str], CollectorState] = {}
        self.version = 0
        """Grows with every change."""

    def add(self, source: str, collector: str, interval: float) -> None:
        """Begin to keep a collector's state."""
        state = CollectorState(source=source, collector=collector, interval=interval)
        self._states[source, collector] = state
        self.version += 1

    def renew(self, source: str, intervals: Mapping[str, float]) -> None:
        """Keep the states of a source that now has these collectors, at these intervals."""
        former = {state.collector: state for state in self if state.source == source}
        self.remove(source)
        for collector, interval in intervals.items():
            self.add(source, collector, interval)
            if collector in former:
                kept = replace(former[collector], interval=interval, running=False, next_run=None)
                self._states[source, collector] = kept
                self.version += 1

    def remove(self, source: str) -> None:
        """Forget a source."""
        self._states = {key: state for key, state in self._states.items() if key[0] != source}
        self.version += 1

    def arrange(self, sources: Sequence[str]) -> None:
        """Bring the states into the order of their sources."""
        places = {name: place for place, name in enumerate(sources)}
        self._states = dict(sorted(self._states.items(), key=lambda item: places[item[0][0]]))
        self.version += 1

    def put(self, state: CollectorState) -> None:
        """Replace the state of a collector.

        Raises:
            KeyError: There is no such collector.
        """
        own = state.source, state.collector
        if own not in self._states:
            raise KeyError(own)
        self._states[own] = state
        self.version += 1

    def state(self, source: str, collector: str) -> CollectorState:
        """Return a state."""
        return self._states[source, collector]

    def __iter__(self) -> Iterator[CollectorState]:
        return iter(tuple(self._states.values()))
