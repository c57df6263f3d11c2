"""Which window does a query for energy ask for, and up to when are its data out?"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

from exporter.simulators.load import DAY
from exporter.simulators.query import BadQueryError

REACH: Final = 180 * DAY
"""Seconds into the past and the future that a window may reach."""
HOUR_DELAY: Final = 2 * 3600
DAY_DELAY: Final = 3 * 3600

_DATE: Final = re.compile(r"\d{4}-\d\d-\d\d")
_TIME: Final = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ")


@dataclass(frozen=True, slots=True)
class Window:
    """A window in Unix seconds, `end` exclusive; data are out up to `published`."""

    begin: float
    end: float
    published: float


def window_of(query: Mapping[str, str], now: float) -> Window:
    """Read `start-date`, `end-date` and `sample-size`.

    Raises:
        BadQueryError: One is missing, of the wrong form, out of reach, or the span is empty.
    """
    size = query.get("sample-size", "1_DAY")
    if size not in ("1_DAY", "1_HOUR", "5_MINS"):
        raise BadQueryError("sample-size", "The sample size is 1_DAY, 1_HOUR or 5_MINS.")
    form = _DATE if size == "1_DAY" else _TIME
    begin = _moment(query, "start-date", form, now)
    end = _moment(query, "end-date", form, now)
    if begin >= end:
        raise BadQueryError("end-date", "The end must be after the start.")
    return Window(begin, end, published(size, now))


def published(sample_size: str, now: float) -> float:
    """Return the Unix second up to which the data of a sample size are out."""
    if sample_size == "1_DAY":
        return (now - DAY_DELAY) // DAY * DAY
    return (now - HOUR_DELAY) // 3600 * 3600


def _moment(query: Mapping[str, str], name: str, form: re.Pattern[str], now: float) -> float:
    text = query.get(name)
    if text is None:
        raise BadQueryError(name, f"The query parameter {name} is required.")
    if not form.fullmatch(text):
        raise BadQueryError(name, f"The value of {name} does not fit the sample size.")
    try:
        moment = datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp()
    except ValueError:
        raise BadQueryError(name, f"The value of {name} is no time.") from None
    if abs(moment - now) > REACH + DAY:
        raise BadQueryError(name, f"The value of {name} must be within 180 days of today.")
    return moment
