"""Reads and writes of the state file; every method is one transaction.

Nothing here knows threads or the event loop: the ledger calls one method at a time, in a thread.
"""

import sqlite3
from collections.abc import Iterable, Mapping, Set
from datetime import UTC, datetime
from pathlib import Path

import msgspec
import structlog

from exporter.energy.accounts import Account, advanced, hour_counted
from exporter.energy.file import DamagedError, transaction, written_again
from exporter.energy.schedule import (
    AGAIN,
    HOUR,
    NEVER,
    Listed,
    Plan,
    Progress,
    is_settled,
    planned,
    started,
)

Totals = Mapping[str, int]
"""Millijoules by serial number."""

_log = structlog.get_logger("exporter.ledger")
_detail = msgspec.msgpack.Decoder(dict[int, int])
_NO_DETAIL = msgspec.msgpack.encode({})


class Books:
    """The accounts and hours of every source."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        """Take a connection whose tables are there."""
        self._connection = connection

    def close(self) -> None:
        """Close the file."""
        self._connection.close()

    def write_again(self, path: Path) -> None:
        """Write everything to a new file in place of one that was deleted, and close this one.

        Raises:
            OSError, sqlite3.Error: It cannot be written; nothing is closed.
        """
        written_again(self._connection, path)

    def totals(self) -> dict[str, Totals]:
        """Return the totals of every source by name."""
        found: dict[str, dict[str, int]] = {}
        rows = self._connection.execute(
            "SELECT name, serial, total FROM accounts JOIN sources ON sources.id = source"
        )
        for name, serial, total in rows:
            found.setdefault(name, {})[serial] = total
        return dict(found)

    def plan(self, source: str, now: float, reach: float) -> tuple[tuple[Listed, ...], int]:
        """Put the hours on the list that have ended, and take off those that are out of reach.

        Returns:
            What is on the list now, and how many hours were lost without ever having been read.
        """
        with transaction(self._connection):
            number = self._source(source, now)
            plan = planned(self._progress(number), now, reach)
            self._connection.executemany(
                "INSERT OR IGNORE INTO hours (source, hour, asked, detail) VALUES (?, ?, ?, ?)",
                ((number, hour, NEVER, _NO_DETAIL) for hour in plan.new),
            )
            lost = plan.lost + self._drop_unreachable(number, plan)
            self._save(number, plan.progress)
            rows = self._connection.execute(
                "SELECT hour, asked FROM hours WHERE source = ? ORDER BY hour", (number,)
            ).fetchall()
        return tuple(Listed(hour, asked) for hour, asked in rows), lost

    def count(
        self,
        source: str,
        hour: int,
        energies: Mapping[str, int],
        countable: Set[str],
        now: float,
    ) -> Totals:
        """Count an hour that is on the list; another changes nothing.

        Args:
            source: The source's name.
            hour: The hour's number.
            energies: Millijoules by serial number.
            countable: Serial numbers whose accounts have been served.
            now: Unix seconds.

        Returns:
            The totals of the source that are new or have changed.
        """
        with transaction(self._connection):
            number = self._source(source, now)
            detail = self._detail(number, hour)
            if detail is None:
                return {}
            accounts = self._accounts(number)
            counted = hour_counted(energies, accounts, countable, detail)
            self._open(number, ((serial, None) for serial in counted.new))
            self._connection.executemany(
                "UPDATE accounts SET total = total + ? WHERE id = ?",
                ((growth, account) for account, growth in counted.added.items()),
            )
            if counted.detail:
                self._advance(number, hour)
            if counted.is_whole and is_settled(hour, now, has_data=bool(counted.detail)):
                self._connection.execute(
                    "DELETE FROM hours WHERE source = ? AND hour = ?", (number, hour)
                )
            else:
                self._connection.execute(
                    "UPDATE hours SET asked = ?, detail = ? WHERE source = ? AND hour = ?",
                    (
                        now if counted.is_whole else AGAIN,
                        msgspec.msgpack.encode(counted.detail),
                        number,
                        hour,
                    ),
                )
        changed = {
            serial: account.total + counted.added[account.id]
            for serial, account in accounts.items()
            if account.id in counted.added
        }
        return {**changed, **dict.fromkeys(counted.new, 0)}

    def put_off(self, source: str, hour: int, now: float) -> None:
        """Note that an hour could not be read, so that the others have their turn first."""
        with transaction(self._connection):
            self._connection.execute(
                # One that was never read stays so: it is missing until there is an answer.
                "UPDATE hours SET asked = CASE WHEN asked < 0 THEN -?1 ELSE ?1 END "
                "WHERE source = ?2 AND hour = ?3",
                (now, self._source(source, now), hour),
            )

    def advance(self, source: str, readings: Mapping[str, int], now: float) -> Totals:
        """Add what the devices' own counters have grown by.

        Args:
            source: The source's name.
            readings: Millijoules by serial number.
            now: Unix seconds.

        Returns:
            The totals that are new or have changed.
        """
        with transaction(self._connection):
            number = self._source(source, now)
            accounts = self._accounts(number)
            moved = {
                serial: advanced(account, reading)
                for serial, reading in readings.items()
                if (account := accounts.get(serial)) is not None and account.reading != reading
            }
            self._connection.executemany(
                "UPDATE accounts SET total = ?, reading = ? WHERE id = ?",
                ((each.total, each.reading, each.id) for each in moved.values()),
            )
            new = {
                serial: reading for serial, reading in readings.items() if serial not in accounts
            }
            self._open(number, new.items())
        return {**{serial: each.total for serial, each in moved.items()}, **dict.fromkeys(new, 0)}

    def _source(self, name: str, now: float) -> int:
        """Return the number of a source; one that is new begins now."""
        row = self._connection.execute("SELECT id FROM sources WHERE name = ?", (name,)).fetchone()
        if row is not None:
            return int(row[0])
        first = started(now).next_hour
        added = self._connection.execute(
            "INSERT INTO sources (name, next_hour) VALUES (?, ?)", (name, first)
        )
        since = datetime.fromtimestamp(first * HOUR, UTC).strftime("%Y-%m-%dT%H:00Z")
        _log.info("energy is counted from now on", source=name, since=since)
        return int(added.lastrowid or 0)

    def _progress(self, number: int) -> Progress:
        row = self._connection.execute(
            "SELECT next_hour, counted_to FROM sources WHERE id = ?", (number,)
        ).fetchone()
        return Progress(*row)

    def _save(self, number: int, progress: Progress) -> None:
        self._connection.execute(
            "UPDATE sources SET next_hour = ?, counted_to = ? WHERE id = ?",
            (progress.next_hour, progress.counted_to, number),
        )

    def _advance(self, number: int, hour: int) -> None:
        self._connection.execute(
            "UPDATE sources SET counted_to = max(ifnull(counted_to, ?1), ?1) WHERE id = ?2",
            (hour, number),
        )

    def _drop_unreachable(self, number: int, plan: Plan) -> int:
        where = "FROM hours WHERE source = ? AND hour < ?"
        which = (number, plan.oldest)
        (unread,) = self._connection.execute(
            f"SELECT count(*) {where} AND asked < 0", which
        ).fetchone()
        self._connection.execute(f"DELETE {where}", which)
        return int(unread)

    def _accounts(self, number: int) -> dict[str, Account]:
        rows = self._connection.execute(
            "SELECT serial, id, total, reading FROM accounts WHERE source = ?", (number,)
        )
        return {serial: Account(*values) for serial, *values in rows}

    def _open(self, number: int, accounts: Iterable[tuple[str, int | None]]) -> None:
        self._connection.executemany(
            "INSERT INTO accounts (source, serial, total, reading) VALUES (?, ?, 0, ?)",
            ((number, serial, reading) for serial, reading in accounts),
        )

    def _detail(self, number: int, hour: int) -> dict[int, int] | None:
        """Return what was counted of an hour before; None if it is not on the list."""
        row = self._connection.execute(
            "SELECT detail FROM hours WHERE source = ? AND hour = ?", (number, hour)
        ).fetchone()
        try:
            return None if row is None else _detail.decode(row[0])
        except msgspec.DecodeError as error:
            raise DamagedError(f"the detail of hour {hour}: {error}") from None
