"""How do the readings of many servers become the lines of one family?

Most readings repeat: a fleet has few distinct healths, power states or sets of component states.
The lines of such a reading are written once as a template, and each server only puts its labels in.
"""

from collections.abc import Callable, Hashable, Iterable, Sequence
from typing import Any

from msgspec import Struct

from exporter.catalogue.family import Family, Sample
from exporter.exposition.text import all_escaped, labels_format, number_text

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
        self._templates: dict[Hashable, tuple[str, int]] = {}
        self._label_texts: dict[tuple[str, ...], str] = {}
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
        read, head = self._read, f"{self.family.name}{{"
        parts = [
            f"{head}{identity}}} {number_text(value)}\n"
            for identity, facet in zip(identities, facets, strict=True)
            if facet is not None and (value := read(facet)) is not None
        ]
        return parts, len(parts)

    def _varying(
        self, identities: Sequence[str], facets: Sequence[Struct | None]
    ) -> tuple[list[str], int]:
        read, expand, texts = self._read, self._expand, self._label_texts
        head = f"{self.family.name}{{"
        parts = [
            f"{head}{identity},{texts.get(labels) or self._label_text(labels)}}} "
            f"{number_text(number)}\n"
            for identity, facet in zip(identities, facets, strict=True)
            if facet is not None and (value := read(facet)) is not None
            for labels, number in expand(value)
        ]
        return parts, len(parts)

    def _label_text(self, values: tuple[str, ...]) -> str:
        text = self._labels % all_escaped(values)
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
            template, count = known.get(value) or self._template(value)
            parts.append(template.replace(_PLACE, identity))
            total += count
        return parts, total

    def _template(self, value: Any) -> tuple[str, int]:
        samples = list(self._expand(value))
        text = "".join(
            f"{self.family.name}{{{_PLACE},{self._label_text(labels)}}} {number_text(number)}\n"
            for labels, number in samples
        )
        if len(self._templates) >= _MOST_TEMPLATES:
            self._templates.clear()
        self._templates[value] = text, len(samples)
        return text, len(samples)
