"""Answers of an API that do not fit what is known of it.

A vendor changes an API without telling: a word or code is new, a field has another name. Nothing
fails then, and yet a reading is wrong or gone. So unknown values are counted by field, and so are
the fields that ordinary records have and that not a single one of a run had. A field that only some
records lack says nothing: both APIs leave out whatever they do not know of a server.
"""

from collections import Counter
from collections.abc import Callable, Container, Hashable, Iterable, Mapping
from copy import copy
from itertools import islice
from typing import Any, Generic, TypeVar, get_args

import msgspec
from msgspec import Struct

from exporter.model import DriftedField, DriftKind
from exporter.printable import blanked
from exporter.sources.text import clean

R = TypeVar("R", bound=Struct)

FEWEST = 3
"""Records that must lack a field: one or two may be odd by themselves."""
MOST_FIELDS = 50
MOST_VALUES = 20
"""Different values kept for each field."""
MOST_NAMED = 5
MOST_ENTRIES = 1000
"""Entries of a list within a record that are looked at for a field."""
LONGEST_VALUE = 32
OTHER = "other"


class Drift(Struct, frozen=True, gc=False, cache_hash=True):
    """What did not fit in some records; hashable, so that equal ones can be shared."""

    unknown: tuple[tuple[str, str, int], ...] = ()
    """Field, value and the number of records."""
    absent: tuple[tuple[str, int], ...] = ()
    """Field, and the number of records that lack it; of fields that none of the records has."""
    present: frozenset[str] = frozenset()
    """Expected fields that at least one record has."""


NO_DRIFT = Drift()


class Unseen:
    """Takes down the values that are not known."""

    def __init__(self) -> None:
        self._counts: dict[str, Counter[str]] = {}

    def note(self, field: str, value: object, records: int = 1) -> None:
        """Count a value; of a flood of different ones only the number is kept."""
        counts = self._counts.setdefault(field, Counter())
        shown = _shown(value)
        counts[shown if shown in counts or len(counts) < MOST_VALUES else OTHER] += records

    def add(self, drift: Drift, times: int = 1) -> None:
        """Count what was taken down elsewhere."""
        for field, value, records in drift.unknown:
            self.note(field, value, records * times)

    @property
    def drift(self) -> Drift:
        """What was taken down so far."""
        if not self._counts:
            return NO_DRIFT
        return Drift(
            unknown=tuple(
                (field, value, records)
                for field, counts in self._counts.items()
                for value, records in counts.items()
            )
        )


class Expected(Generic[R]):
    """Fields that ordinary records of one type have.

    A field is expected wherever that which holds it is there: `hardware.model` says nothing of a
    record without `hardware`, and the fields of entries of a list nothing of an empty list.
    """

    def __init__(
        self,
        record: type[R],
        *paths: str,
        when: Callable[[R], bool] | None = None,
        otherwise: Callable[[R], bool] | None = None,
        within: str = "",
    ) -> None:
        """Prepare.

        Args:
            record: The type of the records.
            *paths: Fields in the API's own words, such as `hardware.health.summary`.
            when: Tells ordinary records from those of which nothing is expected.
            otherwise: Whether a record says the same in another field, which is as good.
            within: Put before each name, where a collector reads several kinds of records.

        Raises:
            ValueError: A record has no such field.
        """
        self.record = record
        self._when = when
        self._otherwise = otherwise
        self._fields = tuple((f"{within}{path}", _steps(record, path)) for path in paths)

    def where(self, condition: Callable[[R], bool]) -> tuple["Expected[R]", "Expected[R]"]:
        """Return the same, with the outermost fields of those records alone that a condition names.

        Deeper fields are expected wherever that which holds them is there.
        """
        when = self._when
        outer, deeper = copy(self), copy(self)
        vars(outer)["_fields"] = tuple(each for each in self._fields if len(each[1]) == 1)
        vars(deeper)["_fields"] = tuple(each for each in self._fields if len(each[1]) > 1)
        vars(outer)["_when"] = lambda record: condition(record) and (when is None or when(record))
        return outer, deeper

    def look(self, records: Iterable[R], found: Container[str] = ()) -> Drift:
        """Tell which of the fields some record has, and how many lack each other one.

        Records are only looked at until one has the field: in a healthy fleet that is the first.
        They are gone through once for each field, but not for those that were `found` before.
        """
        lacking = {
            name: self._lacking(records, steps) for name, steps in self._fields if name not in found
        }
        if not lacking:
            return NO_DRIFT
        return Drift(
            absent=tuple((name, count) for name, count in lacking.items() if count),
            present=frozenset(name for name, count in lacking.items() if count is None),
        )

    def _lacking(self, records: Iterable[R], steps: tuple[str, ...]) -> int | None:
        """Count the ordinary records that lack a field; None as soon as one has it."""
        count = 0
        for record in records:
            has = self._is_told(record, steps)
            if has:
                return None
            count += has is False
        return count

    def _is_told(self, record: R, steps: tuple[str, ...]) -> bool | None:
        """Tell whether a record says what a field says; None where nothing is expected of it."""
        if self._when is not None and not self._when(record):
            return None
        return (self._otherwise is not None and self._otherwise(record)) or _has(record, steps)


def looked(
    expected: Iterable[Expected[R]], records: Iterable[R], found: Container[str] = ()
) -> Drift:
    """Look for all that is expected of some records and was not `found` in others."""
    drifts = [each.look(records, found) for each in expected]
    return drifts[0] if len(drifts) == 1 else joined(drifts)


def unknown_values(
    field: str, values: Iterable[Hashable | None], known: Container[object] = ()
) -> Drift:
    """Count the values of a field that are not known."""
    odd = Counter(value for value in values if value is not None and value not in known)
    unseen = Unseen()
    for value, records in odd.items():
        unseen.note(field, value, records)
    return unseen.drift


def joined(drifts: Iterable[Drift]) -> Drift:
    """Join what did not fit in several pages, or in the answers about several devices."""
    unseen, absent, present = Unseen(), Counter[str](), set[str]()
    for drift, times in Counter(drifts).items():
        unseen.add(drift, times)
        for field, records in drift.absent:
            absent[field] += records * times
        present |= drift.present
    return Drift(
        unknown=unseen.drift.unknown,
        absent=tuple((field, count) for field, count in absent.items() if field not in present),
        present=frozenset(present),
    )


def drifted(*drifts: Drift, fewest: int = FEWEST) -> tuple[DriftedField, ...]:
    """Name the fields that have drifted; beyond a bound they are one, called `other`.

    Args:
        *drifts: All that a run has found.
        fewest: Records that must lack a field; less where there is only one document.
    """
    whole = joined(drifts)
    values: dict[str, Counter[str]] = {}
    for field, value, records in whole.unknown:
        values.setdefault(field, Counter())[value] += records
    return (
        *_bounded(DriftKind.UNKNOWN_VALUES, values),
        *_bounded(
            DriftKind.MISSING,
            {name: Counter({"": count}) for name, count in whole.absent if count >= fewest},
        ),
    )


def _bounded(kind: DriftKind, fields: Mapping[str, Counter[str]]) -> list[DriftedField]:
    names = sorted(fields)
    found = [_named(kind, name, fields[name]) for name in names[:MOST_FIELDS]]
    rest = sum(fields[name].total() for name in names[MOST_FIELDS:])
    return [*found, DriftedField(kind, OTHER, rest)] if rest else found


def _named(kind: DriftKind, name: str, values: Counter[str]) -> DriftedField:
    commonest = sorted((value for value in values if value), key=lambda each: (-values[each], each))
    return DriftedField(kind, name, values.total(), tuple(commonest[:MOST_NAMED]))


def _shown(value: object) -> str:
    """Shorten a value, which the vendor chose; words that say nothing are shown all the same."""
    text = value if isinstance(value, str) else str(value)
    return (clean(text) or blanked(text[:LONGEST_VALUE]).strip())[:LONGEST_VALUE]


def _steps(record: type[Struct], path: str) -> tuple[str, ...]:
    """Turn the API's names into those of the record's attributes."""
    steps, kind = [], record
    for word in path.split("."):
        fields = {} if kind is None else {f.encode_name: f for f in msgspec.structs.fields(kind)}
        if kind is not None and word not in fields:
            raise ValueError(f"{record.__name__} has no {path}")
        steps.append(fields[word].name if kind is not None else word)
        kind = _struct(fields[word].type) if kind is not None else None
    return tuple(steps)


def _struct(annotation: Any) -> Any:
    """Find the record in the type of a field; None where it is a plain value or a mapping."""
    if isinstance(annotation, type) and issubclass(annotation, Struct):
        return annotation
    return next(filter(None, map(_struct, get_args(annotation))), None)


def _has(holder: Any, steps: tuple[str, ...]) -> bool | None:
    """Tell whether something has a field; None where it cannot have it."""
    if not steps:
        return holder is not None
    if holder is None:
        return None
    if isinstance(holder, list | tuple):
        return _one_has(holder, steps)
    first, *rest = steps
    value = holder.get(first) if isinstance(holder, dict) else getattr(holder, first)
    return _has(value, tuple(rest))


def _one_has(holders: Iterable[Any], steps: tuple[str, ...]) -> bool | None:
    """Tell whether one of the entries of a list has a field; None where none can have it."""
    found: bool | None = None
    for each in islice(holders, MOST_ENTRIES):
        has = _has(each, steps)
        if has:
            return True
        found = False if has is False else found
    return found
