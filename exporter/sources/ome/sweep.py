"""How is something read that the appliance gives for one device at a time only?

One device's trouble must not cost the readings of the others, and the appliance's own trouble must
not look like that of its devices.
"""

from collections.abc import Awaitable, Callable, Collection, Mapping
from functools import partial
from typing import Generic, TypeVar

from msgspec import Struct
from msgspec.structs import replace

from exporter.clock import Clock
from exporter.errors import LoginError, Reason, SourceError
from exporter.sources.drift import NO_DRIFT, Drift
from exporter.sources.workers import for_each

T = TypeVar("T")
R_co = TypeVar("R_co", covariant=True)

UNSUPPORTED_STATUSES = frozenset({400, 404, 405, 501})
UNSUPPORTED_FOR = 6 * 3600.0
FAILURES_TO_JUDGE = 5
"""So many failures are needed before they can be the appliance's."""
REFUSALS_TO_BELIEVE = 3
"""So many times in a row a device has to refuse what it gave before."""
HOPELESS = frozenset({Reason.AUTH, Reason.FORBIDDEN})


class Reading(Struct, Generic[R_co], frozen=True, gc=False):
    """What one device gave."""

    value: R_co
    problems: int = 0
    """Records of the answer that could not be read."""
    drift: Drift = NO_DRIFT
    """What did not fit."""


class _Kept(Struct, Generic[T], frozen=True, gc=False):
    reading: Reading[T]
    at: float
    refusals: int = 0
    """How often in a row the device has refused since."""


class Round:
    """Keeps count during one run of a collector, over all of its sweeps."""

    def __init__(self) -> None:
        """Begin at zero."""
        self.succeeded = 0
        self.unsupported = 0
        self.failed = 0
        self.unreadable = 0
        self._last: SourceError | None = None

    @property
    def problems(self) -> int:
        """Devices that failed, and records that could not be read."""
        return self.failed + self.unreadable

    @property
    def nobody_answered(self) -> bool:
        """Whether nothing but failures came."""
        return bool(self.failed) and not self.succeeded and not self.unsupported

    def success(self, unreadable: int) -> None:
        """Count a reading."""
        self.succeeded += 1
        self.unreadable += unreadable

    def failure(self, error: SourceError) -> None:
        """Count a failure.

        Raises:
            SourceError: The trouble is the appliance's; there is no use in asking on.
        """
        self.failed += 1
        self._last = error
        if isinstance(error, LoginError) or error.reason in HOPELESS:
            raise error
        if self.failed >= FAILURES_TO_JUDGE and self.failed > self.succeeded + self.unsupported:
            raise self._verdict(error)

    def refused(self, devices: int, last: SourceError) -> SourceError:
        """Say that it is the appliance that refuses what it gave before."""
        return SourceError(
            last.reason,
            f"all {devices} devices that were asked refuse what they gave before: {last.message}; "
            "is the appliance restarting, or has a licence ended?",
            status=last.status,
            retry_after=last.retry_after,
        )

    def finish(self) -> None:
        """Judge the whole run.

        Raises:
            SourceError: Nothing but failures came.
        """
        if self.nobody_answered and self._last is not None:
            raise self._verdict(self._last)

    def _verdict(self, error: SourceError) -> SourceError:
        return SourceError(
            error.reason,
            f"{self.failed} of {self.failed + self.succeeded + self.unsupported} devices could not "
            f"be read; the last one: {error.message}",
            status=error.status,
            retry_after=error.retry_after,
        )


class Sweep(Generic[T]):
    """Reads one endpoint of many devices, and remembers what each one gave."""

    def __init__(
        self,
        read: Callable[[str], Awaitable[Reading[T]]],
        clock: Clock,
        *,
        at_once: int,
        keep: float,
    ) -> None:
        """Begin without readings.

        Args:
            read: Reads one device by its id; raises SourceError.
            clock: Monotonic time, for ages.
            at_once: Devices asked at the same time.
            keep: Seconds for which a reading is good while newer ones fail.
        """
        self._read = read
        self._clock = clock
        self._at_once = at_once
        self._keep = keep
        self._kept: dict[str, _Kept[T]] = {}
        self._refused: dict[str, SourceError] = {}
        self._unsupported_until: dict[str, float] = {}

    def begin(self, present: Collection[str]) -> list[str]:
        """Forget devices that left, and name those that can be asked, in the given order."""
        here = set(present)
        now = self._clock.monotonic()
        self._kept = {key: kept for key, kept in self._kept.items() if key in here}
        self._unsupported_until = {
            key: until
            for key, until in self._unsupported_until.items()
            if key in here and until > now
        }
        return [device for device in present if device not in self._unsupported_until]

    async def run(self, due: Collection[str], round_: Round) -> None:
        """Ask devices, and keep what they give.

        Devices that refuse what they gave before lose their readings only if they do so again and
        again, while others answer: an appliance that restarts may refuse everything for a while.

        Raises:
            SourceError: The round gave up, or whoever was asked refuses what it gave before.
        """
        self._refused.clear()
        before = round_.succeeded
        await self._ask(due, round_)
        lost = self._lost()
        if lost and round_.succeeded == before:
            others = [device for device in self._kept if device not in self._refused]
            await self._ask(others[: FAILURES_TO_JUDGE - len(lost)], round_)
            lost = self._lost()
        if len(lost) > 1 and round_.succeeded == before:
            raise round_.refused(len(lost), lost[0])
        self._settle()

    def nobody_can(self, present: Collection[str]) -> bool:
        """Tell whether there are devices, and all of them refuse."""
        return bool(present) and all(device in self._unsupported_until for device in present)

    def ask_all_again(self) -> None:
        """Leave nobody alone at the next run, whatever was refused."""
        self._unsupported_until.clear()

    async def _ask(self, due: Collection[str], round_: Round) -> None:
        await for_each(due, partial(self._ask_one, round_), self._at_once)

    def readings(self) -> Mapping[str, Reading[T]]:
        """Return the readings by device that are not too old."""
        oldest = self._clock.monotonic() - self._keep
        self._kept = {key: kept for key, kept in self._kept.items() if kept.at >= oldest}
        return {key: kept.reading for key, kept in self._kept.items()}

    def read_well_since(self, moment: float) -> set[str]:
        """Name the devices that were read since then, and of which every record could be read."""
        return {
            device
            for device, kept in self._kept.items()
            if kept.at >= moment and not kept.reading.problems
        }

    def read_at(self) -> dict[str, float]:
        """Return when each device was last read, on the monotonic clock."""
        return {key: kept.at for key, kept in self._kept.items()}

    async def _ask_one(self, round_: Round, device: str) -> None:
        try:
            reading = await self._read(device)
        except SourceError as error:
            self._failed(device, error, round_)
        else:
            self._kept[device] = _Kept(reading, self._clock.monotonic())
            round_.success(reading.problems)

    def _failed(self, device: str, error: SourceError, round_: Round) -> None:
        if error.status not in UNSUPPORTED_STATUSES or isinstance(error, LoginError):
            round_.failure(error)
            return
        round_.unsupported += 1
        self._refused[device] = error

    def _lost(self) -> list[SourceError]:
        """Return what devices say that refuse what they gave a short while ago."""
        oldest = self._clock.monotonic() - self._keep
        return [
            error
            for device, error in self._refused.items()
            if device in self._kept and self._kept[device].at >= oldest
        ]

    def _settle(self) -> None:
        """Leave the devices alone for a while that refuse, and are believed.

        A single refusal may be a blip: it does not cost a device what it gave before.
        """
        until = self._clock.monotonic() + UNSUPPORTED_FOR
        for device in self._refused:
            kept = self._kept.get(device)
            if kept and kept.refusals + 1 < REFUSALS_TO_BELIEVE:
                self._kept[device] = replace(kept, refusals=kept.refusals + 1)
            else:
                self._kept.pop(device, None)
                self._unsupported_until[device] = until
