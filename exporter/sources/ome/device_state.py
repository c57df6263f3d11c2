"""State machine of one device at one endpoint, and the choice of devices for a run, without I/O.

State transitions by the outcome of a request; "kept" means that a previous reading is still there:

    state          reading    failure                    refusal
    UNREAD         GOOD       FAILING                    UNSUPPORTED
    GOOD           GOOD       FAILING, reading kept      REFUSING, reading kept
    FAILING        GOOD       FAILING                    REFUSING if a reading is kept,
                                                         else UNSUPPORTED
    REFUSING       GOOD       FAILING, reading kept      REFUSING; UNSUPPORTED at the third
                                                         refusal without a reading in between
    UNSUPPORTED    GOOD       FAILING                    UNSUPPORTED, for twice as long

A reading that is too old is dropped: GOOD becomes UNREAD, the other states stay. A failure is an
error, a timeout, or an answer that cannot be read. A refusal is an answer that the device does not
support the endpoint. An UNSUPPORTED device is not asked until its wait is over.
"""

import math
from collections.abc import Container, Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from heapq import nsmallest
from typing import Any, Generic, TypeVar

from msgspec import Struct
from msgspec.structs import replace

from exporter.errors import LoginError, SourceError
from exporter.sources.drift import NO_DRIFT, Drift

R_co = TypeVar("R_co", covariant=True)
T = TypeVar("T")

REFUSAL_STATUSES = frozenset({400, 404, 405, 501})
NOT_ON_THIS_DEVICE = "CGEN1004"
"""`MessageId` of "not supported on the specified device"; its status differs between builds."""
REFUSALS_TO_BELIEVE = 3
"""Refusals, without a reading in between, until a device loses the reading that it gave before."""
FIRST_WAIT, LONGEST_WAIT = 240.0, 6 * 3600.0
"""Seconds: a device that was refused once may only be new."""
RETRIES = 2
"""Further runs in which a device is asked that did not give everything, before its next turn."""


class State(StrEnum):
    """What is known of a device."""

    UNREAD = "unread"
    GOOD = "good"
    FAILING = "failing"
    REFUSING = "refusing"
    UNSUPPORTED = "unsupported"


class Reading(Struct, Generic[R_co], frozen=True, gc=False):
    """What one device gave."""

    value: R_co
    problems: int = 0
    """Records of the answer that could not be read."""
    drift: Drift = NO_DRIFT
    """What did not fit."""
    warnings: tuple[str, ...] = ()
    """What is odd about a list that was read."""


class DeviceState(Struct, Generic[T], frozen=True, gc=False):
    """One device; times are seconds on the monotonic clock."""

    state: State = State.UNREAD
    reading: Reading[T] | None = None
    read_at: float = -math.inf
    asked_at: float = -math.inf
    misses: int = 0
    """Requests since it last gave everything; one for a reading with unreadable records."""
    refusals: int = 0
    """Refusals since its last reading."""
    retry_at: float = -math.inf
    """An unsupported device is not asked before."""
    refusal: str = ""
    """The message of an unsupported device's refusal."""

    def after_reading(self, reading: Reading[T], now: float) -> "DeviceState[T]":
        """Return the state after a reading."""
        misses = self.misses + 1 if reading.problems else 0
        return DeviceState(State.GOOD, reading, read_at=now, asked_at=now, misses=misses)

    def after_failure(self, now: float) -> "DeviceState[T]":
        """Return the state after a failure."""
        return replace(self, state=State.FAILING, asked_at=now, misses=self.misses + 1)

    def after_refusal(self, message: str, now: float) -> "DeviceState[T]":
        """Return the state after a refusal."""
        refusals, misses = self.refusals + 1, self.misses + 1
        if self.reading is not None and refusals < REFUSALS_TO_BELIEVE:
            return replace(
                self, state=State.REFUSING, asked_at=now, misses=misses, refusals=refusals
            )
        return DeviceState(
            State.UNSUPPORTED,
            asked_at=now,
            misses=misses,
            refusals=refusals,
            retry_at=now + wait_after(refusals),
            refusal=message,
        )

    def without_reading_before(self, oldest: float) -> "DeviceState[T]":
        """Return the state without a reading that is older than a moment."""
        if self.reading is None or self.read_at >= oldest:
            return self
        state = State.UNREAD if self.state is State.GOOD else self.state
        return replace(self, state=state, reading=None)

    @property
    def is_due(self) -> bool:
        """Whether the device is asked in the next run, whoever's turn it is."""
        return (
            0 < self.misses <= RETRIES
            or self.state is State.UNSUPPORTED
            or self.asked_at == -math.inf
        )


def warnings_of(readings: Iterable[Reading[object]]) -> tuple[str, ...]:
    """Return what is odd about some lists, each sentence once."""
    return tuple(dict.fromkeys(text for reading in readings for text in reading.warnings))


def wait_after(refusals: int) -> float:
    """Return the seconds for which a device is left alone after its latest refusal."""
    return min(LONGEST_WAIT, FIRST_WAIT * 2.0 ** min(refusals - 1, 32))


def is_refusal(error: SourceError) -> bool:
    """Return whether an error is a device's answer that it does not support the endpoint."""
    if isinstance(error, LoginError):
        return False
    return error.status in REFUSAL_STATUSES or error.code == NOT_ON_THIS_DEVICE


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
