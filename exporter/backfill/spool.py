"""The windows that have been read, until all of them are there.

They come window by window, but are written server by server, and a large fleet's do not fit into
memory. So they are kept in an SQLite file beside the output, cut into blocks of servers; a backfill
that was stopped continues from there.
"""

import asyncio
import sqlite3
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import suppress
from itertools import groupby
from pathlib import Path

import msgspec

from exporter.backfill.span import PastWindow
from exporter.errors import Reason, SourceError
from exporter.model import Energy, Window
from exporter.sources.contract import EnergyArchive
from exporter.sources.partial import for_each

BLOCK = 64
"""Servers whose whole past is in memory at once."""
_SCHEMA = """
CREATE TABLE IF NOT EXISTS origin (api TEXT NOT NULL UNIQUE);
CREATE TABLE IF NOT EXISTS servers (number INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE);
CREATE TABLE IF NOT EXISTS windows (window TEXT, start INTEGER, PRIMARY KEY (window, start));
CREATE TABLE IF NOT EXISTS figures (
    block INTEGER, window TEXT, start INTEGER, figures BLOB NOT NULL,
    PRIMARY KEY (block, window, start)
) WITHOUT ROWID;
"""

Figures = tuple[float | None, float | None, float | None]
"""Joules, grams and US dollars of one server in one window."""
_figures = msgspec.msgpack.Decoder(dict[int, Figures])

History = list[tuple[PastWindow, Energy]]


class SpoolError(Exception):
    """The file beside the output cannot be used; the message says what to do."""


class Spool:
    """The windows that have been read so far. Not for the event loop: it reads and writes."""

    def __init__(self, path: Path, api: str) -> None:
        """Open the file, or begin one.

        Args:
            path: The file.
            api: Names the source; another one's windows are not mixed in.

        Raises:
            SpoolError: It cannot be written, or is of another source.
        """
        self.path = path
        # A run that is stopped closes it while a thread may still be at it, and SQLite does not
        # bear that.
        self._use = threading.Lock()
        self._closing = False
        try:
            self._connection = sqlite3.connect(path, check_same_thread=False)
            self._connection.execute("PRAGMA journal_mode = WAL")
            self._connection.executescript(_SCHEMA)
            self._connection.execute(
                "INSERT INTO origin SELECT ? WHERE NOT EXISTS (SELECT 1 FROM origin)", (api,)
            )
            self._connection.commit()
            origins = self._connection.execute("SELECT api FROM origin").fetchall()
        except sqlite3.Error as error:
            raise SpoolError(f"cannot keep windows in {path}: {error}; remove the file, or name "
                             "another --output") from None  # fmt: skip
        if origins != [(api,)]:
            self._connection.close()
            raise SpoolError(f"{path} is of another source: remove it, or name another --output")
        self._numbers: dict[str, int] = dict(
            self._connection.execute("SELECT id, number FROM servers").fetchall()
        )

    def has(self) -> set[PastWindow]:
        """Return the windows that are there."""
        with self._use:
            rows = self._connection.execute("SELECT window, start FROM windows").fetchall()
        return {PastWindow(Window(window), start) for window, start in rows}

    def add(self, window: PastWindow, energies: Mapping[str, Energy]) -> None:
        """Keep a window, whole or not at all; the energies by the vendor's server id."""
        blocks: dict[int, dict[int, Figures]] = {}
        with self._use, self._connection:
            for id, energy in energies.items():
                number = self._number(id)
                figures = (energy.joules, energy.grams_co2e, energy.cost_usd)
                blocks.setdefault(number // BLOCK, {})[number] = figures
            self._connection.executemany(
                "INSERT OR REPLACE INTO figures VALUES (?, ?, ?, ?)",
                (
                    (block, window.window, window.start, msgspec.msgpack.encode(figures))
                    for block, figures in blocks.items()
                ),
            )
            self._connection.execute(
                "INSERT OR REPLACE INTO windows VALUES (?, ?)", (window.window, window.start)
            )

    def histories(self, window: Window, start: int, end: int) -> Iterator[tuple[str, History]]:
        """Return the id of every server, and its windows of one length, the oldest first.

        Args:
            window: The length.
            start: Unix seconds.
            end: Unix seconds; not part of it.

        Raises:
            SpoolError: It is closed meanwhile.
        """
        ids = {number: id for id, number in self._numbers.items()}
        with self._use:
            rows = self._connection.execute(
                "SELECT block, window, start, figures FROM figures "
                "WHERE window = ? AND start >= ? AND start < ? ORDER BY block, start",
                (window, start, end),
            )
            for _, of_block in groupby(rows, key=lambda row: row[0]):
                if self._closing:
                    raise SpoolError(f"{self.path} was closed while it was read")
                for number, history in _of_servers(of_block).items():
                    yield ids[number], history

    @property
    def ids(self) -> tuple[str, ...]:
        """The vendor's ids of the servers of which there are figures."""
        return tuple(self._numbers)

    @property
    def servers(self) -> int:
        """How many servers there are figures of."""
        return len(self._numbers)

    def close(self) -> None:
        """Close the file, as soon as nobody is at it; it stays."""
        self._closing = True
        with self._use:
            self._connection.close()

    def remove(self) -> None:
        """Close and delete the file."""
        self.close()
        for ending in ("", "-wal", "-shm"):
            with suppress(FileNotFoundError):
                Path(f"{self.path}{ending}").unlink()

    def _number(self, id: str) -> int:
        number = self._numbers.setdefault(id, len(self._numbers))
        self._connection.execute("INSERT OR IGNORE INTO servers VALUES (?, ?)", (number, id))
        return number


def _of_servers(rows: Iterable[tuple[int, str, int, bytes]]) -> dict[int, History]:
    found: dict[int, History] = {}
    for _, window, begin, figures in rows:
        past = PastWindow(Window(window), begin)
        for number, (joules, grams, usd) in _figures.decode(figures).items():
            energy = Energy(joules=joules, grams_co2e=grams, cost_usd=usd)
            found.setdefault(number, []).append((past, energy))
    return found


async def fetch(
    windows: Iterable[PastWindow],
    archive: EnergyArchive,
    spool: Spool,
    at_once: int,
    advance: Callable[[], None],
) -> list[PastWindow]:
    """Read windows into the spool.

    Args:
        windows: What is to be read.
        archive: Whom to ask.
        spool: Where they go, one by one.
        at_once: Windows asked for at the same time.
        advance: Told after each.

    Returns:
        The windows that the API refuses.

    Raises:
        SourceError: A window could not be read; those before are in the spool.
        sqlite3.Error: The spool cannot be written.
    """
    refused: list[PastWindow] = []
    writing = asyncio.Lock()

    async def fetch_one(each: PastWindow) -> None:
        try:
            energies = await archive.read(each.window, each.start)
        except SourceError as error:
            # How far back hours are kept is not documented; days may go further.
            if error.reason is not Reason.HTTP_4XX:
                raise
            refused.append(each)
        else:
            async with writing:
                await asyncio.to_thread(spool.add, each, energies)
        advance()

    await for_each(windows, fetch_one, at_once)
    return refused
