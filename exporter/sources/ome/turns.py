"""Which devices are read in this run, where reading all of them every time would be too much?"""

import math
from collections.abc import Collection, Container, Mapping


def due(
    devices: Collection[str],
    urgent: Container[str],
    asked_at: Mapping[str, float],
    now: float,
    *,
    interval: float,
    every: float,
) -> list[str]:
    """Choose new devices, urgent ones, and the share of the others whose turn it is.

    Args:
        devices: Every device that can be read.
        urgent: Those that are read in each run.
        asked_at: When each one was last asked.
        now: The present, on the same clock.
        interval: Seconds from one run to the next.
        every: Seconds within which each device has its turn.

    Returns:
        The new and the urgent ones, then the others, those that waited longest first.
    """
    first = [device for device in devices if device in urgent or device not in asked_at]
    chosen = set(first)
    calm = sorted((d for d in devices if d not in chosen), key=lambda d: asked_at[d])
    share = math.ceil(len(calm) * min(1.0, interval / every))
    # Runs are not exactly one interval apart; who would be late at the next run has its turn now.
    late = sum(1 for device in calm if now - asked_at[device] > every - interval / 2)
    return first + calm[: max(share, late)]
