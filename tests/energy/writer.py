"""Counts hour after hour into a state file as fast as it can, until it is killed.

What it has committed it says on standard output. A server's energy of an hour follows from both.
"""

import sys
from contextlib import ExitStack
from pathlib import Path

from exporter.energy.books import Books
from exporter.energy.file import locked, opened

SOURCE, FIRST = "emea", 500_000
SERVERS = [f"SN{number}" for number in range(40)]
REACH = 180 * 86400.0


def energy(serial: str, hour: int) -> int:
    """Return millijoules."""
    return 1000 * hour % 7919 + len(serial) * 100 + int(serial[2:])


def main(path: Path) -> None:
    """Write for ever."""
    with ExitStack() as held:
        held.enter_context(locked(path))
        books = Books(opened(path)[0])
        hour = FIRST
        while True:
            now = float((hour + 1) * 3600)
            listed, _ = books.plan(SOURCE, now, REACH)
            for each in listed:
                figures = {serial: energy(serial, each.hour) for serial in SERVERS}
                books.count(SOURCE, each.hour, figures, set(books.totals().get(SOURCE, ())), now)
                sys.stdout.write(f"{each.hour}\n")
                sys.stdout.flush()
            hour += 1


if __name__ == "__main__":
    main(Path(sys.argv[1]))
