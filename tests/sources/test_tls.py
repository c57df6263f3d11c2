"""Which certificates does a source trust?"""

import ssl
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest
import trustme
from aiohttp import web
from aiohttp.test_utils import TestServer

from exporter.clock import SystemClock
from exporter.config.source import HttpSettings
from exporter.errors import Reason, SourceError
from exporter.sources.tls import context_for
from exporter.sources.transport import Request, Transport
from tests.support.certificates import HOST, ODD, Issued, bare_self_signed, issued, trusted_itself
from tests.support.observer import Witness

Ask = Callable[..., Awaitable[bytes]]


@pytest.fixture
def trusts_the_system(monkeypatch: pytest.MonkeyPatch) -> Callable[[HttpSettings], bool]:
    """Tell whether a source would trust the authorities of the system."""
    loaded: list[ssl.Purpose] = []

    def load(context: ssl.SSLContext, purpose: ssl.Purpose) -> None:
        loaded.append(purpose)

    def asked(settings: HttpSettings) -> bool:
        context = context_for(settings, lambda _: None)
        assert context.verify_mode is ssl.CERT_REQUIRED
        assert context.check_hostname
        return loaded == [ssl.Purpose.SERVER_AUTH]

    monkeypatch.setattr(ssl.SSLContext, "load_default_certs", load)
    return asked


def test_the_authorities_of_the_system_are_trusted(
    trusts_the_system: Callable[[HttpSettings], bool],
) -> None:
    assert trusts_the_system(HttpSettings())


def test_with_a_file_of_authorities_those_alone_are_trusted(
    trusts_the_system: Callable[[HttpSettings], bool], tmp_path: Path
) -> None:
    file = tmp_path / "ca.pem"
    trustme.CA().cert_pem.write_to_path(str(file))

    assert not trusts_the_system(HttpSettings.model_validate({"ca_file": file}))


@pytest.fixture(params=["the defaults of this Python", "those of 3.13 and newer"])
def _defaults(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let Python make its contexts as it does, or as newer ones do."""
    made = ssl.create_default_context

    def strict(*args: Any, **kwargs: Any) -> ssl.SSLContext:
        context = made(*args, **kwargs)
        context.verify_flags |= ssl.VERIFY_X509_STRICT | ssl.VERIFY_X509_PARTIAL_CHAIN
        return context

    if request.param.startswith("those"):
        monkeypatch.setattr(ssl, "create_default_context", strict)


@pytest.fixture
def ask(aiohttp_server: Callable[..., Awaitable[TestServer]], tmp_path: Path) -> Ask:
    """Serve with a certificate, and send a request to that server."""

    async def page(_: web.Request) -> web.Response:
        return web.Response(body=b"secure")

    async def asked(shown: Issued, trusted: Issued) -> bytes:
        app = web.Application()
        app.router.add_get("/", page)
        server = await aiohttp_server(app, ssl=shown.server(tmp_path))
        settings = {"ca_file": trusted.ca_file(tmp_path), "server_name": HOST}
        transport = Transport(HttpSettings.model_validate(settings), SystemClock(), Witness())
        try:
            answer = await transport.send(Request("GET", str(server.make_url("/")), "Devices"))
        finally:
            await transport.close()
        return answer.body

    return asked


@pytest.mark.usefixtures("_defaults")
@pytest.mark.parametrize("kind", ODD)
async def test_a_certificate_of_an_appliance_or_a_corporate_ca_is_accepted(
    ask: Ask, kind: str
) -> None:
    shown = ODD[kind]()

    assert await ask(shown, shown) == b"secure"


@pytest.mark.usefixtures("_defaults")
@pytest.mark.parametrize("made", [trusted_itself, bare_self_signed])
async def test_a_certificate_can_be_trusted_itself_whoever_issued_it(
    ask: Ask, made: Callable[[], Issued]
) -> None:
    shown = made()

    assert await ask(shown, shown) == b"secure"


@pytest.mark.usefixtures("_defaults")
@pytest.mark.parametrize("kind", ODD)
async def test_a_certificate_of_another_ca_is_refused_however_odd_it_is(
    ask: Ask, kind: str
) -> None:
    with pytest.raises(SourceError) as caught:
        await ask(ODD[kind](), issued())

    assert caught.value.reason is Reason.TLS


@pytest.mark.parametrize("kind", ODD)
async def test_each_of_them_is_refused_by_the_strict_checks(kind: str, tmp_path: Path) -> None:
    shown = ODD[kind]()
    strict = ssl.create_default_context(cafile=shown.ca_file(tmp_path))
    strict.verify_flags |= ssl.VERIFY_X509_STRICT

    with pytest.raises(ssl.SSLCertVerificationError):
        handshake(shown.server(tmp_path), strict)


def handshake(server: ssl.SSLContext, client: ssl.SSLContext) -> None:
    """Let two contexts speak to each other in memory."""
    to_server, to_client = ssl.MemoryBIO(), ssl.MemoryBIO()
    serving = server.wrap_bio(to_server, to_client, server_side=True)
    asking = client.wrap_bio(to_client, to_server, server_hostname=HOST)
    waiting = [asking, serving]
    for _ in range(10):
        for side in list(waiting):
            try:
                side.do_handshake()
            except ssl.SSLWantReadError:
                continue
            waiting.remove(side)
        if not waiting:
            return
    raise AssertionError("the handshake does not end")
