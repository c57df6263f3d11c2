"""Files that are no regular files, or too large, are refused at once."""

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from exporter.config.files import FileError, content_of, text_of


def fifo(folder: Path) -> Path:
    os.mkfifo(folder / "fifo")
    return folder / "fifo"


def link_to_endless_zeros(folder: Path) -> Path:
    (folder / "link").symlink_to("/dev/zero")
    return folder / "link"


def large(folder: Path) -> Path:
    with (folder / "large").open("wb") as file:
        file.truncate(2**40)
    return folder / "large"


def open_descriptors() -> int:
    return sum(1 for _ in Path("/proc/self/fd").iterdir())


@pytest.mark.parametrize(
    ("odd", "cause"),
    [
        (fifo, "it is not a regular file"),
        (link_to_endless_zeros, "it is not a regular file"),
        (large, "it is larger than 1 MiB"),
        (lambda folder: folder, "Is a directory"),
        (lambda folder: folder / "nowhere", "No such file or directory"),
        (lambda folder: folder / "a\0b", "its name cannot be that of a file"),
        (lambda folder: folder / "\ud800", "its name cannot be that of a file"),
        (lambda folder: folder / ("a" * 300), "File name too long"),
    ],
)
def test_what_is_no_plain_file_is_refused_without_waiting(
    tmp_path: Path, odd: Callable[[Path], Path], cause: str
) -> None:
    path = odd(tmp_path)
    descriptors = open_descriptors()

    with pytest.raises(FileError) as caught:
        content_of(path)

    assert str(caught.value) == cause
    assert open_descriptors() == descriptors


def test_a_file_of_the_largest_size_is_read(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_bytes(b"x" * 100)

    assert content_of(path, 100) == b"x" * 100
    with pytest.raises(FileError):
        content_of(path, 99)


def test_text_has_to_be_utf_8(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_bytes(b"Z\xfcrich")

    with pytest.raises(FileError, match="not UTF-8"):
        text_of(path)
