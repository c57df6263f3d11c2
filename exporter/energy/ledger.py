"""Access to the state file that never blocks the event loop.

All work on the file is done by one thread of its own. What is handed out is only what has been
committed; while the file cannot be written, that stays as it is, and what was not counted is
counted later: COM still has its hours, and a device's counter goes on from where it was seen last.
"""

import asyncio
import sqlite3
from collections.abc import Callable, Mapping, Set
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, suppress
from pathlib import Path
from typing import Protocol, TypeVar

import structlog

from exporter.clock import Clock
from exporter.energy import file
from exporter.energy.books import Books, Totals
from exporter.energy.schedule import HOUR, Listed, is_due

T = TypeVar("T")
WRITE, DAMAGED = "write", "damaged"
REASONS = (WRITE, DAMAGED)

_log = structlog.get_logger("exporter.ledger")


class LedgerObserver(Protocol):
    """Hears how the ledger is doing."""

    def pending(self, source: str, hours: int) -> None:
        """So many hours of a source have not been read yet."""

    def lost(self, source: str, hours: int) -> None:
        """Hours of a source went out of reach before they were read."""

    def written(self, source: str, at: float, size: int) -> None:
        """Something of a source was committed at this Unix second; bytes of the file."""

    def failed(self, reason: str) -> None:
        """The file could not be used: one of `REASONS`."""


class Ledger:
    """The energy of every server since the state file began, in millijoules."""

    def __init__(self, path: Path, clock: Clock, observer: LedgerObserver) -> None:
        """Remember where the file is; nothing is opened yet."""
        self._path = path
        self._clock = clock
        self._observer = observer
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="ledger")
        self._held = ExitStack()
        self._books: Books | None = None
        self._totals: dict[str, Totals] = {}
        self._unread: dict[str, set[int]] = {}
        """Hours that are listed and have not been read yet."""
        self._is_well = True
        self._identity: tuple[int, int] | None = None
        """Of the file that is open."""
        self._was_deleted = False

    async def open(self) -> None:
        """Take the file for ourselves and read the totals.

        Raises:
            StateFileError: It cannot be used, or another exporter uses it.
        """
        if await self._run(self._open):
            self._observer.failed(DAMAGED)

    async def close(self) -> None:
        """Let go of the file."""
        await self._run(self._close)
        self._thread.shutdown(wait=False)

    def totals(self, source: str) -> Totals:
        """Return what is committed of a source, by serial number."""
        return self._totals.get(source, {})

    async def due(self, source: str, reach: float, now: float) -> tuple[int, ...]:
        """Return the hours that are to be read now, the oldest first; none without a file.

        Args:
            source: The source's name.
            reach: Seconds into the past that can be asked for.
            now: Unix seconds, by the clock of the source.
        """
        planned = await self._attempt(source, lambda books: books.plan(source, now, reach))
        if planned is None:
            return ()
        listed, lost = planned
        self._tell(source, listed, lost)
        over = now - HOUR
        return tuple(each.hour for each in listed if each.hour * HOUR <= over and is_due(each, now))

    async def count(
        self,
        source: str,
        hour: int,
        energies: Mapping[str, int],
        countable: Set[str],
        now: float,
    ) -> bool:
        """Count an hour; return whether it is on the disk.

        Args:
            source: The source's name.
            hour: The hour's number since 1970.
            energies: Millijoules by serial number.
            countable: Serial numbers whose accounts have been served.
            now: Unix seconds, by the clock of the source.
        """
        is_counted = await self._change(
            source, lambda books: books.count(source, hour, energies, countable, now)
        )
        if is_counted:
            self._unread.get(source, set()).discard(hour)
            self._observer.pending(source, len(self._unread.get(source, ())))
        return is_counted

    async def put_off(self, source: str, hour: int, now: float) -> None:
        """Note that an hour could not be read, so that the others have their turn first."""
        await self._attempt(source, lambda books: books.put_off(source, hour, now))

    async def advance(self, source: str, readings: Mapping[str, int], now: float) -> bool:
        """Add the growth of devices' own counters; return whether it is on the disk.

        Args:
            source: The source's name.
            readings: Millijoules by serial number.
            now: Unix seconds, by the clock of the source.
        """
        return await self._change(source, lambda books: books.advance(source, readings, now))

    async def _change(self, source: str, work: Callable[[Books], Totals]) -> bool:
        def committed(books: Books) -> bool:
            # In the thread: a run that is given up meanwhile must not miss what is on the disk.
            changed = work(books)
            self._totals[source] = {**self._totals.get(source, {}), **changed}
            return True

        return await self._attempt(source, committed) or False

    async def _attempt(self, source: str, work: Callable[[Books], T]) -> T | None:
        """Do something in the thread; None if the file does not let us."""
        try:
            result, size = await self._run(lambda: self._worked(work))
        except file.DamagedError:
            self._observer.failed(DAMAGED)
            return None
        except (sqlite3.Error, OSError, file.StateFileError) as error:
            self._observer.failed(WRITE)
            if self._is_well:
                _log.error(
                    "state file cannot be written, counters stand still until it can",
                    file=str(self._path),
                    error=str(error),
                )
            self._is_well = False
            return None
        if self._was_deleted:
            self._was_deleted = False
            self._observer.failed(WRITE)
        if not self._is_well:
            _log.info("state file is written again", file=str(self._path))
        self._is_well = True
        self._observer.written(source, self._clock.wall(), size)
        return result

    def _tell(self, source: str, listed: tuple[Listed, ...], lost: int) -> None:
        self._unread[source] = {each.hour for each in listed if not each.was_read}
        self._observer.pending(source, len(self._unread[source]))
        if lost:
            self._observer.lost(source, lost)
            _log.warning(
                "hours of energy are lost, the API does not reach back to them any more",
                source=source,
                hours=lost,
            )

    def _run(self, work: Callable[[], T]) -> "asyncio.Future[T]":
        return asyncio.get_running_loop().run_in_executor(self._thread, work)

    def _open(self) -> bool:
        with ExitStack() as held:
            held.enter_context(file.locked(self._path))
            self._books, was_damaged = self._begun()
            self._held = held.pop_all()
        return was_damaged

    def _begun(self) -> tuple[Books, bool]:
        """Open the books; tell whether damaged ones were put aside."""
        connection, was_damaged = file.opened(self._path)
        self._identity = file.identity(self._path)
        books = Books(connection)
        self._totals = books.totals()
        return books, was_damaged

    def _close(self) -> None:
        with suppress(sqlite3.Error, OSError, file.StateFileError):
            self._write_again_if_deleted()
        if self._books is not None:
            with suppress(sqlite3.Error):
                self._books.close()
        self._held.close()

    def _worked(self, work: Callable[[Books], T]) -> tuple[T, int]:
        """Work on the file; one that turns out to be damaged is put aside and begun anew."""
        try:
            self._write_again_if_deleted()
            if self._books is None:
                self._books, _ = self._begun()
            return work(self._books), file.size(self._path)
        except (sqlite3.Error, file.DamagedError) as error:
            if not isinstance(error, file.DamagedError) and not file.is_damage(error):
                raise
            self._begin_anew(error)
            raise file.DamagedError(str(error)) from error

    def _write_again_if_deleted(self) -> None:
        """Save what an open file had that was deleted; the lock may be gone with it.

        Raises:
            StateFileError: Another file is there now, or another exporter uses the path.
        """
        books, found = self._books, file.identity(self._path)
        if books is None or found == self._identity:
            return
        if found is not None:
            raise file.StateFileError("another file has taken its place; move it away")
        self._held.close()
        self._held.enter_context(file.locked(self._path))
        books.write_again(self._path)
        self._books, self._was_deleted = None, True

    def _begin_anew(self, error: Exception) -> None:
        broken, self._books = self._books, None
        if broken is not None:
            with suppress(sqlite3.Error):
                broken.close()
        file.put_aside(self._path, error)
        self._totals = {}
