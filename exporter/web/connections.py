"""Which connections are kept, and for how long may a client be slow?"""

import asyncio
from typing import Any

from aiohttp import web
from aiohttp.web_protocol import RequestHandler

from exporter.telemetry.web import WebTelemetry
from exporter.web.limits import LINGER, LONGEST_LINE, MOST_HEADERS, MOST_UNREAD, Limits

_END_OF_HEAD = b"\r\n\r\n"


class Connections:
    """Makes the protocol of each connection, and counts those that are open."""

    def __init__(self, server: web.Server, limits: Limits, telemetry: WebTelemetry) -> None:
        """Keep the server that answers requests, and what a client may have of it."""
        self.limits = limits
        self._server = server
        self._telemetry = telemetry
        self._open: set[Connection] = set()

    def __call__(self) -> asyncio.BaseProtocol:
        """Make the protocol of a new connection."""
        return Connection(
            self,
            self._server,
            loop=asyncio.get_running_loop(),
            access_log=None,
            keepalive_timeout=self.limits.idle,
            lingering_time=LINGER,
            max_line_size=LONGEST_LINE,
            max_field_size=LONGEST_LINE,
            max_headers=MOST_HEADERS,
        )

    def admit(self, connection: "Connection") -> bool:
        """Count a connection, unless there are enough."""
        if 0 < self.limits.connections <= len(self._open):
            self._telemetry.refused("connections")
            return False
        self._open.add(connection)
        return True

    def leave(self, connection: "Connection") -> None:
        """Count a connection no longer."""
        self._open.discard(connection)

    def too_slow(self) -> None:
        """Count a client that did not send its request in time."""
        self._telemetry.refused("slow")


class Connection(RequestHandler):
    """One connection: aiohttp's, with a time limit for the head of every request."""

    def __init__(self, connections: Connections, *args: Any, **kwargs: Any) -> None:
        """Belong to all connections."""
        super().__init__(*args, **kwargs)
        self._connections = connections
        self._answering = False
        self._unread = 0
        self._end = b""
        self._patience: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Begin to wait for the first request."""
        super().connection_made(transport)
        if self._connections.admit(self):
            self._wait()
        else:
            self._abort()

    def connection_lost(self, exc: BaseException | None) -> None:
        """Wait no longer."""
        self._connections.leave(self)
        self._stop_waiting()
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

    def begin_answer(self) -> None:
        """Know that the head of a request is complete."""
        self._stop_waiting()
        self._answering, self._unread = True, 0

    def end_answer(self) -> None:
        """Know that the answer is sent. What came last may be a part of the next head."""
        self._answering = False
        if self._end != _END_OF_HEAD:
            self._wait()

    def _wait(self) -> None:
        limit = self._connections.limits.read
        self._patience = asyncio.get_running_loop().call_later(limit, self._give_up)

    def _stop_waiting(self) -> None:
        if self._patience is not None:
            self._patience.cancel()
            self._patience = None

    def _give_up(self) -> None:
        self._patience = None
        self._connections.too_slow()
        self._abort()

    def _abort(self) -> None:
        if isinstance(self.transport, asyncio.Transport):
            self.transport.abort()
