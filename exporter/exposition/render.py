"""Writes the lines of one family from the readings of many servers.

Most readings repeat: a fleet has few distinct healths, power states or sets of component states.
The lines of such a reading are written once as a template, and each server only puts its labels in.
Of other readings the parts of all lines are laid side by side and joined once.
"""

from collections.abc import Callable, Hashable, Iterable, Sequence
from typing import Any

from msgspec import Struct

from exporter.catalogue.family import Family, Sample
from exporter.exposition.text import all_escaped, escaped, labels_format, number_text, number_texts

_PLACE = "\0"
"""Stands for the identity labels in a template; no label value contains it."""
_MOST_TEMPLATES = 4096
_MOST_LABEL_TEXTS = 256


def _nothing(_: Any) -> Iterable[Sample]:
    return ()


class FamilyRenderer:
    """Writes the lines of one family of the catalogue."""

    def __init__(self, family: Family) -> None:
        """Prepare the constant parts."""
        if family.read is None:
            raise ValueError(f"{family.name} is not read from a facet")
        self.family = family
        self._read: Callable[[Struct], Any] = family.read
        self._expand: Callable[[Any], Iterable[Sample]] = family.expand or _nothing
        self._labels = labels_format(family.labels)
        self._templates: dict[Hashable, tuple[Sequence[str], int]] = {}
        self._label_texts: dict[tuple[str, ...] | str, str] = {}
        if family.expand is None:
            self._write = self._numbers
        else:
            self._write = self._repeating if family.repeats else self._varying

    def value(self, facet: Struct | None) -> Any:
        """Return what a facet's lines are made of; None where it has none."""
        return None if facet is None else self._read(facet)

    def lines(
        self, identities: Sequence[str], facets: Sequence[Struct | None]
    ) -> tuple[bytes, int]:
        """Write the samples of some servers.

        Args:
            identities: The identity labels of each, written out.
            facets: The facet of each, or None where there is none.

        Returns:
            The lines and how many there are.
        """
        parts, count = self._write(identities, facets)
        return "".join(parts).encode("utf-8", "replace"), count

    def _numbers(
        self, identities: Sequence[str], facets: Sequence[Struct | None]
    ) -> tuple[list[str], int]:
        read = self._read
        having: list[str] = []
        numbers: list[float] = []
        for identity, facet in zip(identities, facets, strict=True):
            if facet is not None and (value := read(facet)) is not None:
                having.append(identity)
                numbers.append(value)
        parts = [f"{self.family.name}{{", "", "} ", "", "\n"] * len(numbers)
        parts[1::5] = having
        parts[3::5] = number_texts(numbers)
        return parts, len(numbers)

    def _varying(
        self, identities: Sequence[str], facets: Sequence[Struct | None]
    ) -> tuple[list[str], int]:
        read, expand, known = self._read, self._expand, self._label_texts
        having: list[str] = []
        texts: list[str] = []
        numbers: list[float] = []
        for identity, facet in zip(identities, facets, strict=True):
            if facet is None or (value := read(facet)) is None:
                continue
            for labels, number in expand(value):
                having.append(identity)
                texts.append(known.get(labels) or self._label_text(labels))
                numbers.append(number)
        parts = [f"{self.family.name}{{", "", ",", "", "} ", "", "\n"] * len(numbers)
        parts[1::7] = having
        parts[3::7] = texts
        parts[5::7] = number_texts(numbers)
        return parts, len(numbers)

    def _label_text(self, values: tuple[str, ...] | str) -> str:
        own = escaped(values) if isinstance(values, str) else all_escaped(values)
        text = self._labels % own
        if len(self._label_texts) < _MOST_LABEL_TEXTS:
            self._label_texts[values] = text
        return text

    def _repeating(
        self, identities: Sequence[str], facets: Sequence[Struct | None]
    ) -> tuple[list[str], int]:
        read, known = self._read, self._templates
        parts = []
        total = 0
        for identity, facet in zip(identities, facets, strict=True):
            if facet is None or (value := read(facet)) is None:
                continue
            between, count = known.get(value) or self._template(value)
            parts.append(identity.join(between))
            total += count
        return parts, total

    def _template(self, value: Any) -> tuple[Sequence[str], int]:
        """Return the lines of a value, cut where an identity belongs, and how many they are."""
        lines = [
            f"{self.family.name}{{{_PLACE},{self._label_text(labels)}}} {number_text(number)}\n"
            for labels, number in self._expand(value)
        ]
        if len(self._templates) >= _MOST_TEMPLATES:
            self._templates.clear()
        found = self._templates[value] = "".join(lines).split(_PLACE), len(lines)
        return found
