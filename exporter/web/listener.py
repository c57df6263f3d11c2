"""Listening sockets, and the loop that accepts connections.

asyncio's own server makes a TLS connection for everybody who comes, and hands it over only after
the handshake. Here every connection is counted when it is accepted.

A client for whose connection there is no file descriptor would wait in the queue of the listener
until its own time limit. One descriptor is kept in reserve, with which it is accepted and closed,
so that it is refused at once; polls continue with the connections that they have.
"""

import asyncio
import errno
import os
import resource
import socket
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import Any

import structlog

_NO_DESCRIPTOR = (errno.EMFILE, errno.ENFILE, errno.ENOBUFS, errno.ENOMEM)
_BACKLOG = 512
"""Connections that wait in the kernel to be accepted."""
_AT_ONCE = 64
"""Connections that are accepted before others have a turn."""
_PAUSE = 1.0
"""Seconds without accepting after an error that would repeat itself."""
_QUIET = 60.0
"""Seconds after which a lack of descriptors is logged again."""

_log = structlog.get_logger("exporter.web")


class Reserve:
    """Refuses clients while there is no file descriptor for them."""

    def __init__(self) -> None:
        """Keep a descriptor."""
        self._spare: int | None = None
        self._logged = float("-inf")
        self._renew()

    def close(self) -> None:
        """Release the descriptor."""
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
        self._log(error)
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

    def _log(self, error: OSError) -> None:
        now = time.monotonic()
        if now - self._logged > _QUIET:
            _log.error(
                "no free file descriptors: connections are refused",
                cause=error.strerror,
                limit=resource.getrlimit(resource.RLIMIT_NOFILE)[0],
                advice="raise LimitNOFILE of the service (ulimit -n), or lower "
                "--web.max-connections",
            )
        self._logged = now

    def _renew(self) -> None:
        with suppress(OSError):
            self._spare = os.open(os.devnull, os.O_RDONLY | os.O_CLOEXEC)


class Listener:
    """Accepts connections on every address."""

    def __init__(
        self,
        sockets: Sequence[socket.socket],
        take_in: Callable[[socket.socket, str], None],
        refused: Callable[[], None],
    ) -> None:
        """Begin to accept.

        Args:
            sockets: They listen.
            take_in: Gets every accepted socket and the address of the client.
            refused: Called for each client for whom there was no file descriptor.
        """
        self.addresses = tuple(_address(each) for each in sockets)
        """Host and port of each."""
        self._sockets = sockets
        self._take_in = take_in
        self._refused = refused
        self._reserve = Reserve()
        self._loop = asyncio.get_running_loop()
        for each in sockets:
            self._resume(each)

    def close(self) -> None:
        """Accept nothing any more."""
        for each in self._sockets:
            self._loop.remove_reader(each)
            each.close()
        self._reserve.close()

    def _accept(self, listening: socket.socket) -> None:
        for _ in range(_AT_ONCE):
            try:
                accepted, address = listening.accept()
            except (BlockingIOError, InterruptedError):
                return
            except ConnectionAbortedError:
                continue
            except OSError as error:
                if not self._refuse(listening, error):
                    self._pause(listening)
                    return
                continue
            accepted.setblocking(False)
            self._take_in(accepted, address[0])

    def _refuse(self, listening: socket.socket, error: OSError) -> bool:
        if error.errno not in _NO_DESCRIPTOR or not self._reserve.refuse_one(listening, error):
            return False
        self._refused()
        return True

    def _pause(self, listening: socket.socket) -> None:
        self._loop.remove_reader(listening)
        self._loop.call_later(_PAUSE, self._resume, listening)

    def _resume(self, listening: socket.socket) -> None:
        if listening.fileno() != -1:
            self._loop.add_reader(listening, self._accept, listening)


async def listening_sockets(host: str, port: int) -> tuple[socket.socket, ...]:
    """Listen on every address of a host.

    Args:
        host: A name or address; empty for every address of the machine.
        port: 0 for any free one, the same for all addresses where that is possible.

    Raises:
        OSError: An address is taken, not this machine's, or not allowed; or there is no such host.
    """
    found = await asyncio.get_running_loop().getaddrinfo(
        host or None, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
    )
    sockets: list[socket.socket] = []
    try:
        for family, address in dict.fromkeys((each[0], each[4]) for each in found):
            chosen = port or (sockets[0].getsockname()[1] if sockets else 0)
            made = _listening(family, (address[0], chosen, *address[2:]))
            sockets += [made] if made else []
    except OSError:
        for each in sockets:
            each.close()
        raise
    if not sockets:
        raise OSError(errno.EADDRNOTAVAIL, "there is no such address on this machine")
    return tuple(sockets)


def _listening(family: int, address: tuple[Any, ...]) -> socket.socket | None:
    """Listen on an address; None where the kernel has no IPv6, or no IPv4."""
    try:
        made = socket.create_server(address, family=family, backlog=_BACKLOG)
    except OSError as error:
        has_no_address = family == socket.AF_INET6 and error.errno == errno.EADDRNOTAVAIL
        if has_no_address or error.errno == errno.EAFNOSUPPORT:
            return None
        # The library's message repeats the address.
        raise OSError(error.errno, os.strerror(error.errno or 0)) from None
    made.setblocking(False)
    return made


def _address(listening: socket.socket) -> tuple[str, int]:
    host, port = listening.getsockname()[:2]
    return str(host), int(port)
