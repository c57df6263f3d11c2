"""Odd files: none hangs, fills the memory, or is taken for what it is not."""

import asyncio
import os
import socket
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from pydantic import SecretStr

from exporter.config import files
from exporter.config.files import (
    FileError,
    Secret,
    SecretUnreadableError,
    read,
    read_async,
    read_text,
)
from tests.config.conftest import Problems

Odd = Callable[[Path], Path]


def fifo(folder: Path) -> Path:
    os.mkfifo(folder / "fifo")
    return folder / "fifo"


def fifo_behind_a_link(folder: Path) -> Path:
    (folder / "link").symlink_to(fifo(folder))
    return folder / "link"


def listening_socket(folder: Path) -> Path:
    path = folder / "socket"
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(str(path))
    return path


def device_without_end(_: Path) -> Path:
    return Path("/dev/zero")


def nothing(_: Path) -> Path:
    return Path("/dev/null")


ODD = {
    "it is not a regular file": (
        fifo,
        fifo_behind_a_link,
        listening_socket,
        device_without_end,
        nothing,
    ),
    "Is a directory": (lambda folder: folder,),
    "No such file or directory": (lambda folder: folder / "nowhere",),
    "no file can have this name": (lambda folder: folder / "a\0b",),
}
CASES = [(cause, make) for cause, makers in ODD.items() for make in makers]


@pytest.fixture
def stuck(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[int]]:
    """Make every reading hang as on a dead network file system; counts the threads that do."""
    ended, hanging = threading.Event(), list[int]()

    def hang(_path: Path, _most: int) -> bytes:
        hanging.append(threading.get_ident())
        ended.wait()
        raise FileError(5, "Input/output error")

    monkeypatch.setattr(files, "_content", hang)
    yield hanging
    ended.set()


@pytest.mark.parametrize(("cause", "make"), CASES)
async def test_only_regular_files_are_read(tmp_path: Path, cause: str, make: Odd) -> None:
    path = make(tmp_path)

    with pytest.raises(FileError) as caught:
        read(path)
    with pytest.raises(FileError) as caught_too:
        await read_async(path)

    assert caught.value.strerror == caught_too.value.strerror == cause


@pytest.mark.parametrize(("cause", "make"), CASES[:5])
def test_an_odd_file_is_a_mistake_wherever_the_configuration_names_one(
    problems: Problems, tmp_path: Path, cause: str, make: Odd
) -> None:
    path = make(tmp_path)
    text = f"""
    sources:
      - name: emea
        type: com
        region: eu-central
        client_id: id
        client_secret_file: "{path}"
      - name: fra
        type: ome
        url: https://ome.example.net
        username: reader
        password_file: "{path}"
        http: {{ca_file: "{path}"}}
    """

    assert set(problems(text)) == {
        f"sources[0].client_secret_file: cannot read the secret file {path}: {cause}",
        f"sources[1].password_file: cannot read the secret file {path}: {cause}",
        f"sources[1].http.ca_file: cannot read the file: {cause}",
    }
    assert problems(path) == [f"cannot read the file: {cause}"]


@pytest.mark.parametrize(("size", "fits"), [(files.SMALL, True), (files.SMALL + 1, False)])
def test_a_secret_has_at_most_64_kib(tmp_path: Path, size: int, fits: bool) -> None:
    path = tmp_path / "secret"
    path.write_bytes(b"x" * size)

    if fits:
        assert len(read(path)) == size
    else:
        with pytest.raises(FileError, match="it is larger than 64 KiB"):
            read(path)


def test_a_file_that_is_larger_than_it_says_is_refused_before_it_fills_the_memory(
    tmp_path: Path,
) -> None:
    path = tmp_path / "sparse"
    with path.open("wb") as file:
        file.truncate(2**40)

    with pytest.raises(FileError, match="it is larger than 1024 KiB"):
        read(path, files.LARGE)


@pytest.mark.usefixtures("stuck")
def test_a_file_that_hangs_is_given_up(tmp_path: Path) -> None:
    with pytest.raises(FileError, match=r"it cannot be read within 0\.01 s"):
        read(tmp_path / "secret", limit=0.01)


async def test_a_file_that_hangs_holds_neither_the_loop_nor_more_than_one_thread(
    tmp_path: Path, stuck: list[int]
) -> None:
    passed = asyncio.Event()
    asyncio.get_running_loop().call_soon(passed.set)

    for _ in range(3):
        with pytest.raises(FileError, match="cannot be read within"):
            await read_async(tmp_path / "secret", limit=0.01)

    assert passed.is_set()
    assert len(stuck) == 1


async def test_waiting_for_a_file_that_hangs_can_be_cancelled(
    tmp_path: Path, stuck: list[int]
) -> None:
    waiting = asyncio.create_task(read_async(tmp_path / "secret", limit=3600))
    await asyncio.sleep(0)

    waiting.cancel()

    with pytest.raises(asyncio.CancelledError):
        await waiting


@pytest.mark.usefixtures("stuck")
def test_no_thread_that_hangs_keeps_the_program_from_ending(tmp_path: Path) -> None:
    before = set(threading.enumerate())
    with pytest.raises(FileError):
        read(tmp_path / "secret", limit=0.01)

    (hanging,) = set(threading.enumerate()) - before
    assert hanging.daemon


async def test_a_system_without_a_free_thread_is_an_error_and_no_hang(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(_: threading.Thread) -> None:
        raise RuntimeError("can't start new thread")

    path = tmp_path / "secret"
    path.write_text("secret")
    with monkeypatch.context() as patched:
        patched.setattr(threading.Thread, "start", refuse)
        with pytest.raises(OSError, match="the system starts no more threads"):
            await read_async(path)

    assert await read_async(path) == b"secret"


def test_every_reading_sees_the_file_as_it_is_now(tmp_path: Path) -> None:
    path = tmp_path / "secret"
    for number in range(200):
        path.write_text(str(number))
        assert read_text(path) == str(number)


@pytest.mark.parametrize(
    ("content", "secret"),
    [
        (b"\xef\xbb\xbfsecret", "secret"),
        (b"\xef\xbb\xbfsecret\r\n", "secret"),
        (b"secret\n\n", "secret"),
        (b"\nsecret\r\n", "secret"),
        (b" two words \n", " two words "),
        (b"two\nlines\n", "two\nlines"),
        ("\N{BLACK HEART SUIT}\ufeff".encode(), "\N{BLACK HEART SUIT}\ufeff"),
    ],
)
async def test_a_byte_order_mark_and_line_ends_are_no_part_of_a_secret(
    tmp_path: Path, content: bytes, secret: str
) -> None:
    path = tmp_path / "secret"
    path.write_bytes(content)

    assert Secret(file=path).read() == secret
    assert await Secret(file=path).read_async() == secret


@pytest.mark.parametrize(
    ("content", "cause"),
    [
        ("secret".encode("utf-16"), "it is not UTF-8 text"),
        (b"\xef\xbb\xbf\r\n", "is empty"),
        (b"", "is empty"),
    ],
)
async def test_a_file_without_a_usable_secret_is_named(
    tmp_path: Path, content: bytes, cause: str
) -> None:
    path = tmp_path / "secret"
    path.write_bytes(content)

    for reading in (Secret(file=path).read_async(), asyncio.to_thread(Secret(file=path).read)):
        with pytest.raises(SecretUnreadableError, match=cause) as caught:
            await reading
        assert str(path) in str(caught.value)


async def test_a_secret_of_the_configuration_needs_no_file() -> None:
    assert await Secret(text=SecretStr("inline")).read_async() == "inline"


def test_comments_in_a_file_of_certificates_may_be_in_any_language(
    problems: Problems, secrets: Path
) -> None:
    pem = (secrets / "ca.pem").read_bytes()
    accepted = secrets / "accepted.pem"
    accepted.write_bytes("# Zürich\n".encode() + pem + "# Schluss — Z\xfcrich\n".encode() + pem)
    refused = secrets / "refused.pem"
    refused.write_bytes("# Zürich\n".encode("latin-1"))

    text = f"""
    sources:
      - {{name: fra, type: ome, url: https://ome.example.net, username: u, password: p,
         http: {{ca_file: "{accepted}"}}}}
      - {{name: fra, type: ome, url: https://ome.example.net, username: u, password: p,
         http: {{ca_file: "{refused}"}}}}
    """
    assert problems(text) == [
        "sources[1].name: 'fra' is the name of sources[0] already",
        "sources[1].http.ca_file: the file has no certificate in PEM form",
    ]
