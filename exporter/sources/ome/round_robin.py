"""Choice of the devices of one run, where each run asks only a share of them."""

import math
from collections.abc import Container, Mapping
from dataclasses import dataclass
from heapq import nsmallest
from typing import Any

from exporter.sources.ome.device_state import DeviceState


@dataclass(frozen=True, slots=True)
class RoundRobin:
    """Gives each device its turn within a time, in even shares."""

    interval: float
    """Seconds from one run to the next."""
    every: float
    """Seconds within which each device has its turn."""

    def choose(
        self, devices: Mapping[str, DeviceState[Any]], urgent: Container[str], now: float
    ) -> list[str]:
        """Choose new devices, urgent ones, retries, and the share of the others whose turn it is.

        A device that did not give everything is retried in the next runs, so that a short
        disturbance does not cost it its readings until its next turn; one that is broken waits.

        Args:
            devices: The state of each device that can be asked.
            urgent: Those that are asked in each run.
            now: The present, on the monotonic clock.
        """
        first, calm = list[str](), list[tuple[float, str]]()
        for device, state in devices.items():
            if state.is_due or device in urgent:
                first.append(device)
            else:
                calm.append((state.asked_at, device))
        share = math.ceil(len(calm) * min(1.0, self.interval / self.every))
        # Runs are not exactly one interval apart; who would be late at the next run goes now.
        oldest = now - (self.every - self.interval / 2)
        late = sum(asked_at < oldest for asked_at, _ in calm)
        return first + [device for _, device in nsmallest(max(share, late), calm)]
