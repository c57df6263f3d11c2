"""The calls of an API, and what follows from the declarations of the fields that they return.

A field that no family needs is refused: its record cannot be part of a `Call`.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Generic, TypeVar

import msgspec
from msgspec import Struct

from exporter.sources.drift import Drift, Expected, looked
from exporter.sources.fields import (
    Decides,
    Feeds,
    Field,
    Ordinary,
    fields_of,
    holds_records,
)

R = TypeVar("R", bound=Struct)

ELSE = " | "
"""Between fields of which the first one that says something is taken."""


def selected(record: type[Struct]) -> str:
    """Return the value of `select`: whole objects, because nested names are not documented."""
    return ",".join(each.encode_name for each in msgspec.structs.fields(record))


def expected_of(
    record: type[R], within: str = "", fields: Iterable[Field] | None = None
) -> tuple[Expected[R], ...]:
    """Return what ordinary records have, by the condition.

    Args:
        record: The type of the records.
        within: Put before each name.
        fields: Those that are looked at; without it, all.
    """
    paths: dict[Ordinary, list[str]] = {}
    for each in _walk(record) if fields is None else fields:
        if ordinary := each.marker(Ordinary):
            paths.setdefault(ordinary, []).append(each.path)
    return tuple(
        Expected(record, *names, when=each.when, otherwise=each.otherwise, within=within)
        for each, names in paths.items()
    )


def _walk(record: type[Struct]) -> Iterator[Field]:
    return (each for top in fields_of(record) for each in top.walk())


@dataclass(frozen=True, slots=True, kw_only=True)
class Feed:
    """One call that feeds one family."""

    family: str
    call: str
    """The template, as in the label `endpoint`."""
    record: type[Struct]
    """What the answer, or each item of it, is decoded as."""
    fields: tuple[str, ...]
    """Paths within it as the API writes them; `A | B` for alternatives."""
    query: tuple[str, ...] = ()
    """Parts of the path or the query, not encoded, that decide as much as a field does."""
    is_fallback: bool = False
    """Whether it is called only where a better call is not offered."""
    asked_by: str = ""
    """The collector that makes the call, where another one serves the family."""


@dataclass(frozen=True)
class Call(Generic[R]):
    """One call of an API, and the record that its answer holds."""

    endpoint: str
    """The template, as in the label `endpoint`."""
    record: type[R]
    page: type[Struct] | None = field(default=None, kw_only=True)
    """What holds a list of such records; None where the answer is one record."""
    families: frozenset[str] | None = field(default=None, kw_only=True)
    """Those that the call feeds, where its record feeds others with another call."""
    named: tuple[str, ...] = field(default=(), kw_only=True)
    """Labels that the path already names, so that no field has to."""
    query: tuple[str, ...] = field(default=(), kw_only=True)
    is_fallback: bool = field(default=False, kw_only=True)
    asked_by: str = field(default="", kw_only=True)
    within: str = field(default="", kw_only=True)
    """Put before the names of fields that have drifted, where several calls have the same."""

    def __post_init__(self) -> None:
        """Refuse fields that no family needs.

        Raises:
            TypeError: There is one.
        """
        for each in _walk(self.record):
            if not each.parts and not each.families and not holds_records(each.holds):
                raise TypeError(f"{self.record.__name__}.{each.path}: no family needs it")

    @property
    def fields(self) -> Iterator[Field]:
        """Every field that is read for the families of this call, and what holds it."""
        for each in _walk(self.record):
            kept = tuple(map(self._narrowed, each.markers))
            found = replace(each, markers=tuple(mark for mark in kept if mark is not None))
            if found.families or not each.families:
                yield found

    def _narrowed(self, marker: object) -> object:
        """Return what of a declaration holds for this call."""
        if not isinstance(marker, Feeds | Decides):
            return marker
        if isinstance(marker, Feeds) and marker.label and marker.label in self.named:
            return None
        own = tuple(f for f in marker.families if self.families is None or f in self.families)
        return replace(marker, families=own) if own else None

    @cached_property
    def expected(self) -> tuple[Expected[R], ...]:
        """What ordinary records of this call have."""
        needed = [each for each in self.fields if self._is_read(each)]
        return expected_of(self.record, self.within, needed)

    def _is_read(self, holder: Field) -> bool:
        """Whether something of what a field holds is read for this call."""
        if not holder.parts:
            return True
        within = f"{holder.path}."
        return bool(holder.families) or any(
            each.path.startswith(within) and each.families for each in self.fields
        )

    def missing_in(self, records: Iterable[R]) -> Drift:
        """Look for all that is expected of some records."""
        return looked(self.expected, records)

    @property
    def feeds(self) -> tuple[Feed, ...]:
        """The families that the call feeds, and by which fields."""
        found: dict[str, dict[object, list[tuple[int, str]]]] = {}
        for each in self.fields:
            for mark in each.feeds:
                for family in mark.families:
                    key = mark.label if mark.choice else (mark.label, each.path)
                    place = found.setdefault(family, {}).setdefault(key, [])
                    place.append((mark.choice, each.path))
        return tuple(
            Feed(
                family=family,
                call=self.endpoint,
                record=self.record,
                fields=tuple(
                    ELSE.join(path for _, path in sorted(paths, key=lambda each: each[0]))
                    for paths in labels.values()
                ),
                query=self.query,
                is_fallback=self.is_fallback,
                asked_by=self.asked_by,
            )
            for family, labels in found.items()
        )

    def where(self, condition: Callable[[R], bool]) -> tuple[Expected[R], ...]:
        """Return what is expected, where a condition says which records are ordinary."""
        return tuple(part for each in self.expected for part in each.where(condition))
