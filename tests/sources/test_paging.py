import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace

import pytest

from exporter.errors import Reason, SourceError
from exporter.sources import paging
from exporter.sources.listing import Listing, Page
from exporter.sources.paging import Traits, read_list
from tests.support.clock import settle

SIZE = 10


class Shelf:
    """A list of numbers behind an API with pages; a None is a record that cannot be read."""

    def __init__(self, *items: int | None, cap: int = SIZE) -> None:
        self.items = list(items)
        self.cap = cap
        self.calls: list[tuple[int, int]] = []
        self.on_page: Callable[[int], None] | None = None
        self.total: Callable[[], int | None] = lambda: len(self.items)

    async def fetch(self, skip: int, limit: int) -> Page[int]:
        self.calls.append((skip, limit))
        await asyncio.sleep(0)
        raw = self.items[skip : skip + min(limit, self.cap)]
        page = Page([item for item in raw if item is not None], len(raw), self.total())
        if self.on_page:
            self.on_page(len(self.calls))
        return page

    async def read(self, at_once: int = 1) -> Listing[int]:
        return await read(self.fetch, at_once)


async def read(fetch: Callable[[int, int], Awaitable[Page[int]]], at_once: int) -> Listing[int]:
    return await read_list(
        fetch, lambda item: item, name="Devices", page_size=SIZE, at_once=at_once
    )


async def failure(reading: Awaitable[Listing[int]]) -> SourceError:
    with pytest.raises(SourceError) as caught:
        await reading
    return caught.value


@pytest.mark.parametrize("at_once", [1, 2, 4, 100])
@pytest.mark.parametrize("count", [0, 1, 9, 10, 11, 19, 20, 21, 100, 101])
async def test_a_list_is_read_whole_at_every_size(count: int, at_once: int) -> None:
    shelf = Shelf(*range(count))

    listing = await shelf.read(at_once)

    assert listing == Listing(list(range(count)), problems=0, reported=count)
    assert len(shelf.calls) == count // SIZE + 1


@pytest.mark.parametrize("cap", [1, 3, 9])
async def test_an_api_may_give_fewer_items_on_a_page_than_asked_for(cap: int) -> None:
    shelf = Shelf(*range(25), cap=cap)

    listing = await shelf.read()

    assert listing.items == list(range(25))
    assert len(shelf.calls) == -(-25 // cap)


async def test_an_api_may_give_more_items_on_a_page_than_asked_for() -> None:
    async def all_at_once(skip: int, _: int) -> Page[int]:
        return Page(list(range(skip, 25)), 25 - skip, 25)

    assert (await read(all_at_once, 1)).items == list(range(25))


async def test_an_item_that_stands_on_two_pages_counts_once_and_the_list_is_read_again() -> None:
    shelf = Shelf(*range(20))

    def move(calls: int) -> None:
        if calls == 1:
            shelf.items.insert(0, shelf.items.pop())

    shelf.on_page = move

    listing = await shelf.read()

    assert sorted(listing.items) == list(range(20))
    assert len(shelf.calls) == 5


async def test_a_list_that_keeps_shifting_is_the_union_of_its_readings() -> None:
    shelf = Shelf(*range(20))
    shelf.on_page = lambda _: shelf.items.insert(0, shelf.items.pop())

    listing = await shelf.read()

    assert sorted(listing.items) == list(range(20))
    assert listing.warnings == ()
    assert len(shelf.calls) == 4


async def test_overlapping_pages_that_never_show_every_item_are_a_failure() -> None:
    calls: list[int] = []

    async def fetch(skip: int, limit: int) -> Page[int]:
        calls.append(skip)
        # Each reading shows the same ten items twice, another ten each time.
        start = 10 * ((len(calls) - 1) // 10)
        return Page(list(range(start, start + limit)), limit, 100)

    error = await failure(read(fetch, 1))

    assert error.reason is Reason.TRUNCATED
    assert str(error) == (
        "Devices: 40 items came where the API counts 100; the list was read 4 times, "
        "and nothing of it is used"
    )
    assert len(calls) == 40


async def test_an_item_that_one_page_lists_twice_is_a_skipped_record() -> None:
    calls: list[int] = []

    async def fetch(skip: int, _: int) -> Page[int]:
        calls.append(skip)
        return Page([1, 2, 2, 3, 4], 5, 5)

    listing = await read(fetch, 1)

    assert (listing.items, listing.problems, listing.reported) == ([1, 2, 3, 4], 1, 5)
    assert len(listing.warnings) == 1
    assert calls == [0, 0]


async def test_an_item_that_two_pages_list_every_time_costs_only_a_warning() -> None:
    shelf = Shelf(*range(10), *range(5, 15))

    listing = await shelf.read()

    assert listing.items == list(range(15))
    assert "counts 20" in listing.warnings[0]


@pytest.mark.parametrize(("count", "total"), [(2, 6), (20, 21), (25, 30), (20, 1000), (1, 2)])
async def test_a_count_that_is_wrong_for_ever_costs_only_a_warning(count: int, total: int) -> None:
    shelf = Shelf(*range(count))
    shelf.total = lambda: total

    listing = await shelf.read()

    assert listing.items == list(range(count))
    assert listing.reported == total
    assert listing.warnings == (
        f"Devices: the API counts {total} items but returns the same {count} each time; "
        "its count is taken to be wrong",
    )


@pytest.mark.parametrize("at_once", [1, 4])
async def test_a_count_that_is_far_too_high_costs_a_few_pages_without_items(at_once: int) -> None:
    shelf = Shelf(*range(20))
    shelf.total = lambda: 5000

    listing = await shelf.read(at_once)

    assert listing.items == list(range(20))
    assert len(listing.warnings) == 1
    # Of each of two readings: two pages with items, five without, and those under way.
    assert len(shelf.calls) <= 2 * (2 + 5 + at_once)


async def test_a_page_that_comes_short_is_completed_by_another_call() -> None:
    shelf = Shelf(*range(30))

    async def fetch(skip: int, limit: int) -> Page[int]:
        page = await shelf.fetch(skip, limit)
        return Page(page.items[:7], 7, 30) if skip == 10 else page

    listing = await read(fetch, 1)

    assert sorted(listing.items) == list(range(30))
    assert shelf.calls == [(0, 10), (10, 10), (20, 10), (17, 3), (30, 10)]


async def test_an_empty_page_between_others_is_a_failure_and_no_wrong_count() -> None:
    shelf = Shelf(*range(30))

    async def fetch(skip: int, limit: int) -> Page[int]:
        return Page([], 0, 30) if skip == 10 else await shelf.fetch(skip, limit)

    assert (await failure(read(fetch, 1))).reason is Reason.TRUNCATED


@pytest.mark.parametrize("count", [0, 1, 9, 10, 11, 19, 20, 21, 100, 101])
async def test_a_list_without_a_count_is_read_until_a_page_is_shorter_than_asked(
    count: int,
) -> None:
    shelf = Shelf(*range(count))
    shelf.total = lambda: None

    listing = await shelf.read()

    assert listing == Listing(list(range(count)), 0, reported=count, is_counted=False)
    assert len(shelf.calls) == count // SIZE + 1


async def test_a_list_without_a_count_is_read_past_a_usual_limit_of_pages() -> None:
    shelf = Shelf(*range(60), cap=25)
    shelf.total = lambda: None

    listing = await read_list(
        shelf.fetch, lambda item: item, name="Devices", page_size=100, at_once=1
    )

    assert listing.items == list(range(60))


async def test_a_list_without_a_count_ends_where_an_api_ignores_the_offset() -> None:
    async def fetch(_: int, limit: int) -> Page[int]:
        return Page(list(range(limit)), limit, None)

    assert (await read(fetch, 1)).items == list(range(SIZE))


@pytest.mark.parametrize("total", [None, 3])
@pytest.mark.parametrize("count", [5, 12, 15])
async def test_a_link_to_another_page_counts_where_the_list_has_no_usable_count(
    count: int, total: int | None
) -> None:
    async def fetch(skip: int, limit: int) -> Page[int]:
        items = list(range(count))[skip : skip + min(limit, 5)]
        # The link is there even when nothing follows.
        return Page(items, len(items), total, has_more=True)

    assert (await read(fetch, 1)).items == list(range(count))


async def test_a_link_that_is_always_there_does_not_read_the_same_page_for_ever() -> None:
    calls: list[int] = []

    async def fetch(skip: int, limit: int) -> Page[int]:
        del limit
        calls.append(skip)
        return Page([1, 2, 3], 3, None, has_more=True)

    assert (await read(fetch, 1)).items == [1, 2, 3]
    assert calls == [0, 3]


async def test_a_link_on_an_empty_page_is_not_believed() -> None:
    calls: list[int] = []

    async def fetch(skip: int, limit: int) -> Page[int]:
        del limit
        calls.append(skip)
        return Page([], 0, None, has_more=True)

    assert (await read(fetch, 1)).items == []
    assert calls == [0]


async def test_a_link_does_not_add_calls_to_a_list_that_is_counted() -> None:
    shelf = Shelf(*range(15))

    async def fetch(skip: int, limit: int) -> Page[int]:
        return replace(await shelf.fetch(skip, limit), has_more=True)

    assert (await read(fetch, 1)).items == list(range(15))
    assert len(shelf.calls) == -(-15 // SIZE)


async def test_more_small_pages_than_any_list_has_are_a_failure(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(paging, "MOST_PAGES", 4)

    async def fetch(skip: int, limit: int) -> Page[int]:
        del limit
        return Page([skip], 1, None, has_more=True)

    error = await failure(read(fetch, 1))

    assert error.reason is Reason.TOO_LARGE
    assert str(error) == "Devices: the list has more than 4 pages"


async def test_a_list_that_is_not_paged_is_one_call() -> None:
    shelf = Shelf(*range(10), cap=10)
    shelf.total = lambda: None

    await read_list(shelf.fetch, lambda item: item, name="Devices", page_size=None, at_once=1)

    assert len(shelf.calls) == 1


async def test_an_empty_page_of_a_list_that_is_counted_is_a_failure() -> None:
    shelf = Shelf()
    shelf.total = lambda: 5

    error = await failure(shelf.read())

    assert error.reason is Reason.TRUNCATED
    assert len(shelf.calls) == 2


async def test_a_list_that_grows_while_it_is_read_is_read_again() -> None:
    shelf = Shelf(*range(20))

    def grow(calls: int) -> None:
        if calls == 1:
            shelf.items.append(20)

    shelf.on_page = grow

    listing = await shelf.read()

    assert listing == Listing(list(range(21)), problems=0, reported=21)


async def test_a_list_that_shrinks_while_it_is_read_loses_only_what_is_gone() -> None:
    shelf = Shelf(*range(30))

    def shrink(calls: int) -> None:
        if calls == 1:
            shelf.items.pop(0)

    shelf.on_page = shrink

    listing = await shelf.read()

    assert listing == Listing(list(range(1, 30)), problems=0, reported=29)


async def test_a_list_that_never_stands_still_is_still_usable() -> None:
    shelf = Shelf(*range(20))
    shelf.on_page = lambda calls: shelf.items.append(100 + calls)

    listing = await shelf.read()

    assert set(listing.items) >= set(range(20))


@pytest.mark.parametrize("total", [-1, 10**9, 2**63])
async def test_a_count_that_cannot_be_is_a_broken_answer(total: int) -> None:
    shelf = Shelf(*range(20))
    shelf.total = lambda: total

    error = await failure(shelf.read())

    assert error.reason is Reason.SCHEMA
    assert str(total) in str(error)
    assert len(shelf.calls) == 1


@pytest.mark.parametrize("is_counted", [True, False])
async def test_a_list_without_end_is_given_up(
    monkeypatch: pytest.MonkeyPatch, is_counted: bool
) -> None:
    monkeypatch.setattr(paging, "MOST_ITEMS", 100)

    async def fetch(skip: int, limit: int) -> Page[int]:
        return Page(list(range(skip, skip + limit)), limit, 101 if is_counted else None)

    reading = read_list(fetch, lambda each: each, name="Devices", page_size=10, at_once=2)
    error = await failure(reading)

    assert error.reason is Reason.TOO_LARGE
    assert str(error) == "Devices: the list has more than 100 items"


async def test_more_pages_than_counted_do_not_grow_without_bound(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(paging, "MOST_ITEMS", 100)

    async def fetch(skip: int, limit: int) -> Page[int]:
        several = limit * (1 if skip == 0 else 50)
        return Page(list(range(skip * 50, skip * 50 + several)), several, 90)

    error = await failure(
        read_list(fetch, lambda each: each, name="Devices", page_size=10, at_once=2)
    )

    assert error.reason is Reason.TOO_LARGE


async def test_a_count_that_cannot_be_on_a_later_page_is_a_broken_answer() -> None:
    shelf = Shelf(*range(30))
    shelf.total = lambda: 30 if len(shelf.calls) == 1 else -1

    error = await failure(shelf.read())

    assert error.reason is Reason.SCHEMA
    assert "-1" in str(error)


async def test_a_later_page_that_counts_nothing_does_not_make_a_smaller_fleet() -> None:
    async def fetch(skip: int, limit: int) -> Page[int]:
        return Page([], 0, 0) if skip else Page(list(range(limit)), limit, 30)

    assert (await failure(read(fetch, 1))).reason is Reason.TRUNCATED


async def test_a_list_that_empties_while_it_is_read_is_empty() -> None:
    shelf = Shelf(*range(30))
    shelf.on_page = lambda _: shelf.items.clear()

    assert await shelf.read() == Listing([], problems=0, reported=0)


async def test_records_that_cannot_be_read_are_counted_and_the_rest_is_used() -> None:
    shelf = Shelf(*[None if number % 10 == 3 else number for number in range(25)])

    listing = await shelf.read()

    assert len(listing.items) == 22
    assert (listing.problems, listing.reported) == (3, 25)
    assert len(shelf.calls) == 3


async def test_a_list_of_which_nothing_can_be_read_is_a_failure() -> None:
    error = await failure(Shelf(*[None] * 25).read())

    assert error.reason is Reason.SCHEMA
    assert str(error) == "Devices: none of 25 records could be read"


@pytest.mark.parametrize("at_once", [1, 2, 5])
async def test_no_more_pages_than_allowed_are_under_way(at_once: int) -> None:
    under_way, most = 0, 0

    async def fetch(skip: int, limit: int) -> Page[int]:
        nonlocal under_way, most
        under_way += 1
        most = max(most, under_way)
        await settle()
        under_way -= 1
        items = list(range(skip, min(skip + limit, 200)))
        return Page(items, len(items), 200)

    listing = await read(fetch, at_once)

    assert most == at_once
    assert listing.items == list(range(200))


class Pages:
    """Pages of which one fails while the others hang."""

    def __init__(self, failing: int | None) -> None:
        self.failing = failing
        self.started: list[int] = []
        self.cancelled: list[int] = []

    async def fetch(self, skip: int, limit: int) -> Page[int]:
        if skip == 0:
            return Page(list(range(limit)), limit, 100)
        self.started.append(skip)
        if skip == self.failing:
            raise SourceError(Reason.HTTP_5XX, "Devices: 503")
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            self.cancelled.append(skip)
            raise
        raise AssertionError("unreachable")


async def test_a_page_that_fails_fails_the_list_and_ends_the_other_calls() -> None:
    pages = Pages(failing=10)

    error = await failure(read(pages.fetch, 4))

    assert error.reason is Reason.HTTP_5XX
    assert pages.started == [10, 20, 30, 40]
    assert pages.cancelled == [20, 30, 40]


async def test_a_reading_that_is_cancelled_ends_its_calls() -> None:
    pages = Pages(failing=None)
    reading = asyncio.create_task(read(pages.fetch, 3))
    await settle()

    reading.cancel()

    with pytest.raises(asyncio.CancelledError):
        await reading
    await settle()
    assert pages.cancelled == pages.started == [10, 20, 30]


async def test_a_count_of_nothing_beside_items_is_not_believed() -> None:
    shelf = Shelf(*range(25))
    shelf.total = lambda: 0

    listing = await shelf.read()

    assert listing.items == list(range(25))
    assert "counts 0 items" in listing.warnings[0]


@pytest.mark.parametrize("count", [11, 19, 20, 25, 100])
@pytest.mark.parametrize("total", [10, 20])
async def test_a_count_that_ends_with_a_full_page_does_not_end_the_list(
    count: int, total: int
) -> None:
    shelf = Shelf(*range(count))
    shelf.total = lambda: min(total, count)

    listing = await shelf.read()

    assert listing.items == list(range(count))
    assert listing.problems == 0


async def test_a_count_of_what_a_page_has_does_not_end_the_list() -> None:
    async def fetch(skip: int, limit: int) -> Page[int]:
        items = list(range(skip, min(skip + limit, 25)))
        return Page(items, len(items), len(items))

    assert (await read(fetch, 1)).items == list(range(25))


@pytest.mark.parametrize(("total", "problems"), [(0, 0), (10, 0), (None, 0), (10, 3)])
async def test_whatever_follows_the_last_full_page_without_a_new_item_is_no_part_of_the_list(
    total: int | None, problems: int
) -> None:
    async def fetch(skip: int, limit: int) -> Page[int]:
        if skip:
            return Page(list(range(10 - problems)) if problems else [], 10 * bool(problems), total)
        return Page(list(range(limit)), limit, 10)

    assert await read(fetch, 1) == Listing(list(range(10)), problems=0, reported=10)


@pytest.mark.parametrize("status", [400, 404, 416, 422])
async def test_an_api_that_refuses_to_skip_all_items_has_no_more(status: int) -> None:
    async def fetch(skip: int, limit: int) -> Page[int]:
        if skip == 20:
            raise SourceError(Reason.HTTP_4XX, "Devices: no such page", status=status)
        return Page(list(range(skip, skip + limit)), limit, 20)

    assert (await read(fetch, 1)).items == list(range(20))


async def test_a_failure_after_the_last_full_page_fails_the_list() -> None:
    async def fetch(skip: int, limit: int) -> Page[int]:
        if skip == 20:
            raise SourceError(Reason.HTTP_5XX, "Devices: 503", status=503)
        return Page(list(range(skip, skip + limit)), limit, 20)

    assert (await failure(read(fetch, 1))).reason is Reason.HTTP_5XX


async def test_a_list_that_has_one_page_only_is_not_asked_for_another() -> None:
    shelf = Shelf(*range(SIZE))

    await read_list(
        shelf.fetch,
        lambda item: item,
        name="Devices",
        page_size=SIZE,
        at_once=1,
        traits=Traits(has_more_pages=False),
    )

    assert shelf.calls == [(0, SIZE)]


async def test_a_list_that_may_be_empty_and_comes_empty_each_time_is_empty_whatever_its_count() -> (
    None
):
    shelf = Shelf()
    shelf.total = lambda: 5

    listing = await read_list(
        shelf.fetch,
        lambda item: item,
        name="Devices",
        page_size=SIZE,
        at_once=1,
        traits=Traits(may_be_empty=True),
    )

    assert (listing.items, listing.reported) == ([], 5)
    assert listing.warnings == (
        "Devices: the API counts 5 items but returns the same 0 each time; "
        "its count is taken to be wrong",
    )
