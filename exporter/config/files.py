"""Small regular files, read within bounds of size and time, and the secrets that they hold.

A FIFO without a writer, and a file on a network file system whose server is gone, would block the
reader for ever; `/dev/zero` would fill the memory. So only regular files are opened, and they
are read in a daemon thread for which nobody waits longer than `PATIENCE`.
"""

import asyncio
import errno
import os
import stat
import threading
from collections.abc import Iterator, Mapping
from concurrent.futures import Future, wait
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from pydantic import SecretStr

from exporter.threads import outcome, started

SMALL = 64 * 2**10
"""Bytes that a secret may have."""
LARGE = 2**20
"""Bytes that a configuration or certificates may have."""
PATIENCE = 5.0
"""Seconds."""


class FileError(OSError):
    """A file cannot be read; `strerror` says why and never quotes its content."""


def read(path: Path, most: int = SMALL, limit: float = PATIENCE) -> bytes:
    """Return the content of a file. Blocks: not for the event loop, see `read_async`.

    Args:
        path: The file; links are followed.
        most: Bytes that it may have.
        limit: Seconds that reading may take.

    Raises:
        FileError: It is missing, not a regular file, too large, or cannot be read in time.
    """
    reading = _reading(path, most)
    if not wait([reading], limit).done:
        raise _too_slow(path, limit)
    return reading.result()


async def read_async(path: Path, most: int = SMALL, limit: float = PATIENCE) -> bytes:
    """Return the content of a file without blocking the event loop; see `read`."""
    try:
        async with asyncio.timeout(limit):
            return await outcome(_reading(path, most))
    except TimeoutError:
        raise _too_slow(path, limit) from None


def read_text(path: Path, most: int = SMALL, limit: float = PATIENCE) -> str:
    """Return the text of a file, without a byte order mark; see `read`.

    Raises:
        FileError: Also if it is not UTF-8 text.
    """
    return _text(path, read(path, most, limit))


async def read_text_async(path: Path, most: int = SMALL, limit: float = PATIENCE) -> str:
    """Return the text of a file without blocking the event loop; see `read_text`."""
    return _text(path, await read_async(path, most, limit))


def _text(path: Path, content: bytes) -> str:
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise FileError(errno.EILSEQ, "it is not UTF-8 text", str(path)) from None


_lock = threading.Lock()
_under_way: "dict[tuple[Path, int], Future[bytes]]" = {}
"""Readings that have not ended. A file that hangs keeps one thread, not one for each attempt."""


def _reading(path: Path, most: int) -> "Future[bytes]":
    """Start to read a file, or join a reading that has not ended yet."""
    key = path, most

    def work() -> bytes:
        try:
            return _content(path, most)
        finally:
            # Before anybody has the result, so that the next reading is a new one.
            with _lock:
                _under_way.pop(key, None)

    with _lock:
        reading = _under_way.get(key)
        if reading is None:
            reading = started(work)
            if not reading.done():  # else there is no thread
                _under_way[key] = reading
    return reading


def _content(path: Path, most: int) -> bytes:
    try:
        # Looked at before it is opened: opening a device can do something already.
        _demand_regular(path, path.stat().st_mode)
        descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK)
        with open(descriptor, "rb") as file:  # noqa: PTH123 - a descriptor
            _demand_regular(path, os.fstat(descriptor).st_mode)
            content = file.read(most + 1)
    except FileError:
        raise
    except OSError as error:
        raise FileError(error.errno, error.strerror or str(error), str(path)) from None
    except ValueError:
        raise FileError(errno.EINVAL, "no file can have this name", str(path)) from None
    if len(content) > most:
        raise FileError(errno.EFBIG, f"it is larger than {most // 2**10} KiB", str(path))
    return content


def _demand_regular(path: Path, mode: int) -> None:
    if stat.S_ISDIR(mode):
        raise FileError(errno.EISDIR, os.strerror(errno.EISDIR), str(path))
    if not stat.S_ISREG(mode):
        raise FileError(errno.EINVAL, "it is not a regular file", str(path))


def _too_slow(path: Path, limit: float) -> FileError:
    return FileError(errno.ETIMEDOUT, f"it cannot be read within {limit:g} s", str(path))


class SecretUnreadableError(ValueError):
    """A secret's file cannot be read or is empty; the message names the file, never its content."""


class Secret:
    """A secret from the configuration or from a file.

    A file is read each time, so that a rotated secret needs no restart. A byte order mark and line
    ends around the secret are not part of it; spaces are.
    """

    __slots__ = ("_file", "_text")

    def __init__(self, *, text: SecretStr | None = None, file: Path | None = None) -> None:
        """Take one of the two."""
        self._text = text
        self._file = file

    def read(self) -> str:
        """Return the secret as it is now; blocks, see `read_async`.

        Raises:
            SecretUnreadableError: The file cannot be read, is not text or is empty.
        """
        if self._file is None:
            return self._inline
        with _named(self._file):
            return _filled(self._file, read_text(self._file))

    async def read_async(self) -> str:
        """Return the secret as it is now without blocking the event loop.

        Raises:
            SecretUnreadableError: The file cannot be read, is not text or is empty.
        """
        if self._file is None:
            return self._inline
        with _named(self._file):
            return _filled(self._file, await read_text_async(self._file))

    @property
    def _inline(self) -> str:
        return self._text.get_secret_value() if self._text else ""

    def __repr__(self) -> str:
        return "Secret(***)"

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Secret):
            return NotImplemented
        return (self._text, self._file) == (other._text, other._file)

    def __hash__(self) -> int:
        return hash((self._text, self._file))


@contextmanager
def _named(file: Path) -> Iterator[None]:
    """Say which file cannot be read."""
    try:
        yield
    except OSError as error:
        raise SecretUnreadableError(
            f"cannot read the secret file {file}: {error.strerror}"
        ) from None


def _filled(file: Path, text: str) -> str:
    secret = text.strip("\r\n")
    if not secret:
        raise SecretUnreadableError(f"the secret file {file} is empty")
    return secret


def secret_mistakes(raw: Mapping[str, Any], name: str) -> Iterator[tuple[str, str]]:
    """Demand exactly one of `name` and `name_file`, not empty, and readable.

    Yields:
        The setting, and what is wrong with it.
    """
    text, file = raw.get(name), raw.get(f"{name}_file")
    if text is not None and file is not None:
        yield name, f"is given twice: set only one of {name} and {name}_file"
    elif text is None and file is None:
        yield name, f"is missing: set {name} or {name}_file"
    elif text == "":
        yield name, "is empty"
    elif isinstance(file, str):
        try:
            Secret(file=Path(file)).read()
        except SecretUnreadableError as error:
            yield f"{name}_file", str(error)
