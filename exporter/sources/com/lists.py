"""How is a list of COM read whole, whichever parameters its path takes?"""

from collections.abc import Callable, Hashable, Mapping
from dataclasses import dataclass
from typing import Generic, TypeVar

import msgspec

from exporter.sources.com.client import ComClient
from exporter.sources.com.records import page_decoder
from exporter.sources.drift import Expected, looked
from exporter.sources.paging import Listing, Page, read_list
from exporter.sources.records import decode, readable

T = TypeVar("T", bound=msgspec.Struct)
UNLIMITED = 1000
"""Items to a page where a path takes no limit, should it still not give everything at once."""


@dataclass(frozen=True, slots=True)
class ListPath(Generic[T]):
    """A path that answers with a list."""

    endpoint: str
    decoder: msgspec.json.Decoder[T]
    key: Callable[[T], Hashable]
    """Tells items apart."""
    limit: int | None
    """The most items to a page that the API allows; None where it takes no limit."""
    offset: bool = True
    """Whether there can be a second page."""
    expected: tuple[Expected[T], ...] = ()
    """What ordinary items have."""


class Lists:
    """Reads lists, several pages at the same time."""

    def __init__(self, client: ComClient, at_once: int) -> None:
        """Take the number of calls that may be made at the same time."""
        self.at_once = at_once
        self._client = client

    async def read(
        self, path: ListPath[T], query: Mapping[str, str] | None = None, *, id: str = ""
    ) -> Listing[T]:
        """Read every page.

        Args:
            path: The list.
            query: Further parameters, not encoded.
            id: What stands for `{id}` in the path.

        Raises:
            SourceError: A page could not be read, or the list came out short.
        """

        async def page(skip: int, size: int) -> Page[T]:
            asked = {**_part(path, skip, size), **(query or {})}
            body = await self._client.get(path.endpoint, asked, id=id)
            found = decode(body, page_decoder, path.endpoint)
            records = readable(found.items, path.decoder).records
            drift = looked(path.expected, records)
            return Page(records, len(found.items), found.total, drift)

        return await read_list(
            page,
            path.key,
            name=path.endpoint,
            page_size=path.limit or UNLIMITED,
            at_once=self.at_once,
        )


def _part(path: ListPath[T], skip: int, size: int) -> dict[str, str]:
    asked = {"offset": str(skip)} if skip and path.offset else {}
    return asked if path.limit is None and not skip else {"limit": str(size), **asked}
