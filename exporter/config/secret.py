"""How is a secret kept so that it never shows, and read again when it is rotated?"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from pydantic import SecretStr

from exporter.config import files


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
            return _filled(self._file, files.read_text(self._file))

    async def read_async(self) -> str:
        """Return the secret as it is now without blocking the event loop.

        Raises:
            SecretUnreadableError: The file cannot be read, is not text or is empty.
        """
        if self._file is None:
            return self._inline
        with _named(self._file):
            return _filled(self._file, await files.read_text_async(self._file))

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
