"""Reading one of the appliance's lists, whatever the size of its pages.

Pages are asked for by hand with `$top` and `$skip`: `@odata.nextLink` loses the filter on several
builds, and is there even when nothing follows. It is never followed, but where a list has no usable
count, its presence means that there may be another page.
"""

from collections.abc import Callable, Collection, Hashable
from operator import attrgetter
from typing import Generic, Protocol, TypeVar
from urllib.parse import quote

import msgspec
from msgspec import Struct
from msgspec.structs import replace

from exporter.errors import Reason, SourceError
from exporter.sources import pages, paging
from exporter.sources.calls import Call
from exporter.sources.drift import Drift, Unseen, joined
from exporter.sources.forms import Form
from exporter.sources.listing import Listing, Page
from exporter.sources.ome.client import OmeClient
from exporter.sources.ome.records import PAGE
from exporter.sources.records import counted, decode, read_entries, readable
from exporter.sources.renewal import RenewalRun

R = TypeVar("R", bound=msgspec.Struct)

ORDER = "$orderby"
LARGEST_PAGE = 5000
"""Items to ask for where a list has come short: on one page, no order can lose an item."""


class WholeRows(Struct, Generic[R], frozen=True, gc=False):
    """A list that is never paged."""

    records: list[R]
    problems: int
    """Rows that could not be read, or that the appliance counts and does not give."""
    drift: Drift


async def whole_rows(body: bytes, decoder: msgspec.json.Decoder[R], endpoint: str) -> WholeRows[R]:
    """Read a list that is never paged.

    Raises:
        SourceError: The body is no list; `too_large`, if there are too many rows; `schema`, if it
            has rows and none can be read; `truncated`, if it has none and the appliance counts
            some.
    """
    page = decode(body, PAGE, endpoint)
    unseen = Unseen()
    count = counted(page.count, "@odata.count", unseen) or 0
    found = await read_entries(page.value or (), decoder, endpoint)
    if found.problems and not found.records:
        raise SourceError(Reason.SCHEMA, f"{endpoint}: no row could be read")
    if count > 0 and not page.value:
        raise SourceError(Reason.TRUNCATED, f"{endpoint}: no row came where {count} are counted")
    missing = max(0, count - len(found.records) - found.problems)
    drift = joined((unseen.drift, found.drift))
    return WholeRows(found.records, found.problems + missing, drift)


class Keyed(Protocol):
    """Something that was made of a record and can be told from others."""

    @property
    def id(self) -> Hashable:
        """The vendor's id."""
        ...


K = TypeVar("K", bound=Keyed)


class Rows(Struct, frozen=True, gc=False):
    """Some records of a page as they came."""

    items: Collection[msgspec.Raw]
    total: int | None
    """The appliance's count of the whole list; None where it gives none."""
    drift: Drift
    """A count that is no number; not what does not fit in the records."""
    has_more: bool
    """Whether the page has a link to a next one."""


class ListReader(Generic[R]):
    """Reads one of the appliance's lists."""

    def __init__(
        self,
        client: OmeClient,
        call: Call[R],
        decoder: msgspec.json.Decoder[R],
        *,
        page_size: int,
        at_once: int,
        resource: str = "",
    ) -> None:
        """Keep what is the same for every reading.

        Args:
            client: Asks the appliance.
            call: The list.
            decoder: Reads one item.
            page_size: Items to ask for at a time; the appliance may give fewer.
            at_once: Pages asked for at the same time.
            resource: The path below `/api/` where it is not the template of the call, but carries
                an id.
        """
        self._client = client
        self._call = call
        self._endpoint = call.endpoint
        self._resource = resource or call.endpoint
        self._decoder = decoder
        self._page_size = page_size
        self._at_once = at_once

    async def read(self, where: str, into: Callable[[R], K], *, orderby: str = "") -> Listing[K]:
        """Read every item that an expression holds for.

        Args:
            where: The expression; an empty one holds for all.
            into: Maps one record; done page by page, so that a large list does not hold the event
                loop for long and its records need not be kept.
            orderby: The order to ask for; none where the appliance refuses it.

        Raises:
            SourceError: A page failed, has another shape, or items are missing each time.
        """

        def mapped(rows: Rows) -> Page[K]:
            found = readable(rows.items, self._decoder)
            items = [into(each) for each in found.records]
            drift = joined((found.drift, self._call.missing_in(found.records)))
            return Page(items, len(rows.items), rows.total, drift)

        return await self._read(where, mapped, orderby)

    async def renew(self, where: str, run: RenewalRun[R, K], *, orderby: str = "") -> Listing[K]:
        """Read like `read`, but take over what has not changed since the last run.

        Args:
            where: The expression; an empty one holds for all.
            run: Maps what has changed.
            orderby: The order to ask for; none where the appliance refuses it.

        Raises:
            SourceError: As for `read`.
        """

        def mapped(rows: Rows) -> Page[K]:
            return run.page(rows.items, rows.total)

        return await self._read(where, mapped, orderby)

    async def _read(
        self, where: str, mapped: Callable[[Rows], Page[K]], orderby: str
    ) -> Listing[K]:
        async def whole(form: Form) -> Listing[K]:
            order = "" if ORDER in form.left_out else orderby

            async def fetch(skip: int, top: int) -> Page[K]:
                query = odata(where=where, orderby=order, top=top, skip=skip)
                async with self._client.page(self._endpoint, self._resource, query) as body:
                    rows = await self._rows(body)
                    page = await pages.mapped(
                        rows.items, lambda few: mapped(replace(rows, items=few))
                    )
                    drift = joined((rows.drift, page.drift))
                    return Page(page.items, page.size, page.total, drift, rows.has_more)

            return await paging.read_list(
                fetch,
                attrgetter("id"),
                name=self._endpoint,
                page_size=form.page_size,
                at_once=self._at_once,
                traits=paging.Traits(largest=LARGEST_PAGE),
            )

        optional = (ORDER,) if orderby else ()
        forms = self._client.forms(self._endpoint, self._page_size, optional)
        return await forms.send(whole)

    async def count(self, where: str) -> int | None:
        """Return how many items an expression holds for, if the appliance counts them."""
        query = odata(where=where, top=1)
        async with self._client.page(self._endpoint, self._resource, query) as body:
            return (await self._rows(body)).total

    async def _rows(self, body: bytes) -> Rows:
        page, items = await pages.read_page(body, PAGE, "value", self._endpoint)
        unseen = Unseen()
        total = counted(page.count, "@odata.count", unseen)
        return Rows(items, total, unseen.drift, bool(page.next_link))


_KEPT = "'(),:/"
"""Left as they are in a value; a blank becomes `%20`, because `+` breaks the filters."""


def odata(
    *,
    where: str = "",
    orderby: str = "",
    top: int | None = None,
    skip: int | None = None,
) -> str:
    """Write a query string.

    The `$` stays literal: some builds are said to refuse a percent-encoded name.

    Args:
        where: An OData expression such as `Type eq 1000`.
        orderby: A field, followed by ` desc` for the other direction.
        top: Records to give.
        skip: Records to leave out first.
    """
    options = {"$filter": where, "$orderby": orderby, "$top": top, "$skip": skip}
    return "&".join(
        f"{name}={quote(str(value), safe=_KEPT)}"
        for name, value in options.items()
        if value not in (None, "")
    )


def any_of(field: str, codes: tuple[int, ...]) -> str:
    """Write an expression that is true where a field has one of several codes."""
    return " or ".join(f"{field} eq {code}" for code in codes)
