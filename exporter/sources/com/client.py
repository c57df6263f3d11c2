"""Requests to Compute Ops Management."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from urllib.parse import quote

from exporter.clock import Clock
from exporter.errors import NotAvailableError, SourceError
from exporter.sources.com.login import Token, Tokens
from exporter.sources.com.refusals import HINTS, refusal_from
from exporter.sources.com.settings import ComSettings
from exporter.sources.refusals import refused
from exporter.sources.transport import Answer, Request, Transport

PREFIX = "/compute-ops-mgmt/"
WITHOUT_TENANT = ("v1/groups", "v1beta3/groups")
"""How the paths begin that do not take the header `Tenant-Acid`, among those that are read."""


class ComClient:
    """Reads from one region, or whatever `url` names; its token goes nowhere else."""

    def __init__(
        self, settings: ComSettings, transport: Transport, tokens: Tokens, clock: Clock
    ) -> None:
        """Remember whom to ask and how."""
        self._base = settings.api + PREFIX
        self._tenant = {"Tenant-Acid": settings.tenant_acid} if settings.tenant_acid else {}
        self._transport = transport
        self._tokens = tokens
        self._clock = clock

    @asynccontextmanager
    async def page(
        self, endpoint: str, query: Mapping[str, str], *, id: str = ""
    ) -> AsyncIterator[bytes]:
        """Read one page of a list like `get`, and yield it while it is mapped."""
        answer = await self._answer(endpoint, query, id)
        async with self._transport.mapping(answer) as body:
            yield body

    async def get(self, endpoint: str, query: Mapping[str, str], *, id: str = "") -> bytes:
        """Read one answer, which is to be mapped at once.

        Args:
            endpoint: The path after `/compute-ops-mgmt/`, such as `v1/servers/{id}/alerts`; as it
                is, it names the call in metrics and errors.
            query: Parameters, not encoded.
            id: What stands for `{id}` in the path.

        Raises:
            NotAvailableError: The path cannot be asked for a tenant, and one is set.
            SourceError: No answer came, or its status is no success.
        """
        answer = await self._answer(endpoint, query, id)
        answer.release()
        return answer.body

    async def _answer(self, endpoint: str, query: Mapping[str, str], id: str) -> Answer:
        if self._tenant and endpoint.startswith(WITHOUT_TENANT):
            # Without the header the answer would be about the MSP's own workspace.
            raise NotAvailableError(
                f"{endpoint} is not offered for a tenant of an MSP workspace; "
                "switch the collector off for this source"
            )
        url = self._base + endpoint.replace("{id}", quote(id, safe="+")) + encoded(query)
        answer, token = await self._tokens.send(lambda token: self._send(endpoint, url, token))
        if not answer.ok:
            raise self._refused(endpoint, answer, token)
        return answer

    async def _send(self, endpoint: str, url: str, token: Token) -> Answer:
        headers = {
            "Authorization": f"Bearer {token.token}",
            "Accept": "application/json",
            **self._tenant,
        }
        return await self._transport.send(Request("GET", url, endpoint, headers))

    def _refused(self, endpoint: str, answer: Answer, token: Token) -> SourceError:
        said = refusal_from(answer.body, (token.token, self._tokens.secret))
        words, hint = said.text, HINTS.get(answer.status)
        text = f"{endpoint}: HTTP {answer.status}"
        text += (f" ({words})" if words else "") + (f"; {hint}" if hint else "")
        return refused(answer, said, text, self._clock.wall())


def encoded(query: Mapping[str, str]) -> str:
    """Write a query as COM wants it: a blank is `%20`, a `+` within a value `%2B`."""
    pairs = (f"{key}={quote(value, safe='$,:/')}" for key, value in query.items())
    return "?" + "&".join(pairs) if query else ""
