"""How long does an answer ask us to wait?"""

import re
from collections.abc import Mapping
from typing import Protocol

import msgspec

from exporter.sources.http_date import http_date


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
