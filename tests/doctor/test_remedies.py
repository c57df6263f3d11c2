"""What is wrong on the way to an API is said in the same words by the log and by the probe."""

import asyncio
import socket
import ssl
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager, contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from structlog.testing import capture_logs

from exporter.clock import SystemClock
from exporter.doctor.examination import examine
from exporter.doctor.findings import Verdict
from exporter.exposition.store import Store
from exporter.polling.scheduler import Scheduler
from exporter.polling.source import PolledSource
from exporter.sources.contract import Surroundings
from exporter.sources.observer import Silence
from exporter.sources.types import SOURCES
from tests.doctor.conftest import settings
from tests.support.certificates import (
    HOST,
    Issued,
    bare_self_signed,
    for_clients,
    issued,
    weak,
)

PASSWORD = "planted-word"
SHORT = "1s"
OLD, FUTURE = datetime(2024, 5, 6, tzinfo=UTC), datetime.now(UTC) + timedelta(days=90)
ALERT = bytes.fromhex("15030100020246")
"""What a server says that has no TLS version in common: `protocol_version`."""
TLS_1_1 = bytes.fromhex("160302002c020000280302") + bytes(32) + bytes.fromhex("00c013000000")
"""A server's greeting in TLS 1.1."""
Changes = dict[str, Any]
Way = AbstractAsyncContextManager[Changes]


@dataclass(frozen=True)
class Case:
    """What is arranged, and what is said of it."""

    arranged: Callable[[Path], Way]
    step: str
    """Of the probe."""
    cause: str
    todo: str
    reason: str = "tls"


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


ME = f"me:{PASSWORD}@"
APACHE = b"You're speaking plain HTTP to an SSL-enabled server port."
CASES = {
    "expired": Case(
        presenting(lambda: issued(ends=OLD)),
        "tls",
        f"certificate expired on 2024-05-06 (subject CN={HOST})",
        "renew the certificate",
    ),
    "expired CA": Case(
        presenting(lambda: issued(ca_ends=OLD)),
        "tls",
        "the certificate of the CA has expired: CN=odd CA",
        "renew the certificate of that CA, in http.ca_file too",
    ),
    "not yet valid": Case(
        presenting(lambda: issued(begins=FUTURE)),
        "tls",
        f"certificate not valid before {FUTURE:%Y-%m-%d} (subject CN={HOST})",
        "correct the clocks",
    ),
    "wrong name": Case(
        presenting(issued, name="ome.fra.example.net"),
        "tls",
        f"the certificate is for {HOST}, not for ome.fra.example.net",
        "or http.server_name to that name",
    ),
    "self-signed": Case(
        presenting(bare_self_signed, trusted=False),
        "tls",
        f"self-signed certificate (subject CN={HOST})",
        "and set http.ca_file to it",
    ),
    "self-signed, another in ca_file": Case(
        presenting(bare_self_signed, trusted=issued),
        "tls",
        "that http.ca_file does not hold",
        "add the certificate itself to http.ca_file",
    ),
    "unknown authority": Case(
        presenting(issued, trusted=False),
        "tls",
        "issued by a CA that this machine does not trust: CN=odd CA",
        "and set http.ca_file to it",
    ),
    "ca_file that lacks it": Case(
        presenting(issued, trusted=bare_self_signed),
        "tls",
        "http.ca_file does not hold the CA that issued the certificate: CN=odd CA",
        "add the certificate of that CA to http.ca_file",
    ),
    "key too short": Case(
        presenting(weak),
        "tls",
        "certificate refused: EE certificate key too weak",
        "replace the certificate",
    ),
    "for clients only": Case(
        presenting(for_clients),
        "tls",
        "certificate refused: un",  # "unsupported" or "unsuitable certificate purpose"
        "replace the certificate",
    ),
    "old TLS, refused by the server": Case(
        saying(ALERT), "tls", "no common TLS version", "enable TLS 1.2"
    ),
    "old TLS, offered by the server": Case(
        saying(TLS_1_1), "tls", "speaks TLS 1.2 and 1.3", "enable TLS 1.2"
    ),
    "plain HTTP port": Case(
        saying(refusal(400)), "tls", "does not speak TLS: it is an HTTP port", "to the HTTPS port"
    ),
    "silent handshake": Case(
        saying(b"", hangs=True),
        "tls",
        "no complete answer within 1 s: the TLS handshake does not end",
        "firewall",
        "timeout",
    ),
    "closed in the handshake": Case(
        saying(b""), "tls", "ended during the TLS handshake", "firewall", "connect"
    ),
    "http:// to a TLS port that sends an alert": Case(
        saying(ALERT, "http"), "login", "speaks TLS, and the address begins", "write https://"
    ),
    "http:// to Apache's TLS port": Case(
        saying(refusal(400, "text/html", APACHE), "http"),
        "login",
        "speaks TLS, and the address begins with http://",
        "write https:// in url",
    ),
    "http:// to a TLS port that hangs up": Case(
        saying(b"", "http"), "login", "closed before an answer", "write https:// in url", "connect"
    ),
    "slow answer": Case(
        saying(b"", "http", hangs=True),
        "login",
        "no complete answer within 1 s",
        "if the API is slow, raise http.timeout",
        "timeout",
    ),
    "refused": Case(refused, "tcp", "connection refused", "check the port in url", "connect"),
    "not accepted": Case(full, "tcp", "the connection is not accepted", "a firewall", "timeout"),
    "no name": Case(
        without_name, "dns", "its name cannot be resolved", "the spelling in url", "connect"
    ),
    "dead proxy": Case(
        dead_proxy, "tcp", "connection refused", "check the port in http.proxy", "connect"
    ),
    "proxy that asks for a password": Case(
        behind(refusal(407)),
        "proxy",
        "the proxy asks for credentials (HTTP 407)",
        "put user and password into http.proxy",
        "connect",
    ),
    "proxy that refuses the password": Case(
        behind(refusal(407), user=ME),
        "proxy",
        "the proxy refuses the credentials in http.proxy (HTTP 407)",
        "correct user and password",
        "connect",
    ),
    "proxy that forbids": Case(
        behind(refusal(403), user=ME),
        "proxy",
        "the proxy refuses to connect to ome.example.net:443 (HTTP 403)",
        "allow connections to ome.example.net:443",
        "connect",
    ),
    "proxy that cannot": Case(
        behind(refusal(502)), "proxy", "(HTTP 502)", "look into the proxy's log", "connect"
    ),
    "proxy that is silent": Case(
        behind(b""), "proxy", "the proxy is silent", "address of an HTTP proxy", "timeout"
    ),
    "proxy that is none": Case(
        behind(b"SSH-2.0-OpenSSH_9.9\r\n\r\n"),
        "proxy",
        "the proxy did not answer as an HTTP proxy",
        "allows CONNECT",
        "connect",
    ),
    "proxy with a certificate of its own": Case(
        behind_tls,
        "proxy",
        f"self-signed certificate (subject CN={HOST})",
        "and set http.ca_file to it",
    ),
    "plain HTTP, proxy that asks for a password": Case(
        behind(refusal(407, "text/html"), "http"),
        "login",
        "the proxy asks for credentials (HTTP 407)",
        "put user and password into http.proxy",
        "connect",
    ),
    "plain HTTP, page of a proxy": Case(
        behind(refusal(503, "text/html", b"<html>"), "http", ME),
        "login",
        "a web page came in place of the API's answer (HTTP 503)",
        "look into the proxy's log",
        "connect",
    ),
}


async def failed(entry: Changes) -> dict[str, Any]:
    """Run the source as the exporter does; returns the log line of its inventory."""
    source, clock = settings(entry), SystemClock()
    kind = SOURCES[source.type]
    built = kind.build(source, Surroundings(clock, Silence()))
    polled = PolledSource(source.name, kind.vendor, built, source.http.timeout)
    scheduler = Scheduler([polled], Store(clock), clock)
    with capture_logs() as lines:
        await scheduler.run_all_once()
        await scheduler.stop()
    return next(dict(line) for line in lines if line["event"] == "poll failed")


@pytest.fixture(autouse=True)
def _no_proxies(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("http_proxy", "https_proxy", "all_proxy", "no_proxy"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.upper(), raising=False)


def entry(**changes: Any) -> Changes:
    made = {"name": "rome", "type": "ome", "url": "", "username": "u", "password": PASSWORD}
    return {**made, **changes}


@pytest.mark.parametrize("name", CASES)
async def test_the_log_and_the_probe_say_what_is_wrong_and_what_helps(
    name: str, tmp_path: Path
) -> None:
    case = CASES[name]

    async with case.arranged(tmp_path) as changes:
        line = await failed(entry(**changes))
        (found,) = await examine([settings(entry(**changes))], 60.0)

    (finding,) = [each for each in found.findings if each.verdict is Verdict.FAILED]
    assert finding.step == case.step
    assert case.cause in finding.seen
    assert case.todo in finding.advice
    assert line["reason"] == case.reason
    assert line["error"].endswith(f"; {finding.advice}")
    assert case.cause in line["error"]
    assert PASSWORD not in repr(found) + repr(line)


async def test_dns_servers_that_are_silent_are_named(monkeypatch: pytest.MonkeyPatch) -> None:
    async def silent(*_: object, **__: object) -> None:
        await asyncio.Event().wait()

    monkeypatch.setattr(asyncio.get_running_loop(), "getaddrinfo", silent)
    changes = {"url": "https://ome.example.net", "http": {"timeout": "50ms"}}
    line = await failed(entry(**changes))
    (found,) = await examine([settings(entry(**changes))], 60.0)

    (finding,) = [each for each in found.findings if each.verdict is Verdict.FAILED]
    assert (finding.step, line["reason"]) == ("dns", "timeout")
    for said in (finding.seen, line["error"]):
        assert "no complete answer within 0.05 s: the DNS servers are silent" in said
    assert "/etc/resolv.conf" in finding.advice


async def test_a_dead_proxy_is_named_in_place_of_the_api(tmp_path: Path) -> None:
    async with dead_proxy(tmp_path) as changes:
        error = (await failed(entry(**changes)))["error"]

    where = changes["http"]["proxy"].partition("@")[2]
    assert f"through the proxy {where}: cannot connect (connection refused)" in error
    assert "ome.example.net" not in error


@pytest.mark.parametrize("variable", ["HTTPS_PROXY", "https_proxy", "ALL_PROXY"])
@pytest.mark.parametrize("name", ["refused", "not accepted", "no name"])
async def test_a_proxy_in_the_environment_is_named_as_not_used(
    name: str, variable: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(variable, f"http://me:{PASSWORD}@proxy.example.net:3128")

    async with CASES[name].arranged(tmp_path) as changes:
        line = await failed(entry(**changes))
        (found,) = await examine([settings(entry(**changes))], 60.0)

    (finding,) = [each for each in found.findings if each.verdict is Verdict.FAILED]
    for said in (line["error"], finding.advice):
        assert f"{variable} is set in the environment, but not used" in said
        assert "http.proxy" in said
    assert PASSWORD not in repr(found) + repr(line)


@pytest.mark.parametrize(
    ("changes", "exceptions"),
    [
        ({"proxy": "http://127.0.0.1:9"}, ""),
        ({}, "10.0.0.1, 127.0.0.1"),
        ({}, "*"),
    ],
    ids=["a proxy is set", "the host is excepted", "every host is excepted"],
)
async def test_a_proxy_in_the_environment_is_not_named_where_it_would_not_help(
    changes: Changes, exceptions: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HTTPS_PROXY", "http://proxy.example.net:3128")
    monkeypatch.setenv("NO_PROXY", exceptions)

    async with refused(tmp_path) as made:
        line = await failed(entry(**made, http=changes))

    assert "HTTPS_PROXY" not in line["error"]
