"""Who may ask COM? Client credentials against bearer tokens, at both of HPE's token endpoints."""

import base64
import re
import secrets
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Final
from urllib.parse import parse_qsl

import msgspec
from aiohttp import BasicAuth, web

from exporter.simulators.answer import Answer
from exporter.simulators.com.problems import ProblemError

LEGACY_PATH: Final = "/as/token.oauth2"
WORKSPACE_PATH: Final = "/authorization/v2/oauth2/{workspace}/token"
LEGACY_LIFETIME: Final = 7199
"""Seconds that the legacy endpoint promises in `expires_in`; the token lives a second longer."""
WORKSPACE_LIFETIME: Final = 900

_WORKSPACE: Final = re.compile(r"[0-9a-f]{32}")


@dataclass(frozen=True, slots=True)
class ComCredentials:
    """A personal API client of a workspace."""

    workspace_id: str
    client_id: str
    client_secret: str = field(repr=False)


class _RefusedError(Exception):
    """An OAuth2 error: its code, a sentence and the HTTP status."""

    def __init__(self, error: str, description: str, status: int = 400) -> None:
        super().__init__(description)
        self.answer = Answer(
            {"error": error, "error_description": description},
            status=status,
            headers={"Cache-Control": "no-store"},
        )


class Tokens:
    """The tokens in circulation."""

    def __init__(self, credentials: ComCredentials, clock: Callable[[], float]) -> None:
        """Accept one API client."""
        self.credentials = credentials
        self.lifetime: float | None = None
        """Seconds that a new token lives, instead of what its endpoint gives."""
        self._clock = clock
        self._ends: dict[str, float] = {}

    def rotate(self, secret: str) -> None:
        """Change the client's secret; tokens given out stay valid."""
        self.credentials = replace(self.credentials, client_secret=secret)

    def expire_all(self) -> None:
        """Make every token given out worthless."""
        self._ends.clear()

    def check(self, request: web.Request) -> None:
        """Let a request pass that carries a valid token in its Authorization header.

        Raises:
            ProblemError: There is no such token, 401.
        """
        scheme, _, token = request.headers.get("Authorization", "").partition(" ")
        if scheme.lower() != "bearer" or self._ends.get(token, 0.0) <= self._clock():
            raise ProblemError(401, "Unauthorized: the access token is missing or not valid.")

    async def legacy(self, request: web.Request) -> Answer:
        """Answer at the legacy single sign-on."""
        return await self._answer(request, LEGACY_LIFETIME)

    async def workspace(self, request: web.Request) -> Answer:
        """Answer at the endpoint of a workspace, whose id is written without hyphens."""
        workspace = request.match_info["workspace"]
        if not _WORKSPACE.fullmatch(workspace):
            refused = _RefusedError("invalid_request", "The workspace id is not valid.")
            return refused.answer
        known = self.credentials.workspace_id.replace("-", "").lower()
        return await self._answer(request, WORKSPACE_LIFETIME, workspace == known)

    async def _answer(self, request: web.Request, lifetime: int, known: bool = True) -> Answer:
        try:
            client = await _client_of(request)
        except _RefusedError as refused:
            return refused.answer
        mine = self.credentials
        if not known or client != (mine.client_id, mine.client_secret):
            return _RefusedError(
                "invalid_client", "Invalid client or client credentials.", 401
            ).answer
        return self._issue(lifetime)

    def _issue(self, lifetime: int) -> Answer:
        seconds = lifetime if self.lifetime is None else self.lifetime
        now = self._clock()
        self._forget(now)
        token = _jwt(self.credentials.client_id, now, seconds)
        self._ends[token] = now + seconds
        return Answer(
            {"access_token": token, "token_type": "Bearer", "expires_in": int(seconds)},
            headers={"Cache-Control": "no-store"},
        )

    def _forget(self, now: float) -> None:
        self._ends = {token: end for token, end in self._ends.items() if end > now}


async def _client_of(request: web.Request) -> tuple[str, str]:
    if request.content_type != "application/x-www-form-urlencoded":
        raise _RefusedError("invalid_request", "The body must be form-urlencoded.")
    if request.query_string:
        raise _RefusedError("invalid_request", "No credentials in the query.")
    form = _form(await request.text())
    if form.get("grant_type") != "client_credentials":
        raise _RefusedError("unsupported_grant_type", "Only client_credentials is supported.")
    header = request.headers.get("Authorization")
    if header is None:
        return form.get("client_id", ""), form.get("client_secret", "")
    if "client_secret" in form:
        raise _RefusedError("invalid_request", "More than one way of authentication was used.")
    try:
        basic = BasicAuth.decode(header, encoding="utf-8")
    except ValueError:
        raise _RefusedError("invalid_client", "The header cannot be read.", 401) from None
    return basic.login, basic.password


def _form(body: str) -> dict[str, str]:
    try:
        pairs = parse_qsl(body, keep_blank_values=True, strict_parsing=True)
    except ValueError:
        raise _RefusedError("invalid_request", "The body cannot be read.") from None
    form = dict(pairs)
    if len(form) != len(pairs):
        raise _RefusedError("invalid_request", "A parameter is given twice.")
    return form


def _jwt(client_id: str, now: float, seconds: float) -> str:
    claims = {
        "client_id": client_id,
        "iss": "https://sso.common.cloud.hpe.com",
        "aud": "external_api",
        "auth_source": "ccs_token_management",
        "iat": int(now),
        "exp": int(now + seconds) + 1,
    }
    head = msgspec.json.encode({"alg": "RS256", "kid": "simulated"})
    parts = (head, msgspec.json.encode(claims), secrets.token_bytes(48))
    return ".".join(base64.urlsafe_b64encode(part).rstrip(b"=").decode() for part in parts)
