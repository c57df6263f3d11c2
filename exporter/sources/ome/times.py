"""When is a time that the appliance writes without a zone?"""

from datetime import datetime, tzinfo

from exporter.sources.text import clean

EARLIEST_YEAR = 1971
"""Earlier years stand for "never": 0001-01-01, and the epoch, which is 1969 west of Greenwich."""


TOLERANCE = 300.0
"""Seconds that the appliance's clock may be ahead of ours."""


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


def _moment(text: str | None) -> datetime | None:
    try:
        return datetime.fromisoformat(text.strip() if text else "")
    except ValueError:
        return None


def is_never(text: str | None) -> bool:
    """Report whether a time stands for "never", in CIM (`YYYYMMDDHHMMSS.ffffff±MMM`) or not."""
    year = (text or "").strip()[:4]
    return year.isascii() and year.isdigit() and int(year) < EARLIEST_YEAR
