"""Clients for whose connection there is no file descriptor.

Left alone, such a client waits in the queue of the listener until its own time limit. One
descriptor is kept in reserve, with which it is accepted and closed, so that it knows at once; polls
go on with the connections they have.
"""

import errno
import os
import resource
import socket
import time
from contextlib import suppress

import structlog

NONE_LEFT = (errno.EMFILE, errno.ENFILE, errno.ENOBUFS, errno.ENOMEM)
_QUIET = 60.0
"""Seconds after which it is logged again."""

_log = structlog.get_logger("exporter.web")


class Reserve:
    """Refuses clients while there is no file descriptor for them."""

    def __init__(self) -> None:
        """Keep a descriptor."""
        self._spare: int | None = None
        self._told = float("-inf")
        self._renew()

    def close(self) -> None:
        """Give the descriptor back."""
        if self._spare is not None:
            os.close(self._spare)
            self._spare = None

    def refuse_one(self, listener: socket.socket, error: OSError) -> bool:
        """Accept a client with the spare descriptor, and close its connection.

        Args:
            listener: Where it waits.
            error: Why it could not be accepted.

        Returns:
            Whether there was one.
        """
        self._tell(error)
        self.close()
        try:
            connection, _ = listener.accept()
            connection.close()
        except OSError:
            # Nobody waits any more, or somebody else has taken the descriptor meanwhile.
            return False
        finally:
            self._renew()
        return True

    def _tell(self, error: OSError) -> None:
        now = time.monotonic()
        if now - self._told > _QUIET:
            _log.error(
                "no free file descriptors: connections are refused",
                cause=error.strerror,
                limit=resource.getrlimit(resource.RLIMIT_NOFILE)[0],
                advice="raise LimitNOFILE of the service (ulimit -n), or lower "
                "--web.max-connections",
            )
        self._told = now

    def _renew(self) -> None:
        with suppress(OSError):
            self._spare = os.open(os.devnull, os.O_RDONLY | os.O_CLOEXEC)
