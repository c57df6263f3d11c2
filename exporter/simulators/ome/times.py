"""How does OME write a time? In two ways, neither of which names a zone."""

from datetime import UTC, datetime, timedelta, tzinfo


def appliance_time(t: float, zone: tzinfo = UTC) -> str:
    """Write Unix seconds as listings do: `2023-07-02 18:30:20.810`, without a zone."""
    return datetime.fromtimestamp(t, zone).replace(tzinfo=None).isoformat(" ", "milliseconds")


def cim_time(t: float, hours_from_utc: int) -> str:
    """Write Unix seconds as an iDRAC does: `20210202093523.806515-360`, the offset in minutes."""
    local = datetime.fromtimestamp(t, UTC) + timedelta(hours=hours_from_utc)
    return f"{local:%Y%m%d%H%M%S.%f}{hours_from_utc * 60:+04d}"
