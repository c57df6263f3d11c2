"""Does a run fit into its interval, and what would make it fit? Numbers only, no clock."""

import math

from exporter.config.quantities import duration_text

MOST_CONCURRENCY = 64
"""As many as a configuration may ask for."""


def too_slow(
    took: float, interval: float, calls: int, concurrency: int, requests_per_minute: int
) -> str:
    """Say what would help a run that took longer than its interval; nothing where it fits.

    Args:
        took: Seconds of the run.
        interval: Seconds from one run to the next.
        calls: Requests of the run.
        concurrency: Requests that its source has in flight at most.
        requests_per_minute: That its source may send; 0 for any number.
    """
    if took <= interval:
        return ""
    slow = f"a run took {took:.0f} s, longer than its interval of {duration_text(interval)}: "
    if requests_per_minute and calls * 60 / interval > requests_per_minute:
        needed = math.ceil(calls * 60 / interval)
        return f"{slow}raise the interval, or http.requests_per_minute to more than {needed}"
    needed = max(concurrency + 1, math.ceil(concurrency * took / interval))
    if needed > MOST_CONCURRENCY:
        return f"{slow}raise the interval to {duration_text(math.ceil(took / 60) * 60.0)} or more"
    return f"{slow}raise http.concurrency from {concurrency} to {needed} or more, or the interval"
