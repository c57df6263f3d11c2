"""Reading the records of one page, a few at a time.

A decoder makes an object of every record at once: `[0,0,…]` has thirty million of them in 64 MiB,
and 64 MiB of honest records hold the event loop for a while. So a page that is large, or has very
many values, is searched for the ends of its records first, in slices of a few milliseconds. One
with too many records is refused by their number; the records of the others are decoded later, a few
at a time.
"""

import re
from array import array
from collections.abc import Callable, Collection, Iterable, Iterator
from itertools import islice
from typing import TypeVar

import msgspec
from msgspec import Raw

from exporter.errors import Reason, SourceError
from exporter.slices import Slices
from exporter.sources.drift import joined
from exporter.sources.listing import Page
from exporter.sources.records import decode, decode_small, is_small, not_json

E = TypeVar("E")
M = TypeVar("M")

FOUND_AT_ONCE = 2**20
"""Bytes of a page whose records are found at once: they are at most half as many, and not decoded.
"""
AT_ONCE = 100
AT_ONCE_BYTES = 2**18
"""Records that are mapped before others have their turn; one that is larger is mapped alone."""


def fits_at_once(body: bytes) -> bool:
    """Return whether the records of a page can be found without holding the event loop."""
    return len(body) <= FOUND_AT_ONCE or is_small(body)


async def read_page(
    body: bytes, decoder: msgspec.json.Decoder[E], name: str, endpoint: str
) -> tuple[E, Collection[Raw]]:
    """Read a page of a list.

    Args:
        body: The page.
        decoder: Reads it; its field `name` takes the records undecoded.
        name: The field that is the list of records, in the page and in what it is decoded to.
        endpoint: For errors.

    Returns:
        The page and its records. The field `name` of the page says whether it has such a list.

    Raises:
        SourceError: decode or schema, as for `decode`; too_large, if there are too many records.
    """
    if fits_at_once(body):
        page = decode_small(body, decoder, endpoint)
        records: Collection[Raw] = getattr(page, name) or ()
        if len(records) > MOST_RECORDS:
            raise too_many(endpoint)
        return page, records
    if not body[:64].lstrip().startswith(b"{"):
        raise SourceError(Reason.DECODE, f"{endpoint}: {not_json(body, 'it is no object')}")
    envelope, records = await split(body, name, endpoint)
    page = decode(envelope, decoder, endpoint)
    if getattr(page, name) != []:
        raise SourceError(Reason.DECODE, f"{endpoint}: the answer has {name} twice")
    return page, records


async def mapped(records: Collection[Raw], into: Callable[[list[Raw]], Page[M]]) -> Page[M]:
    """Map the records of a page in slices; `into` is called at least once."""
    slices = Slices()
    pages: list[Page[M]] = []
    for few in _few_at_a_time(records):
        pages.append(into(few))
        await slices.breathe()
    return _whole(pages) if pages else into([])


def _few_at_a_time(records: Iterable[Raw]) -> Iterator[list[Raw]]:
    remaining = iter(records)
    while few := list(islice(remaining, AT_ONCE)):
        if sum(len(memoryview(each)) for each in few) <= AT_ONCE_BYTES:
            yield few
        else:
            yield from _by_size(few)


def _by_size(records: list[Raw]) -> Iterator[list[Raw]]:
    few: list[Raw] = []
    size = 0
    for each in records:
        length = len(memoryview(each))
        if few and size + length > AT_ONCE_BYTES:
            yield few
            few, size = [], 0
        few.append(each)
        size += length
    yield few


def _whole(pages: list[Page[M]]) -> Page[M]:
    """Join what the records of one page were mapped to."""
    if len(pages) == 1:
        return pages[0]
    return Page(
        [item for page in pages for item in page.items],
        sum(page.size for page in pages),
        pages[0].total,
        joined(page.drift for page in pages),
    )


MOST_RECORDS = 100_000
"""Records of one page: far more than are asked for, because a server may ignore the limit."""
LONGEST_RECORD = 16 * 2**20
"""Bytes of one record of a large page: a group of COM has about 190 for each of its servers."""
MOST_RECORD_VALUES = 400_000
"""Values of one record of a large page, counted by commas: a group of COM has 6 for each server."""
LONGEST_ENVELOPE = 2**18
"""Bytes of a large page before its records, or after them."""
LONGEST_STRING = 2**20
"""Bytes of one string of a large page, if it is longer than a step."""
DEEPEST = 64
"""Levels of arrays and objects in one record of a large page."""

_STEP = 2**17
"""Bytes that are searched before others have their turn."""
_STRING = rb'"(?:[^"\\]++|\\.)*+"'


def _values(levels: int, plain: bytes) -> bytes:
    """Return a pattern for values that are complete; it is linear, as nothing is tried again."""
    deeper = rb"|[\[{]" + _values(levels - 1, b"") + rb"[\]}]" if levels else b""
    return rb'(?:[^"\[\]{}' + plain + rb"]++|" + _STRING + deeper + rb")*+"


_AT_ONCE = 6
"""Levels that one match follows; deeper ones take a step each."""
_OUTSIDE = re.compile(_values(_AT_ONCE, b","), re.DOTALL)
_INSIDE = re.compile(_values(_AT_ONCE, b""), re.DOTALL)
_LONG_STRING = re.compile(_STRING, re.DOTALL)
_OPENING = re.compile(rb"\s*+\{")
_KEY = re.compile(rb'\s*+"((?:[^"\\]++|\\.)*+)"\s*+:\s*+', re.DOTALL)


class Records(Collection[msgspec.Raw]):
    """The records of a page that was split."""

    def __init__(self, body: bytes, starts: "array[int]", ends: "array[int]") -> None:
        """Take where each record starts and ends."""
        self._body = body
        self._starts = starts
        self._ends = ends

    def __len__(self) -> int:
        return len(self._ends)

    def __contains__(self, record: object) -> bool:
        return any(record == each for each in self)

    def __iter__(self) -> Iterator[msgspec.Raw]:
        for start, end in zip(self._starts, self._ends, strict=True):
            yield msgspec.Raw(self._body[start:end])


async def split(body: bytes, name: str, endpoint: str) -> tuple[bytes, Records]:
    """Split a page.

    Args:
        body: A JSON object.
        name: Its field that is the list of records.
        endpoint: For errors.

    Returns:
        The page with an empty list in place of the records, and the records.

    Raises:
        SourceError: too_large, if it has too many records, or too much in one or beside them;
            schema, if it has no such list; decode, if it is no JSON.
    """
    search = _Search(body, endpoint)
    start = await search.start_of_list(name.encode())
    records, end = await search.records(start)
    if len(body) - end > LONGEST_ENVELOPE:
        raise search.too_large(f"more than {LONGEST_ENVELOPE} bytes after the records")
    return body[:start] + body[end:], records


def too_many(endpoint: str) -> SourceError:
    """Return the error for a page with too many records."""
    return SourceError(
        Reason.TOO_LARGE, f"{endpoint}: there are more than {MOST_RECORDS} records on one page"
    )


class _Search:
    """Searches one page, in slices."""

    def __init__(self, body: bytes, endpoint: str) -> None:
        self._body = body
        self._endpoint = endpoint
        self._slices = Slices()

    def too_large(self, what: str) -> SourceError:
        """Return the error for something that no honest page has."""
        return SourceError(Reason.TOO_LARGE, f"{self._endpoint}: the answer has {what}")

    async def start_of_list(self, name: bytes) -> int:
        """Find the first record of the list with this name."""
        opening = _OPENING.match(self._body, 0, LONGEST_ENVELOPE)
        place = opening.end() if opening else LONGEST_ENVELOPE
        while place < LONGEST_ENVELOPE:
            key = _KEY.match(self._body, place, LONGEST_ENVELOPE)
            if key is None:
                break
            if key[1] == name and self._body.startswith(b"[", key.end()):
                return key.end() + 1
            place = await self._end_of_value(key.end()) + 1
        raise SourceError(
            Reason.SCHEMA,
            f"{self._endpoint}: no list of {name.decode()} begins within the first "
            f"{LONGEST_ENVELOPE} bytes of the answer",
        )

    async def records(self, start: int) -> tuple[Records, int]:
        """Find every record; return them, and where the last one ends."""
        starts, ends = array("Q"), array("Q")
        most = MOST_RECORD_VALUES
        while True:
            end = await self._end_of_value(start)
            after = self._body[end : end + 1]
            if after == b"," or starts or self._body[start:end].strip():
                starts.append(start)
                ends.append(end)
            if len(ends) > MOST_RECORDS:
                raise too_many(self._endpoint)
            if end - start > most and self._body.count(b",", start, end) > most:
                raise self.too_large(f"a record of more than {most} values")
            if after != b",":
                return Records(self._body, starts, ends), end
            start = end + 1

    async def _end_of_value(self, start: int) -> int:
        """Find the comma or bracket after a value."""
        body, place, depth = self._body, start, 0
        while True:
            # The patterns match anything, if only nothing.
            found = (_INSIDE if depth else _OUTSIDE).match(body, place, place + _STEP)
            place = found.end() if found else place
            if place - start > LONGEST_RECORD:
                raise self.too_large(f"a record of more than {LONGEST_RECORD} bytes")
            after = body[place : place + 1]
            await self._slices.breathe()
            if not depth and after in (b",", b"]", b"}"):
                return place
            place, depth = self._beyond(place, after, depth)

    def _beyond(self, place: int, after: bytes, depth: int) -> tuple[int, int]:
        """Go on at what a step could not match as a whole; return the place, and how deep it is."""
        if not after:
            raise SourceError(
                Reason.DECODE, f"{self._endpoint}: the answer is not valid JSON: it ends too early"
            )
        if depth == DEEPEST:
            raise self.too_large(f"a record of more than {DEEPEST} levels")
        if after in b"[{":
            return place + 1, depth + 1
        if after in b"]}":
            return place + 1, depth - 1
        if after != b'"':
            return place, depth
        string = _LONG_STRING.match(self._body, place, place + LONGEST_STRING)
        if string is None and len(self._body) - place < LONGEST_STRING:
            raise SourceError(
                Reason.DECODE, f"{self._endpoint}: the answer is not valid JSON: a text has no end"
            )
        if string is None:
            raise self.too_large(f"a text of more than {LONGEST_STRING} bytes")
        return string.end(), depth
