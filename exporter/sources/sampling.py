"""The verdict on many things that are read one by one.

One thing's trouble costs that thing. Whether it is the trouble of the whole API is judged by a fair
sample: at least a tenth of the things or twenty of them, of which not one could be read.
"""

import math
import random
from collections.abc import Sequence
from typing import TypeVar

from exporter.errors import LoginError, Reason, SourceError

T = TypeVar("T")
FEWEST = 20
SHARE = 10
"""One of so many things belongs to the sample."""
OF_THE_API = frozenset({Reason.AUTH, Reason.TLS, Reason.REDIRECT, Reason.RATE_LIMITED})
"""Reasons that never concern one thing alone."""
REFUSALS = frozenset({Reason.HTTP_4XX, Reason.FORBIDDEN})


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
