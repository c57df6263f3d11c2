"""When is a time that the appliance writes without a zone?"""

from datetime import datetime, tzinfo

EARLIEST_YEAR = 1971
"""Earlier years stand for "never": 0001-01-01, and the epoch, which is 1969 west of Greenwich."""


def unix_time(text: str | None, zone: tzinfo) -> float | None:
    """Read `YYYY-MM-DD HH:MM:SS.mmm` as Unix seconds.

    In the hour that a change to winter time repeats, the first of both is meant.

    Args:
        text: The appliance's text; None, the word `null` and all else that is no time give None.
        zone: The zone it is meant in, unless it names an offset itself.
    """
    try:
        moment = datetime.fromisoformat(text.strip() if text else "")
    except ValueError:
        return None
    if moment.year < EARLIEST_YEAR:
        return None
    return (moment if moment.tzinfo else moment.replace(tzinfo=zone)).timestamp()


def is_never(text: str | None) -> bool:
    """Tell whether a CIM time (`YYYYMMDDHHMMSS.ffffff±MMM`) says that there was no measurement."""
    year = (text or "").strip()[:4]
    return year.isascii() and year.isdigit() and int(year) < EARLIEST_YEAR
