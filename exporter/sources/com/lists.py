"""Reading a list of COM whole, whichever parameters its path takes or the API refuses."""

from collections.abc import Callable, Collection, Hashable, Mapping
from dataclasses import dataclass, replace
from typing import Generic, TypeVar

import msgspec
from msgspec import Raw, UnsetType

from exporter.clock import Clock
from exporter.errors import Reason, SourceError
from exporter.sources.calls import Call
from exporter.sources.com import records
from exporter.sources.com.client import ComClient
from exporter.sources.drift import NO_DRIFT, Drift, Expected, Unseen, joined, looked
from exporter.sources.forms import Form, RequestForms
from exporter.sources.listing import Listing, Page
from exporter.sources.pages import mapped, read_page
from exporter.sources.paging import Traits, read_list
from exporter.sources.records import counted, readable

T = TypeVar("T", bound=msgspec.Struct)
M = TypeVar("M")
PAGE_SIZE = 500
"""Items to ask for. The description allows 1000 on most paths; the API was seen to refuse that."""
OPTIONAL = ("sort", "select")
"""Parameters that only make answers better; without them, they are larger or in another order."""


@dataclass(frozen=True, slots=True)
class Rows:
    """Some records of a page as they came."""

    items: Collection[Raw]
    total: int | None
    """The API's count of the whole list; None where it gives none."""
    excluded: int
    """Of energy: servers without data."""
    drift: Drift
    """Numbers of the page itself that are none; not those of its records."""


@dataclass(frozen=True, slots=True)
class ListPath(Generic[T]):
    """A path that answers with a list."""

    call: Call[T]
    decoder: msgspec.json.Decoder[T]
    key: Callable[[T], Hashable]
    """Identifies items."""
    limit: int | None
    """Items to ask for per page; None where the path takes no limit."""
    offset: bool = True
    """Whether there can be a second page."""
    of_many: bool = False
    """Whether several lists are read by this path in one run."""
    may_be_empty: bool = False
    """Whether it is ordinary for such a list to have no items."""

    @property
    def endpoint(self) -> str:
        """The template of the path."""
        return self.call.endpoint

    @property
    def expected(self) -> tuple[Expected[T], ...]:
        """What ordinary items have."""
        return self.call.expected


class Lists:
    """Reads lists, several pages at the same time."""

    def __init__(self, client: ComClient, clock: Clock, at_once: int) -> None:
        """Prepare.

        Args:
            client: Sends the requests.
            clock: Decides when a request that was refused is tried again.
            at_once: Calls that may be made at the same time.
        """
        self.at_once = at_once
        self._client = client
        self._clock = clock
        self._forms: dict[tuple[str, tuple[str, ...]], RequestForms] = {}
        self._rightly_counted: set[str] = set()
        """Endpoints whose count was right when a list of theirs had items last."""

    async def read(
        self,
        path: ListPath[T],
        query: Mapping[str, str] | None = None,
        *,
        id: str = "",
        where: Callable[[T], bool] | None = None,
    ) -> Listing[T]:
        """Read every page.

        Args:
            path: The list.
            query: Further parameters, not encoded.
            id: What stands for `{id}` in the path.
            where: Returns whether an item has what ordinary ones have; without it, all have.

        Raises:
            SourceError: A page could not be read, or the list came out short.
        """
        expected = path.call.where(where) if where else path.expected

        def decoded(rows: Rows) -> Page[T]:
            found = readable(rows.items, path.decoder)
            drift = joined((found.drift, looked(expected, found.records)))
            return Page(found.records, len(rows.items), rows.total, drift)

        return await self.read_into(path, decoded, path.key, query or {}, id=id)

    async def read_into(
        self,
        path: ListPath[T],
        into: Callable[[Rows], Page[M]],
        key: Callable[[M], Hashable],
        query: Mapping[str, str],
        *,
        id: str = "",
        optional: tuple[str, ...] = OPTIONAL,
    ) -> Listing[M]:
        """Read every page, and map each a few records at a time.

        Args:
            path: The list; its decoder and key are not used.
            into: Maps some records of a page.
            key: Identifies what items are mapped to.
            query: Further parameters, not encoded.
            id: What stands for `{id}` in the path.
            optional: The parameters that are left out one after the other if they are refused.

        Raises:
            SourceError: A page could not be read, or the list came out short.
        """

        async def whole(form: Form) -> Listing[M]:
            kept = {name: text for name, text in query.items() if name not in form.left_out}

            async def page(skip: int, size: int) -> Page[M]:
                if skip and not path.offset:
                    return into(_no_more(path, form, skip))
                asked = {**_part(path, skip, size), **kept}
                async with self._client.page(path.endpoint, asked, id=id) as body:
                    return await _mapped(await _rows(body, path.endpoint), into)

            return await read_list(
                page,
                key,
                name=path.endpoint,
                page_size=form.page_size,
                at_once=self.at_once,
                traits=self._traits(path),
            )

        names = tuple(name for name in optional if name in query)
        listing = await self._forms_of(path, names).send(whole)
        self._judge_count(path.endpoint, listing)
        return listing

    async def rows(self, endpoint: str, query: Mapping[str, str], *, id: str = "") -> Rows:
        """Read one page.

        Raises:
            SourceError: It could not be read.
        """
        async with self._client.page(endpoint, query, id=id) as body:
            return await _rows(body, endpoint)

    def _traits(self, path: ListPath[T]) -> Traits:
        """Say what is known of a list; a count that was right before is no reason to doubt it."""
        is_doubted = path.endpoint not in self._rightly_counted
        return Traits(has_more_pages=path.offset, may_be_empty=path.may_be_empty and is_doubted)

    def _judge_count(self, endpoint: str, listing: Listing[M]) -> None:
        """Note whether an endpoint counts its items rightly; a list without any shows nothing."""
        if listing.items and listing.is_rightly_counted:
            self._rightly_counted.add(endpoint)
        elif listing.items:
            self._rightly_counted.discard(endpoint)

    def _forms_of(self, path: ListPath[T], optional: tuple[str, ...]) -> RequestForms:
        forms = self._forms.get((path.endpoint, optional))
        if forms is None:
            forms = RequestForms(self._clock, path.limit, optional, of_many=path.of_many)
            self._forms[path.endpoint, optional] = forms
        return forms


async def _rows(body: bytes, endpoint: str) -> Rows:
    page, items = await read_page(body, records.page_decoder, "items", endpoint)
    unseen = Unseen()
    total = counted(page.total, "total", unseen)
    if isinstance(page.items, UnsetType):
        raise SourceError(Reason.SCHEMA, f"{endpoint}: the answer is no list: it has no items")
    excluded = counted(page.excluded, "excluded", unseen) or 0
    return Rows(items, total, max(0, excluded), unseen.drift)


async def _mapped(rows: Rows, into: Callable[[Rows], Page[M]]) -> Page[M]:
    page = await mapped(rows.items, lambda few: into(replace(rows, items=few)))
    return replace(page, drift=joined((rows.drift, page.drift)))


def _no_more(path: ListPath[T], form: Form, came: int) -> Rows:
    """Return the second page of a list that has one page only, and more items than came.

    Raises:
        SourceError: `truncated`, if the first page was full.
    """
    if form.page_size is None or came >= form.page_size:
        raise SourceError(
            Reason.TRUNCATED,
            f"{path.endpoint}: there are more than {came} items, and the API has no second page",
        )
    return Rows([], None, 0, NO_DRIFT)


def _part(path: ListPath[T], skip: int, size: int) -> dict[str, str]:
    """Return the parameters of a page; the first one of a path that takes no limit has none."""
    if path.limit is None and not skip:
        return {}
    return {"limit": str(size), "offset": str(skip)} if path.offset else {"limit": str(size)}
