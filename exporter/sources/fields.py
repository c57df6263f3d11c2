"""The declarations of an API's fields: each stands once, as the annotation of a record's field.

A field says which families it feeds or decides, whether ordinary records have it, and what its
values are. From that follow the parameter `select`, the search for missing fields (`drift`), the
origins in docs/metrics.md, and what a capture may keep: see `calls`.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import Enum, auto
from typing import Annotated, Any, get_args, get_origin

import msgspec
from msgspec import Raw, Struct

from exporter.catalogue import FAMILIES

IDENTITY = "labels serial and server"
"""Stands for a family, where a field feeds what every family of a server is labelled with."""
ALERT_LOG = "the log of new alerts"
"""Stands for a family, where a field is only logged."""
_LABELS: Mapping[str, tuple[str, ...]] = {
    IDENTITY: ("serial", "server"),
    ALERT_LOG: (),
    **{family.name: family.all_labels for family in FAMILIES},
}


@dataclass(frozen=True, slots=True)
class Feeds:
    """The samples of these families change with the field."""

    families: tuple[str, ...]
    label: str
    """The label that the field becomes, or `server` and `serial` also where a sample counts several
    servers; empty for the value, or whether there is a sample."""
    choice: int
    """Fields of one label with a choice are alternatives: the first one that says something."""


@dataclass(frozen=True, slots=True)
class Decides:
    """The field says how others are read, or whether they count; no sample is made of it."""

    families: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Ordinary:
    """Ordinary records have the field; the two functions are those of `Expected`."""

    when: Callable[[Any], bool] | None = None
    otherwise: Callable[[Any], bool] | None = None


@dataclass(frozen=True, slots=True)
class Keys:
    """A mapping with known keys, and what each of them declares."""

    markers: Mapping[str, tuple[object, ...]]


class Holds(Enum):
    """What a field holds, where its type does not say it."""

    NAME = auto()
    """An id, a name or an address, also where it is a number."""
    TIME = auto()
    LINK = auto()


@dataclass(frozen=True, slots=True)
class Known:
    """Words of a fixed vocabulary, which name nobody."""

    has: Callable[[str], bool]


def feeds(*families: str, label: str = "", choice: int = 0) -> Feeds:
    """Declare what a field becomes.

    Raises:
        TypeError: The catalogue has no such family, or the family no such label.
    """
    for family in _checked(families):
        if label and label not in (*_LABELS[IDENTITY], *_LABELS[family]):
            raise TypeError(f"{family} has no label {label}")
    return Feeds(families, label, choice)


def decides(*families: str) -> Decides:
    """Declare what a field decides.

    Raises:
        TypeError: The catalogue has no such family.
    """
    return Decides(_checked(families))


def expected(
    when: Callable[[Any], bool] | None = None, otherwise: Callable[[Any], bool] | None = None
) -> Ordinary:
    """Declare that ordinary records have a field."""
    return Ordinary(when, otherwise)


def known(words: Iterable[str] | Callable[[str], bool]) -> Known:
    """Declare the words of a field; spelling, case and gaps do not count."""
    if callable(words):
        return Known(words)
    plain = frozenset(map(_plain, words))
    return Known(lambda text: _plain(text) in plain)


def _is_version(text: str) -> bool:
    return re.fullmatch(r"v?\d{1,3}(\.\d{1,3}){1,2}", text, re.ASCII) is not None


EXPECTED = expected()
VERSION = known(_is_version)
"""Versions of two or three numbers; more of them could be an address."""
NAME, TIME, LINK = Holds.NAME, Holds.TIME, Holds.LINK


def _plain(text: str) -> str:
    return "".join(sign for sign in text.lower() if sign not in " _-\t\n")


def _checked(families: tuple[str, ...]) -> tuple[str, ...]:
    for family in families:
        if family not in _LABELS:
            raise TypeError(f"the catalogue has no family {family}")
    return families


@dataclass(frozen=True, slots=True)
class Field:
    """One declared field of a record, or a key of one of its mappings."""

    path: str
    """In the API's own words, such as `hardware.health.summary`."""
    name: str
    """The last part of it."""
    markers: tuple[object, ...]
    holds: Any = None
    """Its type, without what is declared about it."""
    parts: tuple["Field", ...] = ()
    """The fields of the record that it holds, or the keys of the mapping."""

    @property
    def feeds(self) -> tuple[Feeds, ...]:
        """What the field becomes."""
        return tuple(each for each in self.markers if isinstance(each, Feeds))

    @property
    def families(self) -> frozenset[str]:
        """Every family that needs the field."""
        return frozenset(
            family
            for each in self.markers
            if isinstance(each, Feeds | Decides)
            for family in each.families
        )

    def marker(self, kind: type) -> Any:
        """Return what is declared of one kind; None where nothing is."""
        return next((each for each in self.markers if isinstance(each, kind)), None)

    def walk(self) -> Iterator["Field"]:
        """Yield the field and all that it holds."""
        yield self
        for part in self.parts:
            yield from part.walk()


def fields_of(
    record: type[Struct], within: str = "", above: tuple[object, ...] = ()
) -> list[Field]:
    """Read the declarations of a record, in order.

    A field of a nested record that declares no family has those of the field that holds it.

    Args:
        record: The type.
        within: Put before each path.
        above: What the field that holds the record declares about families.
    """
    return [_field(each, within, above) for each in msgspec.structs.fields(record)]


def _field(info: Any, within: str, above: tuple[object, ...]) -> Field:
    path = f"{within}{info.encode_name}"
    plain, own = _taken_apart(info.type)
    needs = tuple(each for each in own if isinstance(each, Feeds | Decides)) or above
    nested = next(iter(_structs(plain)), None)
    keys = next((each for each in own if isinstance(each, Keys)), None)
    parts: list[Field] = []
    if nested is not None:
        parts = fields_of(nested, f"{path}.", needs)
    elif keys is not None:
        parts = [
            Field(f"{path}.{key}", key, marks, holds=object) for key, marks in keys.markers.items()
        ]
    inherited = any(each in needs for part in parts for each in part.markers)
    rest = tuple(each for each in own if not isinstance(each, Feeds | Decides))
    return Field(path, info.encode_name, rest + (() if inherited else needs), plain, tuple(parts))


def _taken_apart(annotation: Any) -> tuple[Any, tuple[object, ...]]:
    """Separate a type from what is declared about it."""
    if get_origin(annotation) is not Annotated:
        return annotation, tuple(
            mark
            for part in get_args(annotation)
            for mark in _taken_apart(part)[1]
            if isinstance(mark, Holds)
        )
    plain, *markers = get_args(annotation)
    inner, more = _taken_apart(plain)
    return inner, (*markers, *more)


def _structs(annotation: Any) -> Iterator[type[Struct]]:
    if isinstance(annotation, type) and issubclass(annotation, Struct):
        yield annotation
    for part in get_args(annotation):
        yield from _structs(part)


def holds_records(annotation: Any) -> bool:
    """Return whether a field holds records of another type, as they came."""
    return annotation is Raw or any(map(holds_records, get_args(annotation)))
