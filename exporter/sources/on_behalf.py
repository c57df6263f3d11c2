"""On whose behalf is a request sent? The run of a collector, which every task of it inherits."""

from contextvars import ContextVar
from dataclasses import dataclass


@dataclass(slots=True)
class Errand:
    """One run of a collector: how urgent its requests are, and how many it has sent."""

    interval: float
    """Seconds between two runs: the shorter, the more urgent."""
    calls: int = 0


errand: ContextVar[Errand | None] = ContextVar("errand", default=None)
