"""Paths, queries and links without the things that they name.

What the exporter itself asks with stays: the words of its calls, operators, times and codes.
"""

import re
from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import quote, unquote

from exporter.capture.pseudonyms import Pseudonyms
from exporter.sources.contract import SourceType
from exporter.sources.fields import Field, Holds, fields_of

_OPERATORS = frozenset(
    {"eq", "ne", "ge", "gt", "le", "lt", "in", "and", "or", "asc", "desc", "null"}
)
_SCHEMES = frozenset({"http:", "https:"})
_CLOCK = r"\d{2}:\d{2}(?::\d{2}(?:[.,]\d{1,9})?)?"
_ZONE = r"(?: ?Z| ?[+-]\d{2}:?\d{2}| ?UTC| ?GMT)?"
_DAY = r"(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun)"
_MONTH = r"(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)"
_DATE = rf"\d{{4}}-\d{{2}}-\d{{2}}(?:[T ]{_CLOCK}{_ZONE})?"
TIME = re.compile(
    rf"{_DATE}"  # RFC 3339, and the appliance's own
    r"|(?:19|20)\d{12}\.\d{1,6}[+-]\d{3}"  # CIM
    rf"|{_DAY},? \d{{1,2}} {_MONTH} \d{{4}} {_CLOCK}{_ZONE}",  # of HTTP
    re.ASCII,
)
_SHORT_NUMBER = re.compile(r"[+-]?\d{1,7}(?:\.\d{1,9})?", re.ASCII)
_CODE = re.compile(r"\d{1,6}", re.ASCII)
_TOKEN = re.compile(rf"(?P<time>(?<![\w-]){_DATE}(?![\w-]))|(?P<piece>[^/?&=(),'\"\s]+)", re.ASCII)
_DECODINGS = 3


def is_time(text: str) -> bool:
    """Return whether a text is a time in one of the forms that the APIs write, and nothing else."""
    return TIME.fullmatch(text) is not None


def is_short_number(text: str) -> bool:
    """Return whether a text is a number that is too short to be that of a thing."""
    return _SHORT_NUMBER.fullmatch(text) is not None


class Addresses:
    """Replaces what paths and queries name."""

    def __init__(self, names: Pseudonyms, kind: SourceType[Any]) -> None:
        """Take what replaces texts, and the vendor's calls."""
        self._names = names
        fields = [*_fields(kind)]
        self._ids = {each.name for each in fields if each.marker(Holds) is Holds.NAME}
        self._words = frozenset(
            {*_OPERATORS, *_SCHEMES, *kind.words, *(each.name for each in fields)}
        ) | frozenset(
            word
            for call in kind.calls
            for part in (call.endpoint, *call.query)
            for word in re.split(r"[/() ]", part)
            if word and not word.startswith("{")
        )

    def path(self, decoded: str) -> str:
        """Replace the ids in a path that is not percent-encoded."""
        return self._replaced(decoded, codes=False)

    def query(self, pairs: Mapping[str, str]) -> dict[str, str]:
        """Replace what the parameters name; expressions keep their words, times and codes."""
        return {
            self._replaced(name, codes=False): self._replaced(value, codes=True, name=name)
            for name, value in pairs.items()
        }

    def question(self, value: Any, name: str = "") -> Any:
        """Replace what the body of a request names."""
        if isinstance(value, dict):
            return {self._replaced(key): self.question(item, key) for key, item in value.items()}
        if isinstance(value, list):
            return [self.question(each, name) for each in value]
        if isinstance(value, str):
            return self._replaced(value)
        if isinstance(value, bool | None) or (value in range(10**6) and not self._is_id(name)):
            return value
        return type(value)(self._names.number(int(value)))

    def link(self, original: str) -> str:
        """Replace what a path or an address in a document names; it keeps its shape."""
        decoded = original
        for _ in range(_DECODINGS):
            decoded = unquote(decoded)
        path, mark, query = decoded.partition("?")
        return quote(
            self._replaced(path) + mark + self._replaced(query, codes=True),
            safe="/?&=(),'$:+@#-._~",
        )

    def _replaced(self, text: str, *, codes: bool = False, name: str = "") -> str:
        before = name

        def token(match: re.Match[str]) -> str:
            nonlocal before
            piece = match[0]
            if match["time"] or (piece in self._words and not self._names.is_secret(piece)):
                before = piece if piece not in _OPERATORS else before
                return piece
            if codes and _CODE.fullmatch(piece) and not self._is_id(before):
                return piece
            if piece.isdecimal() and piece.isascii() and piece[0] != "0":
                return str(self._names.number(int(piece)))
            return self._names.text(piece)

        return _TOKEN.sub(token, text)

    def _is_id(self, name: str) -> bool:
        return name in self._ids or name.endswith("Id")


def _fields(kind: SourceType[Any]) -> Iterator[Field]:
    for call in kind.calls:
        for top in fields_of(call.record):
            yield from top.walk()
