"""Opening the state file: locked, checked for damage, and of a known version.

It is an SQLite database with a write-ahead log. What was committed survives a crash of the program
and of the machine; a state file that is damaged is moved aside, and a new one begun. A file that is
not a state file is left as it is.
"""

import fcntl
import os
import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path

import structlog

APPLICATION = 0x5345464C
"""`SEFL`: tells our files from databases of others."""
VERSION = 1
"""Of the tables; a newer exporter reads older ones and says how they change."""
SCHEMA = """
CREATE TABLE sources (
    id INTEGER PRIMARY KEY,
    name TEXT NOT NULL UNIQUE,
    next_hour INTEGER NOT NULL,
    counted_to INTEGER
);
CREATE TABLE accounts (
    id INTEGER PRIMARY KEY,
    source INTEGER NOT NULL REFERENCES sources (id),
    serial TEXT NOT NULL,
    total INTEGER NOT NULL,
    reading INTEGER,
    UNIQUE (source, serial)
);
CREATE TABLE hours (
    source INTEGER NOT NULL REFERENCES sources (id),
    hour INTEGER NOT NULL,
    asked REAL NOT NULL,
    detail BLOB NOT NULL,
    PRIMARY KEY (source, hour)
);
"""
_DAMAGED = frozenset({sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB})
_HEADER = b"SQLite format 3\0"
_APPLICATION_AT = slice(68, 72)
"""Bytes of the header: see https://www.sqlite.org/fileformat.html."""
_OWN = ("", "-wal", "-shm", ".lock")
"""Endings of what belongs to a state file."""
_PRIVATE = 0o600
_MOST_LOG = 2**26
"""Bytes that the write-ahead log keeps on the disk when it is empty."""

_log = structlog.get_logger("exporter.ledger")


class StateFileError(Exception):
    """The state file cannot be used; the message says what to do."""


class WrongFileError(StateFileError):
    """The path names something that is not a state file of this exporter."""


class DamagedError(Exception):
    """The file is no database any more, or not a whole one."""


def is_damage(error: sqlite3.Error) -> bool:
    """Tell whether an error means that the file itself is broken."""
    code = getattr(error, "sqlite_errorcode", None)
    return code is not None and code & 0xFF in _DAMAGED


@contextmanager
def locked(path: Path) -> Iterator[None]:
    """Keep every other process off the file; the kernel lets go of it, however this one ends.

    Raises:
        StateFileError: Another process has it, or there can be no file here.
    """
    try:
        _demand_state_file(path)
        descriptor = os.open(f"{path}.lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, _PRIVATE)
    except OSError as error:
        raise StateFileError(
            f"cannot keep state in {path}: {error.strerror}; name a file in a directory that "
            "exists and that the exporter may write to"
        ) from None
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            raise StateFileError(
                f"cannot keep state in {path}: another exporter uses it; give each a file of its "
                "own with --state.file"
            ) from None
        yield
    finally:
        os.close(descriptor)


def opened(path: Path) -> tuple[sqlite3.Connection, bool]:
    """Open the file, or begin a new one; the caller holds the lock.

    Returns:
        The connection, and whether a damaged file had to be put aside for it.

    Raises:
        StateFileError: It is not ours, is of a newer exporter, or cannot be written.
    """
    try:
        return _opened(path), False
    except DamagedError as error:
        put_aside(path, error)
    try:
        return _opened(path), True
    except DamagedError as error:
        raise StateFileError(f"cannot keep state in {path}: {error}; check the disk") from None


def put_aside(path: Path, error: Exception) -> None:
    """Move a damaged file out of the way, and keep it."""
    kept = path.with_name(f"{path.name}.damaged-{time.strftime('%Y%m%dT%H%M%SZ', time.gmtime())}")
    for ending in ("", "-wal", "-shm"):
        with suppress(FileNotFoundError):
            Path(f"{path}{ending}").rename(f"{kept}{ending}")
    _log.error(
        "state file is damaged, a new one is begun and counters start at zero",
        file=str(path),
        kept=str(kept),
        error=str(error),
    )


def identity(path: Path) -> tuple[int, int] | None:
    """Return device and inode of a file; None where there is none."""
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_dev, found.st_ino


def written_again(connection: sqlite3.Connection, path: Path) -> None:
    """Write what a connection still reads of a deleted file to a new one at the same path.

    The caller holds the lock; the connection is closed.

    Raises:
        OSError, sqlite3.Error: It cannot be written; the connection stays open.
    """
    copy = Path(f"{path}.new")
    copy.unlink(missing_ok=True)
    os.close(os.open(copy, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, _PRIVATE))
    connection.execute("VACUUM INTO ?", (str(copy),))
    with copy.open("rb") as file:
        os.fsync(file.fileno())
    # A log of the deleted file would be taken for one of the new file.
    for ending in ("-wal", "-shm"):
        Path(f"{path}{ending}").unlink(missing_ok=True)
    copy.rename(path)
    connection.close()
    _log.error("state file was deleted, it is written again", file=str(path))


def size(path: Path) -> int:
    """Return the bytes of the file and of its log; 0 where there is none."""
    found = 0
    for ending in ("", "-wal"):
        with suppress(OSError):
            found += Path(f"{path}{ending}").stat().st_size
    return found


@contextmanager
def transaction(connection: sqlite3.Connection) -> Iterator[None]:
    """Commit what the block does, or none of it."""
    connection.execute("BEGIN IMMEDIATE")
    try:
        yield
        connection.execute("COMMIT")
    except BaseException:
        # A full disk may have ended the transaction already.
        with suppress(sqlite3.Error):
            connection.execute("ROLLBACK")
        raise


def _demand_state_file(path: Path) -> None:
    """Refuse whatever is at a path and cannot be a state file, before anything is written there.

    Raises:
        WrongFileError: It is neither empty nor a database of this exporter, or not even a file.
        OSError: It cannot be read.
    """
    if not path.exists():
        return
    header = _header(path) if path.is_file() else None
    if header == b"":
        return
    if header is None or not header.startswith(_HEADER):
        raise WrongFileError(
            f"cannot keep state in {path}: it is not a state file; name a file that does not "
            "exist yet, or one that the exporter has written"
        )
    if header[_APPLICATION_AT] != APPLICATION.to_bytes(4, "big"):
        raise WrongFileError(
            f"cannot keep state in {path}: it is a database of another program; name another file"
        )


def _header(path: Path) -> bytes:
    with path.open("rb") as file:
        return file.read(100)


def _create(path: Path) -> None:
    """Create a file that does not exist yet, also where a link leads to it, for its owner only."""
    flags = os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC
    with suppress(FileExistsError):
        os.close(os.open(path.resolve(), flags, _PRIVATE))


def _make_private(path: Path) -> None:
    """Leave a state file and what belongs to it to its owner."""
    for ending in _OWN:
        # Not ours, but writable for us: then its mode is the business of its owner.
        with suppress(FileNotFoundError, PermissionError):
            Path(f"{path}{ending}").chmod(_PRIVATE)


def _opened(path: Path) -> sqlite3.Connection:
    try:
        _demand_state_file(path)
        _create(path)
        # The threads of the ledger are one at a time.
        connection = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
        try:
            _prepare(connection, path)
            # Not before it is known to be a state file: another program's stays as it is.
            _make_private(path)
        except BaseException:
            connection.close()
            raise
    except (sqlite3.Error, OSError) as error:
        if isinstance(error, sqlite3.Error) and is_damage(error):
            raise DamagedError(str(error)) from None
        raise StateFileError(
            f"cannot keep state in {path}: {error}; name a file that the exporter may write to, "
            "on a disk that is not full"
        ) from None
    return connection


def _prepare(connection: sqlite3.Connection, path: Path) -> None:
    (version,) = connection.execute("PRAGMA user_version").fetchone()
    with closing(connection.execute("SELECT count(*) FROM sqlite_master")) as found:
        is_new = found.fetchone()[0] == 0
    if version > VERSION:
        raise WrongFileError(
            f"cannot keep state in {path}: it was written by a newer exporter (form {version}, "
            f"this one knows {VERSION}); use that one, or name another file"
        )
    (verdict,) = connection.execute("PRAGMA quick_check(1)").fetchone()
    if verdict != "ok":
        raise DamagedError(verdict)
    # Before the log is used, so that it is in the header and not in the log alone.
    connection.execute(f"PRAGMA application_id = {APPLICATION}")
    connection.execute("PRAGMA journal_mode = WAL")
    # What is served must survive a power cut too: a counter that falls back is no counter.
    connection.execute("PRAGMA synchronous = FULL")
    connection.execute(f"PRAGMA journal_size_limit = {_MOST_LOG}")
    with transaction(connection):
        if is_new:
            for statement in SCHEMA.split(";\n"):
                connection.execute(statement)
        connection.execute(f"PRAGMA user_version = {VERSION}")
