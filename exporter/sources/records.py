"""Typed records from the body of an answer.

No page is lost to one record, and no record to one field: where a field has another type than
declared, it is left out as if the API had not given it, and reported by name. Only a record that
lacks what it cannot be without is skipped.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Generic, NamedTuple, TypeVar

import msgspec

from exporter.errors import Reason, SourceError
from exporter.slices import Slices
from exporter.sources.drift import NO_DRIFT, Drift, Unseen, joined

T = TypeVar("T")
MOST_MISFITS = 20
"""Fields that may be left out of one record."""
ORDINARY = 2**15
"""Bytes of a record from which on fewer misfits are left out: each one costs a look at it all."""
LARGEST_DOCUMENT = 4 * 2**20
"""Bytes that are decoded at once."""
MOST_VALUES = 150_000
"""Values that are decoded at once, counted by commas: each may become an object."""
MOST_REPAIRED = 100_000
"""Values of the largest record of which a field is left out: every value becomes an object, which
takes four times as long as to read it."""
MOST_ENTRIES = 5000
"""Records of a list that is never paged, such as the subsystems of one device."""
_BEGINNING = 2**16
LONE_SURROGATE = re.compile(
    rb"\\u[dD][89abAB][0-9a-fA-F]{2}(?!\\u[dD][c-fC-F][0-9a-fA-F]{2})"
    rb"|(?<!\\u[dD][89abAB][0-9a-fA-F]{2})\\u[dD][c-fC-F][0-9a-fA-F]{2}"
)
"""Half of a character, which JSON allows and the decoder does not."""
_PLACE = re.compile(r" - at `\$(.*)`$")
_STEP = re.compile(r"\.([^.\[\]]+)|\[(\d+)\]")
JSON_TYPES = {
    "dict": "object",
    "list": "array",
    "str": "string",
    "bool": "boolean",
    "int": "number",
    "float": "number",
}
"""What a type of Python is called in JSON, where the names differ."""


@dataclass(frozen=True, slots=True)
class Readable(Generic[T]):
    """The records that could be read, how many could not, and the fields that were left out."""

    records: list[T]
    problems: int
    drift: Drift = NO_DRIFT


class Read(NamedTuple, Generic[T]):
    """One record as it could be read."""

    record: T | None
    """None if it could not be read at all."""
    drift: Drift = NO_DRIFT
    """The fields that were left out."""


def decode(body: bytes, decoder: msgspec.json.Decoder[T], endpoint: str) -> T:
    """Decode a body.

    Raises:
        SourceError: decode, if it is not JSON; schema, if it is JSON of another shape; too_large,
            if decoding it would take too long.
    """
    _check_size(body, endpoint)
    return decode_small(body, decoder, endpoint)


def decode_small(body: bytes, decoder: msgspec.json.Decoder[T], endpoint: str) -> T:
    """Decode a body that `is_small`.

    Raises:
        SourceError: decode, if it is not JSON; schema, if it is JSON of another shape.
    """
    try:
        return decoder.decode(body)
    except msgspec.ValidationError as error:
        raise _misshapen(endpoint, error) from None
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        paired = LONE_SURROGATE.sub(rb"\\ufffd", body)
        if paired != body:
            return decode_small(paired, decoder, endpoint)
        raise SourceError(Reason.DECODE, f"{endpoint}: {not_json(body, str(error))}") from None


def _check_size(body: bytes, endpoint: str) -> None:
    if not is_small(body):
        raise SourceError(
            Reason.TOO_LARGE,
            f"{endpoint}: the answer has more than {LARGEST_DOCUMENT} bytes or {MOST_VALUES} "
            "values, which only a list in pages may have",
        )


def is_small(body: bytes) -> bool:
    """Return whether a body can be decoded at once without holding the event loop.

    Commas are counted only where there can be too many: a value and its comma take two bytes.
    """
    size = len(body)
    if size <= 2 * MOST_VALUES:
        return True
    return size <= LARGEST_DOCUMENT and body.count(b",") <= MOST_VALUES


def decode_document(
    body: bytes, decoder: msgspec.json.Decoder[T], endpoint: str
) -> tuple[T, Drift]:
    """Decode a body that is one record, without the fields that do not fit.

    Raises:
        SourceError: As for `decode`.
    """
    _check_size(body, endpoint)
    try:
        return decoder.decode(body), NO_DRIFT
    except msgspec.ValidationError as error:
        record, drift = _without_misfits(body, decoder)
        if record is None:
            raise _misshapen(endpoint, error) from None
        return record, drift
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        paired = LONE_SURROGATE.sub(rb"\\ufffd", body)
        if paired != body:
            return decode_document(paired, decoder, endpoint)
        raise SourceError(Reason.DECODE, f"{endpoint}: {not_json(body, str(error))}") from None


def readable(raws: Iterable[msgspec.Raw], decoder: msgspec.json.Decoder[T]) -> Readable[T]:
    """Decode records one by one, and count those that do not fit."""
    records: list[T] = []
    drifts: list[Drift] = []
    problems = 0
    for raw in raws:
        found: Read[T] = read(raw, decoder)
        if found.record is None:
            problems += 1
            continue
        records.append(found.record)
        if found.drift is not NO_DRIFT:
            drifts.append(found.drift)
    return Readable(records, problems, joined(drifts) if drifts else NO_DRIFT)


FEW = 100
"""Records of a short list, which need no slices."""


async def read_entries(
    raws: Sequence[msgspec.Raw], decoder: msgspec.json.Decoder[T], endpoint: str
) -> Readable[T]:
    """Decode the records of a list that is never paged, in slices.

    Raises:
        SourceError: too_large, if there are too many.
    """
    if len(raws) > MOST_ENTRIES:
        raise SourceError(
            Reason.TOO_LARGE, f"{endpoint}: there are more than {MOST_ENTRIES} records"
        )
    if len(raws) <= FEW:
        return readable(raws, decoder)
    slices = Slices()
    found: list[Readable[T]] = []
    for raw in raws:
        found.append(readable((raw,), decoder))
        await slices.breathe()
    return Readable(
        [record for each in found for record in each.records],
        sum(each.problems for each in found),
        joined(each.drift for each in found if each.drift is not NO_DRIFT),
    )


def read(raw: msgspec.Raw, decoder: msgspec.json.Decoder[T]) -> Read[T]:
    """Decode a record, if need be without the fields that do not fit."""
    try:
        return Read(decoder.decode(raw))
    except msgspec.ValidationError:
        return Read(*_without_misfits(raw, decoder))
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return Read(None)


def counted(value: object, field: str, unseen: Unseen) -> int | None:
    """Read the count of a list; None where there is none, or nothing that counts.

    Args:
        value: The number as it came; a string of digits is taken as well.
        field: Its name, such as `total`.
        unseen: Takes a value that is no number.
    """
    if isinstance(value, int) and not isinstance(value, bool):
        return value
    if isinstance(value, str) and re.fullmatch(r"\d{1,18}", value.strip(), re.ASCII):
        return int(value)
    if isinstance(value, float) and value.is_integer() and abs(value) < 2**53:
        return int(value)
    if value is not None:
        unseen.note(field, _in_json(type(value).__name__))
    return None


def _misshapen(endpoint: str, error: Exception) -> SourceError:
    return SourceError(Reason.SCHEMA, f"{endpoint}: the answer has an unexpected shape: {error}")


def not_json(body: bytes, problem: str) -> str:
    """Say why a body cannot be read."""
    start = body[:_BEGINNING].lstrip()
    if not start and len(body) <= _BEGINNING:
        return "the answer is empty"
    if start.startswith(b"<"):
        return "the answer is a web page, not JSON; is there a proxy or a login page in between?"
    return f"the answer is not valid JSON ({problem})"


def _without_misfits(
    raw: bytes | msgspec.Raw, decoder: msgspec.json.Decoder[T]
) -> tuple[Any, Drift]:
    """Decode a record after removing the fields that do not fit; None if that does not help."""
    body = bytes(raw)
    if len(body) > 2 * MOST_REPAIRED and body.count(b",") > MOST_REPAIRED:
        return None, NO_DRIFT
    try:
        document = msgspec.json.decode(raw)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        # What is not read of a record is checked only now.
        return None, NO_DRIFT
    unseen = Unseen()
    size = len(body)
    most = min(MOST_MISFITS, max(2, MOST_MISFITS * ORDINARY // max(size, 1)))
    for count in range(2 * most):
        try:
            return msgspec.convert(document, decoder.type), unseen.drift
        except msgspec.ValidationError as error:
            # Of a list with many misfits, the whole list goes.
            steps = _steps(str(error))[: None if count < most else 1]
            if not steps or not _remove(document, steps):
                return None, NO_DRIFT
            unseen.note(*_misfit(steps, error))
    return None, NO_DRIFT


def _steps(message: str) -> list[str | int]:
    """Read the place from msgspec's message, such as ``at `$.DeviceManagement[0].Version```."""
    place = _PLACE.search(message)
    if place is None:
        return []
    return [name or int(index) for name, index in _STEP.findall(place[1])]


def _remove(document: Any, steps: list[str | int]) -> bool:
    """Remove what is at a place; return whether it was there."""
    *way, last = steps
    try:
        for step in way:
            document = document[step]
        del document[last]
    except (KeyError, IndexError, TypeError):
        return False
    return True


def _misfit(steps: list[str | int], error: Exception) -> tuple[str, str]:
    """Name a field that does not fit, and its type instead of its value, which may be anything."""
    got = re.search(r"got `(\w+)`", str(error))
    field = ".".join(step for step in steps if isinstance(step, str))
    return field, _in_json(got[1]) if got else "<incomplete>"


def _in_json(name: str) -> str:
    return f"<{JSON_TYPES.get(name, name)}>"


TEXT = _in_json("str")
"""Stands in drift for text that does not fit and may be anything."""
