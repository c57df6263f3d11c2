"""Which case do some choices stand for?"""

from collections.abc import Sequence
from typing import Any

from tests.fuzz import odd_values
from tests.fuzz.cases import Case, Change
from tests.fuzz.choices import Choices
from tests.fuzz.recording import Place, bodies, places, recordings

MOST_CHANGES = 4
MANNERS = ("set",) * 8 + ("drop", "rename", "twice", "copy", "list", "text")
NAMES = ("", "x", "Id", "id", "total", "count", "value", "items", "@odata.count", "\U0001f600")


def case_of(choices: Choices) -> Case:
    """Draw a collector and up to `MOST_CHANGES` changes of what it is told."""
    found = recordings()
    kind = choices.of(sorted(found))
    collector = choices.of(list(found[kind].asked))
    calls = _calls(kind, collector)
    changes = [_change(kind, calls, choices)]
    while choices.more and len(changes) < MOST_CHANGES:
        changes.append(_change(kind, calls, choices))
    return Case(kind, collector, tuple(changes))


def _calls(kind: str, collector: str) -> Sequence[str]:
    """Name the calls of a collector, its own ones first and several times."""
    asked = recordings()[kind].asked
    inventory = next(iter(asked))
    login = [call for call in asked[inventory] if call in ("token", "SessionService/Sessions")]
    own = [call for call in asked[collector] if call not in login]
    return own * 8 + login


def _change(kind: str, calls: Sequence[str], choices: Choices) -> Change:
    call = choices.of(calls)
    manner = choices.below(16)
    if manner == 15:
        return _of_whole_answer(call, choices)
    if manner == 14:
        return Change(call, "pages", numbers=(1 + choices.below(8), choices.below(4)))
    read, every = places(kind, call, choices.below(len(bodies(kind, call))))
    return change_of(call, every if choices.below(4) == 3 else read, choices)


def change_of(call: str, among: Sequence[Place], choices: Choices) -> Change:
    """Draw what is done to one of some values."""
    at, value = choices.of(among)
    how = choices.of(MANNERS)
    if how == "set":
        return Change(call, how, at, choices.of(_likely(value, choices)))
    if how == "rename":
        return Change(call, how, at, choices.of(NAMES))
    if how == "twice":
        return Change(call, how, at, choices.of(odd_values.EVERY))
    return Change(call, how, at, numbers=(choices.below(8),) if how == "copy" else ())


def _likely(value: Any, choices: Choices) -> Sequence[str]:
    """Give values that may pass for one of the same type, and sometimes all."""
    if choices.below(4) == 3 or isinstance(value, bool) or value is None:
        return odd_values.EVERY
    if isinstance(value, str):
        return (*odd_values.TEXTS, *odd_values.TIMES, *odd_values.STRANGE_TEXTS)
    if isinstance(value, int | float):
        return (*odd_values.NUMBERS, *odd_values.TEXTS)
    return odd_values.OTHERS


def _of_whole_answer(call: str, choices: Choices) -> Change:
    how = choices.of(("body", "cut", "status", "header"))
    if how == "body":
        return Change(call, how, value=choices.of(odd_values.BODIES))
    if how == "cut":
        return Change(call, how, numbers=(choices.below(2**16),))
    if how == "status":
        status = choices.of(odd_values.STATUSES)
        return Change(call, how, value=choices.of(odd_values.BODIES), numbers=(status,))
    name, value = choices.of(odd_values.HEADERS)
    return Change(call, how, (name,), value)
