"""Fetches from servers of a test."""

from collections.abc import Mapping
from dataclasses import dataclass

import aiohttp


@dataclass(frozen=True)
class Answer:
    """A whole answer, as it came."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def text(self) -> str:
        """The body as text."""
        return self.body.decode()


async def fetched(url: str, headers: Mapping[str, str] | None = None) -> Answer:
    """GET an address once."""
    async with aiohttp.ClientSession() as session, session.get(url, headers=headers) as response:
        return Answer(response.status, response.headers, await response.read())
