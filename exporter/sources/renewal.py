"""Reuse of what was read of records that are the same as at the last run.

Nearly every record of a fleet says the same, byte by byte, minute after minute. So a list remembers
a fingerprint of the bytes of each record and what the record was mapped to, and gives that same
object again: it is neither decoded nor mapped, and whoever compares it later sees at once that it
is the same. Only the last complete run is remembered, and never the bytes themselves.

What did not fit in a record is remembered with it and counted in each run. A record that cannot be
read is not remembered, so that each run counts it.
"""

import sys
from collections.abc import Callable, Collection, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Generic, TypeVar

import msgspec

from exporter.sources.drift import NO_DRIFT, Drift, Expected, Unseen, joined, looked
from exporter.sources.listing import Page
from exporter.sources.records import Read, read

R = TypeVar("R", bound=msgspec.Struct)
M = TypeVar("M")

CAN_TELL_APART = sys.hash_info.width >= 64
"""Whether Python's hash of bytes, which is keyed anew in each process, may be a fingerprint.

Where 2,500 of 50,000 records change each minute, 64 bits mistake one in 100,000 years, and 32 bits
one each half hour.
"""


@dataclass(slots=True)
class _Memory(Generic[M]):
    """What records were mapped to, by the fingerprint of their bytes."""

    mapped: dict[int, M] = field(default_factory=dict)
    drifts: dict[int, Drift] = field(default_factory=dict)
    """Of the few records in which something did not fit."""


class Renewal(Generic[R, M]):
    """Remembers the last complete run of one list."""

    def __init__(
        self, decoder: msgspec.json.Decoder[R], expected: Iterable[Expected[R]] = ()
    ) -> None:
        """Begin without memory.

        Args:
            decoder: Reads one record.
            expected: What ordinary records have.
        """
        self._decoder = decoder
        self._expected = tuple(expected)
        self._last: _Memory[M] = _Memory()
        self._basis: object = None

    @property
    def remembered(self) -> int:
        """How many records are remembered."""
        return len(self._last.mapped)

    @contextmanager
    def run(
        self, into: Callable[[R, Unseen], M], basis: object = None
    ) -> Iterator["RenewalRun[R, M]"]:
        """Read the list once; what was read is remembered if the block ends well.

        Args:
            into: Maps a record to something immutable; it may not look at the time.
            basis: What the mapping depends on besides the record, such as the names of the known
                servers; immutable. Nothing is taken over from a run with another one.
        """
        if self._basis is not basis and self._basis != basis:
            self._last = _Memory()
        self._basis = basis
        run = RenewalRun(self._decoder, self._expected, into, self._last)
        yield run
        self._last = run.memory


class RenewalRun(Generic[R, M]):
    """One reading of a list."""

    def __init__(
        self,
        decoder: msgspec.json.Decoder[R],
        expected: tuple[Expected[R], ...],
        into: Callable[[R, Unseen], M],
        last: _Memory[M],
    ) -> None:
        """Take over from `last` what has not changed."""
        self.memory: _Memory[M] = _Memory()
        self._decoder = decoder
        self._expected = expected
        self._into = into
        self._last = last
        self._present: frozenset[str] = frozenset()
        """Expected fields that the pages so far had."""

    def page(self, raws: Collection[msgspec.Raw], total: int | None) -> Page[M]:
        """Read some records of a page.

        Args:
            raws: The records as they came.
            total: The API's own count of the whole list; None where it gives none.
        """
        items: list[M] = []
        odd: list[Drift] = []
        seen = _Seen(self._decoder)
        last, memory = self._last, self.memory
        for raw in raws:
            fingerprint = hash(bytes(raw))
            item = last.mapped.get(fingerprint)
            if item is not None:
                seen.unread.append(raw)
                drift = last.drifts.get(fingerprint, NO_DRIFT)
            else:
                record, left_out = seen.read(raw)
                if record is None:
                    continue
                unseen = Unseen()
                if left_out is not NO_DRIFT:
                    unseen.add(left_out)
                item = self._into(record, unseen)
                drift = unseen.drift
            items.append(item)
            if CAN_TELL_APART:
                memory.mapped[fingerprint] = item
            if drift is not NO_DRIFT:
                memory.drifts[fingerprint] = drift
                odd.append(drift)
        fields = looked(self._expected, seen, self._present)
        if fields is not NO_DRIFT:
            self._present |= fields.present
        return Page(items, len(raws), total, joined((*odd, fields)) if odd else fields)


class _Seen(Iterable[R]):
    """The records of a page: first those that were decoded, then the others, one by one.

    Who looks for a field stops at the first record that has it. So hardly a record that has not
    changed is decoded for that, unless a field is missing.
    """

    def __init__(self, decoder: msgspec.json.Decoder[R]) -> None:
        self.unread: list[msgspec.Raw] = []
        self._records: list[R] = []
        self._decoder = decoder

    def read(self, raw: msgspec.Raw) -> Read[R]:
        """Decode a record."""
        found = read(raw, self._decoder)
        if found.record is not None:
            self._records.append(found.record)
        return found

    def __iter__(self) -> Iterator[R]:
        place = 0
        while place < len(self._records) or self._read_another():
            yield self._records[place]
            place += 1

    def _read_another(self) -> bool:
        return bool(self.unread) and self.read(self.unread.pop()).record is not None
