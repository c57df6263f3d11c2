"""Polling of an endpoint that the appliance has for one device at a time only.

The trouble of a device costs that device; see `device_state` for its states. Readings count at
once, so that a run that is cancelled is not lost. Failures and refusals count at the end of a run
that did not fail as a whole: an appliance in trouble says nothing about its devices. A run fails as
a whole in two cases:

- An error concerns every device: the login, TLS, a redirect, a rate limit. It ends the run at once.
- A sample of the devices was asked, and not one of them gave a reading. The sample is a tenth of
  the devices, at least 20, or all if there are fewer; devices are asked in random order, so
  it is spread over the fleet. Failures count, and refusals of devices that gave a reading before:
  an appliance that is restarting may refuse everything. Other refusals do not count, neither for
  nor against the appliance.
"""

import random
from collections.abc import Awaitable, Callable, Collection, Container, Iterable, Mapping
from itertools import takewhile
from typing import Any, Generic, TypeVar

from exporter.clock import Clock
from exporter.errors import NotAvailableError, Reason, SourceError
from exporter.sources.ome.device_state import DeviceState, Reading, RoundRobin, State, is_refusal
from exporter.sources.partial import PartialRun, for_each, is_fatal, sample_size

T = TypeVar("T")


class RunStats:
    """Counts one run over some devices."""

    def __init__(self, devices: int = 0) -> None:
        """Start at zero.

        Args:
            devices: The number of those that can be asked.
        """
        self.sample = sample_size(devices)
        self.read = self.failed = self.refused = self.lost = self.unreadable = 0
        self._failure: SourceError | None = None
        self._refusal: SourceError | None = None

    @property
    def problems(self) -> int:
        """Failures, unreadable records, and the refusals that fail a run."""
        return self.failed + self.unreadable + (0 if self.read else self.lost)

    @property
    def is_in_doubt(self) -> bool:
        """Whether nothing was read, and something speaks against the appliance."""
        return not self.read and self.failed + self.lost > 0

    @property
    def asked(self) -> int:
        """Devices that answered or failed."""
        return self.read + self.failed + self.refused

    def count_reading(self, unreadable: int) -> None:
        """Count a device that gave a reading."""
        self.read += 1
        self.unreadable += unreadable

    def count_failure(self, error: SourceError) -> None:
        """Count a device that failed.

        Raises:
            SourceError: The error is fatal, or the sample has been asked in vain.
        """
        self.failed += 1
        # A device may be out of the user's scope, so its 403 says less than any other failure.
        if self._failure is None or error.reason is not Reason.FORBIDDEN:
            self._failure = error
        if is_fatal(error):
            raise error
        self._give_up_after_the_sample()

    def count_refusal(self, error: SourceError, *, had_reading: bool) -> None:
        """Count a device that refused.

        Raises:
            SourceError: The sample has been asked in vain.
        """
        self.refused += 1
        if had_reading:
            self.lost += 1
            self._refusal = error
        self._give_up_after_the_sample()

    def finish(self) -> None:
        """Judge the whole run.

        Raises:
            SourceError: Nothing was read, and something speaks against the appliance.
        """
        if self.read:
            return
        if self._failure is not None:
            text = f"{self.failed} of {self.asked} could not be read; the last one: "
            raise _verdict(self._failure, text + self._failure.message)
        # One device that refuses what it gave before is believed in time; two are no coincidence.
        if self._refusal is not None and self.lost > 1:
            text = f"all {self.lost} that were asked refuse what they gave before: "
            text += f"{self._refusal.message}; is the appliance restarting, or has a licence ended?"
            raise _verdict(self._refusal, text)

    def _give_up_after_the_sample(self) -> None:
        if self.failed + self.lost >= self.sample:
            self.finish()


def _verdict(error: SourceError, text: str) -> SourceError:
    return SourceError(error.reason, text, status=error.status, retry_after=error.retry_after)


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


async def poll_parts(
    parts: Mapping[str, DevicePoller[Any]],
    present: Collection[str],
    needed: str,
    urgent: Container[str] = (),
) -> tuple[str, ...]:
    """Run pollers of the same devices, each for one part of what is read of them.

    Args:
        parts: By name.
        present: The devices.
        needed: What it takes to have any of the parts.
        urgent: Devices that are asked in each run.

    Returns:
        A warning for each part that failed.

    Raises:
        SourceError: No part succeeded, other than those that no device supports.
        NotAvailableError: No device supports any part; all are asked again in the next run.
    """
    run, refusals = PartialRun(), list[str]()
    for name, poller in parts.items():
        succeeded = await run.attempt(name, poller.run(present, urgent))
        if succeeded and (refusal := poller.refusal_of_all()):
            refusals.append(refusal)
    if len(refusals) + len(run.warnings) < len(parts):
        return run.warnings
    run.raise_first_error()
    for poller in parts.values():
        poller.ask_all_again()
    raise NotAvailableError(f"{refusals[0]}; {needed}")


async def poll_all(poller: DevicePoller[Any], present: Collection[str], what: str) -> None:
    """Run a poller whose devices are known to support its endpoint.

    Args:
        poller: What is run.
        present: The devices, groups or baselines.
        what: Said of a refusal, such as "no group lists its members".

    Raises:
        SourceError: The appliance is in trouble, or all refuse; then all are asked again in the
            next run.
    """
    await poller.run(present)
    if refusal := poller.refusal_of_all():
        poller.ask_all_again()
        raise SourceError(Reason.HTTP_4XX, f"{what}: {refusal}")
