"""More connections than there are places: who is served, and who has to leave."""

import asyncio
import gc
import socket
import ssl
import threading
from asyncio.sslproto import SSLProtocol
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import bcrypt
import pytest

from exporter.web.limits import SPARE_CONNECTIONS, Limits
from exporter.web.passwords import Passwords
from exporter.web.protection import Protected
from exporter.web.server import Door, Server
from tests.support.exporting import Exporting
from tests.support.exposition import value
from tests.support.protection import Authority, basic, hashed

HEALTHY = b"GET /-/healthy HTTP/1.1\r\nHost: a\r\n\r\n"
STATUS = b"GET /status.json HTTP/1.1\r\nHost: a\r\n\r\n"
PATIENCE = 60.0
NEVER = 86_400.0


class Client:
    """One connection."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader = reader
        self.writer = writer

    async def status(self, request: bytes) -> int:
        """Ask, and read one answer; 0 if the connection was closed instead."""
        try:
            self.writer.write(request)
            head = await asyncio.wait_for(self._reader.readuntil(b"\r\n\r\n"), PATIENCE)
        except (OSError, asyncio.IncompleteReadError):
            return 0
        length = int(head.lower().partition(b"content-length:")[2].split()[0])
        await self._reader.readexactly(length)
        return int(head.split()[1])

    async def ended(self) -> bool:
        """Wait until the other side closes the connection."""
        try:
            return await asyncio.wait_for(self._reader.read(), PATIENCE) == b""
        except ConnectionError:
            return True


class Site:
    """A server with few places, and its clients."""

    def __init__(self, exporting: Exporting, port: int) -> None:
        self.port = port
        self._exporting = exporting
        self._clients: list[Client] = []

    async def client(self) -> Client:
        self._clients.append(Client(*await asyncio.open_connection("127.0.0.1", self.port)))
        return self._clients[-1]

    async def status(self, request: bytes) -> int:
        return await (await self.client()).status(request)

    def refused(self, reason: str) -> float:
        found = value(self._exporting.own_text, "serverfleet_web_refused_total", reason=reason)
        assert found is not None
        return found

    async def refuses(self, reason: str, count: int) -> None:
        async with asyncio.timeout(PATIENCE):
            while self.refused(reason) < count:  # noqa: ASYNC110 - the metric is all there is
                await asyncio.sleep(0.005)

    def leave(self) -> None:
        for each in self._clients:
            each.writer.transport.abort()


@asynccontextmanager
async def serving(
    exporting: Exporting, protected: Protected | None = None, /, **limits: float
) -> AsyncIterator[Site]:
    made = Limits(**{"read": NEVER, "idle": NEVER, **limits})  # type: ignore[arg-type]
    exporting.door = Door(made, protected or Protected())
    await exporting.begin()
    server = await Server.start(exporting.served, "127.0.0.1", 0)
    site = Site(exporting, server.port)
    try:
        yield site
    finally:
        site.leave()
        await asyncio.wait_for(server.stop(), PATIENCE)


@pytest.fixture
def protected(tmp_path: Path) -> Protected:
    users = {name: hashed(name) for name in ("alice", "bob")}
    return Protected(Authority(tmp_path).config(basic_auth_users=users))


def of(user: str, password: str) -> bytes:
    """Write a request with a password."""
    return STATUS.replace(
        b"\r\n\r\n", f"\r\nAuthorization: {basic(user, password)}\r\n\r\n".encode()
    )


async def test_a_wrong_password_ends_the_connection(
    exporting: Exporting, protected: Protected
) -> None:
    async with serving(exporting, protected) as site:
        client = await site.client()

        assert await client.status(STATUS) == 401
        assert await client.ended()


@pytest.mark.parametrize("limits", [{"connections": 8}, {"connections_of_one": 8}])
@pytest.mark.parametrize("request_", [b"", b"GET /metr", HEALTHY], ids=["silent", "half", "idle"])
async def test_clients_that_hold_connections_keep_nobody_out(
    exporting: Exporting, limits: dict[str, float], request_: bytes
) -> None:
    async with serving(exporting, **limits) as site:
        for _ in range(100):
            held = await site.client()
            if request_ == HEALTHY:
                assert await held.status(request_) == 200
            else:
                held.writer.write(request_)
        statuses = [await site.status(each) for each in (HEALTHY, STATUS) for _ in range(5)]
        dropped = site.refused("connections")

    assert statuses == [200] * 10
    assert dropped == 102


async def test_the_connection_that_was_idle_for_longest_has_to_leave(exporting: Exporting) -> None:
    async with serving(exporting, connections=3) as site:
        first, second, third = [await site.client() for _ in range(3)]
        for each in (first, second, third, first):
            assert await each.status(HEALTHY) == 200

        assert await site.status(HEALTHY) == 200

        assert await second.ended()
        assert [await each.status(HEALTHY) for each in (first, third)] == [200, 200]


async def test_a_place_that_is_free_is_taken_again(exporting: Exporting) -> None:
    async with serving(exporting, connections=2) as site:
        for _ in range(10):
            client = await site.client()
            assert await client.status(HEALTHY) == 200
            client.writer.close()
            await client.writer.wait_closed()
        assert await site.status(HEALTHY) == 200
        assert site.refused("connections") == 0


class Slow:
    """bcrypt that is held up, and what waits for it."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.may_go_on = threading.Event()
        self.begun: list[bytes] = []
        self._waiting = 0
        self._check = bcrypt.checkpw
        monkeypatch.setattr(bcrypt, "checkpw", self._held_up)
        right = Passwords.right

        async def counted(*arguments: Any) -> bool:
            self._waiting += 1
            return await right(*arguments)

        monkeypatch.setattr(Passwords, "right", counted)

    async def wait_for_many(self, site: Site, count: int) -> None:
        """Let connections wait for the verification of a password each."""
        for number in range(self._waiting, self._waiting + count):
            client = await site.client()
            client.writer.write(of("alice", f"wrong {number}"))
            async with asyncio.timeout(PATIENCE):
                while self._waiting <= number:  # noqa: ASYNC110 - nothing else shows it
                    await asyncio.sleep(0)

    def _held_up(self, password: bytes, stored: bytes) -> bool:
        self.begun.append(password)
        assert self.may_go_on.wait(PATIENCE)
        return self._check(password, stored)


@pytest.fixture
def slow(monkeypatch: pytest.MonkeyPatch) -> Iterator[Slow]:
    made = Slow(monkeypatch)
    yield made
    made.may_go_on.set()


async def test_where_all_connections_are_answered_probes_and_known_users_still_are(
    exporting: Exporting, protected: Protected, slow: Slow
) -> None:
    slow.may_go_on.set()
    async with serving(exporting, protected, connections=8) as site:
        assert await site.status(of("alice", "alice")) == 200
        slow.may_go_on.clear()
        await slow.wait_for_many(site, 8)
        probes = [await site.status(HEALTHY) for _ in range(50)]
        known = [await site.status(of("alice", "alice")) for _ in range(50)]
        others = [await site.status(each) for each in (STATUS, of("bob", "bob"))]
        for _ in range(SPARE_CONNECTIONS + 5):
            await site.client()
        crowded = await site.status(HEALTHY)
        slow.may_go_on.set()

    assert set(probes) == {200}
    assert set(known) == {200}
    assert others == [503, 503]
    assert crowded == 200


async def test_a_client_that_leaves_frees_its_place_in_the_line_for_passwords(
    exporting: Exporting, protected: Protected, slow: Slow
) -> None:
    async with serving(exporting, protected) as site:
        await slow.wait_for_many(site, 9)
        site.leave()
        # What has come before the answer to a later request has been noticed.
        assert await site.status(HEALTHY) == 200
        slow.may_go_on.set()
        assert await site.status(of("bob", "the last one")) == 401

    assert slow.begun == [b"wrong 0", b"the last one"]


@pytest.fixture
def tls(tmp_path: Path) -> Protected:
    authority = Authority(tmp_path)
    return Protected(authority.config(tls_server_config=authority.pair()))


async def test_handshakes_count_as_connections_and_make_room_for_others(
    exporting: Exporting, tls: Protected
) -> None:
    async with serving(exporting, tls, connections=8) as site:
        silent = [await site.client() for _ in range(100)]
        await site.refuses("connections", 92)
        assert await silent[0].ended()

        reader, writer = await asyncio.open_connection(
            "127.0.0.1", site.port, ssl=_trusts_anybody(), server_hostname="localhost"
        )
        assert await Client(reader, writer).status(HEALTHY) == 200
        writer.close()


def _tls_connections() -> int:
    """Count those of this process that the garbage collector has not taken yet."""
    return sum(isinstance(each, SSLProtocol) for each in gc.get_objects())


async def test_a_dropped_handshake_leaves_nothing_to_the_garbage_collector(
    exporting: Exporting, tls: Protected
) -> None:
    async with serving(exporting, tls, connections=8) as site:
        gc.collect()
        gc.disable()
        try:
            clients = [await site.client() for _ in range(100)]
            await site.refuses("connections", 92)
            for each in clients[:92]:
                assert await each.ended()
            # Each has a buffer of 256 KiB.
            assert _tls_connections() <= 8
        finally:
            gc.enable()


def _trusts_anybody() -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    return context


async def test_a_handshake_that_does_not_go_on_is_ended_and_counted(
    exporting: Exporting, tls: Protected
) -> None:
    async with serving(exporting, tls, handshake=0.05) as site:
        client = await site.client()

        assert await client.ended()
        assert site.refused("slow") == 1


async def test_what_is_no_handshake_is_counted(exporting: Exporting, tls: Protected) -> None:
    async with serving(exporting, tls) as site:
        client = await site.client()
        client.writer.write(HEALTHY)

        assert await client.ended()
        await site.refuses("handshake", 1)


async def test_a_client_that_only_looks_whether_the_port_is_open_is_not_counted(
    exporting: Exporting, tls: Protected
) -> None:
    async with serving(exporting, tls, connections=1) as site:
        with socket.create_connection(("127.0.0.1", site.port)):
            pass
        client = await site.client()
        client.writer.write(HEALTHY)
        await site.refuses("handshake", 1)

        assert site.refused("handshake") == 1
        assert site.refused("slow") == 0


async def test_a_server_that_stops_ends_handshakes(exporting: Exporting, tls: Protected) -> None:
    async with serving(exporting, tls) as site:
        clients = [await site.client() for _ in range(5)]
    for each in clients:
        assert await each.ended()
