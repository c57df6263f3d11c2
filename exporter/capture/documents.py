"""What of a JSON document is saved: what the declarations of the fields that are read allow.

A declared field keeps its numbers, its times and the words of its vocabulary; what names somebody
has a stand-in, and so has every other text. Of a field that is not declared, the name and the type
are left.
"""

import math
import re
from collections.abc import Iterable, Mapping
from typing import Any, get_args

from exporter.capture.addresses import Addresses, is_short_number, is_time
from exporter.capture.pseudonyms import Pseudonyms
from exporter.sources.contract import SourceType
from exporter.sources.fields import Field, Holds, Known, fields_of, holds_records
from exporter.sources.text import NOTHING

Fields = Mapping[str, Field]
"""By the name in the API's own words."""
_LETTERS = re.compile(r"[@$#A-Za-z][A-Za-z.@$#_]{0,63}")
_DEEPEST = 200
_LONGEST_WORD = 64
"""Of a vocabulary; what reads a unit or a name of a part may look at the beginning only."""


class TooDeepError(ValueError):
    """A document has more levels than anybody writes by hand or by an honest program."""


def declared(kind: SourceType[Any]) -> Mapping[str, Fields]:
    """Return the fields of every answer of a vendor, by the template of the call."""
    found: dict[str, dict[str, Field]] = {}
    for call in kind.calls:
        answer = found.setdefault(call.endpoint, {})
        if call.page is None:
            _add(answer, fields_of(call.record))
            continue
        _add(answer, fields_of(call.page))
        for name, each in answer.items():
            if holds_records(each.holds):
                records = {part.name: part for part in each.parts}
                _add(records, fields_of(call.record))
                answer[name] = Field(
                    each.path, name, each.markers, each.holds, (*records.values(),)
                )
    return found


def of_error(kind: SourceType[Any]) -> Fields:
    """Return the fields of an answer with an error status."""
    return {each.name: each for each in fields_of(kind.error)} if kind.error else {}


def _add(found: dict[str, Field], fields: Iterable[Field]) -> None:
    for each in fields:
        found.setdefault(each.name, each)


class Documents:
    """Replaces what the declarations do not allow."""

    def __init__(self, names: Pseudonyms, addresses: Addresses) -> None:
        """Take what replaces texts, and what replaces links."""
        self._names = names
        self._addresses = addresses

    def replaced(self, document: Any, fields: Fields) -> Any:
        """Return a document of the same structure.

        Args:
            document: What was decoded from JSON.
            fields: What is declared of it.

        Raises:
            TooDeepError: It has too many levels.
        """
        if isinstance(document, list):
            return [self._fields(each, fields, 1) for each in document]
        return self._fields(document, fields, 0)

    def _fields(self, value: Any, fields: Fields, depth: int) -> Any:
        """Replace in an object whose fields are declared; anything else is not declared."""
        if not isinstance(value, dict):
            return self._blank(value, depth)
        return {
            self._key(name, fields): self._field(item, fields.get(name), name, depth + 1)
            for name, item in value.items()
        }

    def _key(self, name: str, fields: Fields) -> str:
        is_known = name in fields or (_LETTERS.fullmatch(name) and not self._names.is_secret(name))
        return name if is_known else self._names.text(name)

    def _field(self, value: Any, field: Field | None, name: str, depth: int) -> Any:
        if depth > _DEEPEST:
            raise TooDeepError
        if field is None:
            return self._blank(value, depth)
        if isinstance(value, list):
            return [self._field(each, field, name, depth + 1) for each in value]
        if isinstance(value, dict):
            parts = {part.name: part for part in field.parts}
            return self._fields(value, parts, depth) if parts else self._blank(value, depth)
        if isinstance(value, str):
            return self._text(value, field)
        return self._number(value, field)

    def _blank(self, value: Any, depth: int) -> Any:
        """Leave nothing but the types; names below a field that is not declared may be anybody's.

        Raises:
            TooDeepError: There are too many levels.
        """
        if depth > _DEEPEST:
            raise TooDeepError
        if isinstance(value, dict):
            return {
                self._names.text(name): self._blank(item, depth + 1) for name, item in value.items()
            }
        if isinstance(value, list):
            return [self._blank(each, depth + 1) for each in value]
        return value if value is None else type(value)()

    def _number(self, value: Any, field: Field) -> Any:
        if value is None or isinstance(value, bool):
            return value
        if field.marker(Holds) is not Holds.NAME and _may_be_number(field.holds):
            return value
        # A longer one is nobody's, and its stand-in could be larger than a float can be.
        short = int(math.copysign(abs(int(value)) % 10**15, value))
        return type(value)(self._names.number(short))

    def _text(self, value: str, field: Field) -> str:
        plain, holds, known = value.strip(), field.marker(Holds), field.marker(Known)
        if holds is Holds.LINK:
            return self._addresses.link(value)
        is_kept = (
            (holds is Holds.TIME and is_time(plain))
            or (known is not None and _is_word(plain) and known.has(plain))
            or (holds is None and _may_be_number(field.holds) and is_short_number(plain))
        )
        if plain.lower() in NOTHING or (is_kept and not self._names.is_secret(plain)):
            return value
        return self._names.text(value)


def _is_word(text: str) -> bool:
    return len(text) <= _LONGEST_WORD and text.isprintable()


def _may_be_number(holds: Any) -> bool:
    return holds in (int, float, object) or any(map(_may_be_number, get_args(holds)))
