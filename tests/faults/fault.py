"""What is a row of the fault matrix: what goes wrong, and what becomes of it?"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from exporter.errors import Reason
from tests.faults.polled import Polled, Vendor

Options = Mapping[str, Any]


class Verdict(StrEnum):
    """What a run comes to."""

    FAILS = "fails"
    """A counted failure; the last good data stay until they are too old."""
    SERVES = "serves"
    """A success with the very same data."""
    SKIPS = "skips"
    """A success; what could not be used is absent, and counted as problem or drift."""
    EMPTIES = "empties"
    """A success: the API itself says that there is nothing."""
    STANDS_IN = "stands in"
    """A success: another call gives the same, with less comfort."""
    WARNS = "warns"
    """A success with what the list has; the log says that the API's count of it is wrong."""
    ABSENT = "absent"
    """Not to be had here: no failure, nothing is served, tried again now and then."""


@dataclass(frozen=True)
class Outcome:
    """What becomes of a collector's run."""

    verdict: Verdict
    reason: Reason | None = None


def fails(reason: Reason) -> Outcome:
    """Expect a failure."""
    return Outcome(Verdict.FAILS, reason)


SERVES = Outcome(Verdict.SERVES)
SKIPS = Outcome(Verdict.SKIPS)
EMPTIES = Outcome(Verdict.EMPTIES)
STANDS_IN = Outcome(Verdict.STANDS_IN)
WARNS = Outcome(Verdict.WARNS)
ABSENT = Outcome(Verdict.ABSENT)


@dataclass(frozen=True)
class Answers:
    """The API answers the collectors' calls badly."""

    kind: str
    options: Options = field(default_factory=dict)
    first: tuple[tuple[str, Options], ...] = ()
    """Kinds and options that are ordered before."""
    times: int | None = None
    """Of how many calls of each collector; None means all."""
    devices: int | None = None
    """Only of what is asked of so many devices one by one, the first of the inventory."""


@dataclass(frozen=True)
class Port:
    """Something else than the API is where its address points to."""

    end: str


@dataclass(frozen=True)
class Logins:
    """What was logged in ends, and logging in goes badly; no `kind`: it goes well."""

    kind: str = ""
    options: Options = field(default_factory=dict)


@dataclass(frozen=True)
class Change:
    """Something about the account changes: see `causes.CHANGES`."""

    name: str


@dataclass(frozen=True, kw_only=True)
class Fault:
    """One row."""

    name: str
    cause: Answers | Port | Logins | Change
    outcome: Outcome
    """Of every collector that is not named in `but`."""
    but: Mapping[str, Outcome] = field(default_factory=dict)
    """By collector, such as `ome.health`."""
    repeated: bool | Vendor = False
    """Whether a call is repeated within the run, or by which vendor's client alone."""
    waits: float = 0.0
    """Seconds for which the API asks to be left alone."""
    only: Vendor | None = None
    shortens: bool = False
    """Whether items are left out of lists, so that less is served where the outcome is `WARNS`."""
    says: str = ""
    """A part of the sentence that the log and the status page have, for those that fail."""
    remark: str = ""
    """For people, where the outcome does not explain itself."""

    @property
    def is_slow(self) -> bool:
        """Whether the run ends by its time limit."""
        return self.outcome.reason is Reason.TIMEOUT

    @property
    def miscounts(self) -> bool:
        """Whether the API's own counts of lists are wrong or missing."""
        return isinstance(self.cause, Answers) and self.cause.kind in ("wrong_total", "no_total")

    def is_repeated(self, vendor: Vendor) -> bool:
        """Tell whether a vendor's client repeats the call."""
        return self.repeated in (True, vendor)

    def concerns(self, polled: Polled) -> bool:
        """Tell whether a collector's vendor can suffer from it."""
        return self.only in (None, polled.vendor)

    def expected(self, polled: Polled) -> Outcome:
        """Say what is to become of a collector."""
        return self.but.get(polled.id, self.outcome)
