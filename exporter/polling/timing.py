"""When runs start, how long they may take, and how long their data are served. Pure, no clock."""

import math
import random

from exporter.config.quantities import duration_text
from exporter.config.source import HttpSettings

LONGEST_BACKOFF = 10
"""In intervals; also the most that an API may ask us to wait."""
FIRST_RETRY = 60.0
"""Seconds: a collector with a long interval is tried again sooner after a failure."""
SHORTEST_RECHECK = 3600.0
"""Seconds."""
_JITTER = 0.05
MOST_JITTER = 1.1
"""Of a wait after a failure."""
MOST_CONCURRENCY = 64
"""As many as a configuration may ask for."""


def max_staleness(interval: float, timeout: float) -> float:
    """Return the seconds for which the last good data are served."""
    return max(3 * interval, interval + timeout)


def delay_after_success(interval: float, took: float, chance: random.Random) -> float:
    """Return the seconds until the next run, so that runs start about one interval apart."""
    return max(0.0, interval * chance.uniform(1 - _JITTER, 1 + _JITTER) - took)


def delay_after_failure(
    interval: float, failures: int, retry_after: float | None, chance: random.Random
) -> float:
    """Return the seconds until the next attempt.

    Args:
        interval: Of the collector, in seconds.
        failures: Failed runs in a row, this one included.
        retry_after: What the API asked for, in seconds.
        chance: For the jitter, which only makes a wait longer, up to the longest.
    """
    longest = LONGEST_BACKOFF * interval
    jitter = chance.uniform(1, MOST_JITTER)
    doubled = min(interval, FIRST_RETRY) * 2.0 ** min(failures - 1, 32)
    backoff = min(longest / MOST_JITTER, doubled) * jitter
    return max(backoff, min(longest, (retry_after or 0.0) * jitter))


def recheck_interval(interval: float) -> float:
    """Return the seconds after which a collector that is not available is tried again."""
    return max(SHORTEST_RECHECK, LONGEST_BACKOFF * interval)


def longest_run(interval: float, timeout: float) -> float:
    """Return the seconds after which a run is given up."""
    return max(LONGEST_BACKOFF * interval, 2 * timeout)


def too_slow(took: float, interval: float, calls: int, http: HttpSettings) -> str:
    """Return what would help a run that took longer than its interval; nothing where it fits.

    Args:
        took: Seconds of the run.
        interval: Seconds from one run to the next.
        calls: Requests of the run.
        http: The limits of its source.
    """
    if took <= interval:
        return ""
    slow = f"a run took {took:.0f} s, longer than its interval of {duration_text(interval)}: "
    if 0 < http.requests_per_minute < calls * 60 / interval:
        needed = math.ceil(calls * 60 / interval)
        return f"{slow}raise the interval, or http.requests_per_minute to more than {needed}"
    needed = max(http.concurrency + 1, math.ceil(http.concurrency * took / interval))
    if needed > MOST_CONCURRENCY:
        return f"{slow}raise the interval to {duration_text(math.ceil(took / 60) * 60.0)} or more"
    return (
        f"{slow}raise http.concurrency from {http.concurrency} to {needed} or more, or the interval"
    )
