"""How is the state file opened, so that it is ours alone, whole, and of a form that we know?

It is an SQLite database with a write-ahead log. What was committed survives a crash of the program
and of the machine; a file that is damaged is moved aside, and a new one begun.
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
_MOST_LOG = 2**26
"""Bytes that the write-ahead log keeps on the disk when it is empty."""

_log = structlog.get_logger("exporter.ledger")


class StateFileError(Exception):
    """The state file cannot be used; the message says what to do."""


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
    lock = path.with_name(f"{path.name}.lock")
    try:
        descriptor = os.open(lock, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
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
    """Move a damaged file out of the way, for whoever wants to look at it."""
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


def _opened(path: Path) -> sqlite3.Connection:
    try:
        # The threads of the ledger are one at a time.
        connection = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
        try:
            _prepare(connection, path)
        except BaseException:
            connection.close()
            raise
    except sqlite3.Error as error:
        if is_damage(error):
            raise DamagedError(str(error)) from None
        raise StateFileError(
            f"cannot keep state in {path}: {error}; name a file that the exporter may write to, "
            "on a disk that is not full"
        ) from None
    return connection


def _prepare(connection: sqlite3.Connection, path: Path) -> None:
    application, version = (
        connection.execute(f"PRAGMA {name}").fetchone()[0]
        for name in ("application_id", "user_version")
    )
    with closing(connection.execute("SELECT count(*) FROM sqlite_master")) as found:
        is_new = found.fetchone()[0] == 0
    if not is_new and application != APPLICATION:
        raise StateFileError(
            f"cannot keep state in {path}: it is a database of another program; name another file"
        )
    if version > VERSION:
        raise StateFileError(
            f"cannot keep state in {path}: it was written by a newer exporter (form {version}, "
            f"this one knows {VERSION}); use that one, or name another file"
        )
    (verdict,) = connection.execute("PRAGMA quick_check(1)").fetchone()
    if verdict != "ok":
        raise DamagedError(verdict)
    connection.execute("PRAGMA journal_mode = WAL")
    # What is served must survive a power cut too: a counter that falls back is no counter.
    connection.execute("PRAGMA synchronous = FULL")
    connection.execute(f"PRAGMA journal_size_limit = {_MOST_LOG}")
    with transaction(connection):
        if is_new:
            for statement in SCHEMA.split(";\n"):
                connection.execute(statement)
        connection.execute(f"PRAGMA application_id = {APPLICATION}")
        connection.execute(f"PRAGMA user_version = {VERSION}")
