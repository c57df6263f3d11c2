"""How is one GET sent to Compute Ops Management, and what does a refusal tell the user?"""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from urllib.parse import quote

from exporter.clock import Clock
from exporter.errors import NotAvailableError, SourceError, reason_of_status
from exporter.sources.com.login import Token, Tokens
from exporter.sources.com.refusals import refusal_from
from exporter.sources.com.settings import ComSettings
from exporter.sources.headers import retry_after
from exporter.sources.transport import Answer, Request, Transport

PREFIX = "/compute-ops-mgmt/"
HINTS = {
    401: "a fresh token is refused too; check that the API client belongs to this workspace",
    403: "give the user of the API client the role Viewer of Compute Ops Management",
    404: "there is no such path; check the region or url of this source",
    429: "raise the intervals, or set http.requests_per_minute",
    451: "the account is blocked; ask HPE support",
}
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
        token = await self._tokens.current()
        answer = await self._send(endpoint, url, token)
        if answer.status == 401:
            token = await self._tokens.after_refusal(token)
            answer = await self._send(endpoint, url, token)
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
        error = SourceError(
            reason_of_status(answer.status),
            f"{endpoint}: HTTP {answer.status}"
            + (f" ({words})" if words else "")
            + (f"; {hint}" if hint else ""),
            status=answer.status,
            code=said.code,
            retry_after=retry_after(answer, self._clock.wall()),
        )
        error.words = said.words
        return error


def encoded(query: Mapping[str, str]) -> str:
    """Write a query as COM wants it: a blank is `%20`, a `+` within a value `%2B`."""
    pairs = (f"{key}={quote(value, safe='$,:/')}" for key, value in query.items())
    return "?" + "&".join(pairs) if query else ""
