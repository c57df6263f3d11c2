"""Dates of HTTP headers."""

from datetime import UTC
from email.utils import parsedate_to_datetime


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
