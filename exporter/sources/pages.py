"""Mapping the records of one page, a few at a time."""

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
from exporter.sources.splitting import MOST_RECORDS, split, too_many

E = TypeVar("E")
M = TypeVar("M")

AT_ONCE = 100
AT_ONCE_BYTES = 2**18
"""Records that are mapped before others have their turn; one that is larger is mapped alone."""


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
    if is_small(body):
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
