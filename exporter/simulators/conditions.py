"""When does a record satisfy one condition of an OData filter, or two together?"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

Resolve = Callable[[str], Any]
Predicate = Callable[[Resolve], bool]


class ODataError(Exception):
    """The filter cannot be understood; the message says where."""


@dataclass(frozen=True, slots=True)
class Literal:
    """A value that stands in a filter: text, number, bool, time or null."""

    kind: str
    value: Any


@dataclass(frozen=True, slots=True)
class Node:
    """A part of a filter, with the conditions that hold for all that satisfies it."""

    predicate: Predicate
    pinned: tuple[tuple[str, Any], ...] = ()


@dataclass(frozen=True, slots=True)
class Operand:
    """A field of a record, as it is compared."""

    path: str
    kind: str
    change: Callable[[Any], Any]

    def value(self, resolve: Resolve) -> Any:
        """Return the field's value in a record."""
        return self.change(resolve(self.path))


COMPARE: Final[Mapping[str, Callable[[Any, Any], bool]]] = {
    "gt": lambda a, b: a > b,
    "ge": lambda a, b: a >= b,
    "lt": lambda a, b: a < b,
    "le": lambda a, b: a <= b,
}


def moment_of(value: Any) -> datetime | None:
    """Read a time, which is of UTC unless it says otherwise.

    Raises:
        ODataError: It is none.
    """
    if value is None:
        return None
    try:
        moment = datetime.fromisoformat(str(value))
    except ValueError as error:
        raise ODataError(f"{value!r} is no time") from error
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def unchanged(value: Any) -> Any:
    """Leave a value as it is."""
    return value


def _lower(value: Any) -> Any:
    return value.lower() if isinstance(value, str) else value


def _upper(value: Any) -> Any:
    return value.upper() if isinstance(value, str) else value


CASES: Final = {"tolower": _lower, "toupper": _upper}
"""What the functions of that name do to a value."""
CHANGES: Final[Mapping[str, Callable[[Any], Any]]] = {"nocase": _lower, "time": moment_of}
"""What is done to a value of a kind before it is compared."""


def either(left: Predicate, right: Predicate) -> Predicate:
    """Satisfy `or`."""
    return lambda resolve: left(resolve) or right(resolve)


def both(left: Predicate, right: Predicate) -> Predicate:
    """Satisfy `and`."""
    return lambda resolve: left(resolve) and right(resolve)


def equality(operand: Operand, literal: Literal, *, negated: bool) -> Node:
    """Satisfy `eq`, or `ne`."""
    wanted = literal.value

    def matches(resolve: Resolve) -> bool:
        return bool(operand.value(resolve) == wanted) is not negated

    return Node(matches, () if negated else ((operand.path, wanted),))


def ordered(operand: Operand, literal: Literal, compare: Callable[[Any, Any], bool]) -> Predicate:
    """Satisfy `gt`, `ge`, `lt` or `le`; nothing is greater or less than null."""

    def matches(resolve: Resolve) -> bool:
        value = operand.value(resolve)
        return value is not None and literal.value is not None and compare(value, literal.value)

    return matches


def among(operand: Operand, literals: list[Literal]) -> Predicate:
    """Satisfy `in`."""
    wanted = [literal.value for literal in literals]
    return lambda resolve: operand.value(resolve) in wanted


def within(operand: Operand, part: str) -> Predicate:
    """Satisfy `contains()`."""
    return lambda resolve: part in str(operand.value(resolve) or "")
