"""How does the body of an answer become typed records, without losing a page to one bad record?"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Generic, TypeVar

import msgspec

from exporter.errors import Reason, SourceError

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Readable(Generic[T]):
    """The records that could be read, and how many could not."""

    records: list[T]
    problems: int


def decode(body: bytes, decoder: msgspec.json.Decoder[T], endpoint: str) -> T:
    """Decode a body.

    Raises:
        SourceError: decode, if it is not JSON; schema, if it is JSON of another shape.
    """
    try:
        return decoder.decode(body)
    except msgspec.ValidationError as error:
        raise SourceError(
            Reason.SCHEMA, f"{endpoint}: the answer has an unexpected shape: {error}"
        ) from None
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise SourceError(Reason.DECODE, f"{endpoint}: {_not_json(body, error)}") from None


def _not_json(body: bytes, error: Exception) -> str:
    if not body.strip():
        return "the answer is empty"
    if body.lstrip()[:1] == b"<":
        return "the answer is a web page, not JSON; is there a proxy or a login page in between?"
    return f"the answer is not valid JSON ({error})"


def readable(raws: Iterable[msgspec.Raw], decoder: msgspec.json.Decoder[T]) -> Readable[T]:
    """Decode records one by one, and count those that do not fit."""
    records: list[T] = []
    problems = 0
    for raw in raws:
        record = read_or_none(raw, decoder)
        if record is None:
            problems += 1
        else:
            records.append(record)
    return Readable(records, problems)


def read_or_none(raw: msgspec.Raw, decoder: msgspec.json.Decoder[T]) -> T | None:
    """Decode a record; None if it does not fit."""
    try:
        return decoder.decode(raw)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return None
