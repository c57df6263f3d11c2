"""Our own port without any configuration: clients that ask for too much, or too slowly."""

import asyncio
import resource
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import aiohttp
import pytest

from exporter.web import guard
from exporter.web import metrics as metrics_page
from exporter.web.limits import LARGEST_BODY, MOST_HEADERS, Limits
from exporter.web.protection import Protected
from exporter.web.server import Door, Server
from tests.support.exporting import Exporting
from tests.support.exposition import value
from tests.support.fleet import inventory, servers
from tests.support.protection import Authority, basic, hashed
from tests.support.timeouts import Timeouts

HEALTHY = b"GET /-/healthy HTTP/1.1\r\nHost: a\r\n"
SCRAPE = b"GET /metrics HTTP/1.1\r\nHost: a\r\nAccept-Encoding: identity\r\n"
PATIENCE = 120.0
NEVER = 86_400.0


@asynccontextmanager
async def serving(exporting: Exporting, **limits: float) -> AsyncIterator[int]:
    exporting.door = Door(Limits(**limits), exporting.door.protected)  # type: ignore[arg-type]
    server = await Server.start(exporting.served, "127.0.0.1", 0)
    try:
        yield server.port
    finally:
        await server.stop()


@pytest.fixture
async def large(exporting: Exporting) -> Exporting:
    """An exporter whose page does not fit into the buffers of a socket."""
    fleet = inventory(servers(*range(20_000)))
    await exporting.store.publish("emea", "servers", fleet, keep_for=1e6)
    return exporting


async def said(port: int, *parts: bytes) -> bytes:
    """Send what the parts hold, and return all that comes until the other side ends."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    try:
        for part in parts:
            writer.write(part)
            await writer.drain()
        return await asyncio.wait_for(reader.read(), PATIENCE)
    except ConnectionError:
        return b""
    finally:
        writer.close()


def refused(exporting: Exporting, reason: str) -> float:
    found = value(exporting.own_text, "serverfleet_web_refused_total", reason=reason)
    assert found is not None
    return found


async def until(exporting: Exporting, reason: str, count: int) -> None:
    """Wait until so many clients have been refused."""
    async with asyncio.timeout(PATIENCE):
        while refused(exporting, reason) < count:  # noqa: ASYNC110 - the metric is all there is
            await asyncio.sleep(0.005)


@pytest.mark.parametrize(
    "head",
    [
        b"GET /" + b"a" * 20_000 + b" HTTP/1.1\r\nHost: a\r\n\r\n",
        HEALTHY + b"X: " + b"a" * 20_000 + b"\r\n\r\n",
        HEALTHY + b"".join(b"X-%d: a\r\n" % n for n in range(MOST_HEADERS + 10)) + b"\r\n",
        b"nonsense\r\n\r\n",
    ],
)
async def test_a_head_that_is_too_large_or_broken_is_refused(
    exporting: Exporting, head: bytes
) -> None:
    async with serving(exporting) as port:
        answer = await said(port, head)

    assert answer.startswith((b"HTTP/1.1 400 ", b"HTTP/1.0 400 "))


@pytest.mark.parametrize(
    "body",
    [
        b"Content-Length: %d\r\n\r\n" % (LARGEST_BODY + 1),
        b"Content-Length: 9999999999\r\n\r\n" + b"a" * 1000,
        b"Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n",
    ],
)
@pytest.mark.parametrize("method", [b"GET", b"POST"])
async def test_a_body_that_nobody_asked_for_is_refused(
    exporting: Exporting, method: bytes, body: bytes
) -> None:
    async with serving(exporting) as port:
        answer = await said(port, HEALTHY.replace(b"GET", method) + body)

    assert answer.startswith(b"HTTP/1.1 413 ")
    assert refused(exporting, "too_large") == 1


async def test_a_body_without_end_is_not_read(exporting: Exporting) -> None:
    sent = 0
    async with serving(exporting) as port:
        _, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(SCRAPE + b"Content-Length: 1000000000\r\n\r\n")
        try:
            async with asyncio.timeout(PATIENCE):
                while True:
                    writer.write(b"a" * 65536)
                    await writer.drain()
                    sent += 65536
        except ConnectionError:
            pass
        writer.close()

    assert sent < 50_000_000


@pytest.mark.parametrize("start", [b"", b"GET /metr", HEALTHY, HEALTHY + b"X: "])
async def test_a_client_that_does_not_send_its_request_is_let_go(
    exporting: Exporting, start: bytes
) -> None:
    async with serving(exporting, read=0.1) as port:
        assert await said(port, start) == b""

    assert refused(exporting, "slow") == 1


async def test_a_client_that_sends_byte_by_byte_gets_no_more_time(exporting: Exporting) -> None:
    async with serving(exporting, read=0.3) as port:
        _, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(HEALTHY + b"X: ")
        async with asyncio.timeout(PATIENCE):
            while not writer.is_closing():
                writer.write(b"a")
                await asyncio.sleep(0.01)

    assert refused(exporting, "slow") == 1


def may_read_for(exporting: Exporting, seconds: float) -> None:
    """Change the limit that is in force: a test is not in time itself on a busy machine."""
    object.__setattr__(exporting.door.limits, "read", seconds)


async def test_a_second_request_has_to_come_in_time_too(exporting: Exporting) -> None:
    async with serving(exporting, read=NEVER) as port:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(HEALTHY + b"\r\n")
        assert (await reader.readuntil(b"healthy\n")).startswith(b"HTTP/1.1 200 ")
        may_read_for(exporting, 0.05)
        writer.write(HEALTHY)
        await until(exporting, "slow", 1)
        assert await asyncio.wait_for(reader.read(), PATIENCE) == b""
        writer.close()


async def test_the_time_for_a_request_does_not_end_an_idle_connection(
    exporting: Exporting,
) -> None:
    async with serving(exporting, read=NEVER, idle=NEVER) as port:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        for _ in range(2):
            may_read_for(exporting, NEVER)
            writer.write(HEALTHY + b"\r\n")
            assert (await reader.readuntil(b"healthy\n")).startswith(b"HTTP/1.1 200 ")
            may_read_for(exporting, 0.01)
            await asyncio.sleep(0.1)
        writer.close()

    assert refused(exporting, "slow") == 0


async def test_an_idle_connection_is_ended_after_its_own_time(exporting: Exporting) -> None:
    async with serving(exporting, read=NEVER, idle=0.05) as port:
        answer = await said(port, HEALTHY + b"\r\n")

    assert answer.startswith(b"HTTP/1.1 200 ")
    assert refused(exporting, "slow") == 0


async def test_clients_that_never_read_hold_no_slot_for_ever(
    large: Exporting, monkeypatch: pytest.MonkeyPatch
) -> None:
    timeouts = Timeouts.of(guard, monkeypatch)
    async with serving(large, requests=2, write=NEVER) as port:
        writers = []
        for _ in range(2):
            _, writer = await asyncio.open_connection("127.0.0.1", port)
            writer.write(SCRAPE + b"\r\n")
            writers.append(writer)
        busy = await until_status(port, "/metrics", 503)
        assert busy.headers["Retry-After"] == "1"
        assert (await until_status(port, "/-/healthy", 200)).status == 200
        assert refused(large, "slow") == 0
        for limit in timeouts.limits[:2]:
            limit.reschedule(0)
        await until(large, "slow", 2)
        assert (await until_status(port, "/metrics", 200)).status == 200
        for writer in writers:
            writer.close()

    assert refused(large, "requests") >= 1


async def test_a_client_that_stalls_is_let_go_before_the_time_for_all_is_over(
    large: Exporting, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(metrics_page, "_STALLED", 0.2)
    async with serving(large) as port:
        _, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(SCRAPE + b"\r\n")
        await until(large, "slow", 1)
        writer.close()


async def until_status(port: int, path: str, status: int) -> aiohttp.ClientResponse:
    """Ask until the answer has a status."""
    async with aiohttp.ClientSession() as session, asyncio.timeout(PATIENCE):
        while True:
            async with session.get(f"http://127.0.0.1:{port}{path}") as response:
                await response.read()
                if response.status == status:
                    return response
            await asyncio.sleep(0.01)


async def test_200_slow_scrapers_cost_no_more_memory_than_are_answered(large: Exporting) -> None:
    async with serving(large, write=NEVER) as port:
        assert (await until_status(port, "/metrics", 200)).status == 200
        before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        writers = []
        for _ in range(200):
            reader, writer = await asyncio.open_connection("127.0.0.1", port, limit=1024)
            writer.write(SCRAPE + b"\r\n")
            writers.append((reader, writer))
        await until(large, "requests", 160)
        grown = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
        for _, writer in writers:
            writer.transport.abort()

    # A page has 9 MB: 200 of them would be 1.8 GB.
    assert grown < 80_000


async def test_wrong_passwords_in_plenty_do_not_stop_a_good_scrape(
    exporting: Exporting, tmp_path: Path
) -> None:
    authority = Authority(tmp_path)
    path = authority.config(basic_auth_users={"prometheus": hashed("right", cost=9)})
    exporting.door = Door(protected=Protected(path))
    good = {"Authorization": basic("prometheus", "right")}
    over = asyncio.Event()

    async def attack(session: aiohttp.ClientSession, url: str, who: int) -> list[int]:
        statuses: list[int] = []
        while not over.is_set():
            user = ("prometheus", "nobody")[who % 2]
            bad = {"Authorization": basic(user, f"{who}-{len(statuses)}")}
            async with session.get(url, headers=bad) as response:
                statuses.append(response.status)
        return statuses

    async with serving(exporting) as port, aiohttp.ClientSession() as session:
        url = f"http://127.0.0.1:{port}/metrics"
        async with session.get(url, headers=good) as response:
            assert response.status == 200
        attackers = [asyncio.ensure_future(attack(session, url, who)) for who in range(20)]
        for _ in range(20):
            async with asyncio.timeout(PATIENCE), session.get(url, headers=good) as response:
                assert response.status == 200
        over.set()
        statuses = {status for each in await asyncio.gather(*attackers) for status in each}

    assert statuses <= {401, 429}
    assert 429 in statuses
