"""Times that the appliance writes without a zone."""

from datetime import datetime, timedelta, timezone, tzinfo
from zoneinfo import ZoneInfo

from exporter.sources.text import clean

EARLIEST_YEAR = 1971
"""Earlier years stand for "never": 0001-01-01, and the epoch, which is 1969 west of Greenwich."""


QUARTER, MOST_AHEAD = timedelta(minutes=15), timedelta(hours=14)


def unix_time(text: str | None, zone: tzinfo) -> float | None:
    """Read `YYYY-MM-DD HH:MM:SS.mmm` as Unix seconds.

    In the hour that a change to winter time repeats, the first of both is meant.

    Args:
        text: The appliance's text; None, the word `null` and all else that is no time give None.
        zone: The zone it is meant in, unless it names an offset itself.
    """
    moment = _moment(text)
    if moment is None or moment.year < EARLIEST_YEAR:
        return None
    return (moment if moment.tzinfo else moment.replace(tzinfo=zone)).timestamp()


def is_unreadable(text: str | None) -> bool:
    """Report whether a text is neither a time nor one of the ways to write that there is none."""
    return bool(clean(text)) and not is_never(text) and _moment(text) is None


def zone_named(name: str) -> ZoneInfo | None:
    """Return the zone with a name such as `Europe/Berlin`; None where there is none."""
    try:
        return ZoneInfo(name) if name else None
    except (KeyError, ValueError, OSError):
        return None


def offset_between(local: str | None, utc: str | None) -> timezone | None:
    """Return how far a clock is ahead of UTC, rounded to a quarter of an hour.

    Args:
        local: What the clock shows; None where it is no time.
        utc: The same moment in UTC.
    """
    here, there = _moment(local), _moment(utc)
    if here is None or there is None or min(here.year, there.year) < EARLIEST_YEAR:
        return None
    ahead = here.replace(tzinfo=None) - there.replace(tzinfo=None)
    rounded = QUARTER * round(ahead / QUARTER)
    return timezone(rounded) if abs(rounded) <= MOST_AHEAD else None


def _moment(text: str | None) -> datetime | None:
    try:
        return datetime.fromisoformat(text.strip() if text else "")
    except ValueError:
        return None


def is_never(text: str | None) -> bool:
    """Report whether a time stands for "never", in CIM (`YYYYMMDDHHMMSS.ffffff±MMM`) or not."""
    year = (text or "").strip()[:4]
    return year.isascii() and year.isdigit() and int(year) < EARLIEST_YEAR
