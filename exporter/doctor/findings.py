"""What can an examination find?"""

from dataclasses import dataclass
from enum import StrEnum


class Verdict(StrEnum):
    """How a step went."""

    OK = "ok"
    WARNING = "warning"
    FAILED = "failed"
    NOT_TRIED = "not tried"


@dataclass(frozen=True, slots=True)
class Finding:
    """What one step has found."""

    step: str
    """Such as `dns`, `login`, or `collector`."""
    subject: str
    """The host or the collector that it is about; empty for the whole source."""
    verdict: Verdict
    seen: str = ""
    advice: str = ""
    """What to do; empty only where nothing has to be done."""


class TroubleError(Exception):
    """A step failed; carries what was seen and what to do."""

    def __init__(self, seen: str, advice: str) -> None:
        """Keep both sentences."""
        super().__init__(seen)
        self.seen = seen
        self.advice = advice


@dataclass(frozen=True, slots=True)
class Examined:
    """Everything found of one source."""

    source: str
    type: str
    api: str
    findings: tuple[Finding, ...]

    @property
    def works(self) -> bool:
        """Whether every step was tried and none failed; a warning is no failure."""
        return all(each.verdict in (Verdict.OK, Verdict.WARNING) for each in self.findings)
