"""What the headers of an answer announce: a pause to make, or the end of an endpoint.

The end is in `Deprecation` (RFC 9745, and the `true` of its drafts) and `Sunset` (RFC 8594),
explained by `Link`.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC
from email.utils import parsedate_to_datetime
from typing import Protocol

import msgspec

from exporter.sources.text import clean


def http_date(text: str | None) -> float | None:
    """Return the Unix time of an HTTP date; None if it is missing or cannot be read."""
    if not text:
        return None
    try:
        moment = parsedate_to_datetime(text)
        # In UTC it has to be a date too: with an offset it may be after the year 9999.
        return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).astimezone(UTC).timestamp()
    except (ValueError, OverflowError, TypeError):
        return None


class Headed(Protocol):
    """An answer, as far as it matters here."""

    @property
    def headers(self) -> Mapping[str, str]:
        """Case-insensitive headers."""
        ...

    @property
    def body(self) -> bytes:
        """The body."""
        ...


class _Detail(msgspec.Struct):
    retryAfterSeconds: float | None = None  # noqa: N815 - COM's word


class _ErrorResponse(msgspec.Struct):
    errorDetails: list[_Detail] = []  # noqa: N815 - COM's word


_error_response = msgspec.json.Decoder(_ErrorResponse)


def retry_after(answer: Headed, now: float) -> float | None:
    """Return the seconds to wait, or None where the answer says nothing usable.

    Read in this order: `Retry-After` (seconds or HTTP date), `ratelimit-reset` and
    `x-ratelimit-reset` (seconds), and `retryAfterSeconds` of COM's error body.

    Args:
        answer: An answer with an error status.
        now: Unix seconds, for dates.
    """
    found = _from_header(answer.headers.get("Retry-After"), now)
    if found is None and answer.headers.get("ratelimit-remaining", "0").strip() == "0":
        found = _seconds(answer.headers.get("ratelimit-reset"))
    if found is None:
        found = _seconds(answer.headers.get("x-ratelimit-reset"))
    return found if found is not None else _from_body(answer.body)


def _from_header(text: str | None, now: float) -> float | None:
    seconds = _seconds(text)
    if seconds is not None:
        return seconds
    moment = http_date(text)
    return None if moment is None else max(0.0, moment - now)


def _seconds(text: str | None) -> float | None:
    # `float` by itself takes other characters for blanks than `strip` does.
    plain = (text or "").strip()
    return float(plain) if re.fullmatch(r"\d{1,9}(\.\d+)?", plain) else None


def _from_body(body: bytes) -> float | None:
    try:
        details = _error_response.decode(body).errorDetails
    except (msgspec.DecodeError, RecursionError):
        return None
    waits = [d.retryAfterSeconds for d in details if d.retryAfterSeconds is not None]
    return max(0.0, waits[0]) if waits else None


RELATIONS = ("deprecation", "sunset", "successor-version", "latest-version", "alternate")
"""The relations of links that explain an end, the best first."""
_NOT_DEPRECATED = frozenset({"", "false", "?0"})
_LINK = re.compile(r"<([^<>]*)>([^<]*)")
_RELATION = re.compile(r";\s*rel\s*=\s*\"?([^\";,]+)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Deprecation:
    """The announced end of an endpoint."""

    sunset: float | None = None
    """Unix time after which the endpoint may be gone; None if unknown."""
    link: str = ""
    """Where the end is explained, or what comes next; one bounded line, empty if unknown."""


def deprecation_from(headers: Mapping[str, str]) -> Deprecation | None:
    """Return what an answer announces; None if it announces no end.

    Args:
        headers: The headers of the answer, case-insensitive.
    """
    is_deprecated = headers.get("Deprecation", "").strip().lower() not in _NOT_DEPRECATED
    sunset = headers.get("Sunset", "").strip()
    if not is_deprecated and not sunset:
        return None
    targets = dict(reversed(tuple(_links(headers.get("Link", "")))))
    link = next((targets[each] for each in RELATIONS if each in targets), "")
    return Deprecation(sunset=http_date(sunset), link=link)


def _links(text: str) -> Iterator[tuple[str, str]]:
    """Yield relation and target of each link of a header."""
    for target, parameters in _LINK.findall(text):
        found = _RELATION.search(parameters)
        for relation in found[1].lower().split() if found else ():
            yield relation, clean(target)
