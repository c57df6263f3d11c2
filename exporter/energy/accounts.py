"""What is added to the total of each server, in whole millijoules, so that sums never drift.

COM's figures are of closed hours: an hour is added once, and when a later answer says more, the
difference. Dell's are counters of the devices' own, which may be reset: only growth is added.
A total never falls, and stops growing at `MOST`.
"""

from collections.abc import Mapping, Set
from dataclasses import dataclass

from msgspec import Struct

MILLIJOULES = 1000
MOST = 2**63 - 1
"""Millijoules: the largest integer of SQLite, 2.5 TWh."""


def millijoules(joules: float) -> int | None:
    """Return the nearest whole number of millijoules; None for what no account can hold."""
    # A float compares with an integer exactly; NaN is never within.
    energy = joules * MILLIJOULES
    return round(energy) if 0 <= energy <= MOST else None


def joules(total: int) -> float:
    """Return joules; exact up to 2.5 GWh."""
    return total / MILLIJOULES


class Account(Struct, frozen=True, gc=False):
    """The energy of one server, in millijoules."""

    id: int
    total: int
    """Since the account was opened."""
    reading: int | None = None
    """Of the device's own counter, when it was last seen; None where there is none."""


@dataclass(frozen=True, slots=True)
class HourCounted:
    """What counting an hour changes."""

    detail: Mapping[int, int]
    """What is counted of the hour now, by account."""
    added: Mapping[int, int]
    """What the totals grow by, by account."""
    new: tuple[str, ...]
    """Serial numbers without an account."""
    is_whole: bool
    """Whether nothing had to be left for another time."""


def hour_counted(
    energies: Mapping[str, int],
    accounts: Mapping[str, Account],
    countable: Set[str],
    detail: Mapping[int, int],
) -> HourCounted:
    """Compare what is said of an hour with what was counted of it before.

    A server is left for another time until its account has been served: Prometheus must have seen
    a counter at its old value, or at zero, before it can see it grow.

    Args:
        energies: What each server used in the hour, by serial number.
        accounts: The accounts of the source, by serial number.
        countable: Serial numbers whose accounts have been served.
        detail: What was counted of this hour before, by account.
    """
    counted = dict(detail)
    added: dict[int, int] = {}
    left = 0
    for serial, energy in energies.items():
        account = accounts.get(serial)
        if account is None or serial not in countable:
            left += 1
        elif (growth := energy - counted.get(account.id, 0)) > 0 or account.id not in counted:
            counted[account.id] = energy
            added[account.id] = min(max(0, growth), MOST - account.total)
    new = tuple(serial for serial in energies if serial not in accounts)
    return HourCounted(counted, added, new, is_whole=left == 0)


def advanced(account: Account, reading: int) -> Account:
    """Add what a device's counter has grown by; after a reset that is all it shows.

    Args:
        account: The account so far.
        reading: What the device's counter shows now, in millijoules.
    """
    if account.reading is None:
        growth = 0
    elif reading < account.reading:
        growth = reading
    else:
        growth = reading - account.reading
    return Account(account.id, min(account.total + growth, MOST), reading)
