"""What can be wrong on the way to an API, arranged with real sockets."""

import asyncio
import socket
import ssl
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager, contextmanager, suppress
from pathlib import Path
from typing import Any

from tests.support.certificates import HOST, Issued, bare_self_signed

PASSWORD = "planted-word"
SHORT = "1s"
ALERT = bytes.fromhex("15030100020246")
"""What a server says that has no TLS version in common: `protocol_version`."""
TLS_1_1 = bytes.fromhex("160302002c020000280302") + bytes(32) + bytes.fromhex("00c013000000")
"""A server's greeting in TLS 1.1."""
Changes = dict[str, Any]
Way = AbstractAsyncContextManager[Changes]


@asynccontextmanager
async def listening(
    says: bytes = b"", *, tls: ssl.SSLContext | None = None, hangs: bool = False
) -> AsyncIterator[int]:
    """Listen, say the same to everybody who says something, and hang up."""

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(OSError):
            await reader.read(2**16)
            writer.write(says)
            await writer.drain()
            while hangs and await reader.read(2**16):
                pass
        writer.close()

    server = await asyncio.start_server(answer, "127.0.0.1", 0, ssl=tls)
    try:
        yield int(server.sockets[0].getsockname()[1])
    finally:
        server.close()


def saying(says: bytes, scheme: str = "https", *, hangs: bool = False) -> Callable[[Path], Way]:
    @asynccontextmanager
    async def arranged(_: Path) -> AsyncIterator[Changes]:
        async with listening(says, hangs=hangs) as port:
            yield {"url": f"{scheme}://127.0.0.1:{port}", "http": {"timeout": SHORT}}

    return arranged


def presenting(
    made: Callable[[], Issued], *, trusted: Callable[[], Issued] | bool = True, name: str = HOST
) -> Callable[[Path], Way]:
    """Present a certificate; `trusted` says what ca_file holds."""

    @asynccontextmanager
    async def arranged(folder: Path) -> AsyncIterator[Changes]:
        shown = made()
        http = {"server_name": name}
        if trusted:
            held = shown if isinstance(trusted, bool) else trusted()
            http["ca_file"] = held.ca_file(folder)
        async with listening(tls=shown.server(folder)) as port:
            yield {"url": f"https://127.0.0.1:{port}", "http": http}

    return arranged


@asynccontextmanager
async def refused(_: Path) -> AsyncIterator[Changes]:
    with reserved() as port:
        yield {"url": f"https://127.0.0.1:{port}"}


@asynccontextmanager
async def full(_: Path) -> AsyncIterator[Changes]:
    """Accept nobody, with every place in the queue taken."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen(0)
        waiting = [socket.socket() for _ in range(3)]
        for each in waiting:
            each.setblocking(False)
            each.connect_ex(listener.getsockname())
        yield {
            "url": f"https://127.0.0.1:{listener.getsockname()[1]}",
            "http": {"timeout": SHORT},
        }
        for each in waiting:
            each.close()


@asynccontextmanager
async def without_name(_: Path) -> AsyncIterator[Changes]:
    yield {"url": "https://ome.serverfleet.invalid"}


def behind(says: bytes, scheme: str = "https", user: str = "") -> Callable[[Path], Way]:
    """Go through a proxy that says this to everything; nothing at all without any words."""

    @asynccontextmanager
    async def arranged(_: Path) -> AsyncIterator[Changes]:
        async with listening(says, hangs=not says) as port:
            yield {
                "url": f"{scheme}://ome.example.net",
                "http": {
                    "proxy": f"http://{user}127.0.0.1:{port}",
                    "timeout": SHORT,
                    "allow_plaintext": True,
                },
            }

    return arranged


@asynccontextmanager
async def behind_tls(folder: Path) -> AsyncIterator[Changes]:
    """Go through a proxy whose certificate is not trusted."""
    async with listening(tls=bare_self_signed().server(folder)) as port:
        yield {"url": "https://ome.example.net", "http": {"proxy": f"https://127.0.0.1:{port}"}}


@asynccontextmanager
async def dead_proxy(_: Path) -> AsyncIterator[Changes]:
    with reserved() as port:
        proxy = f"http://me:{PASSWORD}@127.0.0.1:{port}"
        yield {"url": "https://ome.example.net", "http": {"proxy": proxy}}


@contextmanager
def reserved() -> Iterator[int]:
    """Bind a port on which nothing listens; yields its number."""
    with socket.socket() as bound:
        bound.bind(("127.0.0.1", 0))
        yield int(bound.getsockname()[1])


def refusal(status: int, content: str = "text/plain", body: bytes = b"no") -> bytes:
    head = f"HTTP/1.1 {status} No\r\nContent-Type: {content}\r\nContent-Length: {len(body)}\r\n"
    return f"{head}Connection: close\r\n\r\n".encode() + body
