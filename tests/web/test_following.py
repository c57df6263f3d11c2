"""The files of the web configuration while the exporter runs, whatever becomes of them."""

import asyncio
import os
import threading
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import aiohttp
import pytest
from structlog.testing import capture_logs

from exporter.config.load import ConfigError
from exporter.web import protection
from exporter.web.protection import Protected, load_protection
from exporter.web.server import Door, Server
from tests.support.exporting import Exporting
from tests.support.exposition import value
from tests.support.protection import Authority, basic, hashed

READABLE = "serverfleet_web_config_last_reload_successful"
PATIENCE = 60.0
ALICE, BOB = ({name: hashed(name)} for name in ("alice", "bob"))


class Site:
    """A served exporter whose web configuration is looked at a hundred times a second."""

    def __init__(self, exporting: Exporting, port: int, file: Path) -> None:
        self.exporting = exporting
        self.file = file
        self._address = f"http://127.0.0.1:{port}"

    async def status(self, path: str, user: str = "") -> int:
        headers = {"Authorization": basic(user, user)} if user else {}
        async with (
            aiohttp.ClientSession() as session,
            session.get(self._address + path, headers=headers) as response,
        ):
            return response.status

    async def becomes(self, readable: float) -> None:
        async with asyncio.timeout(PATIENCE):
            while value(self.exporting.own_text, READABLE) != readable:  # noqa: ASYNC110 - all there is
                await asyncio.sleep(0.005)


@pytest.fixture
def authority(tmp_path: Path) -> Authority:
    return Authority(tmp_path)


@pytest.fixture
async def site(
    exporting: Exporting, authority: Authority, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[Site]:
    monkeypatch.setattr(protection, "LOOK_EVERY", 0.01)
    path = authority.config(basic_auth_users=ALICE)
    await exporting.begin()
    exporting.door = Door(protected=Protected(path))
    server = await Server.start(exporting.served, "127.0.0.1", 0)
    yield Site(exporting, server.port, path)
    await asyncio.wait_for(server.stop(), PATIENCE)


def become_a_fifo(path: Path) -> None:
    path.unlink()
    os.mkfifo(path)


def become_a_directory(path: Path) -> None:
    path.unlink()
    path.mkdir()


def become_endless(path: Path) -> None:
    path.unlink()
    path.symlink_to("/dev/zero")


def become_huge(path: Path) -> None:
    with path.open("wb") as file:
        file.truncate(2**36)


def name_no_file(path: Path) -> None:
    path.write_text('tls_server_config: {cert_file: "a\\0b", key_file: "a\\0b"}')


def hold_half_a_character(path: Path) -> None:
    path.write_text('tls_server_config: {cert: "\\ud800", key: "\\ud800"}')


ODD = [
    become_a_fifo,
    become_a_directory,
    become_endless,
    become_huge,
    name_no_file,
    hold_half_a_character,
]


@pytest.mark.parametrize("change", ODD)
async def test_a_file_that_becomes_odd_is_noticed_said_once_and_repaired_by_a_good_one(
    site: Site, authority: Authority, change: Callable[[Path], None]
) -> None:
    with capture_logs() as lines:
        change(site.file)
        await site.becomes(0)
        assert await site.status("/metrics", "alice") == 200
        assert await site.status("/-/healthy") == 200
        for _ in range(5):
            await asyncio.to_thread(site.exporting.door.protected.look)
    if site.file.is_dir() and not site.file.is_symlink():
        site.file.rmdir()
    else:
        site.file.unlink()
    authority.config(basic_auth_users=BOB)
    await site.becomes(1)

    assert [await site.status("/metrics", name) for name in ("alice", "bob")] == [401, 200]
    (line,) = (each for each in lines if each["log_level"] == "error")
    assert line["event"] == "web config reload failed, the previous one stays in force"
    assert len(line["problems"]) == 1


@pytest.mark.parametrize("change", ODD)
def test_an_odd_file_at_the_start_is_a_mistake_with_a_sentence(
    authority: Authority, change: Callable[[Path], None]
) -> None:
    path = authority.config(basic_auth_users=ALICE)
    change(path)

    with pytest.raises(ConfigError) as caught:
        load_protection(path)

    assert len(caught.value.problems) == 1


async def test_users_are_followed_again_after_there_was_no_thread(
    site: Site, authority: Authority, monkeypatch: pytest.MonkeyPatch
) -> None:
    def no_thread(_: threading.Thread) -> None:
        raise RuntimeError("can't start new thread")

    with monkeypatch.context() as scarce, capture_logs() as lines:
        scarce.setattr(threading.Thread, "start", no_thread)
        authority.config(basic_auth_users=BOB)
        await site.becomes(0)
    await site.becomes(1)

    assert [await site.status("/metrics", name) for name in ("alice", "bob")] == [401, 200]
    failures = [each["problems"] for each in lines if each["log_level"] == "error"]
    assert failures == [["the system starts no more threads"]]


async def test_a_file_system_that_does_not_answer_holds_one_thread_and_nothing_else(
    site: Site, authority: Authority, monkeypatch: pytest.MonkeyPatch
) -> None:
    answers, looks = threading.Event(), []
    look = Protected.look

    def hanging(protected: Protected) -> None:
        looks.append(1)
        assert answers.wait(PATIENCE)
        look(protected)

    monkeypatch.setattr(Protected, "look", hanging)
    monkeypatch.setattr(protection, "LOOK_WITHIN", 0.01)
    await site.becomes(0)
    assert await site.status("/metrics", "alice") == 200
    authority.config(basic_auth_users=BOB)
    assert len(looks) == 1
    answers.set()
    await site.becomes(1)

    assert [await site.status("/metrics", name) for name in ("alice", "bob")] == [401, 200]


async def test_an_exporter_that_no_longer_follows_the_file_is_not_healthy(site: Site) -> None:
    (following,) = (task for task in asyncio.all_tasks() if task.get_name() == "web configuration")
    assert await site.status("/-/healthy") == 200

    following.cancel()
    await asyncio.wait([following])

    assert await site.status("/-/healthy") == 503


@pytest.mark.parametrize(
    "comment", ["# Zürich, für Prüfer\n".encode(), "# Zürich\n".encode("latin-1")]
)
def test_comments_in_certificates_may_have_any_characters(
    authority: Authority, comment: bytes
) -> None:
    pair = authority.pair()
    for path in (authority.ca_file, *(authority.folder / name for name in pair.values())):
        path.write_bytes(comment + path.read_bytes())
    clients = {"client_auth_type": "RequireAndVerifyClientCert", "client_ca_file": "ca.pem"}

    loaded = load_protection(authority.config(tls_server_config={**pair, **clients}))

    assert loaded.tls is not None
    assert loaded.tls.get_ca_certs()


def test_a_comment_in_an_inline_client_ca_may_have_any_characters(authority: Authority) -> None:
    inline = {
        "client_ca": "# Zürich\n" + authority.ca.cert_pem.bytes().decode(),
        "client_auth_type": "RequireAndVerifyClientCert",
    }

    loaded = load_protection(authority.config(tls_server_config={**authority.pair(), **inline}))

    assert loaded.tls is not None
    assert loaded.tls.get_ca_certs()
