"""What does the coverage-guided fuzzer drive, and with what does it begin?"""

import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import lru_cache

from tests.fuzz import captures, configurations, requests
from tests.fuzz.cases import Case, Change, written
from tests.fuzz.choices import Choices
from tests.fuzz.drawing import case_of
from tests.fuzz.driving import outcome
from tests.fuzz.recording import bodies, recordings


@dataclass(frozen=True)
class Target:
    """One thing to drive."""

    drive: Callable[[bytes], object]
    seeds: Callable[[], Iterator[bytes]]
    longest: int
    """Bytes of an input."""


def _told(case: Case) -> None:
    """Run a case; one that fails is written as it would stand in `corpus/`."""
    try:
        outcome(case)
    except Exception:
        print(written(case), file=sys.stderr)
        raise


def _answers(data: bytes) -> None:
    _told(case_of(Choices(data)))


@lru_cache(maxsize=1)
def _calls() -> tuple[tuple[str, str, str], ...]:
    return tuple(
        (kind, collector, call)
        for kind, each in recordings().items()
        for collector, asked in each.asked.items()
        for call in asked
    )


def _body(data: bytes) -> None:
    """Let the fuzzer write a whole body; the first byte says of which call."""
    kind, collector, call = _calls()[data[0] % len(_calls()) if data else 0]
    text = data[1:].decode("utf-8", "surrogateescape")
    _told(Case(kind, collector, (Change(call, "body", value=text),)))


def _bodies() -> Iterator[bytes]:
    for index, (kind, _, call) in enumerate(_calls()):
        for body in bodies(kind, call):
            yield bytes([index]) + body


def _file(data: bytes) -> None:
    configurations.read(data[1:], web=data[:1] == b"w")


def _files() -> Iterator[bytes]:
    for each in configurations.seeds():
        yield b"c" + each
        yield b"w" + each


def _capture(data: bytes) -> None:
    if data[:1] in (b"{", b"["):
        captures.check_answer(data)
    else:
        captures.check(Choices(data))


def _few() -> Iterator[bytes]:
    """Give choices of every kind; the fuzzer finds out what they mean."""
    yield from (bytes(range(number, number + 12)) for number in range(0, 240, 8))


def _captured() -> Iterator[bytes]:
    yield from _few()
    yield from (data[1:] for data in _bodies())


TARGETS = {
    "answers": Target(_answers, _few, 64),
    "bodies": Target(_body, _bodies, 2**15),
    "configuration": Target(_file, _files, 2**13),
    "captures": Target(_capture, _captured, 2**13),
    "requests": Target(lambda data: requests.check(Choices(data)), _few, 96),
}
