"""The middleware before every route: limits, rate limit, passwords, time limit of an answer."""

import asyncio
import base64
import time
from collections.abc import AsyncIterator

import structlog
from aiohttp import web
from aiohttp.typedefs import Handler

from exporter.config.web import RateLimit
from exporter.telemetry.process import WebTelemetry
from exporter.web.connections import Connection
from exporter.web.headers import NAME, complete
from exporter.web.limits import LARGEST_BODY, Limits
from exporter.web.passwords import BusyError, Passwords
from exporter.web.protection import Protected

PROBES = ("/-/healthy", "/-/ready")
"""Answered before any limit and without a password: a restart because of others does only harm."""
SOON = "1"
"""Seconds, for Retry-After."""
CHALLENGE = f'Basic realm="{NAME}", charset="UTF-8"'

_log = structlog.get_logger("exporter.web")


class Guard:
    """Stands before every route."""

    def __init__(self, protected: Protected, limits: Limits, telemetry: WebTelemetry) -> None:
        """Take what protects, what limits, and who counts refusals."""
        self._protected = protected
        self._limits = limits
        self._telemetry = telemetry
        self._passwords = Passwords()
        self._bucket = _Bucket()
        self._answering = 0

    def install(self, app: web.Application) -> None:
        """Check every request of an application, and watch the files while it runs."""
        app.middlewares.append(self._pass)
        app.on_response_prepare.append(self._complete)
        app.cleanup_ctx.append(self._follow)

    @web.middleware
    async def _pass(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        connection = request.protocol
        if not isinstance(connection, Connection):
            return await self._checked(request, handler)
        connection.begin_answer()
        try:
            return await self._checked(request, handler)
        finally:
            connection.end_answer()
            if connection.spare:
                connection.close()

    async def _checked(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        now = self._protected.now
        if request.body_exists and not 0 <= (request.content_length or -1) <= LARGEST_BODY:
            self._telemetry.refused("too_large")
            raise web.HTTPRequestEntityTooLarge(LARGEST_BODY, request.content_length or 0)
        if request.path in PROBES:
            return await self._sent(request, handler)
        if not self._bucket.allows(now.rate_limit):
            raise self._refusal(web.HTTPTooManyRequests, "rate_limit")
        if now.users:
            await self._authenticate(request)
        elif _is_spare(request):
            raise self._refusal(web.HTTPServiceUnavailable, "connections")
        if self._limits.requests and self._answering >= self._limits.requests:
            raise self._refusal(web.HTTPServiceUnavailable, "requests")
        self._answering += 1
        try:
            return await self._sent(request, handler)
        finally:
            self._answering -= 1

    async def _authenticate(self, request: web.Request) -> None:
        """Let nobody pass without a password; whoever was verified before does not wait."""
        given = _given(request.headers.get("Authorization", ""))
        if given and self._passwords.remembers(self._protected.now.users, *given):
            return
        if _is_spare(request):
            raise self._refusal(web.HTTPServiceUnavailable, "connections")
        try:
            right = given and await self._verified(request, *given)
        except BusyError:
            raise self._refusal(web.HTTPTooManyRequests, "unauthorized") from None
        if not right:
            self._telemetry.refused("unauthorized")
            refusal = web.HTTPUnauthorized(headers={"WWW-Authenticate": CHALLENGE})
            # An idle connection is for those who may scrape.
            refusal.force_close()
            raise refusal

    async def _verified(self, request: web.Request, user: str, password: str) -> bool:
        users, connection = self._protected.now.users, request.protocol
        if not isinstance(connection, Connection):
            return await self._passwords.right(users, user, password, request.remote or "")
        verification = self._passwords.right(users, user, password, connection.client)
        return await connection.while_open(verification)

    async def _sent(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        """Answer, and send the answer while it still counts as one."""
        response: web.StreamResponse = web.Response(status=408)
        try:
            async with asyncio.timeout(self._limits.write):
                response = await handler(request)
                await response.prepare(request)
                await response.write_eof()
        except TimeoutError:
            self._telemetry.refused("slow")
            _let_go(request)
        except ConnectionError:
            _let_go(request)
        return response

    def _refusal(self, kind: type[web.HTTPError], reason: str) -> web.HTTPError:
        self._telemetry.refused(reason)
        return kind(headers={"Retry-After": SOON})

    async def _complete(self, _: web.Request, response: web.StreamResponse) -> None:
        if isinstance(response, web.HTTPExpectationFailed):
            # The library answers it before any handler, and would repeat the header.
            self._telemetry.refused("malformed")
            response.body = b"417: Expectation Failed\n"
            response.headers["Content-Length"] = str(response.content_length)
        complete(response, self._protected.now.headers)

    async def _follow(self, _: web.Application) -> AsyncIterator[None]:
        following = asyncio.create_task(
            self._protected.follow(self._telemetry), name="web configuration"
        )
        yield
        following.cancel()
        await asyncio.gather(following, return_exceptions=True)
        self._passwords.close()


def _is_spare(request: web.Request) -> bool:
    return isinstance(request.protocol, Connection) and request.protocol.spare


def _given(authorization: str) -> tuple[str, str] | None:
    """Read user and password; None where there are none."""
    scheme, _, encoded = authorization.partition(" ")
    if scheme.lower() != "basic":
        return None
    try:
        text = base64.b64decode(encoded.strip(), validate=True).decode()
    except ValueError:
        return None
    user, colon, password = text.partition(":")
    return (user, password) if colon else None


def _let_go(request: web.Request) -> None:
    """Drop a client that does not read; a scraper that gave up is its own log's business."""
    _log.debug("a client went away", remote=request.remote)
    if request.transport is not None:
        request.transport.abort()


class _Bucket:
    """Tokens for all clients together."""

    def __init__(self) -> None:
        self._limit = RateLimit()
        self._tokens = 0.0
        self._at = 0.0

    def allows(self, limit: RateLimit) -> bool:
        """Take a token, if there is one."""
        if not limit.interval:
            return True
        now = time.monotonic()
        if limit != self._limit:
            self._limit, self._tokens, self._at = limit, float(limit.burst), now
        filled = self._tokens + (now - self._at) / limit.interval
        self._tokens, self._at = min(filled, float(limit.burst)), now
        if self._tokens < 1:
            return False
        self._tokens -= 1
        return True
