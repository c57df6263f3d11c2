"""What do operators read about faults? Every cell follows from the rows that the tests prove."""

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Final

from exporter.errors import Reason
from tests.faults.fault import Fault, Outcome, Verdict
from tests.faults.polled import COLLECTORS, Polled
from tests.faults.stories import STORIES
from tests.faults.table import SECTIONS

NOTHING: Final = "-"
PAGE: Final = Path(__file__).parents[2] / "docs" / "reliability.md"
_HEAD: Final = """\
# What happens when an API misbehaves?

Each row is a test: every collector of both vendors goes through every fault over real sockets
(`pytest tests/faults`), and this page is written from the same rows (`make docs`).

What holds for all of them:

- A failed run counts in `serverfleet_collector_failures_total{reason}`, sets
  `serverfleet_collector_success` to 0 and raises `serverfleet_collector_consecutive_failures`; the
  sentence in the log and on the status page says what to do, and never has a secret in it.
- What a collector gave last is served until it is three intervals old (at least one interval and
  one `http.timeout`); then all of it is taken out at once, and `serverfleet_collector_data_served`
  is 0. No series is invented or doubled.
- The next attempt comes after one interval, a minute at most; each further one after twice as long,
  up to ten intervals. The first run that succeeds serves everything again.
- No other source notices, and no other collector of the same source, unless the login fails.
- Where the inventory fails (`servers`, `devices`), `serverfleet_source_up` is 0: SourceDown fires,
  and holds back {held_back}.
  Where the inventory is well, those fire and SourceDown does not.
"""
_SERVED: Final = {
    Verdict.FAILS: "last good data",
    Verdict.SERVES: "current data",
    Verdict.SKIPS: "current data, without what cannot be used",
    Verdict.EMPTIES: "nothing, or zeros",
    Verdict.STANDS_IN: "current data, from another call",
    Verdict.WARNS: "what the list has",
    Verdict.ABSENT: "nothing of this collector",
}
_RECOVERS: Final = {
    Verdict.FAILS: "first attempt after it has ended",
    Verdict.SERVES: "nothing to recover",
    Verdict.SKIPS: "next run; OME's `health` and `hardware` when it is the device's turn",
    Verdict.EMPTIES: "next run",
    Verdict.STANDS_IN: "by itself",
    Verdict.WARNS: "next run",
    Verdict.ABSENT: "next check, after an hour or ten intervals",
}
_ALERTS: Final = {
    Verdict.FAILS: ("SourceDown", "CollectorFailing", "CollectorStale"),
    Verdict.SERVES: (),
    Verdict.SKIPS: ("CollectorProblems", "SourceSchemaDrift"),
    Verdict.EMPTIES: (),
    Verdict.STANDS_IN: (),
    Verdict.WARNS: (),
    Verdict.ABSENT: ("CollectorUnavailable",),
}
HELD_BACK: Final = (
    "CollectorFailing",
    "CollectorStale",
    "CollectorProblems",
    "SourceSchemaDrift",
    "SourceRateLimited",
)
"""While the source is down."""
_ALERTS_OF_REASON: Final = {
    Reason.AUTH: ("SourceAuthFailing",),
    Reason.FORBIDDEN: ("SourceAuthFailing",),
    Reason.RATE_LIMITED: ("SourceRateLimited",),
}


def page() -> str:
    """Return the page."""
    parts = [_HEAD.format(reason="{reason}", held_back=", ".join(HELD_BACK))]
    for title, faults in SECTIONS.items():
        parts.append(f"\n## {title}\n\n" + "".join(_table(faults)))
    parts.append("\n## Longer stories\n\n" + "".join(_stories()))
    return "".join(parts)


def alerts() -> set[str]:
    """Name every alert that the page has."""
    of_verdicts = {name for names in _ALERTS.values() for name in names}
    of_reasons = {name for names in _ALERTS_OF_REASON.values() for name in names}
    of_stories = {name for story in STORIES for name in story.alerts}
    return {f"Serverfleet{name}" for name in of_verdicts | of_reasons | of_stories}


def alerts_of(outcome: Outcome) -> tuple[str, ...]:
    """Name the alerts that tell of an outcome, without the prefix that all have."""
    more = _ALERTS_OF_REASON.get(outcome.reason, ()) if outcome.reason else ()
    return (*_ALERTS[outcome.verdict], *more)


def _table(faults: Iterable[Fault]) -> Iterator[str]:
    yield "| fault | the exporter | `reason` | served | alerts | recovers | otherwise |\n"
    yield "|---|---|---|---|---|---|---|\n"
    for fault in faults:
        outcome = fault.outcome
        cells = (
            fault.name + (f" ({fault.only.upper()})" if fault.only else ""),
            _does(fault),
            f"`{outcome.reason}`" if outcome.reason else NOTHING,
            _SERVED[outcome.verdict],
            _linked(alerts_of(outcome)),
            _recovers(fault),
            _otherwise(fault) or NOTHING,
        )
        yield "| " + " | ".join(cells) + " |\n"


def _does(fault: Fault) -> str:
    does = {
        Verdict.FAILS: "fails the run",
        Verdict.SERVES: "reads on",
        Verdict.SKIPS: "counts problems or drift, and reads on",
        Verdict.EMPTIES: "believes it",
        Verdict.WARNS: "reads the list twice; if the same items come both times, takes the count "
        "to be wrong and logs a warning",
    }[fault.outcome.verdict]
    if fault.repeated:
        whose = f" of {fault.repeated.upper()}" if isinstance(fault.repeated, str) else ""
        does = f"repeats the call{whose}, up to twice; then {does}"
        if fault.outcome.verdict is Verdict.SERVES:
            does = "repeats the call"
    if fault.waits:
        does += f"; leaves the source alone for {fault.waits:.0f} s, ten intervals at most"
    return f"{does}; {fault.remark}" if fault.remark else does


def _recovers(fault: Fault) -> str:
    if fault.waits:
        return "first attempt after the time that was asked for"
    if fault.outcome.reason is Reason.AUTH:
        return "first attempt after it has ended; a secret's file is read anew each time"
    return _RECOVERS[fault.outcome.verdict]


def _linked(names: Iterable[str]) -> str:
    return (
        ", ".join(f"[{name}](runbooks.md#serverfleet{name.lower()})" for name in names) or NOTHING
    )


def _otherwise(fault: Fault) -> str:
    groups: dict[Outcome, list[Polled]] = {}
    for each in COLLECTORS:
        outcome = fault.expected(each)
        if fault.concerns(each) and outcome != fault.outcome:
            groups.setdefault(outcome, []).append(each)
    return "; ".join(f"{_named(some)}: {_short(outcome)}" for outcome, some in groups.items())


def _named(some: Iterable[Polled]) -> str:
    found: dict[str, list[str]] = {}
    for each in some:
        found.setdefault(each.vendor.upper(), []).append(f"`{each.name}`")
    return ", ".join(f"{vendor} {' '.join(names)}" for vendor, names in found.items())


def _short(outcome: Outcome) -> str:
    if outcome.reason:
        return f"fails, `{outcome.reason}`"
    if outcome.verdict is Verdict.ABSENT:
        return f"not available, {_linked(alerts_of(outcome))}"
    return _SERVED[outcome.verdict]


def _stories() -> Iterator[str]:
    yield "| what happens | the exporter | served | alerts | recovers |\n|---|---|---|---|---|\n"
    for story in STORIES:
        cells = (story.name, story.does, story.served, _linked(story.alerts), story.recovers)
        yield "| " + " | ".join(cells) + " |\n"
