"""How is one of the appliance's lists read, whatever the size of its pages?

Pages are asked for by hand with `$top` and `$skip`: `@odata.nextLink` loses the filter on several
builds, and is there even when nothing follows.
"""

from collections.abc import Hashable
from typing import Generic, Protocol, TypeVar

import msgspec

from exporter.sources import paging
from exporter.sources.ome import records
from exporter.sources.ome.client import OmeClient
from exporter.sources.ome.query import odata
from exporter.sources.paging import Listing, Page
from exporter.sources.records import decode, readable


class Keyed(Protocol):
    """A record that can be told from others."""

    @property
    def id(self) -> Hashable:
        """The vendor's id."""
        ...


K = TypeVar("K", bound=Keyed)


class ListReader(Generic[K]):
    """Reads one of the appliance's lists."""

    def __init__(
        self,
        client: OmeClient,
        resource: str,
        decoder: msgspec.json.Decoder[K],
        *,
        page_size: int,
        at_once: int,
    ) -> None:
        """Keep what is the same for every reading.

        Args:
            client: Asks the appliance.
            resource: The path below `/api/`, such as `DeviceService/Devices`.
            decoder: Reads one item.
            page_size: Items to ask for at a time; the appliance may give fewer.
            at_once: Pages asked for at the same time.
        """
        self._client = client
        self._resource = resource
        self._decoder = decoder
        self._page_size = page_size
        self._at_once = at_once

    async def read(self, where: str, orderby: str = "") -> Listing[K]:
        """Read every item that an expression holds for.

        Raises:
            SourceError: A page failed, has another shape, or items are missing twice in a row.
        """

        async def fetch(skip: int, top: int) -> Page[K]:
            return await self._page(odata(where=where, orderby=orderby, top=top, skip=skip))

        return await paging.read_list(
            fetch,
            lambda item: item.id,
            name=self._resource,
            page_size=self._page_size,
            at_once=self._at_once,
        )

    async def count(self, where: str) -> int:
        """Return how many items an expression holds for, by the appliance's own count."""
        return (await self._page(odata(where=where, top=1))).total

    async def _page(self, query: str) -> Page[K]:
        body = await self._client.get(self._resource, self._resource, query)
        page = decode(body, records.PAGE, self._resource)
        items = readable(page.value, self._decoder).records
        return Page(items, size=len(page.value), total=page.count)
