"""How are COM's words, times and numbers read?"""

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import TypeVar

from exporter.sources.drift import Unseen
from exporter.sources.numbers import measurable
from exporter.sources.redaction import hidden
from exporter.sources.text import LONGEST

T = TypeVar("T")

EARLIEST = datetime(2000, 1, 1, tzinfo=UTC).timestamp()
"""No event of a server is older: the API's 1969, 1970 and 0001 stand for no time at all."""
_NOTHING = frozenset({"", "NONE", "NULL", "N/A"})
_EARLIER = re.compile(r"\s*[01][0-9]{3}-")
_GAPS = re.compile(r"[\s-]+")


def normal(text: object) -> str:
    """Return a word of a vocabulary in its documented spelling, empty where nothing is said.

    Live answers have shown `Not Compliant` where `NOT_COMPLIANT` is documented.
    """
    if not isinstance(text, str):
        return ""
    # Secrets are hidden first: with other gaps they would not be recognised.
    word = _GAPS.sub("_", hidden(text.strip(), LONGEST)).upper()
    return "" if word in _NOTHING else word


def meaning(
    text: object, vocabulary: Mapping[str, T], field: str, unseen: Unseen, otherwise: T
) -> T | None:
    """Translate a word.

    Args:
        text: The word as the API wrote it.
        vocabulary: What each known word means.
        field: Where the word stands, in the API's own words.
        unseen: Takes a word that is not in the vocabulary.
        otherwise: What such a word means.

    Returns:
        The meaning; None where nothing is said.
    """
    # Nearly every word is spelt as documented; a fleet has dozens of them per server.
    word = text if isinstance(text, str) and text in vocabulary else normal(text)
    if not word:
        return None
    if word not in vocabulary:
        unseen.note(field, word)
    return vocabulary.get(word, otherwise)


def instant(text: str | None) -> float | None:
    """Read an RFC 3339 time into Unix seconds; one without a zone is in UTC."""
    seconds = _seconds(text)
    return seconds if seconds is not None and seconds >= EARLIEST else None


def is_unreadable(text: str | None) -> bool:
    """Report whether a text is neither a time nor one of the ways to write that there is none."""
    return bool(normal(text)) and not _EARLIER.match(text or "") and _seconds(text) is None


def _seconds(text: str | None) -> float | None:
    if not text:
        return None
    try:
        time = datetime.fromisoformat(text.strip())
        return (time if time.tzinfo else time.replace(tzinfo=UTC)).timestamp()
    except (ValueError, OverflowError):
        return None


def amount(value: object) -> float | None:
    """Read a quantity: a number that is not negative, and that something can measure."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    return measurable(value) if value >= 0 else None
