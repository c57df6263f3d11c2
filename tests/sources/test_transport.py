import asyncio
import gzip
import os
import socket
import ssl
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import trustme
from aiohttp import web
from aiohttp.test_utils import TestServer

from exporter.clock import Clock, SystemClock
from exporter.config.source import HttpSettings
from exporter.errors import Reason, SourceError
from exporter.sources.body import ResponseMemory
from exporter.sources.observer import Silence
from exporter.sources.transport import ATTEMPTS, USER_AGENT, Answer, Request, Transport
from tests.support.clock import FakeClock
from tests.support.observer import Witness

SECRET = "Bearer planted-secret-7f3a"
Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]
Connected = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]
MakeServer = Callable[..., Awaitable[TestServer]]


@pytest.fixture
def witness() -> Witness:
    return Witness()


Send = Callable[..., Awaitable[Answer]]


@pytest.fixture
async def make_transport(witness: Witness) -> AsyncIterator[Callable[..., Transport]]:
    made: list[Transport] = []

    def make(
        clock: Clock | None = None, memory: ResponseMemory | None = None, **settings: Any
    ) -> Transport:
        http = HttpSettings.model_validate(settings)
        made.append(Transport(http, clock or SystemClock(), witness, memory=memory))
        return made[-1]

    yield make
    for transport in made:
        await transport.close()


@pytest.fixture
def send(make_transport: Callable[..., Transport]) -> Send:
    async def sent(url: object, *, repeatable: bool = False, **settings: Any) -> Answer:
        request = Request(
            "GET", str(url), "Devices", {"Authorization": SECRET}, repeatable=repeatable
        )
        return await make_transport(**settings).send(request)

    return sent


@pytest.fixture
def serve(aiohttp_server: MakeServer) -> Callable[..., Awaitable[str]]:
    async def served(handler: Handler, **more: Any) -> str:
        app = web.Application()
        app.router.add_route("*", "/{path:.*}", handler)
        server = await aiohttp_server(app, **more)
        return str(server.make_url("/devices"))

    return served


@pytest.fixture
async def serve_raw() -> AsyncIterator[Callable[[Connected], Awaitable[str]]]:
    servers: list[asyncio.Server] = []
    handlers: set[asyncio.Task[None]] = set()

    async def served(connected: Connected) -> str:
        async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            with suppress(ConnectionError, asyncio.IncompleteReadError):
                await reader.readuntil(b"\r\n\r\n")
                await connected(reader, writer)
            writer.close()
            with suppress(ConnectionError):
                await writer.wait_closed()

        def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            task = asyncio.ensure_future(answer(reader, writer))
            handlers.add(task)
            task.add_done_callback(lambda _: writer.transport.abort())

        server = await asyncio.start_server(handle, "127.0.0.1", 0)
        servers.append(server)
        return f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/devices"

    yield served
    for task in handlers:
        task.cancel()
    await asyncio.gather(*handlers, return_exceptions=True)
    for server in servers:
        server.close()
        await server.wait_closed()


Serve = Callable[..., Awaitable[str]]


def answering(
    body: bytes = b"{}", status: int = 200, headers: Mapping[str, str] | None = None
) -> Handler:
    async def handler(_: web.Request) -> web.Response:
        return web.Response(body=body, status=status, headers=headers)

    return handler


def compressed(body: bytes, encoding: str = "gzip") -> Handler:
    return answering(body, headers={"Content-Encoding": encoding})


async def failure(answer: Awaitable[Answer]) -> SourceError:
    with pytest.raises(SourceError) as caught:
        await answer
    assert "planted-secret" not in str(caught.value)
    assert "planted-secret" not in repr(caught.value)
    return caught.value


async def test_an_answer_has_its_status_headers_and_body(
    serve: Serve, send: Send, witness: Witness
) -> None:
    url = await serve(answering(b'{"a": 1}', 207, {"X-Total": "3"}))

    began = time.monotonic()
    answer = await send(url)
    whole = time.monotonic() - began

    assert (answer.status, answer.body, answer.headers["x-total"]) == (207, b'{"a": 1}', "3")
    assert answer.ok
    ((endpoint, code, seconds, received),) = witness.requests
    assert (endpoint, code, received) == ("Devices", "207", 8)
    assert 0 < seconds < whole


async def test_a_byte_order_mark_is_no_part_of_the_body(serve: Serve, send: Send) -> None:
    url = await serve(answering(b"\xef\xbb\xbf{}"))

    assert (await send(url)).body == b"{}"


async def test_an_error_status_is_an_answer(serve: Serve, send: Send) -> None:
    answer = await send(await serve(answering(b"no", 404)))

    assert (answer.status, answer.ok) == (404, False)


async def test_a_request_carries_its_headers_and_names_the_exporter(
    serve: Serve, send: Send
) -> None:
    seen: dict[str, str] = {}

    async def handler(request: web.Request) -> web.Response:
        seen.update(request.headers)
        return web.Response()

    await send(await serve(handler))

    assert seen["Authorization"] == SECRET
    assert seen["User-Agent"] == USER_AGENT
    assert seen["Accept-Encoding"] == "gzip"


async def test_an_address_is_sent_as_it_is_written(serve: Serve, send: Send) -> None:
    seen: list[str] = []

    async def handler(request: web.Request) -> web.Response:
        seen.append(request.raw_path)
        return web.Response()

    url = await serve(handler)
    await send(url + "?$filter=Type%20eq%201000&id=P1%2BS1")

    assert seen == ["/devices?$filter=Type%20eq%201000&id=P1%2BS1"]


async def test_a_secret_does_not_show_in_a_request_or_an_answer() -> None:
    request = Request("GET", "https://x", "Devices", {"Authorization": SECRET}, SECRET.encode())

    assert "planted" not in repr(request)
    assert "planted" not in repr(Answer(200, {}, SECRET.encode()))


async def test_cookies_are_not_kept(serve: Serve, make_transport: Callable[..., Transport]) -> None:
    seen: list[str | None] = []

    async def handler(request: web.Request) -> web.Response:
        seen.append(request.headers.get("Cookie"))
        return web.Response(headers={"Set-Cookie": "session=1"})

    request = Request("GET", await serve(handler), "Devices")
    transport = make_transport()
    await transport.send(request)
    await transport.send(request)

    assert seen == [None, None]


async def test_a_call_that_takes_too_long_is_a_timeout(
    serve: Serve, send: Send, witness: Witness
) -> None:
    async def handler(_: web.Request) -> web.Response:
        await asyncio.Event().wait()
        raise AssertionError("unreachable")

    error = await failure(send(await serve(handler), timeout="50ms"))

    assert error.reason is Reason.TIMEOUT
    assert "Devices at 127.0.0.1" in str(error)
    assert "http.timeout" in str(error)
    assert witness.codes == ["error"]


async def test_an_answer_that_drips_is_a_timeout(serve_raw: Serve, send: Send) -> None:
    async def drip(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n")
        while True:
            writer.write(b" ")
            await writer.drain()
            await asyncio.sleep(0.01)

    error = await failure(send(await serve_raw(drip), timeout="100ms"))

    assert error.reason is Reason.TIMEOUT


@pytest.mark.parametrize(("length", "fits"), [(1023, True), (1024, True), (1025, False)])
@pytest.mark.parametrize("packed", [False, True])
async def test_a_body_may_be_as_large_as_the_limit(
    serve: Serve, send: Send, length: int, fits: bool, packed: bool
) -> None:
    body = b"a" * length
    handler = compressed(gzip.compress(body)) if packed else answering(body)
    call = send(await serve(handler), max_response_bytes="1KiB")

    if fits:
        assert (await call).body == body
    else:
        error = await failure(call)
        assert error.reason is Reason.TOO_LARGE
        assert "1024 bytes" in str(error)
        assert "http.max_response_bytes" in str(error)


async def test_a_body_that_grows_when_it_is_decompressed_is_stopped(
    serve: Serve, send: Send
) -> None:
    bomb = gzip.compress(bytes(50 * 2**20))
    assert len(bomb) < 2**16

    error = await failure(send(await serve(compressed(bomb)), max_response_bytes="64KiB"))

    assert error.reason is Reason.TOO_LARGE


async def test_members_that_hold_nothing_are_not_read_for_ever(serve: Serve, send: Send) -> None:
    nothing = gzip.compress(b"") * 10_000

    error = await failure(send(await serve(compressed(nothing)), max_response_bytes="64KiB"))

    assert error.reason is Reason.TOO_LARGE


async def test_a_body_without_end_is_stopped(serve: Serve, send: Send, witness: Witness) -> None:
    async def endless(request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse()
        await response.prepare(request)
        with suppress(ConnectionError):
            while True:
                await response.write(bytes(2**14))
        return response

    error = await failure(send(await serve(endless), max_response_bytes="256KiB"))

    assert error.reason is Reason.TOO_LARGE
    ((_, code, _, received),) = witness.requests
    assert code == "error"
    assert received < 2**20


async def test_a_compressed_answer_is_decompressed_and_counted_as_received(
    serve: Serve, send: Send, witness: Witness
) -> None:
    body = os.urandom(50) * 3000
    packed = gzip.compress(body)

    answer = await send(await serve(compressed(packed)))

    assert answer.body == body
    assert witness.requests[0][3] == len(packed)


@pytest.mark.parametrize("parts", [2, 3, 50])
async def test_an_answer_of_several_members_is_read_whole(
    serve: Serve, send: Send, parts: int
) -> None:
    bodies = [os.urandom(4000) for _ in range(parts)]

    answer = await send(await serve(compressed(b"".join(map(gzip.compress, bodies)))))

    assert answer.body == b"".join(bodies)


@pytest.mark.parametrize("split", [1, 7, 30])
async def test_members_may_begin_in_any_piece_of_the_answer(
    serve: Serve, send: Send, split: int
) -> None:
    packed = gzip.compress(b"first") + gzip.compress(b"second") + bytes(8)

    async def handler(request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse(headers={"Content-Encoding": "gzip"})
        await response.prepare(request)
        for start in range(0, len(packed), split):
            await response.write(packed[start : start + split])
            await asyncio.sleep(0)
        return response

    assert (await send(await serve(handler))).body == b"firstsecond"


async def test_an_empty_answer_may_say_that_it_is_compressed(serve: Serve, send: Send) -> None:
    assert (await send(await serve(compressed(b"")))).body == b""


@pytest.mark.parametrize(
    "body",
    [
        b"not gzip at all",
        gzip.compress(b"x" * 1000)[:-4],
        gzip.compress(b"x") + gzip.compress(os.urandom(500))[:100],
        gzip.compress(b"x") + b"garbage",
        gzip.compress(b"x" * 1000)[:-8] + b"\xff" * 8,
    ],
    ids=["no gzip", "cut", "second member cut", "garbage behind", "wrong checksum"],
)
async def test_a_compressed_answer_that_is_broken_cannot_be_read(
    serve: Serve, send: Send, body: bytes
) -> None:
    error = await failure(send(await serve(compressed(body))))

    assert error.reason is Reason.DECODE


@pytest.mark.parametrize("encoding", ["br", "zstd", "deflate", "gzip, gzip"])
async def test_another_compression_is_refused(serve: Serve, send: Send, encoding: str) -> None:
    error = await failure(send(await serve(compressed(b"x", encoding))))

    assert error.reason is Reason.DECODE
    assert encoding in str(error)


@pytest.mark.parametrize("encoding", ["identity", "GZIP", "x-gzip"])
async def test_names_of_compressions_are_understood(
    serve: Serve, send: Send, encoding: str
) -> None:
    body = b"x" if encoding == "identity" else gzip.compress(b"x")

    assert (await send(await serve(compressed(body, encoding)))).body == b"x"


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{", "in the middle of the answer"),
        (
            b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\n{",
            "in the middle of the answer",
        ),
        (b"", "before an answer came"),
        (b"SSH-2.0-OpenSSH_9.9\r\n\r\n", "something that is not HTTP"),
    ],
)
async def test_an_answer_that_ends_too_early_is_a_connection_problem(
    serve_raw: Serve, send: Send, answer: bytes, words: str
) -> None:
    async def cut(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(answer)

    error = await failure(send(await serve_raw(cut)))

    assert error.reason is Reason.CONNECT
    assert words in str(error)


async def test_a_connection_that_is_reset_is_a_connection_problem(
    serve_raw: Serve, send: Send
) -> None:
    async def reset(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.transport.abort()

    assert (await failure(send(await serve_raw(reset)))).reason is Reason.CONNECT


async def test_a_port_on_which_nobody_listens_is_a_connection_problem(send: Send) -> None:
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        port = closed.getsockname()[1]
        error = await failure(send(f"http://127.0.0.1:{port}/"))

    assert error.reason is Reason.CONNECT
    assert "cannot connect" in str(error)


async def test_a_name_that_cannot_be_resolved_is_a_connection_problem(
    send: Send, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def unknown(*_: Any, **__: Any) -> None:
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    monkeypatch.setattr(asyncio.get_running_loop(), "getaddrinfo", unknown)

    error = await failure(send("https://ome.invalid/"))

    assert error.reason is Reason.CONNECT
    assert str(error).startswith("Devices at ome.invalid: its name cannot be resolved")


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
async def test_a_redirect_is_not_followed_and_carries_no_credential_away(
    serve: Serve, send: Send, witness: Witness, status: int
) -> None:
    visitors: list[str] = []

    async def elsewhere(request: web.Request) -> web.Response:
        visitors.append(request.headers.get("Authorization", ""))
        return web.Response()

    other = await serve(elsewhere)
    location = {"Location": f"{other}?token=planted-secret"}

    error = await failure(send(await serve(answering(status=status, headers=location))))

    assert error.reason is Reason.REDIRECT
    assert error.status == status
    assert visitors == []
    assert witness.codes == [str(status)]


class Sequence:
    """Answers with one status after the other, the last one again and again."""

    def __init__(self, *statuses: int, headers: Mapping[str, str] | None = None) -> None:
        self.statuses = list(statuses)
        self.headers = headers
        self.calls = 0

    async def __call__(self, _: web.Request) -> web.Response:
        self.calls += 1
        status = self.statuses.pop(0) if len(self.statuses) > 1 else self.statuses[0]
        return web.Response(status=status, headers=self.headers)


@pytest.mark.parametrize("status", [408, 429, 500, 502, 503, 504])
async def test_a_passing_trouble_is_tried_again(
    serve: Serve, send: Send, witness: Witness, status: int
) -> None:
    sequence = Sequence(status, 200)

    answer = await send(await serve(sequence.__call__), repeatable=True)

    assert (answer.status, sequence.calls) == (200, 2)
    assert witness.retries == [f"http_{status}"]
    assert witness.codes == [str(status), "200"]


async def test_a_trouble_that_stays_is_the_answer_and_only_sent_requests_are_retries(
    serve: Serve, send: Send, witness: Witness
) -> None:
    sequence = Sequence(503)

    answer = await send(await serve(sequence.__call__), repeatable=True)

    assert (answer.status, sequence.calls) == (503, ATTEMPTS)
    assert witness.retries == ["http_503"] * (ATTEMPTS - 1)


@pytest.mark.parametrize("status", [400, 401, 403, 404, 501])
async def test_an_answer_that_will_not_change_is_not_asked_for_again(
    serve: Serve, send: Send, witness: Witness, status: int
) -> None:
    sequence = Sequence(status)

    answer = await send(await serve(sequence.__call__), repeatable=True)

    assert (answer.status, sequence.calls, witness.retries) == (status, 1, [])


async def test_a_request_that_may_not_be_repeated_is_sent_once(
    serve: Serve, send: Send, witness: Witness
) -> None:
    sequence = Sequence(503)

    answer = await send(await serve(sequence.__call__), repeatable=False)

    assert (answer.status, sequence.calls, witness.retries) == (503, 1, [])


async def test_a_lost_connection_is_tried_again(
    serve_raw: Serve, send: Send, witness: Witness
) -> None:
    bodies = [b"{", b"{}"]

    async def connected(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n" + bodies.pop(0))

    answer = await send(await serve_raw(connected), repeatable=True)

    assert answer.body == b"{}"
    assert witness.retries == ["connect"]
    assert witness.codes == ["error", "200"]


async def test_a_timeout_that_stays_is_a_timeout(
    serve: Serve, send: Send, witness: Witness
) -> None:
    async def handler(_: web.Request) -> web.Response:
        await asyncio.Event().wait()
        raise AssertionError("unreachable")

    error = await failure(send(await serve(handler), repeatable=True, timeout="30ms"))

    assert error.reason is Reason.TIMEOUT
    assert witness.codes == ["error"] * ATTEMPTS
    assert witness.retries == ["timeout"] * (ATTEMPTS - 1)


@pytest.mark.parametrize(("wait", "calls"), [("0", 2), ("10", 2), ("11", 1), ("3600", 1)])
async def test_a_long_retry_after_is_left_to_the_scheduler(
    serve: Serve, send: Send, wait: str, calls: int
) -> None:
    sequence = Sequence(429, 200, headers={"Retry-After": wait})

    answer = await send(await serve(sequence.__call__), repeatable=True)

    assert sequence.calls == calls
    assert answer.status == (200 if calls == 2 else 429)


async def test_an_answer_that_is_too_large_is_not_asked_for_again(
    serve: Serve, send: Send, witness: Witness
) -> None:
    url = await serve(answering(bytes(2000)))

    error = await failure(send(url, repeatable=True, max_response_bytes="1KiB"))

    assert error.reason is Reason.TOO_LARGE
    assert (len(witness.requests), witness.retries) == (1, [])


async def test_no_more_calls_than_allowed_are_under_way(
    serve: Serve, make_transport: Callable[..., Transport]
) -> None:
    inside: list[int] = [0]
    full, gate = asyncio.Event(), asyncio.Event()

    async def handler(_: web.Request) -> web.Response:
        inside.append(inside[-1] + 1)
        if inside[-1] == 3:
            full.set()
        await gate.wait()
        await asyncio.sleep(0)
        inside.append(inside[-1] - 1)
        return web.Response()

    request = Request("GET", await serve(handler), "Devices")
    transport = make_transport(concurrency=3)
    calls = asyncio.gather(*(transport.send(request) for _ in range(20)))
    await full.wait()
    gate.set()
    await calls

    assert max(inside) == 3
    assert len(inside) == 41


async def test_the_rate_limit_holds_for_all_calls_of_a_source(
    serve: Serve, make_transport: Callable[..., Transport], witness: Witness
) -> None:
    clock = FakeClock()
    transport = make_transport(clock, requests_per_minute=2)
    url = await serve(answering())
    times: list[float] = []

    async def call() -> None:
        await transport.send(Request("GET", url, "Devices"))
        times.append(clock.monotonic())

    calls = [asyncio.create_task(call()) for _ in range(5)]
    while not all(task.done() for task in calls):
        if clock.sleeping and len(witness.requests) % 2 == 0:
            await clock.advance(60)
        await asyncio.sleep(0.001)

    assert [time - times[0] for time in times] == [0, 0, 60, 60, 120]


def server_context(certificate: trustme.LeafCert) -> ssl.SSLContext:
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    certificate.configure_cert(context)
    return context


@pytest.fixture(scope="module")
def authority() -> trustme.CA:
    return trustme.CA()


@pytest.fixture
def ca_file(authority: trustme.CA, tmp_path: Path) -> str:
    path = tmp_path / "ca.pem"
    authority.cert_pem.write_to_path(str(path))
    return str(path)


ENDS = datetime(2035, 5, 6, 7, 8, 9, tzinfo=UTC)


@pytest.fixture
async def secure(serve: Serve, authority: trustme.CA) -> str:
    certificate = authority.issue_cert("127.0.0.1", not_after=ENDS)
    return await serve(answering(b"secure"), ssl=server_context(certificate))


async def test_a_certificate_of_an_unknown_ca_is_refused_with_a_hint(
    secure: str, send: Send, witness: Witness
) -> None:
    error = await failure(send(secure, repeatable=True))

    assert error.reason is Reason.TLS
    assert "http.ca_file" in str(error)
    assert "certificate" in str(error)
    assert witness.certificates == []
    assert witness.retries == []


async def test_a_certificate_of_the_given_ca_is_accepted_and_its_end_reported(
    secure: str, send: Send, witness: Witness, ca_file: str
) -> None:
    answer = await send(secure, ca_file=ca_file)

    assert answer.body == b"secure"
    assert witness.certificates == [ENDS.timestamp()]


async def test_a_certificate_of_another_name_is_refused_unless_the_name_is_given(
    serve: Serve, send: Send, authority: trustme.CA, ca_file: str
) -> None:
    certificate = authority.issue_cert("ome.example.net")
    url = await serve(answering(b"secure"), ssl=server_context(certificate))

    error = await failure(send(url, ca_file=ca_file))
    answer = await send(url, ca_file=ca_file, server_name="ome.example.net")

    assert error.reason is Reason.TLS
    assert "http.server_name" in str(error)
    assert answer.body == b"secure"


async def test_verification_can_be_switched_off(secure: str, send: Send, witness: Witness) -> None:
    answer = await send(secure, insecure_skip_verify=True)

    assert answer.body == b"secure"
    assert witness.certificates == []


async def test_a_server_that_hangs_up_during_the_handshake_is_a_connection_problem(
    send: Send,
) -> None:
    async def hang_up(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read(1)
        writer.close()
        await writer.wait_closed()

    async with await asyncio.start_server(hang_up, "127.0.0.1", 0) as server:
        port = server.sockets[0].getsockname()[1]
        error = await failure(send(f"https://127.0.0.1:{port}/"))

    assert error.reason is Reason.CONNECT
    assert "ended during the TLS handshake" in str(error)


async def test_a_server_that_speaks_no_tls_is_a_tls_problem(serve: Serve, send: Send) -> None:
    url = await serve(answering())

    error = await failure(send(url.replace("http://", "https://")))

    assert error.reason is Reason.TLS


async def test_a_proxy_is_used(serve_raw: Serve, send: Send) -> None:
    async def proxy(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nvia proxy")

    address = (await serve_raw(proxy)).removesuffix("/devices")

    answer = await send("http://ome.invalid/devices", proxy=address)

    assert answer.body == b"via proxy"


def refusing(status: int) -> Connected:
    async def refuse(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(f"HTTP/1.1 {status} No\r\nContent-Length: 0\r\n\r\n".encode())

    return refuse


async def test_a_proxy_that_wants_a_password_is_not_asked_again(
    serve_raw: Serve, send: Send, witness: Witness
) -> None:
    address = (await serve_raw(refusing(407))).removesuffix("/devices")

    for url in ("https://ome.example.net/", "http://ome.example.net/"):
        error = await failure(send(url, proxy=address, repeatable=True))
        assert error.reason is Reason.CONNECT

    assert witness.retries == []


async def test_the_status_of_a_proxy_is_not_that_of_the_api(serve_raw: Serve, send: Send) -> None:
    address = (await serve_raw(refusing(403))).removesuffix("/devices")

    error = await failure(send("https://ome.example.net/", proxy=address))

    assert (error.reason, error.status) == (Reason.CONNECT, None)


async def test_an_error_names_no_password_of_a_proxy(send: Send) -> None:
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        port = closed.getsockname()[1]
        proxy = f"http://user:planted-secret@127.0.0.1:{port}"
        error = await failure(send("http://ome.invalid/devices", proxy=proxy))

    assert error.reason is Reason.CONNECT


async def test_a_closed_transport_leaves_no_connection(
    serve: Serve, make_transport: Callable[..., Transport]
) -> None:
    transport = make_transport()
    await transport.send(Request("GET", await serve(answering()), "Devices"))

    await transport.close()
    await transport.close()

    with pytest.raises(RuntimeError, match="closed"):
        await transport.send(Request("GET", "http://127.0.0.1/", "Devices", repeatable=False))


async def test_a_call_that_is_cancelled_just_when_its_time_is_over_ends(silent: str) -> None:
    transport = Transport(
        HttpSettings.model_validate({"timeout": "50ms"}), SystemClock(), Silence()
    )
    loop = asyncio.get_running_loop()
    while True:
        began = loop.time()
        call = asyncio.create_task(transport.send(Request("GET", silent, "nothing")))
        await asyncio.sleep(0.02)
        if loop.time() < began + 0.05:
            break
        await asyncio.wait({call})  # the machine was too slow to be in time: once more

    # Both happen in the same turn of the event loop: first ours, then the time limit's.
    time.sleep(0.05)  # noqa: ASYNC251 - that is how
    await asyncio.sleep(0)
    call.cancel()
    await asyncio.wait({call}, timeout=60)

    assert call.cancelled()
    await transport.close()


@pytest.fixture
async def silent() -> AsyncIterator[str]:
    """A server that never answers."""

    async def hold(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read()
        writer.close()

    async with await asyncio.start_server(hold, "127.0.0.1", 0) as server:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/"


@pytest.mark.parametrize("status", [400, 401, 503])
async def test_an_error_keeps_its_status_whatever_the_size_of_its_body(
    serve: Serve, send: Send, status: int
) -> None:
    answer = await send(await serve(answering(bytes(2**19), status)))

    assert (answer.status, answer.body) == (status, b"")


async def test_the_answer_to_a_login_is_small(
    serve: Serve, make_transport: Callable[..., Transport]
) -> None:
    url = await serve(compressed(gzip.compress(bytes(2**19))))
    request = Request("POST", url, "token", repeatable=False, private=True)

    error = await failure(make_transport().send(request))

    assert error.reason is Reason.TOO_LARGE


LARGE = gzip.compress(bytes(5 * 2**20))


class WatchedMemory(ResponseMemory):
    """Says when memory was asked for."""

    def __init__(self) -> None:
        super().__init__(64 * 2**20)
        self.asked = asyncio.Event()

    async def reserve(self, size: int) -> int:
        self.asked.set()
        return await super().reserve(size)


async def test_a_large_body_holds_memory_until_it_is_mapped(
    serve: Serve, make_transport: Callable[..., Transport]
) -> None:
    memory = WatchedMemory()
    transport, other = make_transport(memory=memory), make_transport(memory=memory)
    request = Request("GET", await serve(compressed(LARGE)), "Devices")
    first = await transport.send(request)
    memory.asked.clear()
    second = asyncio.create_task(other.send(request))
    await memory.asked.wait()
    assert not second.done()

    async with transport.mapping(first) as body:
        assert len(body) == 5 * 2**20

    (await second).release()


@pytest.mark.parametrize("fails_with", ["size", "gzip", "cancellation"])
async def test_a_large_body_that_is_not_read_to_its_end_holds_nothing(
    serve: Serve, make_transport: Callable[..., Transport], fails_with: str
) -> None:
    rest = {"size": gzip.compress(bytes(7 * 2**20)), "gzip": b"no gzip", "cancellation": b""}

    async def handler(request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse(headers={"Content-Encoding": "gzip"})
        await response.prepare(request)
        await response.write(LARGE + rest[fails_with])
        await asyncio.sleep(0 if rest[fails_with] else 60)
        return response

    memory = WatchedMemory()
    transport = make_transport(memory=memory, max_response_bytes="10MiB")
    call = asyncio.create_task(
        transport.send(Request("GET", await serve(handler), "Devices", repeatable=False))
    )
    await memory.asked.wait()
    if fails_with == "cancellation":
        call.cancel()
    with pytest.raises((SourceError, asyncio.CancelledError)):
        await call

    url = await serve(compressed(LARGE))
    (await transport.send(Request("GET", url, "Devices"))).release()
