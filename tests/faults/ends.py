"""What can be found where an address points to? The API, or something that is wrong with it."""

import asyncio
import socket
import ssl
import struct
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager, contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import trustme

from exporter.simulators import Simulation
from tests.support.certificates import HOST, ODD, Issued

NOWHERE = "fleet.invalid"
"""No name under .invalid can be resolved (RFC 6761)."""
_LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC), datetime(2021, 1, 1, tzinfo=UTC)

Connected = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


class Ends:
    """Listens at one port, as one thing or another."""

    def __init__(self, simulation: Simulation, folder: Path, odd: str = "") -> None:
        """Trust an authority, and the odd certificate of this name, if any."""
        self.port = _free_port()
        self.resolves = True
        self._simulation = simulation
        self._authority = trustme.CA()
        self.ca_file = folder / "ca.pem"
        self._authority.cert_pem.write_to_path(str(self.ca_file))
        self._odd: dict[str, Issued] = {odd: ODD[odd]()} if odd else {}
        with self.ca_file.open("ab") as file:
            file.writelines(each.trusted for each in self._odd.values())
        self._context: AbstractAsyncContextManager[Any] | None = None

    async def become(self, name: str) -> None:
        """Stop listening as what is there now, and be something else."""
        await self.stop()
        self.resolves = name != "no name"
        self._context = self._end(name)
        if self._context is not None:
            await self._context.__aenter__()

    async def become_another(self, simulation: Simulation) -> None:
        """Be the API of another fleet."""
        self._simulation = simulation
        await self.become("api")

    async def stop(self) -> None:
        """Listen no more."""
        if self._context is not None:
            await self._context.__aexit__(None, None, None)
            self._context = None

    @contextmanager
    def resolving(self) -> Any:
        """Let this loop know the address of the name, as long as it resolves."""
        loop: Any = asyncio.get_running_loop()
        real = loop.getaddrinfo

        def getaddrinfo(host: str, *args: Any, **kwargs: Any) -> Any:
            known = "127.0.0.1" if self.resolves else NOWHERE
            return real(known if host == HOST else host, *args, **kwargs)

        loop.getaddrinfo = getaddrinfo
        try:
            yield
        finally:
            del loop.getaddrinfo

    def _end(self, name: str) -> AbstractAsyncContextManager[Any] | None:
        if name in ("refused", "no name"):
            return None
        if name in _CONNECTED:
            return _raw(self.port, _CONNECTED[name])
        if name == "full":
            return _full(self.port)
        tls = None if name == "plain" else self._tls(name)
        return self._simulation.serving(port=self.port, ssl_context=tls)

    def _tls(self, name: str) -> ssl.SSLContext:
        if name in self._odd:
            return self._odd[name].server(self.ca_file.parent)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        if name == "self-signed":
            own = trustme.CA()
            pem = self.ca_file.with_name("own.pem")
            own.private_key_pem.write_to_path(str(pem))
            own.cert_pem.write_to_path(str(pem), append=True)
            context.load_cert_chain(pem)
            return context
        ca = trustme.CA() if name == "unknown authority" else self._authority
        host = "elsewhere.test" if name == "wrong host" else HOST
        not_before, not_after = _LONG_AGO if name == "expired" else (None, None)
        ca.issue_cert(host, not_before=not_before, not_after=not_after).configure_cert(context)
        return context


async def _reset(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    del reader
    sock: socket.socket = writer.get_extra_info("socket")
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    writer.transport.abort()


async def _silent(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    del writer
    while await reader.read(2**16):
        pass


_CONNECTED: dict[str, Connected] = {"reset": _reset, "silent": _silent}


@asynccontextmanager
async def _raw(port: int, connected: Connected) -> AsyncIterator[None]:
    tasks: set[asyncio.Task[None]] = set()

    async def until_gone(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            await connected(reader, writer)
        finally:
            writer.transport.abort()

    def begin(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.ensure_future(until_gone(reader, writer))
        tasks.add(task)
        task.add_done_callback(tasks.discard)

    server = await asyncio.start_server(begin, "127.0.0.1", port)
    try:
        yield
    finally:
        server.close()
        waiting = tuple(tasks)
        for task in waiting:
            task.cancel()
        await asyncio.gather(*waiting, return_exceptions=True)
        # An aborted connection is let go of at the next turn of the loop.
        await asyncio.sleep(0)


@asynccontextmanager
async def _full(port: int) -> AsyncIterator[None]:
    """Listen, accept nobody, and let others take every place in the queue."""
    listener = socket.socket()
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listener.bind(("127.0.0.1", port))
    listener.listen(0)
    waiting = [socket.socket() for _ in range(3)]
    try:
        for each in waiting:
            each.setblocking(False)
            each.connect_ex(("127.0.0.1", port))
        yield
    finally:
        for each in (*waiting, listener):
            each.close()


def _free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        port: int = found.getsockname()[1]
        return port
