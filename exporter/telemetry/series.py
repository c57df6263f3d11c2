"""The series of one own family, written again only where they changed.

A family's text is written again only after one of its numbers has changed, and then every line is
ready but for its number. A source has hundreds of own series: with fifty sources the client library
took half a second for each scrape, and held the event loop for it.
"""

import math
from bisect import bisect_left
from collections.abc import Iterable
from itertools import accumulate

from exporter.exposition.text import labels_text, number_text

Labels = tuple[str, ...]
"""Values, in the order of the family's names."""


class Numbers:
    """The series of a gauge or a counter."""

    def __init__(self, name: str, names: Labels) -> None:
        """Begin without series."""
        self._name = name
        self._names = names
        self._numbers: dict[Labels, float] = {}
        self._heads: dict[Labels, str] = {}
        self._text: str | None = None

    @property
    def labels(self) -> Iterable[Labels]:
        """The series that there are."""
        return tuple(self._numbers)

    def get(self, labels: Labels) -> float | None:
        """Return a number; None if there is no such series."""
        return self._numbers.get(labels)

    def set(self, labels: Labels, number: float) -> bool:
        """Give a series a number; return whether it is another one.

        Raises:
            ValueError: There are more or fewer labels than the family has.
        """
        if self._numbers.get(labels) == number:
            return False
        _check(self._names, labels)
        self._numbers[labels] = number
        self._text = None
        return True

    def remove(self, labels: Labels) -> None:
        """Let go of a series, if there is one."""
        self._numbers.pop(labels, None)
        self._heads.pop(labels, None)
        self._text = None

    @property
    def text(self) -> str:
        """Every line."""
        if self._text is None:
            self._text = self.lines(self._numbers)
        return self._text

    def lines(self, which: Iterable[Labels]) -> str:
        """Return the lines of some of the series."""
        return "".join(f"{self._head(key)}{_number(self._numbers[key])}\n" for key in which)

    def _head(self, labels: Labels) -> str:
        head = self._heads.get(labels)
        if head is None:
            head = self._heads[labels] = _head(self._name, self._names, labels)
        return head


class Spreads:
    """The series of a histogram."""

    def __init__(self, name: str, names: Labels, bounds: tuple[float, ...]) -> None:
        """Begin without series; one without labels begins empty.

        Args:
            name: Of the family.
            names: Of its labels.
            bounds: The upper bounds of the buckets, without the infinite one.
        """
        self._name = name
        self._names = names
        self._bounds = bounds
        self._spreads: dict[Labels, _Spread] = {}
        self._text: str | None = None
        if not names:
            self._spread(())

    @property
    def labels(self) -> Iterable[Labels]:
        """The series that there are."""
        return tuple(self._spreads)

    def observe(self, labels: Labels, value: float) -> None:
        """Put a value into its bucket.

        Raises:
            ValueError: There are more or fewer labels than the family has.
        """
        spread = self._spreads.get(labels) or self._spread(labels)
        spread.counts[bisect_left(self._bounds, value)] += 1
        spread.sum += value
        self._text = None

    def remove(self, labels: Labels) -> None:
        """Let go of a series, if there is one."""
        self._spreads.pop(labels, None)
        self._text = None

    @property
    def text(self) -> str:
        """Every line."""
        if self._text is None:
            self._text = self.lines(self._spreads)
        return self._text

    def lines(self, which: Iterable[Labels]) -> str:
        """Return the lines of some of the series."""
        return "".join(self._spreads[labels].text for labels in which)

    def _spread(self, labels: Labels) -> "_Spread":
        _check(self._names, labels)
        # Both formats write the bounds as numbers with a fraction.
        bounds = (*(repr(float(each)) for each in self._bounds), "+Inf")
        bucket, with_bound = f"{self._name}_bucket", (*self._names, "le")
        heads = [_head(bucket, with_bound, (*labels, bound)) for bound in bounds]
        ends = [_head(f"{self._name}_{end}", self._names, labels) for end in ("count", "sum")]
        spread = self._spreads[labels] = _Spread([*heads, *ends])
        return spread


class _Spread:
    """One histogram."""

    def __init__(self, heads: list[str]) -> None:
        """Take the beginnings of all lines: those of the buckets, the count's and the sum's."""
        self._heads = heads
        self.counts = [0] * (len(heads) - 2)
        """By bucket, not cumulated."""
        self.sum = 0.0

    @property
    def text(self) -> str:
        reached = list(accumulate(self.counts))
        numbers = (*map(str, reached), str(reached[-1]), _number(self.sum))
        lines = (f"{head}{text}\n" for head, text in zip(self._heads, numbers, strict=True))
        return "".join(lines)


def _head(name: str, names: Labels, labels: Labels) -> str:
    return f"{name}{{{labels_text(names, labels)}}} " if names else f"{name} "


def _check(names: Labels, labels: Labels) -> None:
    if len(names) != len(labels):
        raise ValueError(f"the labels are {', '.join(names)}, and not {len(labels)} values")


def _number(value: float) -> str:
    if math.isfinite(value):
        return number_text(value)
    return "NaN" if math.isnan(value) else "+Inf" if value > 0 else "-Inf"
