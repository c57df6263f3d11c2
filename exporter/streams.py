"""Writes to standard streams that may be full, closed, or read by nobody.

Polling and serving do not depend on them. A pipe whose reader does not read takes a few pages and
then blocks the writer: so only what can be written at once is written, and what is lost is counted
and reported as soon as there is room again.
"""

import logging
import os
import select
import sys
from contextlib import suppress

from exporter.printable import escaped

_AT_ONCE = select.PIPE_BUF
"""Bytes that a descriptor which is ready takes without making us wait."""
LOST = "log lines were lost because nobody took them"


def complain(text: object) -> None:
    """Write a line for people; where it cannot be written, the exit code has to do."""
    with suppress(OSError):
        print(escaped(str(text), keep="\n\t"), file=sys.stderr, flush=True)  # noqa: T201 - that is what it is for


def open_what_is_closed() -> None:
    """Give a standard stream that was closed by our parent a place that takes everything.

    Its number would else be given to the next file or connection, and be written to by mistake.
    """
    for name, mode in (("stdin", "r"), ("stdout", "w"), ("stderr", "w")):
        if getattr(sys, name) is None:
            # The lowest free number is the one that is missing.
            setattr(sys, name, open(os.devnull, mode, encoding="utf-8"))  # noqa: SIM115, PTH123


def give_up_unwritten() -> None:
    """Drop what a standard stream could not write, so that it does not fail again at the end."""
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
        except OSError:
            nowhere = os.open(os.devnull, os.O_WRONLY)
            os.dup2(nowhere, stream.fileno())
            os.close(nowhere)


class StderrHandler(logging.Handler):
    """Writes log lines to a descriptor, and never waits for it."""

    def __init__(self, descriptor: int) -> None:
        """Write to a descriptor that belongs to somebody else."""
        super().__init__()
        self._descriptor = descriptor
        self._ready = select.poll()
        self._ready.register(descriptor, select.POLLOUT)
        self._lost = 0
        self._midway = False
        """Whether the last line was cut off."""

    def emit(self, record: logging.LogRecord) -> None:
        """Write a line, or count it as lost."""
        try:
            line = self.format(record)
        except Exception as error:  # noqa: BLE001 - whatever cannot be rendered ends nothing
            line = f"{record.name}: a log line cannot be rendered: {type(error).__name__}"
        if self._lost and self._written(self.format(self._about_lost())):
            self._lost = 0
        if self._lost or not self._written(line):
            self._lost += 1

    def _about_lost(self) -> logging.LogRecord:
        return logging.LogRecord(
            "exporter.log", logging.WARNING, "", 0, f"{LOST}: {self._lost}", None, None
        )

    def _written(self, line: str) -> bool:
        begin = "\n" if self._midway else ""
        left = memoryview(f"{begin}{line}\n".encode(errors="backslashreplace"))
        with suppress(OSError):
            while left and self._ready.poll(0):
                left = left[os.write(self._descriptor, left[:_AT_ONCE]) :]
                self._midway = bool(left)
        return not left
