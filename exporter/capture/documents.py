"""What is kept of a JSON document, and what is replaced?

Structure, numbers, switches and times stay. Every string is replaced unless the name of its field
and its own look both say that it is safe, or it is made of the vocabulary alone.
"""

import re
from typing import Any

from exporter.capture.addresses import Addresses
from exporter.capture.fields import Kind, has_part, is_coordinate, is_place, kind_of
from exporter.capture.lexicon import NOTHING, is_lexical
from exporter.capture.shapes import (
    BUILT_IN,
    MESSAGE_ID,
    NUMBER,
    PRODUCT_ID,
    SIZE,
    is_technical,
    is_time,
)
from exporter.capture.wording import Wording

_LONG_NUMBER = 10**9
"""A whole number from here on may be somebody's, unless its field is an amount or a time."""
_AMOUNTS = ("time", "date", "stamp", "byte", "size", "capacity", "total", "count", "wh", "joules")
_HEXADECIMAL = re.compile(r"[0-9A-Fa-f]{4}")
_DEEPEST = 200


class TooDeepError(ValueError):
    """A document has more levels than anybody writes by hand or by an honest program."""


class Documents:
    """Replaces what identifies somebody in documents."""

    def __init__(self, wording: Wording, addresses: Addresses) -> None:
        """Take what replaces texts, and what replaces paths."""
        self._wording = wording
        self._addresses = addresses

    def replaced(self, document: Any, *, refused: bool = False) -> Any:
        """Return a document of the same structure.

        Args:
            document: What was decoded from JSON.
            refused: Whether it explains an error: then the sentences of the API stay readable.

        Raises:
            TooDeepError: It has too many levels.
        """
        return _Walk(self._wording, self._addresses, refused).value(document, "", "", 0)


class _Walk:
    """One way through one document."""

    def __init__(self, wording: Wording, addresses: Addresses, refused: bool) -> None:
        self._wording = wording
        self._addresses = addresses
        self._refused = refused

    def value(self, value: Any, field: str, parent: str, depth: int) -> Any:
        if depth > _DEEPEST:
            raise TooDeepError
        if isinstance(value, dict):
            return {
                self._key(key): self.value(item, key, field or parent, depth + 1)
                for key, item in value.items()
            }
        if isinstance(value, list):
            return [self.value(item, field, parent, depth + 1) for item in value]
        if isinstance(value, str):
            return self._string(value, field, parent)
        if isinstance(value, int) and not isinstance(value, bool):
            return self._integer(value, field, parent)
        return self._fraction(value, field, parent) if isinstance(value, float) else value

    def _key(self, key: str) -> str:
        """Keep the name of a field; in an object that is a directory, keys are names of things."""
        known = is_lexical(key) and not self._wording.is_secret(key)
        return key if known else self._replaced(key)

    def _integer(self, value: int, field: str, parent: str) -> int:
        if is_coordinate(field) or is_coordinate(parent):
            return 0
        kind = kind_of(field, parent)
        is_amount = kind is Kind.CODE or has_part(field, _AMOUNTS)
        of_thing = kind in (Kind.ID, Kind.NAME)
        if of_thing or (abs(value) >= _LONG_NUMBER and not is_amount):
            return self._wording.pseudonyms.number(value)
        return value

    @staticmethod
    def _fraction(value: float, field: str, parent: str) -> float:
        """Keep what was measured; no coordinate, and no number for a name."""
        of_thing = kind_of(field, parent) in (Kind.ID, Kind.NAME)
        return 0.0 if of_thing or is_place(field) or is_place(parent) else value

    def _string(self, value: str, field: str, parent: str) -> str:
        plain = value.strip()
        if plain.lower() in NOTHING:
            return value
        if self._wording.is_secret(plain) or is_coordinate(field) or is_coordinate(parent):
            return self._replaced(value)
        kind = kind_of(field, parent)
        if is_time(plain) or (kind is not Kind.NAME and _is_safe(plain, kind)):
            return value
        if kind is Kind.LINK or (kind is not Kind.NAME and plain.startswith("/")):
            return self._addresses.link(value)
        if kind is Kind.ID and plain.isdecimal() and plain.isascii() and plain[0] != "0":
            return str(self._wording.pseudonyms.number(int(plain)))
        return self._replaced(value)

    def _replaced(self, value: str) -> str:
        return self._wording.phrases(value) if self._refused else self._wording.text(value)


def _is_safe(text: str, kind: Kind) -> bool:
    if kind in (Kind.ID, Kind.LINK):
        return kind is Kind.ID and BUILT_IN.fullmatch(text) is not None
    if kind is Kind.TECHNICAL:
        return bool(MESSAGE_ID.fullmatch(text) or PRODUCT_ID.fullmatch(text) or is_technical(text))
    if kind is Kind.MEASURED and (NUMBER.fullmatch(text) or SIZE.fullmatch(text)):
        return True
    if kind is Kind.CODE and (NUMBER.fullmatch(text) or _HEXADECIMAL.fullmatch(text)):
        return True
    return is_lexical(text)
