"""The type of a row of the catalogue, and short forms of common rows.

A row names a family and says how to read its samples from one facet of the model. Reading has two
steps: `read` takes the value out of the facet (`None`: no sample), `expand` turns the value into
samples. The value must be hashable, because the exposition renders equal values only once.
"""

from collections.abc import Callable, Hashable, Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from operator import attrgetter
from typing import Any, Literal, TypeVar

from msgspec import Struct

F = TypeVar("F", bound=Struct)
V = TypeVar("V", bound=Hashable)
Sample = tuple[tuple[str, ...] | str, float]
"""Values of the row's own labels (the value itself where there is one label), and the number."""

Kind = Literal["gauge", "counter", "histogram"]

CACHED = " Cached at the interval of the collector that reads it."
"""How the HELP of a family that a collector gives ends."""


class Scope(StrEnum):
    """What a sample of a family is about; it decides the labels that come before the row's own."""

    SERVER = "server"
    SOURCE = "source"
    COLLECTOR = "collector"
    API = "api"
    EXPORTER = "exporter"

    @property
    def labels(self) -> tuple[str, ...]:
        """The identity labels of the scope."""
        return {
            Scope.SERVER: ("source", "vendor", "serial", "server"),
            Scope.SOURCE: ("source", "vendor"),
            Scope.COLLECTOR: ("source", "collector"),
            Scope.API: ("source",),
            Scope.EXPORTER: (),
        }[self]


class Sharding(StrEnum):
    """Which of several processes that share the servers of a source serves a family."""

    SPLIT = "split"
    """Each serves the samples of its own servers."""
    FIRST = "first"
    """The first one serves it for the source as a whole, so that a sum stays right."""
    EACH = "each"
    """Each serves its own: it is about the process and its calls."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Family:
    """One metric family: its identity, its documentation and how to read it."""

    name: str
    help: str
    """What it means, which field it comes from, and how fresh it is."""
    scope: Scope
    kind: Kind = "gauge"
    labels: tuple[str, ...] = ()
    """Labels beyond those of the scope."""
    states: tuple[str, ...] = ()
    """All values of the label `state` of a one-hot family."""
    facet: type[Struct] | None = None
    """The facet it is read from; None for the exporter's own families, which are kept live."""
    read: Callable[[Any], Hashable | None] | None = None
    expand: Callable[[Any], Iterable[Sample]] | None = None
    """None where the value is the one number of the family."""
    repeats: bool = True
    """Whether many servers have the same value, so that rendering it once pays."""
    buckets: tuple[float, ...] = ()
    """Upper bounds of a histogram."""

    @property
    def all_labels(self) -> tuple[str, ...]:
        """Every label key of the family, in order of exposition."""
        return (*self.scope.labels, *self.labels)

    @property
    def sharding(self) -> Sharding:
        """Which shard serves it: decided by what it is about, and whether the API said it."""
        if self.facet is None:
            return Sharding.EACH
        return Sharding.SPLIT if self.scope is Scope.SERVER else Sharding.FIRST


def number(
    name: str, help_text: str, facet: type[F], read: Callable[[F], float | None], /, **more: Any
) -> Family:
    """Build a row with one number for each server (or source)."""
    return Family(
        name=name, help=help_text, facet=facet, read=read, **{"scope": Scope.SERVER, **more}
    )


def info(
    name: str, help_text: str, facet: type[F], labels: Sequence[str], /, **more: Any
) -> Family:
    """Build a row that is always 1; its labels are the facet's text fields of the same names."""
    read = attrgetter(*labels)

    def expand(values: tuple[str, ...]) -> Iterable[Sample]:
        return ((values, 1),)

    return Family(
        name=name,
        help=help_text,
        facet=facet,
        labels=tuple(labels),
        read=read,
        expand=expand,
        repeats=False,
        **{"scope": Scope.SERVER, **more},
    )


def states(
    name: str,
    help_text: str,
    facet: type[F],
    enum: type[StrEnum],
    read: Callable[[F], StrEnum | None],
    /,
) -> Family:
    """Build a one-hot row: one sample for each state, 1 on the current one."""
    words = tuple(state.value for state in enum)

    def expand(current: StrEnum) -> Iterable[Sample]:
        return ((word, float(word == current)) for word in words)

    return Family(
        name=name,
        help=help_text,
        scope=Scope.SERVER,
        facet=facet,
        labels=("state",),
        states=words,
        read=read,
        expand=expand,
    )


def part_states(
    name: str,
    help_text: str,
    facet: type[F],
    part: str,
    enum: type[StrEnum],
    read: Callable[[F], tuple[tuple[str, StrEnum], ...]],
    /,
    **more: Any,
) -> Family:
    """Build a one-hot row for each part (label `part`) of a server or source."""
    words = tuple(state.value for state in enum)

    def expand(parts: tuple[tuple[str, StrEnum], ...]) -> Iterable[Sample]:
        return (((name_, word), float(word == now)) for name_, now in parts for word in words)

    return Family(
        name=name,
        help=help_text,
        facet=facet,
        labels=(part, "state"),
        states=words,
        read=read,
        expand=expand,
        **{"scope": Scope.SERVER, **more},
    )


def each(
    name: str,
    help_text: str,
    facet: type[F],
    label: str,
    read: Callable[[F], tuple[tuple[str, float], ...]],
    /,
    **more: Any,
) -> Family:
    """Build a row with one number for each value of one label."""
    return Family(
        name=name,
        help=help_text,
        facet=facet,
        labels=(label,),
        read=read,
        expand=lambda parts: parts,
        **{"scope": Scope.SERVER, **more},
    )


def pairs(
    name: str,
    help_text: str,
    facet: type[F],
    labels: tuple[str, ...],
    read: Callable[[F], tuple[tuple[tuple[str, ...], float], ...]],
    /,
    **more: Any,
) -> Family:
    """Build a row with one number for each set of values of several labels."""
    return Family(
        name=name,
        help=help_text,
        facet=facet,
        labels=labels,
        read=read,
        expand=lambda samples: samples,
        **{"scope": Scope.SERVER, **more},
    )
