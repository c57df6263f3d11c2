"""What becomes of a client for whose connection there is no file descriptor?

Left alone, it would wait in the queue of the listener until its own patience ends, and asyncio
would write a traceback for each attempt. One descriptor is kept in reserve, with which such clients
are taken in and let go, so that they know at once; polls go on with the connections they have.
"""

import asyncio
import errno
import os
import resource
import socket
from contextlib import suppress
from typing import Any

import structlog

from exporter.telemetry.web import WebTelemetry

NONE_LEFT = (errno.EMFILE, errno.ENFILE, errno.ENOBUFS, errno.ENOMEM)
_QUIET = 60.0
"""Seconds after which it is told again."""

_log = structlog.get_logger("exporter.web")


class Reserve:
    """Answers for a loop when it cannot accept a connection."""

    def __init__(self, telemetry: WebTelemetry) -> None:
        """Keep a descriptor."""
        self._telemetry = telemetry
        self._spare: int | None = None
        self._told = float("-inf")
        self._renew()

    def install(self, loop: asyncio.AbstractEventLoop) -> None:
        """Hear of every error that the loop has nobody else to tell of."""
        loop.set_exception_handler(self._take)

    def close(self) -> None:
        """Give the descriptor back."""
        asyncio.get_running_loop().set_exception_handler(None)
        self._release()

    def _take(self, loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
        error, listener = context.get("exception"), context.get("socket")
        if isinstance(error, OSError) and error.errno in NONE_LEFT and listener is not None:
            self._refuse_one(listener.fileno())
            self._tell(loop.time(), error)
        else:
            loop.default_exception_handler(context)

    def _refuse_one(self, number: int) -> None:
        self._release()
        listener = socket.socket(fileno=number)
        try:
            connection, _ = listener.accept()
            connection.close()
            self._telemetry.refused("connections")
        except OSError:
            # Nobody waits any more, or somebody else has taken the descriptor meanwhile.
            pass
        finally:
            listener.detach()
            self._renew()

    def _tell(self, now: float, error: OSError) -> None:
        if now - self._told > _QUIET:
            _log.error(
                "no free file descriptors: connections are refused",
                cause=error.strerror,
                limit=resource.getrlimit(resource.RLIMIT_NOFILE)[0],
                advice="raise LimitNOFILE of the service (ulimit -n), or lower "
                "--web.max-connections",
            )
        self._told = now

    def _release(self) -> None:
        if self._spare is not None:
            os.close(self._spare)
            self._spare = None

    def _renew(self) -> None:
        with suppress(OSError):
            self._spare = os.open(os.devnull, os.O_RDONLY | os.O_CLOEXEC)
