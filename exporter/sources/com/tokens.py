"""Which token does the next call carry, and when is it time for another?"""

import asyncio

from exporter.clock import Clock
from exporter.errors import SourceError
from exporter.sources.com.login import Login, Token

MARGIN = 60.0
"""Seconds before its end at which a token is no longer used."""


class Tokens:
    """The token of one source: obtained once, shared by every call until it is about to end."""

    def __init__(self, login: Login, clock: Clock) -> None:
        """Begin without a token."""
        self._login = login
        self._clock = clock
        self._token: Token | None = None
        self._used_until = 0.0
        self._turn = asyncio.Lock()
        self._failures = 0
        self._failure: SourceError | None = None

    @property
    def secret(self) -> str:
        """What the last login was tried with, and an API could repeat."""
        return self._login.secret

    async def current(self) -> Token:
        """Return a token that is valid for now, after a login if need be.

        Raises:
            SourceError: The login failed, or that of another caller for whom this one waited.
        """
        failures = self._failures
        if (token := self._valid()) is not None:
            return token
        async with self._turn:
            if (token := self._valid()) is not None:
                return token
            if self._failure is not None and self._failures != failures:
                raise _again(self._failure)
            return await self._renew()

    async def after_refusal(self, refused: Token) -> Token:
        """Return another token than one that the API has just refused.

        Of many calls that were refused with the same token only the first logs in.

        Raises:
            SourceError: The login failed.
        """
        if self._token is refused:
            self._token = None
        return await self.current()

    def _valid(self) -> Token | None:
        return self._token if self._clock.monotonic() < self._used_until else None

    async def _renew(self) -> Token:
        began = self._clock.monotonic()
        try:
            token = await self._login.token()
        except SourceError as error:
            self._failures += 1
            self._failure = error
            raise
        # A token that lives hardly longer than the margin is used for half of its life.
        self._used_until = began + max(token.lifetime - MARGIN, token.lifetime / 2)
        self._token = token
        self._failure = None
        return token


def _again(error: SourceError) -> SourceError:
    """Give every waiting caller an exception of its own."""
    return type(error)(
        error.reason,
        error.cause,
        status=error.status,
        retry_after=error.retry_after,
        remedy=error.remedy,
    )
