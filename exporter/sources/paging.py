"""How is a list read past every page size, and when is it complete?

No API here promises a stable order: an item may stand on two pages and another on none. So items
are told apart by their key and counted against the API's own total; a list that comes out short is
read once more from the beginning, and is then a failure rather than a smaller fleet.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Hashable
from dataclasses import dataclass
from typing import Generic, TypeVar

from exporter.errors import Reason, SourceError
from exporter.sources.drift import NO_DRIFT, Drift, joined

T = TypeVar("T")
MOST_PAGES = 10_000
"""No list of either API has more; a total that would need more is a broken answer."""


@dataclass(frozen=True, slots=True)
class Page(Generic[T]):
    """One page: what could be read, how many items were on it, and the API's total."""

    items: list[T]
    size: int
    total: int
    drift: Drift = NO_DRIFT
    """What did not fit in its items."""

    @property
    def problems(self) -> int:
        """Items that could not be read."""
        return self.size - len(self.items)


@dataclass(frozen=True, slots=True)
class Listing(Generic[T]):
    """A complete list."""

    items: list[T]
    problems: int
    reported: int
    """The API's own count."""
    drift: Drift = NO_DRIFT
    """What did not fit on all of its pages."""


Fetch = Callable[[int, int], Awaitable[Page[T]]]
"""Reads one page; arguments: how many items to skip, how many to give."""


async def read_list(
    fetch: Fetch[T],
    key: Callable[[T], Hashable],
    *,
    name: str,
    page_size: int,
    at_once: int,
) -> Listing[T]:
    """Read every page of a list.

    Args:
        fetch: Reads one page.
        key: Tells items apart.
        name: What the list is called in an error.
        page_size: Items to ask for; an API may give fewer on every page.
        at_once: Pages asked for at the same time.

    Raises:
        SourceError: A page failed; `truncated` if twice fewer items came than the API counts;
            `schema` if no item could be read.
    """
    first = await _read_once(fetch, key, page_size, at_once, name)
    if first.complete and first.steady:
        return _usable(first, name)
    # A list that changed while it was read may have lost an item between two pages.
    second = await _read_once(fetch, key, page_size, at_once, name)
    if not second.complete:
        raise SourceError(
            Reason.TRUNCATED,
            f"{name}: fewer items came than the API itself counts, twice in a row; "
            "nothing of it is used",
        )
    return _usable(second, name)


@dataclass(frozen=True, slots=True)
class _Reading(Generic[T]):
    """A list that was read once, and how far it can be trusted."""

    listing: Listing[T]
    complete: bool
    """Whether as many items came as the API counts."""
    steady: bool
    """Whether the API counted the same on every page."""


def _usable(reading: _Reading[T], name: str) -> Listing[T]:
    listing = reading.listing
    if listing.problems and not listing.items:
        raise SourceError(
            Reason.SCHEMA, f"{name}: none of {listing.problems} records could be read"
        )
    return listing


async def _read_once(
    fetch: Fetch[T], key: Callable[[T], Hashable], page_size: int, at_once: int, name: str
) -> _Reading[T]:
    """Read every page once."""
    first = await fetch(0, page_size)
    if first.total < 0 or 0 < first.size * MOST_PAGES < first.total:
        raise SourceError(
            Reason.SCHEMA, f"{name}: the API counts {first.total} items, {first.size} on a page"
        )
    found = {key(item): item for item in first.items}
    problems, totals, drifts = first.problems, {first.total}, [first.drift]
    # A server may cap pages silently: what came, not what was asked for, is the stride.
    stride = first.size
    offsets = range(stride, first.total, stride) if stride else range(0)
    async for page in _in_parallel(
        fetch, offsets, page_size if stride >= page_size else stride, at_once
    ):
        for item in page.items:
            found.setdefault(key(item), item)
        problems += page.problems
        totals.add(page.total)
        drifts.append(page.drift)
    reported, came = min(totals), len(found) + problems
    if reported < 0:
        raise SourceError(Reason.SCHEMA, f"{name}: the API counts {reported} items")
    # A page that counts nothing contradicts those that gave something.
    complete = came >= reported and (reported > 0 or not came)
    listing = Listing(list(found.values()), problems, reported, joined(drifts))
    return _Reading(listing, complete, len(totals) == 1)


async def _in_parallel(
    fetch: Fetch[T], offsets: range, size: int, at_once: int
) -> AsyncIterator[Page[T]]:
    """Give pages in order while the next ones are on their way; never more than `at_once`."""
    waiting: list[asyncio.Task[Page[T]]] = []
    remaining = iter(offsets)
    try:
        for offset in remaining:
            waiting.append(asyncio.ensure_future(fetch(offset, size)))
            if len(waiting) >= at_once:
                yield await waiting.pop(0)
        while waiting:
            yield await waiting.pop(0)
    finally:
        for task in waiting:
            task.cancel()
        await asyncio.gather(*waiting, return_exceptions=True)
