"""The way through a proxy."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

import pytest
import trustme

from tests.doctor.conftest import Admit, context, finding, verdicts


class Proxy:
    """Serves CONNECT, or refuses it."""

    def __init__(self, refusal: int) -> None:
        self.asked: list[str] = []
        self._refusal = refusal
        self._tasks: set[asyncio.Task[None]] = set()

    def handle(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.ensure_future(self._answer(reader, writer))
        self._tasks.add(task)
        task.add_done_callback(lambda _: writer.transport.abort())

    async def close(self) -> None:
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = (await reader.readuntil(b"\r\n\r\n")).decode()
        self.asked.append(head)
        if self._refusal:
            writer.write(f"HTTP/1.1 {self._refusal} No\r\nContent-Length: 0\r\n\r\n".encode())
            writer.close()
            with suppress(OSError):
                await writer.wait_closed()
            return
        host, _, port = head.split()[1].rpartition(":")
        onward, back = await asyncio.open_connection(host, int(port))
        writer.write(b"HTTP/1.1 200 Connection established\r\n\r\n")
        try:
            await asyncio.gather(_pump(reader, back), _pump(onward, writer))
        finally:
            back.transport.abort()


async def _pump(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with suppress(OSError):
        while data := await reader.read(65536):
            writer.write(data)
            await writer.drain()
    writer.close()


@asynccontextmanager
async def proxy(refusal: int = 0) -> AsyncIterator[tuple[str, list[str]]]:
    """Run a proxy; gives host and port, and what was asked."""
    made = Proxy(refusal)
    server = await asyncio.start_server(made.handle, "127.0.0.1", 0)
    try:
        yield f"127.0.0.1:{server.sockets[0].getsockname()[1]}", made.asked
    finally:
        await made.close()
        server.close()


async def test_everything_works_through_a_proxy(
    admit: Admit, authority: trustme.CA, ca_file: str
) -> None:
    clinic = await admit(context(authority.issue_cert("127.0.0.1")))

    async with proxy() as (where, asked):
        http = {"ca_file": ca_file, "proxy": f"http://user:planted-word@{where}"}
        found = await clinic.examined(http=http)

    assert found.works
    assert list(verdicts(found))[:5] == ["dns", "tcp", "proxy", "tls", "clock"]
    assert finding(found, "tcp").subject == where
    assert finding(found, "proxy").seen == f"connects to {clinic.url.removeprefix('https://')}"
    assert "Proxy-Authorization: Basic dXNlcjpwbGFudGVkLXdvcmQ=" in asked[0]
    assert "planted-word" not in repr(found)


@pytest.mark.parametrize(
    ("status", "advice"),
    [(407, "http.proxy: http://USER:PASSWORD@"), (403, "on the proxy"), (502, "log")],
)
async def test_a_proxy_that_refuses(admit: Admit, status: int, advice: str) -> None:
    clinic = await admit()

    async with proxy(status) as (where, _):
        found = await clinic.examined(
            url="https://ome.invalid", http={"proxy": f"http://user:planted-word@{where}"}
        )

    assert (verdicts(found)["dns"], verdicts(found)["tcp"]) == ("ok", "ok")
    assert (verdicts(found)["proxy"], verdicts(found)["tls"]) == ("failed", "not tried")
    assert f"(HTTP {status})" in finding(found, "proxy").seen
    assert advice in finding(found, "proxy").advice
    assert "planted-word" not in repr(found)


async def test_a_proxy_whose_name_does_not_exist_names_its_setting(admit: Admit) -> None:
    clinic = await admit()

    found = await clinic.examined(
        url="https://ome.example.net", http={"proxy": "http://proxy.serverfleet.invalid:3128"}
    )

    assert finding(found, "dns").subject == "proxy.serverfleet.invalid"
    assert "the spelling in http.proxy" in finding(found, "dns").advice
