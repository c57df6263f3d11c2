"""Splitting a large page of a list into its records, before any of them becomes an object.

A decoder makes an object of every record at once: `[0,0,…]` has thirty million of them in 64 MiB,
and 64 MiB of honest records hold the event loop for a while. So a page that is large, or has very
many values, is searched for the ends of its records first, in slices of a few milliseconds. One
with too many records is refused by their number; the records of the others are decoded later, a few
at a time.
"""

import re
from array import array
from collections.abc import Collection, Iterator

import msgspec

from exporter.errors import Reason, SourceError
from exporter.slices import Slices

MOST_RECORDS = 100_000
"""Records of one page: far more than are asked for, because a server may ignore the limit."""
LONGEST_RECORD = 2 * 2**20
"""Bytes of one record of a large page."""
LONGEST_ENVELOPE = 2**18
"""Bytes of a large page beside its records."""
DEEPEST = 32
"""Levels of arrays and objects in one record of a large page."""
MOST_MEMBERS = 1000
"""Fields of a large page before its records."""


_STRING = rb'"(?:[^"\\]++|\\.)*+"'


def _content(levels: int) -> bytes:
    """Return a pattern for what may be in an array or object; linear, as nothing is tried again."""
    deeper = rb"|[\[{]" + _content(levels - 1) + rb"[\]}]" if levels else b""
    return rb'(?:[^"\[\]{}]++|' + _STRING + deeper + rb")*+"


_VALUE = re.compile(
    rb'(?:[^"\[\]{},]++|' + _STRING + rb"|[\[{]" + _content(DEEPEST - 1) + rb"[\]}])*+", re.DOTALL
)
_OPENING = re.compile(rb"\s*+\{")
_KEY = re.compile(rb'\s*+"((?:[^"\\]++|\\.)*+)"\s*+:\s*+', re.DOTALL)
_COMMA, _END = ord(","), ord("]")


class Records(Collection[msgspec.Raw]):
    """The records of a page that is split."""

    def __init__(self, body: bytes, start: int) -> None:
        """Start without records.

        Args:
            body: The page.
            start: Where its first record starts.
        """
        self._body = body
        self._starts = array("Q")
        self._ends = array("Q")
        self.start = self.end = start
        """Where the first record starts, and the last one ends."""

    def __len__(self) -> int:
        return len(self._ends)

    def __contains__(self, record: object) -> bool:
        return any(record == each for each in self)

    def __iter__(self) -> Iterator[msgspec.Raw]:
        for start, end in zip(self._starts, self._ends, strict=True):
            yield msgspec.Raw(self._body[start:end])

    async def find(self, endpoint: str) -> None:
        """Find every record.

        Raises:
            SourceError: too_large, if there are too many or one is too large; decode, if the list
                has no end.
        """
        slices = Slices()
        while self._find_next(endpoint):
            if len(self) > MOST_RECORDS:
                raise too_many(endpoint)
            await slices.breathe()

    def _find_next(self, endpoint: str) -> bool:
        """Find one record; return whether there is another one."""
        start = self.end + 1 if len(self) else self.end
        end = _end_of_value(self._body, start)
        after = self._body[end] if end < len(self._body) else None
        if after not in (_COMMA, _END):
            raise _endless(endpoint, len(self._body) - start)
        self.end = end
        if after == _COMMA or len(self) or self._body[start:end].strip():
            self._starts.append(start)
            self._ends.append(end)
        return after == _COMMA


async def split(body: bytes, name: str, endpoint: str) -> tuple[bytes, Records]:
    """Split a page.

    Args:
        body: A JSON object.
        name: Its field that is the list of records.
        endpoint: For errors.

    Returns:
        The page with an empty list in place of the records, and the records.

    Raises:
        SourceError: too_large, if it has too many records, or too much beside them; schema, if it
            has no such list; decode, if the list has no end.
    """
    start = _start_of_list(body, name.encode())
    if start is None:
        raise SourceError(
            Reason.SCHEMA,
            f"{endpoint}: the answer has {len(body)} bytes, but no list of {name} was found in it",
        )
    records = Records(body, start)
    await records.find(endpoint)
    if start + len(body) - records.end > LONGEST_ENVELOPE:
        raise SourceError(
            Reason.TOO_LARGE,
            f"{endpoint}: the answer has more than {LONGEST_ENVELOPE} bytes beside its records",
        )
    return body[:start] + body[records.end :], records


def too_many(endpoint: str) -> SourceError:
    """Return the error for a page with too many records."""
    return SourceError(
        Reason.TOO_LARGE, f"{endpoint}: there are more than {MOST_RECORDS} records on one page"
    )


def _start_of_list(body: bytes, name: bytes) -> int | None:
    """Find the first record of the list with this name; None where there is no such list."""
    opening = _OPENING.match(body, 0, LONGEST_ENVELOPE)
    place = opening.end() if opening else len(body)
    for _ in range(MOST_MEMBERS):
        key = _KEY.match(body, place, place + LONGEST_ENVELOPE)
        if key is None or place > LONGEST_ENVELOPE:
            return None
        value = key.end()
        if key[1] == name:
            return value + 1 if body.startswith(b"[", value) else None
        place = _end_of_value(body, value) + 1
    return None


def _end_of_value(body: bytes, start: int) -> int:
    """Return where a value ends, or where it can no longer be followed."""
    found = _VALUE.match(body, start, start + LONGEST_RECORD)
    return found.end() if found else start


def _endless(endpoint: str, left: int) -> SourceError:
    if left > LONGEST_RECORD:
        return SourceError(
            Reason.TOO_LARGE,
            f"{endpoint}: a record has more than {LONGEST_RECORD} bytes or {DEEPEST} levels",
        )
    return SourceError(
        Reason.DECODE, f"{endpoint}: the answer is not valid JSON: a list has no end"
    )
