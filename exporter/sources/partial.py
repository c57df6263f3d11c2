"""Runs that read many things, or several parts, of which some may fail.

The trouble of one thing costs that thing. Whether it is the trouble of the whole API is judged by a
fair sample: at least a tenth of the things or twenty of them, of which not one could be read.
"""

import asyncio
import math
import random
from collections.abc import Awaitable, Callable, Container, Hashable, Iterable, Sequence
from typing import Generic, TypeVar

from exporter.clock import Clock
from exporter.errors import LoginError, Reason, SourceError

T = TypeVar("T")
FEWEST = 20
SHARE = 10
"""One of so many things belongs to the sample."""
OF_THE_API = frozenset({Reason.AUTH, Reason.TLS, Reason.REDIRECT, Reason.RATE_LIMITED})
"""Reasons that never concern one thing alone."""
REFUSALS = frozenset({Reason.HTTP_4XX, Reason.FORBIDDEN})
LONGEST_WARNING = 280
"""Characters: the API's own text is quoted."""


def sample_size(things: int) -> int:
    """Return how many of a number of things are a fair sample; all of them, if there are few."""
    return min(things, max(FEWEST, math.ceil(things / SHARE)))


def is_fatal(error: SourceError) -> bool:
    """Return whether an error concerns every request to the API."""
    return isinstance(error, LoginError) or error.reason in OF_THE_API


def in_any_order(things: Sequence[T]) -> list[T]:
    """Return things in another order each time, so that a sample is spread over all of them."""
    return random.sample(things, len(things))


class Sample:
    """Counts the things of one run that could be read, and those that could not."""

    def __init__(self, things: int) -> None:
        """Begin at zero.

        Args:
            things: How many are to be read in this run.
        """
        self._enough = sample_size(things)
        self.succeeded = 0
        self.failures: list[SourceError] = []

    @property
    def is_lost(self) -> bool:
        """Whether enough things were tried, and not one could be read."""
        return not self.succeeded and 0 < self._enough <= len(self.failures)

    @property
    def broken(self) -> int:
        """Failures other than refusals, which say that a thing is not offered."""
        return sum(each.reason not in REFUSALS for each in self.failures)

    def success(self) -> None:
        """Count a thing that could be read."""
        self.succeeded += 1

    def failure(self, error: SourceError) -> None:
        """Count a thing that could not be read.

        Raises:
            SourceError: The trouble is not that of one thing.
        """
        if is_fatal(error):
            raise error
        self.failures.append(error)


K = TypeVar("K", bound=Hashable)
V = TypeVar("V")


class LastGood(Generic[K, V]):
    """Remembers one reading a part, for a limited time."""

    def __init__(self, clock: Clock, keep: float) -> None:
        """Begin without readings; each is good for `keep` seconds."""
        self._clock = clock
        self._keep = keep
        self._kept: dict[K, tuple[float, V]] = {}

    def put(self, part: K, reading: V) -> None:
        """Remember a new reading."""
        self._kept[part] = (self._clock.monotonic(), reading)

    def get(self, part: K) -> V | None:
        """Return the last reading, None if there is none or it is too old."""
        at, reading = self._kept.get(part, (0.0, None))
        return None if self._clock.monotonic() - at > self._keep else reading

    def drop(self, part: K) -> None:
        """Forget a part."""
        self._kept.pop(part, None)

    def retain(self, parts: Container[K]) -> None:
        """Forget the parts that are gone."""
        self._kept = {part: kept for part, kept in self._kept.items() if part in parts}


async def for_each(things: Iterable[T], work: Callable[[T], Awaitable[None]], at_once: int) -> None:
    """Do the work for every thing; the first failure ends all of it and is raised."""
    remaining = iter(things)

    async def worker() -> None:
        for thing in remaining:
            await work(thing)

    workers = [asyncio.ensure_future(worker()) for _ in range(at_once)]
    try:
        await asyncio.gather(*workers)
    finally:
        for each in workers:
            each.cancel()
        await asyncio.gather(*workers, return_exceptions=True)


class PartialRun:
    """Runs parts one after the other; fails if all of them do."""

    def __init__(self) -> None:
        """Start without parts."""
        self.warnings: tuple[str, ...] = ()
        """One sentence for each part that failed."""
        self._succeeded = 0
        self._errors: list[SourceError] = []

    async def attempt(self, part: str, work: Awaitable[None]) -> bool:
        """Run a part; return whether it succeeded.

        Args:
            part: Its name, for the warning.
            work: What is awaited.

        Raises:
            SourceError: The failure concerns every request to the appliance.
        """
        try:
            await work
        except SourceError as error:
            if is_fatal(error):
                raise
            self._errors.append(error)
            self.warnings += (f"{part}: {error.message}"[:LONGEST_WARNING],)
            return False
        self._succeeded += 1
        return True

    def finish(self) -> None:
        """End the run.

        Raises:
            SourceError: Parts failed, and none succeeded.
        """
        if not self._succeeded:
            self.raise_first_error()

    def raise_first_error(self) -> None:
        """Raise the error of the first part that failed; return if there is none."""
        if self._errors:
            raise self._errors[0]
