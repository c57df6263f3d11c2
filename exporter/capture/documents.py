"""What is kept of a JSON document, and what is replaced?

Structure, numbers, switches and times stay. Every string is replaced unless the name of its field
and its own look both say that it is safe, or it is made of the vocabulary alone.
"""

import re
from typing import Any

from exporter.capture.addresses import Addresses
from exporter.capture.fields import Kind, kind_of
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
_PLACES = ("latitude", "longitude")
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
        return 0.0 if isinstance(value, float) and field.lower() in _PLACES else value

    def _key(self, key: str) -> str:
        """Keep the name of a field; in an object that is a directory, keys are names of things."""
        known = is_lexical(key) and not self._wording.is_secret(key)
        return key if known else self._replaced(key)

    def _integer(self, value: int, field: str, parent: str) -> int:
        kind = kind_of(field, parent)
        is_amount = kind is Kind.CODE or any(part in field.lower() for part in _AMOUNTS)
        if kind is Kind.ID or (abs(value) >= _LONG_NUMBER and not is_amount):
            return self._wording.pseudonyms.number(value)
        return value

    def _string(self, value: str, field: str, parent: str) -> str:
        plain = value.strip()
        if plain.lower() in NOTHING:
            return value
        if self._wording.is_secret(plain):
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
