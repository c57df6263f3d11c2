"""Requests to the appliance."""

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace

import msgspec

from exporter.clock import Clock
from exporter.errors import SourceError
from exporter.sources.forms import RequestForms
from exporter.sources.ome.login import TOKEN_HEADER, OmeSession
from exporter.sources.ome.refusals import (
    FOREIGN,
    HINTS,
    ForeignNotFoundError,
    is_envelope,
    refusal_from,
)
from exporter.sources.refusals import refused
from exporter.sources.transport import Answer, Request, Transport

KEEPALIVE = 4.0
"""Seconds: the appliance drops idle connections after 5 s (`Keep-Alive: timeout=5`)."""

_ERROR = re.compile(rb'\s*\{\s*"error"\s*:\s*\{')


class OmeClient:
    """Reads from one appliance, with the source's session."""

    def __init__(self, api: str, transport: Transport, session: OmeSession, clock: Clock) -> None:
        """Keep the means.

        Args:
            api: The appliance's base address; the token goes nowhere else.
            transport: Sends the requests.
            session: Gives the token.
            clock: Wall time, for dates in `Retry-After`.
        """
        self._api = api
        self._transport = transport
        self._session = session
        self._clock = clock
        self._forms: dict[tuple[str, int, tuple[str, ...]], RequestForms] = {}

    def forms(self, endpoint: str, page_size: int, optional: tuple[str, ...] = ()) -> RequestForms:
        """Return what is known about the form in which the appliance accepts a list.

        Args:
            endpoint: The template of the list; lists with the same one share what is known.
            page_size: The preferred number of items per page.
            optional: Parameters that the appliance may refuse.
        """
        key = endpoint, page_size, optional
        if key not in self._forms:
            many = "(id)" in endpoint
            self._forms[key] = RequestForms(self._clock, page_size, optional, of_many=many)
        return self._forms[key]

    @asynccontextmanager
    async def page(self, endpoint: str, path: str, query: str) -> AsyncIterator[bytes]:
        """Read one page of a list like `get`, and yield it while it is mapped."""
        answer = await self._answer(Request("GET", self._url(path, query), endpoint))
        async with self._transport.mapping(answer) as body:
            yield body

    async def get(self, endpoint: str, path: str, query: str = "") -> bytes:
        """Read one resource, which is to be mapped at once.

        A 401 costs the session: a fresh login is tried exactly once.

        Args:
            endpoint: The template for metrics and messages, such as `Devices(id)/Power`.
            path: The path below `/api/`, encoded.
            query: The query string, encoded.

        Returns:
            The body of an answer with a 2xx status.

        Raises:
            SourceError: No answer came, the login failed, the status is another one, or the
                answer is an error all the same (`schema`).
        """
        return await self._ask(Request("GET", self._url(path, query), endpoint))

    async def post(self, endpoint: str, path: str, question: object) -> bytes:
        """Ask what the appliance answers to a POST only; like `get` it changes nothing there.

        Args:
            endpoint: The template for metrics and messages.
            path: The path below `/api/`, encoded.
            question: The body, before it is written as JSON.

        Returns:
            The body of an answer with a 2xx status.

        Raises:
            SourceError: No answer came, the login failed, the status is another one, or the
                answer is an error all the same (`schema`).
        """
        body = msgspec.json.encode(question)
        headers = {"Content-Type": "application/json"}
        return await self._ask(Request("POST", self._url(path), endpoint, headers, body))

    def _url(self, path: str, query: str = "") -> str:
        url = f"{self._api}/api/{path}"
        return f"{url}?{query}" if query else url

    async def _ask(self, request: Request) -> bytes:
        answer = await self._answer(request)
        answer.release()
        return answer.body

    async def _answer(self, request: Request) -> Answer:
        answer, session = await self._session.send(
            lambda session: self._send(request, session.token)
        )
        if not answer.ok or _is_error(answer):
            answer.release()
            raise self._failure(request.endpoint, answer, session.token)
        return answer

    async def _send(self, request: Request, token: str) -> Answer:
        headers = {**request.headers, TOKEN_HEADER: token, "Accept": "application/json"}
        return await self._transport.send(replace(request, headers=headers))

    def _failure(self, endpoint: str, answer: Answer, token: str) -> SourceError:
        said = refusal_from(answer.body, [token, *self._session.secrets])
        words = f": {said.words}" if said.words else ""
        is_foreign = answer.status == 404 and not is_envelope(answer.body)
        hint = FOREIGN if is_foreign else HINTS.get(answer.status, "")
        text = f"{endpoint}: HTTP {answer.status}{words}{hint}"
        kind = ForeignNotFoundError if is_foreign else SourceError
        return refused(answer, said, text, self._clock.wall(), kind)


def _is_error(answer: Answer) -> bool:
    """Whether the body is the envelope of an error, whatever the status says."""
    return _ERROR.match(answer.body) is not None
