"""What is no request, or an odd one: answered shortly, counted, and never repeated."""

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from structlog.testing import capture_logs

from exporter.web.server import Server
from tests.support.exporting import Exporting
from tests.support.exposition import value

PATIENCE = 60.0
GET = b"GET /status.json HTTP/1.1\r\n"
MALFORMED = [
    GET + b"Ho st: planted\r\n\r\n",
    GET + b"Host: a\r\nHost: planted\r\n\r\n",
    GET + b"Host: a\r\nplanted\r\n\r\n",
    GET + b"Host: a\r\n: planted\r\n\r\n",
    GET + b"Host: a\r\nX: \x00planted\r\n\r\n",
    GET + b"Host: a\r\nContent-Length: planted\r\n\r\n",
    GET + b"Host: a\r\nContent-Length: -1\r\n\r\n",
    GET + b"Host: a\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    GET + b"Host: a\r\nTransfer-Encoding: planted\r\n\r\n",
    b"planted\r\n\r\n",
    b"GET planted HTTP/1.1\r\nHost: a\r\n\r\n",
    b"GET http://[planted HTTP/1.1\r\nHost: a\r\n\r\n",
    b"GET / HTTP/9.9\r\nHost: planted\r\n\r\n",
    b"GET / planted/1.1\r\nHost: a\r\n\r\n",
    b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
    b"\x16\x03\x01\x02\x00\x01planted\r\n\r\n",
]


@asynccontextmanager
async def serving(exporting: Exporting) -> AsyncIterator[int]:
    await exporting.begin()
    server = await Server.start(exporting.served, "127.0.0.1", 0)
    try:
        yield server.port
    finally:
        await server.stop()


async def answer(port: int, request: bytes) -> bytes:
    """Send a request, and return all that comes until the other side ends."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    try:
        writer.write(request)
        return await asyncio.wait_for(reader.read(), PATIENCE)
    finally:
        writer.close()


def counted(exporting: Exporting) -> float:
    found = value(exporting.own_text, "serverfleet_web_refused_total", reason="malformed")
    assert found is not None
    return found


@pytest.mark.parametrize("request_", MALFORMED)
async def test_what_is_no_request_is_answered_with_400_and_one_debug_line(
    exporting: Exporting, caplog: pytest.LogCaptureFixture, request_: bytes
) -> None:
    async with serving(exporting) as port:
        with capture_logs() as lines, caplog.at_level(logging.INFO):
            said = await answer(port, request_)

    head, _, body = said.partition(b"\r\n\r\n")
    headers = dict(line.split(b": ", 1) for line in head.split(b"\r\n")[1:])
    assert head.split()[1] == b"400"
    assert body == b"400: Bad Request\n"
    assert headers[b"Server"] == b"serverfleet-exporter"
    assert headers[b"X-Content-Type-Options"] == b"nosniff"
    (line,) = lines
    assert (line["event"], line["log_level"]) == ("malformed request", "debug")
    assert "planted" not in str(line)
    assert caplog.records == []
    assert counted(exporting) == 1


async def test_after_a_good_request_it_ends_the_connection_too(exporting: Exporting) -> None:
    async with serving(exporting) as port:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(b"GET /-/healthy HTTP/1.1\r\nHost: a\r\n\r\n")
        assert (await reader.readuntil(b"healthy\n")).startswith(b"HTTP/1.1 200 ")
        writer.write(MALFORMED[0])
        said = await asyncio.wait_for(reader.read(), PATIENCE)
        writer.close()

    assert said.split()[1] == b"400"
    assert counted(exporting) == 1


@pytest.mark.parametrize("path", [b"/status.json", b"/nothing"])
async def test_an_expectation_that_nobody_meets_is_not_repeated(
    exporting: Exporting, path: bytes
) -> None:
    request = (
        b"GET " + path + b" HTTP/1.1\r\nHost: a\r\nExpect: planted\r\nConnection: close\r\n\r\n"
    )
    async with serving(exporting) as port:
        said = await answer(port, request)

    assert said.startswith(b"HTTP/1.1 417 ")
    assert said.endswith(b"\r\n\r\n417: Expectation Failed\n")
    assert b"planted" not in said
    assert b"Server: serverfleet-exporter\r\n" in said
    assert counted(exporting) == 1


ODD = [
    b"OPTIONS * HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n",
    b"CONNECT planted:1 HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n",
    b"GET //planted/%00%ff HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n",
    b"GET http://planted/metrics HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n",
    b"PLANTED / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n",
    b"GET /metrics?source=planted HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n",
    b"GET /assets/planted HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n",
    b'GET /sd HTTP/1.1\r\nHost: a\r\nIf-None-Match: "planted\r\nConnection: close\r\n\r\n',
    b"GET /sd HTTP/1.1\r\nHost: \xff[planted\r\nConnection: close\r\n\r\n",
    b"GET /sd HTTP/1.1\r\nHost: a\r\nUpgrade: planted\r\nConnection: upgrade, close\r\n\r\n",
    b"GET /sd HTTP/1.0\r\n\r\n",
]


@pytest.mark.parametrize("request_", ODD)
async def test_an_odd_request_is_answered_without_an_error_and_is_not_repeated(
    exporting: Exporting, caplog: pytest.LogCaptureFixture, request_: bytes
) -> None:
    async with serving(exporting) as port:
        with caplog.at_level(logging.INFO):
            said = await answer(port, request_)

    assert b"planted" not in said.lower()
    assert b"aiohttp" not in said.lower()
    assert not said.startswith(b"HTTP/1.1 5")
    assert b"Server: serverfleet-exporter\r\n" in said
    assert caplog.records == []


BROKEN = b"\x00 no such stream"
REQUESTS = [
    (b"GET /-/healthy", b"200"),
    (b"GET /metrics", b"200"),
    (b"GET /nothing", b"404"),
    (b"POST /-/healthy", b"405"),
    (b"POST /-/reload", b"403"),
]


@pytest.mark.parametrize("encoding", [b"gzip", b"deflate", b"br", b"zstd", b"planted"])
@pytest.mark.parametrize(("line", "status"), REQUESTS)
@pytest.mark.parametrize("together", [True, False])
async def test_a_body_is_not_decompressed(
    exporting: Exporting,
    caplog: pytest.LogCaptureFixture,
    line: bytes,
    status: bytes,
    encoding: bytes,
    together: bool,
) -> None:
    head = b"%s HTTP/1.1\r\nHost: a\r\nContent-Encoding: %s\r\nContent-Length: %d\r\n\r\n"
    request = head % (line, encoding, len(BROKEN))
    async with serving(exporting) as port:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        with caplog.at_level(logging.INFO):
            writer.write(request + BROKEN if together else request)
            said = await asyncio.wait_for(reader.readuntil(b"\r\n\r\n"), PATIENCE)
            if not together:
                writer.write(BROKEN)
            writer.write_eof()
            await asyncio.wait_for(reader.read(), PATIENCE)
        writer.close()

    assert said.split()[1] == status
    assert caplog.records == []


@pytest.mark.parametrize("path", [b"/-/healthy", b"/metrics", b"/nothing"])
@pytest.mark.parametrize("body", [b"planted\r\n", b"5\r\nabcdeplanted\r\n", b"-1\r\n"])
async def test_broken_chunks_after_the_head_are_no_error(
    exporting: Exporting, caplog: pytest.LogCaptureFixture, path: bytes, body: bytes
) -> None:
    head = b"GET " + path + b" HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"
    async with serving(exporting) as port:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        with caplog.at_level(logging.INFO):
            writer.write(head)
            said = await reader.readuntil(b"\r\n\r\n")
            writer.write(body)
            said += await asyncio.wait_for(reader.read(), PATIENCE)
        writer.close()

    assert said.split()[1] in (b"404", b"413")
    assert b"planted" not in said
    assert caplog.records == []
