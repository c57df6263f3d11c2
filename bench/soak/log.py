"""What did the exporter write that it should not have?"""

import json
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

RELOADED, NOT_RELOADED = "reloaded", "reload failed, the former configuration stays"
_TOLD = 20


@dataclass
class Log:
    """Reads what a process writes to stderr, as it comes."""

    path: Path
    events: Counter[str] = field(default_factory=Counter)
    """How often each was logged."""
    bad: list[str] = field(default_factory=list)
    """The first lines that are errors, or no events at all."""
    bad_lines: int = 0
    _read: int = 0

    def follow(self) -> "Log":
        """Read what is new, line by line."""
        with self.path.open("rb") as file:
            file.seek(self._read)
            new = file.read()
        whole = new[: new.rfind(b"\n") + 1]
        self._read += len(whole)
        for line in whole.decode().splitlines():
            self._take(line)
        return self

    def _take(self, line: str) -> None:
        try:
            event = json.loads(line)
        except ValueError:
            # A traceback, a warning of Python, a cry of a library.
            self._is_bad(line)
            return
        self.events[event["event"]] += 1
        severe = event["level"] in ("error", "critical") and event["event"] != NOT_RELOADED
        if severe or "exception" in event:
            self._is_bad(line)

    def _is_bad(self, line: str) -> None:
        self.bad_lines += 1
        if len(self.bad) < _TOLD:
            self.bad.append(line)
