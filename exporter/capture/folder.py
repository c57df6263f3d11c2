"""What does a capture look like on disk?

`capture.json` says what was captured; `answers/` has one file for each different request.
Documented in docs/capture.md.
"""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any, TypeVar

import msgspec
from msgspec import UNSET, Struct, UnsetType, field

from exporter.config import files

S = TypeVar("S", bound=Struct)

FORMAT = 1
MANIFEST = "capture.json"
ANSWERS = "answers"
_NOT_FOR_OTHERS = 0o600
_LARGEST = 2**30
"""Bytes of one file."""
_PATIENCE = 60.0
"""Seconds that reading one file may take."""


class CaptureError(Exception):
    """A capture cannot be written or read; the message says why and what to do."""


class Outcome(Struct, frozen=True, omit_defaults=True):
    """How one collector fared."""

    name: str
    result: str
    """`ok`, `failed`, `not available` or `not run`."""
    reason: str = ""
    error: str = ""
    items: int | None = None
    problems: int | None = None
    calls: int | None = None
    seconds: float | None = None


class Manifest(Struct, frozen=True):
    """`capture.json`."""

    format: int
    complete: bool
    """False while the capture runs, and for good if it was stopped."""
    exporter: str
    """Version of the program that captured."""
    type: str
    """Type of the source."""
    captured_at: str
    """RFC 3339; the time that every collector took for the present."""
    api_version: str = ""
    settings: dict[str, Any] = field(default_factory=dict)
    """What of the source's settings a replay needs; no addresses and no credentials."""
    collectors: tuple[Outcome, ...] = ()
    requests: int = 0
    """Requests that were answered, repetitions included and logins not."""
    statuses: dict[str, int] = field(default_factory=dict)
    unanswered: dict[str, int] = field(default_factory=dict)
    """Requests to which no complete answer came, by endpoint."""


class SavedRequest(Struct, frozen=True, omit_defaults=True):
    """What was asked; nothing here is percent-encoded."""

    number: int
    """Counts different requests in their order."""
    method: str
    path: str
    query: dict[str, str] = field(default_factory=dict)
    question: Any = UNSET
    """The body, if there was one."""


class SavedAnswer(Struct, frozen=True, omit_defaults=True):
    """What came back the last time."""

    status: int
    headers: dict[str, str] = field(default_factory=dict)
    earlier_statuses: tuple[int, ...] = ()
    """Of the same request, where it was sent more than once."""
    document: Any = UNSET
    """The body, if it is JSON."""
    text: str | UnsetType = UNSET
    """The body, if it is not."""


class Saved(Struct, frozen=True):
    """One file of `answers/`."""

    request: SavedRequest
    answer: SavedAnswer


class Folder:
    """A directory that is being filled."""

    def __init__(self, path: Path) -> None:
        """Take a directory that is empty or does not exist yet, for its owner alone.

        Raises:
            CaptureError: There is something in it, or it cannot be made or written to.
        """
        self.path = path
        try:
            path.mkdir(parents=True, exist_ok=True, mode=0o700)
            if any(path.iterdir()):
                raise CaptureError(f"{path} is not empty: name a new directory")
            path.chmod(0o700)
            (path / ANSWERS).mkdir(mode=0o700)
        except OSError as error:
            raise CaptureError(f"cannot write to {path}: {error.strerror or error}") from None

    def write_manifest(self, manifest: Manifest) -> None:
        """Write or replace `capture.json`.

        Raises:
            CaptureError: It cannot be written.
        """
        self._write(MANIFEST, manifest)

    def write_answer(self, name: str, saved: Saved) -> None:
        """Write or replace one file of `answers/`.

        Raises:
            CaptureError: It cannot be written.
        """
        self._write(f"{ANSWERS}/{name}", saved)

    def _write(self, name: str, content: Struct) -> None:
        """Write a file so that a reader finds the old one or the new one, and never half of it."""
        path = self.path / name
        partial = path.with_name(path.name + ".partial")
        text = msgspec.json.format(msgspec.json.encode(content), indent=1) + b"\n"
        try:
            flags = os.O_WRONLY | os.O_CREAT | os.O_TRUNC
            with open(os.open(partial, flags, _NOT_FOR_OTHERS), "wb") as file:  # noqa: PTH123
                file.write(text)
            partial.replace(path)
        except OSError as error:
            partial.unlink(missing_ok=True)
            raise CaptureError(f"cannot write {path}: {error.strerror or error}") from None


def read_manifest(path: Path) -> Manifest:
    """Read `capture.json` of a directory.

    Raises:
        CaptureError: There is none, or it cannot be understood.
    """
    manifest = _read(path / MANIFEST, Manifest)
    if manifest.format != FORMAT:
        raise CaptureError(
            f"{path}: the capture has format {manifest.format}, this version reads {FORMAT}; "
            f"replay it with version {manifest.exporter} of the exporter"
        )
    return manifest


def read_answers(path: Path) -> Iterator[Saved]:
    """Read every file of `answers/`.

    Raises:
        CaptureError: One cannot be understood, or there is none.
    """
    found = sorted((path / ANSWERS).glob("*.json"))
    if not found:
        raise CaptureError(f"{path}: no answers were captured")
    for file in found:
        yield _read(file, Saved)


def _read(path: Path, kind: type[S]) -> S:
    try:
        return msgspec.json.decode(files.read(path, _LARGEST, _PATIENCE), type=kind)
    except OSError as error:
        raise CaptureError(f"{path}: {error.strerror or error}; is this a capture?") from None
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise CaptureError(f"{path}: not as `capture` writes it: {error}") from None
