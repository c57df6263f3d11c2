"""Our own port with a web configuration, over real sockets."""

import asyncio
import ssl
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import aiohttp
import pytest
import trustme
from cryptography.hazmat.primitives import serialization as pem
from structlog.testing import capture_logs

from exporter.config.load import ConfigError
from exporter.web.protection import Protected, load_protection
from exporter.web.server import Door, Server
from tests.support.certificates import ODD
from tests.support.exporting import Exporting
from tests.support.exposition import value, values
from tests.support.protection import Authority, basic, hashed

PASSWORD = "hunter2-of-alice"
PATHS = [
    "/",
    "/status.json",
    "/attention.json",
    "/assets/status.js",
    "/metrics",
    "/sd",
    "/-/reload",
    "/-/nothing",
    "/nothing",
]
PROBES = ["/-/healthy", "/-/ready"]
CLIENTS = {"client_auth_type": "RequireAndVerifyClientCert", "client_ca_file": "ca.pem"}


@pytest.fixture
def authority(tmp_path: Path) -> Authority:
    made = Authority(tmp_path)
    assert made.ca_file.exists()
    return made


@asynccontextmanager
async def serving(exporting: Exporting, path: Path) -> AsyncIterator[int]:
    exporting.door = Door(protected=Protected(path))
    server = await Server.start(exporting.served, "127.0.0.1", 0)
    try:
        yield server.port
    finally:
        await server.stop()


async def get(
    port: int,
    path: str = "/-/healthy",
    *,
    tls: ssl.SSLContext | None = None,
    user: tuple[str, str] | None = None,
    method: str = "GET",
) -> aiohttp.ClientResponse:
    """Ask on a connection of its own."""
    address = f"{'https' if tls else 'http'}://127.0.0.1:{port}{path}"
    headers = {"Authorization": basic(*user)} if user else {}
    async with aiohttp.ClientSession(headers=headers) as session:
        response = await session.request(method, address, ssl=tls or True)
        await response.read()
        return response


async def changed(exporting: Exporting) -> None:
    """Let the files be looked at until a change has been taken over or refused."""
    for _ in range(2):
        await asyncio.to_thread(exporting.door.protected.look)


async def test_tls_is_spoken_with_the_configured_certificate(
    exporting: Exporting, authority: Authority
) -> None:
    path = authority.config(tls_server_config=authority.pair())

    async with serving(exporting, path) as port:
        response = await get(port, "/metrics", tls=authority.client())
        with pytest.raises(aiohttp.ClientError):
            await get(port, "/metrics")
        with pytest.raises(aiohttp.ClientError):
            await get(port, "/metrics", tls=ssl.create_default_context())

    assert response.status == 200
    assert response.headers["Server"] == "serverfleet-exporter"
    assert value(exporting.own_text, "serverfleet_web_refused_total", reason="handshake") == 2


async def test_certificate_and_key_may_stand_in_the_file(
    exporting: Exporting, authority: Authority
) -> None:
    issued = authority.ca.issue_cert("127.0.0.1")
    inline = {
        "cert": issued.cert_chain_pems[0].bytes().decode(),
        "key": issued.private_key_pem.bytes().decode(),
        "client_ca": authority.ca.cert_pem.bytes().decode(),
        "client_auth_type": "RequireAndVerifyClientCert",
    }
    path = authority.config(tls_server_config=inline)

    async with serving(exporting, path) as port:
        assert (await get(port, tls=authority.client("prometheus.example.net"))).status == 200


@pytest.mark.parametrize(
    ("settings", "offered", "spoken"),
    [
        ({}, {"maximum_version": ssl.TLSVersion.TLSv1_2}, "TLSv1.2"),
        ({}, {}, "TLSv1.3"),
        ({"max_version": "TLS12"}, {}, "TLSv1.2"),
        ({"min_version": "TLS13"}, {"maximum_version": ssl.TLSVersion.TLSv1_2}, None),
        (
            {"cipher_suites": ["TLS_AES_128_GCM_SHA256"]},
            {"maximum_version": ssl.TLSVersion.TLSv1_2},
            None,
        ),
    ],
)
async def test_only_the_versions_that_are_wanted_are_spoken(
    exporting: Exporting,
    authority: Authority,
    settings: dict[str, Any],
    offered: dict[str, Any],
    spoken: str | None,
) -> None:
    path = authority.config(tls_server_config={**authority.pair(), **settings})

    async with serving(exporting, path) as port:
        agreed = await agreement(port, authority.client(**offered))

    assert (agreed and agreed[0]) == spoken


async def test_the_cipher_suite_is_that_of_the_configuration(
    exporting: Exporting, authority: Authority
) -> None:
    suites = [f"TLS_ECDHE_{kind}_WITH_AES_256_GCM_SHA384" for kind in ("RSA", "ECDSA")]
    settings = {"cipher_suites": suites, "max_version": "TLS12", "curve_preferences": ["CurveP384"]}
    path = authority.config(tls_server_config={**authority.pair(), **settings})

    async with serving(exporting, path) as port:
        agreed = await agreement(port, authority.client())

    assert agreed is not None
    assert agreed[1].endswith("AES256-GCM-SHA384")


async def agreement(port: int, tls: ssl.SSLContext) -> tuple[str, str] | None:
    """Return version and suite that both sides agree upon."""
    try:
        _, writer = await asyncio.open_connection("127.0.0.1", port, ssl=tls)
    except (ssl.SSLError, ConnectionResetError):
        return None
    version, suite = writer.get_extra_info("ssl_object").version(), writer.get_extra_info("cipher")
    writer.close()
    return version, suite[0]


@pytest.mark.parametrize(
    ("settings", "names", "admitted"),
    [
        (CLIENTS, (), False),
        (CLIENTS, ("anybody.example.net",), True),
        ({**CLIENTS, "client_auth_type": "VerifyClientCertIfGiven"}, (), True),
        ({"client_auth_type": "RequestClientCert"}, (), True),
        ({**CLIENTS, "client_allowed_sans": ["a.example.net"]}, ("b.example.net",), False),
        (
            {**CLIENTS, "client_allowed_sans": ["x", "a.example.net"]},
            ("b.example.net", "a.example.net"),
            True,
        ),
        ({**CLIENTS, "client_allowed_sans": ["2001:db8::1"]}, ("2001:0db8:0::1",), True),
        ({**CLIENTS, "client_allowed_sans": []}, ("a.example.net",), False),
    ],
)
async def test_clients_are_let_in_by_their_certificate(
    exporting: Exporting,
    authority: Authority,
    settings: dict[str, Any],
    names: tuple[str, ...],
    admitted: bool,
) -> None:
    path = authority.config(tls_server_config={**authority.pair(), **settings})

    async with serving(exporting, path) as port:
        if admitted:
            assert (await get(port, tls=authority.client(*names))).status == 200
        else:
            with pytest.raises((aiohttp.ClientError, OSError)):
                await get(port, tls=authority.client(*names))
    refused = value(
        exporting.own_text, "serverfleet_web_refused_total", reason="client_certificate"
    )
    assert bool(refused) is not admitted


async def test_a_client_of_another_authority_is_not_let_in(
    exporting: Exporting, authority: Authority
) -> None:
    path = authority.config(tls_server_config={**authority.pair(), **CLIENTS})
    stranger = authority.client()
    trustme.CA().issue_cert("a.example.net").configure_cert(stranger)

    async with serving(exporting, path) as port:
        with pytest.raises((aiohttp.ClientError, OSError)):
            await get(port, tls=stranger)
    refused = value(
        exporting.own_text, "serverfleet_web_refused_total", reason="client_certificate"
    )
    assert refused


@pytest.mark.parametrize("kind", ODD)
async def test_a_client_certificate_of_a_corporate_ca_is_accepted_on_every_python(
    exporting: Exporting, authority: Authority, tmp_path: Path, kind: str
) -> None:
    shown = ODD[kind]()
    trusted = {**CLIENTS, "client_ca_file": shown.ca_file(tmp_path)}
    path = authority.config(tls_server_config={**authority.pair(), **trusted})
    client = authority.client()
    client.load_cert_chain(shown.pair(tmp_path))

    async with serving(exporting, path) as port:
        assert (await get(port, tls=client)).status == 200


def _another_key(authority: Authority) -> dict[str, Any]:
    authority.pair("other")
    return {**authority.pair(), "key_file": "other.key"}


def _no_file(authority: Authority) -> dict[str, Any]:
    return {**authority.pair(), "cert_file": "nowhere.crt"}


def _key_first(authority: Authority) -> dict[str, Any]:
    pair = authority.pair()
    return {"cert_file": pair["key_file"], "key_file": pair["cert_file"]}


def _no_key(authority: Authority) -> dict[str, Any]:
    return {**authority.pair(), "key_file": "server.crt"}


def _no_authority(authority: Authority) -> dict[str, Any]:
    return {**authority.pair(), **CLIENTS, "client_ca_file": "server.key"}


@pytest.mark.parametrize(
    ("settings", "problem"),
    [
        (_another_key, "tls_server_config.key_file: is not the key of the certificate"),
        (_no_file, "tls_server_config.cert_file: cannot read {folder}/nowhere.crt: No such file"),
        (_key_first, "tls_server_config.cert_file: has no certificate in PEM form"),
        (_no_key, "tls_server_config.key_file: certificate and key cannot be used: each must be"),
        (_no_authority, "tls_server_config.client_ca_file: has no certificate in PEM form"),
        (
            lambda authority: {**authority.pair(), "cipher_suites": ["TLS_RSA_WITH_RC4_128_SHA"]},
            "tls_server_config.cipher_suites: there is no 'TLS_RSA_WITH_RC4_128_SHA' among",
        ),
        (
            lambda authority: {**authority.pair(), "curve_preferences": ["X25519", "CurveP256"]},
            "tls_server_config.curve_preferences: Python's TLS can be held to one curve",
        ),
    ],
)
def test_tls_that_cannot_be_had_is_named(
    authority: Authority, settings: Callable[[Authority], dict[str, Any]], problem: str
) -> None:
    path = authority.config(tls_server_config=settings(authority))

    with pytest.raises(ConfigError) as caught:
        load_protection(path)

    (found,) = caught.value.problems
    assert found.startswith(problem.format(folder=authority.folder))
    assert "PRIVATE" not in found


def test_an_encrypted_key_is_named_and_nobody_is_asked_for_its_password(
    authority: Authority,
) -> None:
    settings = authority.pair()
    key_file = authority.folder / settings["key_file"]
    key = pem.load_pem_private_key(key_file.read_bytes(), None)
    encrypted = key.private_bytes(
        pem.Encoding.PEM, pem.PrivateFormat.PKCS8, pem.BestAvailableEncryption(b"x")
    )
    key_file.write_bytes(encrypted)

    with pytest.raises(ConfigError, match=r"key_file: the key is encrypted; store it without"):
        load_protection(authority.config(tls_server_config=settings))


@pytest.mark.parametrize("path", PATHS)
async def test_every_path_asks_for_the_password(
    exporting: Exporting, authority: Authority, path: str
) -> None:
    await exporting.begin()
    config = authority.config(basic_auth_users={"alice": hashed(PASSWORD)})

    async with serving(exporting, config) as port:
        nobody = await get(port, path)
        wrong = await get(port, path, user=("alice", "hunter2"))
        stranger = await get(port, path, user=("bob", PASSWORD))
        alice = await get(port, path, user=("alice", PASSWORD))

    assert [each.status for each in (nobody, wrong, stranger)] == [401] * 3
    assert nobody.headers["WWW-Authenticate"].startswith("Basic realm=")
    assert alice.status == {"/-/reload": 405, "/nothing": 404, "/-/nothing": 404}.get(path, 200)
    assert value(exporting.own_text, "serverfleet_web_refused_total", reason="unauthorized") == 3


@pytest.mark.parametrize("path", PROBES)
async def test_probes_are_answered_without_a_password_and_beyond_the_rate_limit(
    exporting: Exporting, authority: Authority, path: str
) -> None:
    await exporting.begin()
    users = {"alice": hashed(PASSWORD)}
    limit = {"interval": "1h", "burst": 2}
    config = authority.config(basic_auth_users=users, rate_limit=limit)

    async with serving(exporting, config) as port:
        flood = [await get(port, "/metrics", user=("alice", "wrong")) for _ in range(5)]
        probes = [await get(port, path) for _ in range(30)]
        wrong = await get(port, path, user=("alice", "wrong"))

    assert [each.status for each in flood] == [401, 401, 429, 429, 429]
    assert {each.status for each in (*probes, wrong)} == {200}


async def test_a_probe_without_a_password_learns_no_name_of_a_source(
    exporting: Exporting, authority: Authority
) -> None:
    await exporting.begin()
    exporting.clock.now += 200
    config = authority.config(basic_auth_users={"alice": hashed(PASSWORD)})

    with capture_logs() as lines:
        async with serving(exporting, config) as port:
            answers = [await get(port, "/-/healthy") for _ in range(2)]

    assert {(each.status, await each.text()) for each in answers} == {(503, "not healthy\n")}
    (line,) = (each for each in lines if each["event"] == "not healthy")
    assert "is overdue" in line["cause"]


async def test_headers_of_the_configuration_win_over_ours(
    exporting: Exporting, authority: Authority
) -> None:
    headers = {"X-Frame-Options": "sameorigin", "Strict-Transport-Security": "max-age=5"}
    path = authority.config(http_server_config={"http2": True, "headers": headers})

    async with serving(exporting, path) as port:
        answers = [await get(port, path) for path in (*PATHS, *PROBES)]

    for answer in answers:
        assert answer.headers["X-Frame-Options"] == "sameorigin"
        assert answer.headers["Strict-Transport-Security"] == "max-age=5"
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert answer.headers["Content-Security-Policy"].startswith("default-src 'none'")


async def test_the_rate_limit_holds_for_all_requests(
    exporting: Exporting, authority: Authority
) -> None:
    path = authority.config(rate_limit={"interval": "1h", "burst": 2})

    async with serving(exporting, path) as port:
        answers = [await get(port, "/status.json") for _ in range(3)]

    assert [each.status for each in answers] == [200, 200, 429]
    assert answers[2].headers["Retry-After"] == "1"


async def test_a_new_certificate_is_shown_without_a_restart(
    exporting: Exporting, authority: Authority
) -> None:
    path = authority.config(tls_server_config=authority.pair())
    later = Authority(authority.folder)

    async with serving(exporting, path) as port:
        before = await get(port, tls=authority.client())
        later.pair()
        await changed(exporting)
        after = await get(port, tls=later.client())
        with pytest.raises(aiohttp.ClientError):
            await get(port, tls=authority.client())

    assert (before.status, after.status) == (200, 200)


async def test_an_open_connection_outlives_a_new_certificate(
    exporting: Exporting, authority: Authority
) -> None:
    path = authority.config(tls_server_config=authority.pair())

    async with serving(exporting, path) as port, aiohttp.ClientSession() as session:
        address = f"https://127.0.0.1:{port}/-/healthy"
        tls = authority.client()
        assert (await session.get(address, ssl=tls)).status == 200
        Authority(authority.folder).pair()
        await changed(exporting)

        assert (await session.get(address, ssl=tls)).status == 200


async def test_a_client_authority_that_is_taken_out_is_no_longer_trusted(
    exporting: Exporting, authority: Authority
) -> None:
    path = authority.config(tls_server_config={**authority.pair(), **CLIENTS})
    tls = authority.client("a.example.net")

    async with serving(exporting, path) as port:
        assert (await get(port, tls=tls)).status == 200
        trustme.CA().cert_pem.write_to_path(str(authority.folder / "ca.pem"))
        await changed(exporting)
        with pytest.raises((aiohttp.ClientError, OSError)):
            await get(port, tls=tls)


async def test_users_follow_the_file(exporting: Exporting, authority: Authority) -> None:
    path = authority.config(basic_auth_users={"alice": hashed(PASSWORD)})

    async with serving(exporting, path) as port:
        assert (await get(port, "/status.json", user=("alice", PASSWORD))).status == 200
        authority.config(basic_auth_users={"alice": hashed("another"), "bob": hashed("b")})
        await changed(exporting)
        statuses = [
            (await get(port, "/status.json", user=user)).status
            for user in (("alice", PASSWORD), ("alice", "another"), ("bob", "b"))
        ]

    assert statuses == [401, 200, 200]


@pytest.mark.parametrize(
    "bad", ["basic_auth_users: {alice: nonsense-hunter2}", "", "a: [", "tls_server_config: {}"]
)
async def test_a_bad_change_keeps_what_was_says_so_once_and_is_repaired_by_a_good_one(
    exporting: Exporting, authority: Authority, bad: str
) -> None:
    users = {"alice": hashed(PASSWORD)}
    path = authority.config(tls_server_config=authority.pair(), basic_auth_users=users)
    tls = authority.client()

    async with serving(exporting, path) as port:
        with capture_logs() as lines:
            path.write_text(bad)
            await changed(exporting)
            await changed(exporting)
        kept = await get(port, "/status.json", tls=tls, user=("alice", PASSWORD))
        refused = await get(port, "/status.json", tls=tls)
        authority.config(tls_server_config=authority.pair(), basic_auth_users={"b": hashed("b")})
        await changed(exporting)
        repaired = await get(port, "/status.json", tls=authority.client(), user=("b", "b"))

    assert (kept.status, refused.status, repaired.status) == (200, 401, 200)
    (line,) = lines
    assert line["log_level"] == "error"
    assert line["file"] == str(path)
    assert line["problems"]
    assert "hunter2" not in str(line)


async def test_a_change_under_way_is_no_mistake(exporting: Exporting, authority: Authority) -> None:
    path = authority.config(tls_server_config=authority.pair())
    protected = Protected(path)
    later = Authority(authority.folder / "later")
    later.folder.mkdir()
    later.pair()

    with capture_logs() as lines:
        for name in ("server.crt", "server.key"):
            (later.folder / name).rename(authority.folder / name)
            protected.look()
        protected.look()

    assert [line["event"] for line in lines] == ["web configuration re-read"]


async def test_a_file_that_a_bad_change_lacked_is_noticed_when_it_comes(
    authority: Authority,
) -> None:
    path = authority.config(tls_server_config=authority.pair())
    protected = Protected(path)
    first = protected.now
    authority.config(tls_server_config={"cert_file": "new.crt", "key_file": "new.key"})
    for _ in range(2):
        protected.look()
    assert protected.now is first

    authority.pair("new")
    protected.look()

    assert protected.now is not first


async def test_the_state_of_the_file_is_a_metric(
    exporting: Exporting, authority: Authority, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("exporter.web.protection.LOOK_EVERY", 0.01)
    name = "serverfleet_web_config_last_reload_successful"
    path = authority.config(basic_auth_users={"alice": hashed(PASSWORD)})

    async def becomes(wanted: float) -> None:
        async with asyncio.timeout(60):
            while values(exporting.own_text, name) != [wanted]:  # noqa: ASYNC110 - nothing else shows it
                await asyncio.sleep(0.005)

    async with serving(exporting, path):
        await becomes(1)
        path.write_text("nonsense: 1")
        await becomes(0)
        path.write_text("{}")
        await becomes(1)
