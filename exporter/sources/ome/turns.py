"""Which devices are read in this run, where reading all of them every time would be too much?"""

import math
from collections.abc import Collection, Container, Mapping

RETRIES = 2
"""Further runs in which a device is asked that could not be read, before it waits for its turn."""


class Turns:
    """Remembers who was asked when, and who could not be read."""

    def __init__(self, *, interval: float, every: float) -> None:
        """Begin with everybody due.

        Args:
            interval: Seconds from one run to the next.
            every: Seconds within which each device has its turn.
        """
        self._interval = interval
        self._every = every
        self._asked_at: dict[str, float] = {}
        self._retries: dict[str, int] = {}

    def choose(
        self,
        devices: Collection[str],
        urgent: Container[str],
        read_at: Mapping[str, float],
        now: float,
    ) -> list[str]:
        """Name who is asked in this run; those that could not be read lately come last.

        A blip should not cost a device its readings until its next turn, and a device that is
        broken should not cost a call in every run.

        Args:
            devices: Every device that can be read.
            urgent: Those that are read in each run.
            read_at: When each one was last read, which an abandoned run leaves unsaid.
            now: The present, on the same clock.
        """
        asked_at = dict(self._asked_at)
        for device, at in read_at.items():
            asked_at[device] = max(at, asked_at.get(device, at))
        chosen = due(devices, urgent, asked_at, now, interval=self._interval, every=self._every)
        already = set(chosen)
        again = [d for d in devices if self._retries.get(d) and d not in already]
        for device in again:
            self._retries[device] -= 1
        return chosen + again

    def note(
        self,
        devices: Collection[str],
        asked: Collection[str],
        read_well: Container[str],
        now: float,
    ) -> None:
        """Remember a run, and forget devices that left.

        Not to be called after a failed run: everybody who could not be read is then due at once.

        Args:
            devices: Every device that can be read.
            asked: Who was asked in the run.
            read_well: Who gave all that was asked for.
            now: When the run began.
        """
        tried = {**self._asked_at, **dict.fromkeys(asked, now)}
        self._asked_at = {device: tried[device] for device in devices if device in tried}
        failed = {d: self._retries.get(d, RETRIES) for d in asked if d not in read_well}
        waiting = {d: left for d, left in self._retries.items() if d not in asked}
        here = set(devices)
        self._retries = {d: left for d, left in {**waiting, **failed}.items() if d in here}


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
