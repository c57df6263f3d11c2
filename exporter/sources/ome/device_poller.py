"""Polling of an endpoint that the appliance has for one device at a time only.

A device's trouble costs that device; see `device_state` for its states and `run_stats` for the
verdict on the appliance. Readings count at once, so that a run that is cancelled is not lost.
Failures and refusals count at the end of a run that did not fail as a whole: an appliance in
trouble says nothing about its devices.
"""

import random
from collections.abc import Awaitable, Callable, Collection, Container, Iterable, Mapping
from itertools import takewhile
from typing import Generic, TypeVar

from exporter.clock import Clock
from exporter.errors import SourceError
from exporter.sources.ome.device_state import DeviceState, Reading, State, is_refusal
from exporter.sources.ome.round_robin import RoundRobin
from exporter.sources.ome.run_stats import RunStats
from exporter.sources.workers import for_each

T = TypeVar("T")


class DevicePoller(Generic[T]):
    """Reads one endpoint of many devices, and keeps the state of each."""

    def __init__(
        self,
        read: Callable[[str], Awaitable[Reading[T]]],
        clock: Clock,
        *,
        at_once: int,
        keep: float,
        turns: RoundRobin | None = None,
        chance: random.Random | None = None,
    ) -> None:
        """Start without readings.

        Args:
            read: Reads one device by its id; raises SourceError.
            clock: Monotonic time.
            at_once: Devices asked at the same time.
            keep: Seconds for which a reading is good while newer ones fail.
            turns: Chooses the devices of a run; without it each run asks all.
            chance: Puts devices into a new order in each run.
        """
        self._read = read
        self._clock = clock
        self._at_once = at_once
        self._keep = keep
        self._turns = turns
        self._chance = chance or random.Random()  # noqa: S311 - an order, not a secret
        self._devices: dict[str, DeviceState[T]] = {}
        self.stats = RunStats()
        """Of the present or the latest run."""

    async def run(self, present: Collection[str], urgent: Container[str] = ()) -> None:
        """Ask the devices that are due, and forget those that left.

        Where nobody answers, others are asked too until the sample is complete.

        Args:
            present: All devices.
            urgent: Those that are asked in each run.

        Raises:
            SourceError: The appliance, and not a device, is in trouble.
        """
        now = self._clock.monotonic()
        self._devices = {key: self._devices.get(key) or DeviceState() for key in present}
        possible = {key: each for key, each in self._devices.items() if each.retry_at <= now}
        due = self._turns.choose(possible, urgent, now) if self._turns else list(possible)
        self.stats, troubles = RunStats(len(possible)), dict[str, SourceError]()
        await self._ask(self._shuffled(due), troubles)
        if self.stats.is_in_doubt and len(due) < self.stats.sample:
            asked = set(due)
            others = self._shuffled(key for key in possible if key not in asked)
            others = others[: self.stats.sample - len(due)]
            await self._ask(takewhile(lambda _: not self.stats.read, others), troubles)
        self.stats.finish()
        self._settle(troubles)

    def readings(self) -> Mapping[str, Reading[T]]:
        """Return the readings by device that are not too old."""
        oldest = self._now() - self._keep
        return {
            key: each.reading
            for key, each in self._devices.items()
            if each.reading is not None and each.read_at >= oldest
        }

    def refusal_of_all(self) -> str:
        """Return the API's message if there are devices and none supports the endpoint, else ""."""
        states = self._devices.values()
        if not states or any(each.state is not State.UNSUPPORTED for each in states):
            return ""
        return next(iter(states)).refusal

    def ask_all_again(self) -> None:
        """Ask the unsupported devices in the next run, without a wait."""
        self._devices = {
            key: DeviceState() if each.state is State.UNSUPPORTED else each
            for key, each in self._devices.items()
        }

    def forget_all(self) -> None:
        """Forget every device."""
        self._devices = {}

    def _shuffled(self, devices: Iterable[str]) -> list[str]:
        order = list(devices)
        self._chance.shuffle(order)
        return order

    async def _ask(self, devices: Iterable[str], troubles: dict[str, SourceError]) -> None:
        async def ask(device: str) -> None:
            try:
                reading = await self._read(device)
            except SourceError as error:
                troubles[device] = error
                self._count(device, error)
            else:
                after = self._devices[device].after_reading(reading, self._now())
                self._devices[device] = after
                self.stats.count_reading(reading.problems)

        await for_each(devices, ask, self._at_once)

    def _count(self, device: str, error: SourceError) -> None:
        if is_refusal(error):
            self.stats.count_refusal(error, had_reading=self._state(device).reading is not None)
        else:
            self.stats.count_failure(error)

    def _settle(self, troubles: Mapping[str, SourceError]) -> None:
        now = self._now()
        for device, error in troubles.items():
            state = self._state(device)
            self._devices[device] = (
                state.after_refusal(error.message, now)
                if is_refusal(error)
                else state.after_failure(now)
            )

    def _state(self, device: str) -> DeviceState[T]:
        return self._devices[device].without_reading_before(self._now() - self._keep)

    def _now(self) -> float:
        return self._clock.monotonic()
