"""Reading of files that are named by a user: regular files only, and no more than a limit."""

import errno
import os
import stat
from pathlib import Path

LARGEST = 2**20
"""Bytes of a web configuration, or of a file with certificates."""
LARGEST_CONFIGURATION = 2**22
"""Bytes of a configuration: thousands of sources."""


class FileError(Exception):
    """A file cannot be read; the message is the cause, without the path."""


def content_of(path: Path, largest: int = LARGEST) -> bytes:
    """Read a whole file. A FIFO, a device or a directory is refused without waiting for it.

    Raises:
        FileError: It is not a regular file, is larger than `largest` bytes, or cannot be read.
    """
    try:
        # Without O_NONBLOCK, opening a FIFO waits for somebody who writes to it.
        descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_NOCTTY | os.O_CLOEXEC)
        try:
            found = _read(descriptor, largest + 1)
        finally:
            os.close(descriptor)
    except OSError as error:
        raise FileError(error.strerror or type(error).__name__) from None
    except ValueError:
        # A NUL, or a character that no file name has.
        raise FileError("its name cannot be that of a file") from None
    if len(found) > largest:
        raise FileError(f"it is larger than {largest // 2**20} MiB")
    return found


def text_of(path: Path, largest: int = LARGEST) -> str:
    """Read a whole file of UTF-8 text.

    Raises:
        FileError: As for `content_of`, or it is not UTF-8 text.
    """
    try:
        return content_of(path, largest).decode()
    except UnicodeDecodeError:
        raise FileError("it is not UTF-8 text") from None


def _read(descriptor: int, most: int) -> bytes:
    mode = os.fstat(descriptor).st_mode
    if stat.S_ISDIR(mode):
        raise FileError(os.strerror(errno.EISDIR))
    if not stat.S_ISREG(mode):
        raise FileError("it is not a regular file")
    with os.fdopen(descriptor, "rb", closefd=False) as file:
        return file.read(most)
