"""Reading every page of a list.

No API here promises a stable order, and a server may return fewer items on a page than asked for.
What the readings amount to is judged in `listing`.
"""

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable, Hashable
from contextlib import aclosing
from dataclasses import dataclass
from typing import Generic, TypeVar

from exporter.errors import Reason, SourceError
from exporter.sources.forms import REFUSED
from exporter.sources.listing import (
    Listing,
    Page,
    Reading,
    came_short_alike,
    complete,
    usable,
    wrongly_counted,
)

T = TypeVar("T")
MOST_PAGES = 10_000
"""No list of either API has more; a total that would need more is a broken answer."""
MOST_ITEMS = 500_000
"""Items of one list. The largest fleets have a fifth of it, and every item is kept in memory."""
MOST_EMPTY_PAGES = 5
"""Pages in a row without an item, after which there are no more, whatever the total says."""
REREADS = 3
WHOLE = 1000
"""Items per page assumed where an API takes no page size, should it page all the same."""
BEYOND_THE_END = REFUSED | {404, 416}
"""Statuses of a page that begins after the last item."""
USUAL_CAPS = frozenset({10, 20, 25, 50, 100, 200, 250, 500})
"""Page sizes that servers silently limit to: a first page of such a size may not be the last."""


Fetch = Callable[[int, int], Awaitable[Page[T]]]
"""Reads one page; arguments: the number of items to skip, the number of items to return."""


@dataclass(frozen=True, slots=True)
class Traits:
    """What is known of a list before it is read."""

    largest: int = 0
    """Items to ask for when the list is read again, if that is more than at first."""
    has_more_pages: bool = True
    """Whether there can be a page after the first one."""
    may_be_empty: bool = False
    """Whether a list that comes empty each time is believed to be, whatever its count."""


ORDINARY = Traits()


async def read_list(
    fetch: Fetch[T],
    key: Callable[[T], Hashable],
    *,
    name: str,
    page_size: int | None,
    at_once: int,
    traits: Traits = ORDINARY,
) -> Listing[T]:
    """Read every page of a list.

    Args:
        fetch: Reads one page.
        key: Identifies items.
        name: The name of the list in errors.
        page_size: Items to ask for; an API may return fewer on every page. None where the API
            takes no page size and returns the whole list.
        at_once: Pages requested at the same time.
        traits: What else is known of the list.

    Raises:
        SourceError: A page failed; `truncated` if fewer items came than the API counts; `schema`
            if no item could be read.
    """
    pages = _Pages(fetch, key, name, traits)
    readings: list[Reading[T]] = []
    for _ in range(1 + REREADS):
        readings.append(
            await _read_again(pages, page_size, at_once, traits.largest if readings else 0)
        )
        whole = complete(readings)
        if whole is not None:
            return usable(whole.listing(), name)
        if len(readings) > 1 and came_short_alike(readings[-2:]):
            alike = 2
            break
    else:
        alike = len(readings)
    found = wrongly_counted(readings, alike, name, may_be_empty=traits.may_be_empty)
    return usable(found, name)


@dataclass(frozen=True, slots=True)
class _Pages(Generic[T]):
    """Where the pages of a list come from."""

    fetch: Fetch[T]
    key: Callable[[T], Hashable]
    name: str
    traits: Traits


async def _read_again(
    pages: _Pages[T], page_size: int | None, at_once: int, largest: int
) -> Reading[T]:
    """Read every page once, on larger pages where the API takes them."""
    if page_size is not None and largest > page_size:
        try:
            return await _read_once(pages, largest, at_once)
        except SourceError as error:
            if error.status not in REFUSED:
                raise
    return await _read_once(pages, page_size, at_once)


async def _read_once(pages: _Pages[T], page_size: int | None, at_once: int) -> Reading[T]:
    """Read every page once."""
    reading: Reading[T] = Reading()
    first = await pages.fetch(0, page_size or WHOLE)
    _check_total(first, pages.name)
    await reading.add(0, first, pages.key)
    if first.total is None or first.total < first.size:
        await _read_uncounted(pages, reading, page_size, has_more=first.has_more)
    else:
        await _read_counted(pages, reading, first.total, page_size or WHOLE, at_once)
        if page_size is not None and pages.traits.has_more_pages and reading.is_complete:
            await _read_beyond(pages, reading, page_size)
    return reading


async def _read_counted(
    pages: _Pages[T], reading: Reading[T], total: int, page_size: int, at_once: int
) -> None:
    """Read the pages after the first one, as many as the total says."""
    # A server may limit pages silently: what came, not what was asked for, is the stride. More than
    # was asked for may be all that there is, or the same records twice.
    stride = min(reading.sizes[0], page_size)
    offsets = range(stride, total, stride) if stride and not reading.is_complete else range(0)
    size = page_size if stride >= page_size else stride
    empty = 0
    async with aclosing(_in_parallel(pages.fetch, offsets, size, at_once)) as parts:
        async for offset, page in parts:
            await reading.add(offset, page, pages.key)
            if reading.came > MOST_ITEMS:
                raise _too_many(pages.name)
            empty = 0 if page.size else empty + 1
            if empty == MOST_EMPTY_PAGES:
                break
    if (reading.reported or 0) < 0:
        raise SourceError(Reason.SCHEMA, f"{pages.name}: the API counts {reading.reported} items")
    if stride and not reading.is_complete:
        await _fill_gaps(pages, reading, stride, total)


def _check_total(page: Page[T], name: str) -> None:
    """Refuse a total that cannot be.

    Raises:
        SourceError: `schema`; `too_large`, if it can be, but is more than `MOST_ITEMS`.
    """
    total = page.total or 0
    if total < 0 or 0 < page.size * MOST_PAGES < total:
        raise SourceError(
            Reason.SCHEMA, f"{name}: the API counts {total} items, {page.size} on a page"
        )
    if total > MOST_ITEMS and page.size:
        raise _too_many(name)


def _too_many(name: str) -> SourceError:
    return SourceError(Reason.TOO_LARGE, f"{name}: the list has more than {MOST_ITEMS} items")


async def _read_uncounted(
    pages: _Pages[T], reading: Reading[T], page_size: int | None, *, has_more: bool
) -> None:
    """Read on until a page that names no next one is shorter than asked for, or has nothing new.

    Raises:
        SourceError: A page failed; `too_large`, if there is no end.
    """
    stride = offset = reading.sizes[0]
    if not stride or page_size is None:
        return
    if stride < page_size and stride not in USUAL_CAPS and not has_more:
        return
    await _read_on(pages, reading, offset, min(stride, page_size))


async def _read_beyond(pages: _Pages[T], reading: Reading[T], page_size: int) -> None:
    """Look for items after a last page that is full: the count may be that of the pages alone.

    One more request, but only for a list that ends with a full page. An API that refuses to skip
    all the items it counts has no more.
    """
    last = max(reading.sizes)
    end = last + reading.sizes[last]
    # A page with more than was asked for is the whole list.
    if reading.sizes[last] != page_size:
        return
    try:
        page = await pages.fetch(end, page_size)
    except SourceError as error:
        if error.status not in BEYOND_THE_END:
            raise
        return
    if any(pages.key(item) not in reading.found for item in page.items):
        await reading.add(end, page, pages.key)
        if page.size == page_size:
            await _read_on(pages, reading, end + page.size, page_size)


async def _read_on(pages: _Pages[T], reading: Reading[T], offset: int, size: int) -> None:
    """Read pages until one is shorter than requested, or has nothing new."""
    while len(reading.sizes) < MOST_PAGES:
        known = reading.came
        page = await pages.fetch(offset, size)
        await reading.add(offset, page, pages.key)
        if reading.came > MOST_ITEMS:
            raise _too_many(pages.name)
        if reading.came == known or (page.size < size and not page.has_more):
            return
        offset += page.size
    raise SourceError(Reason.TOO_LARGE, f"{pages.name}: the list has more than {MOST_PAGES} pages")


async def _fill_gaps(pages: _Pages[T], reading: Reading[T], stride: int, total: int) -> None:
    """Ask once more for the part that pages came short of."""
    for offset, size in sorted(reading.sizes.items()):
        start, end = offset + size, min(offset + stride, total)
        if size and start < end:
            page = await pages.fetch(start, end - start)
            await reading.add(start, page, pages.key)


async def _in_parallel(
    fetch: Fetch[T], offsets: range, size: int, at_once: int
) -> AsyncGenerator[tuple[int, Page[T]], None]:
    """Yield offsets and pages in order while the next ones are requested, at most `at_once`."""
    waiting: list[tuple[int, asyncio.Task[Page[T]]]] = []
    remaining = iter(offsets)
    try:
        for offset in remaining:
            waiting.append((offset, asyncio.ensure_future(fetch(offset, size))))
            if len(waiting) >= at_once:
                first, task = waiting.pop(0)
                yield first, await task
        while waiting:
            offset, task = waiting.pop(0)
            yield offset, await task
    finally:
        for _, task in waiting:
            task.cancel()
        await asyncio.gather(*(task for _, task in waiting), return_exceptions=True)
