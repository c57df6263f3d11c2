"""Connections of clients: which are kept, and how slow a client may be."""

import asyncio
import socket
import ssl
from collections.abc import Coroutine
from typing import Any, TypeVar

import structlog
from aiohttp import web
from aiohttp.web_protocol import RequestHandler

from exporter.telemetry.process import WebTelemetry
from exporter.web.headers import complete
from exporter.web.limits import (
    LINGER,
    LONGEST_LINE,
    MOST_HEADERS,
    MOST_UNREAD,
    Limits,
    Places,
    client_of,
)
from exporter.web.protection import Protected

_END_OF_HEAD = b"\r\n\r\n"
_CLOSE_WITHIN = 1.0
"""Seconds for a client to confirm the end of a TLS connection."""

_log = structlog.get_logger("exporter.web")

T = TypeVar("T")


class Connections:
    """Takes in every connection that is accepted, and counts those that are open."""

    def __init__(
        self, server: web.Server, limits: Limits, protected: Protected, telemetry: WebTelemetry
    ) -> None:
        """Keep the server that answers requests, and what a client may have of it."""
        self.limits = limits
        self.protected = protected
        self.telemetry = telemetry
        self.places: Places[Connection] = Places(limits.connections, limits.connections_of_one)
        self._server = server
        self._entering: set[asyncio.Task[None]] = set()

    def take_in(self, accepted: socket.socket, host: str) -> None:
        """Serve an accepted socket, or close it if there are enough.

        Args:
            accepted: The socket; it is closed by the time the connection ends.
            host: The address of the client.
        """
        client = client_of(host)
        if self.places.make_room(client):
            self.telemetry.refused("connections")
        connection = self._connection(client)
        if not self.places.take(connection):
            self.telemetry.refused("connections")
            accepted.close()
            return
        task = asyncio.create_task(self._enter(connection, accepted))
        self._entering.add(task)
        task.add_done_callback(self._entering.discard)

    async def close(self) -> None:
        """End the handshakes that are under way."""
        # Each task owns a socket, which only one that has begun can close.
        await asyncio.sleep(0)
        entering = tuple(self._entering)
        for task in entering:
            task.cancel()
        await asyncio.gather(*entering, return_exceptions=True)

    async def _enter(self, connection: "Connection", accepted: socket.socket) -> None:
        """Make the connection, after a TLS handshake if there has to be one."""
        if connection.dropped:
            accepted.close()
            return
        connection.entering = asyncio.current_task()
        tls = self.protected.now.tls
        try:
            await asyncio.get_running_loop().connect_accepted_socket(
                lambda: connection,
                accepted,
                ssl=tls,
                ssl_handshake_timeout=self.limits.handshake if tls else None,
                ssl_shutdown_timeout=_CLOSE_WITHIN if tls else None,
            )
        except OSError as error:
            self._note_failure(connection.client, error)
        finally:
            # What failed has buffers of 300 kB, which would stay until the next garbage collection.
            connection.entering = None
            if connection.transport is None:
                connection.connection_lost(None)

    def _note_failure(self, client: str, error: OSError) -> None:
        reason = _reason_of(error)
        _log.debug("no connection", client=client, reason=reason, cause=str(error))
        if reason:
            self.telemetry.refused(reason)

    def _connection(self, client: str) -> "Connection":
        return Connection(
            self,
            client,
            self._server,
            loop=asyncio.get_running_loop(),
            access_log=None,
            keepalive_timeout=self.limits.idle,
            lingering_time=LINGER,
            max_line_size=LONGEST_LINE,
            max_field_size=LONGEST_LINE,
            max_headers=MOST_HEADERS,
            # No handler reads a body: one that cannot be decompressed is no error.
            auto_decompress=False,
        )


def _reason_of(error: OSError) -> str:
    """Return why a connection was refused before its first request; empty if the client left."""
    if isinstance(error, ssl.SSLCertVerificationError):
        return "client_certificate"
    if isinstance(error, ssl.SSLError):
        missing = error.reason == "PEER_DID_NOT_RETURN_A_CERTIFICATE"
        return "client_certificate" if missing else "handshake"
    # asyncio ends a handshake that takes too long with this one.
    return "slow" if isinstance(error, ConnectionAbortedError) else ""


class Connection(RequestHandler):
    """One connection: aiohttp's, with a time limit for the head of every request."""

    def __init__(self, connections: Connections, client: str, *args: Any, **kwargs: Any) -> None:
        """Belong to all connections."""
        super().__init__(*args, **kwargs)
        self.client = client
        self.spare = False
        """Beyond the limits: only probes and users who have been verified before are answered."""
        self.entering: asyncio.Task[None] | None = None
        self.dropped = False
        self._connections = connections
        self._answering = False
        self._unread = 0
        self._end = b""
        self._patience: asyncio.TimerHandle | None = None
        self._work: asyncio.Task[Any] | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Begin to wait for the first request."""
        super().connection_made(transport)
        self._wait()

    def connection_lost(self, exc: BaseException | None) -> None:
        """Wait no longer."""
        self._connections.places.leave(self)
        self._stop_waiting()
        if self._work is not None:
            self._work.cancel()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Take what came; the first bytes of a request set the time for the rest of its head."""
        self._unread += len(data)
        self._end = (self._end + data[-4:])[-4:]
        if self._unread > MOST_UNREAD:
            self._abort()
            return
        super().data_received(data)
        if not self._answering and self._patience is None:
            self._wait()

    def handle_error(
        self,
        request: web.BaseRequest,
        status: int = 500,
        exc: BaseException | None = None,
        message: str | None = None,
    ) -> web.StreamResponse:
        """Answer what never reaches a handler, because it is no request, without repeating it."""
        if status != 400:
            return super().handle_error(request, status, exc, message)
        self._connections.telemetry.refused("malformed")
        _log.debug("malformed request", client=self.client, cause=type(exc).__name__)
        response = web.Response(status=400, text="400: Bad Request\n")
        response.force_close()
        complete(response, self._connections.protected.now.headers)
        return response

    def begin_answer(self) -> None:
        """Know that the head of a request is complete."""
        self._stop_waiting()
        self._answering, self._unread = True, 0
        self._connections.places.begin_answer(self)

    def end_answer(self) -> None:
        """Know that the answer is sent. What came last may be a part of the next head."""
        self._answering = False
        self._connections.places.end_answer(self)
        if self._end != _END_OF_HEAD:
            self._wait()

    async def while_open(self, work: Coroutine[Any, Any, T]) -> T:
        """Await work that is cancelled when the client goes away."""
        self._work = task = asyncio.create_task(work)
        try:
            return await task
        finally:
            self._work = None

    def drop(self) -> None:
        """End the connection at once, or its handshake."""
        self.dropped = True
        if self.transport is None and self.entering is not None:
            self.entering.cancel()
        self._abort()

    def _wait(self) -> None:
        if self.transport is None:
            return
        limit = self._connections.limits.read
        self._patience = asyncio.get_running_loop().call_later(limit, self._give_up)

    def _stop_waiting(self) -> None:
        if self._patience is not None:
            self._patience.cancel()
            self._patience = None

    def _give_up(self) -> None:
        self._patience = None
        self._connections.telemetry.refused("slow")
        self._abort()

    def _abort(self) -> None:
        if isinstance(self.transport, asyncio.Transport):
            self.transport.abort()
