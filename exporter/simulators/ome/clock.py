"""Answers of OME about its clock: `TimeConfiguration` and `TimeZones`."""

from datetime import UTC, datetime, timedelta, tzinfo
from typing import Any, Final
from zoneinfo import ZoneInfo

from exporter.simulators.answer import Answer
from exporter.simulators.ome.appliance import Appliance
from exporter.simulators.ome.envelope import reply
from exporter.simulators.ome.times import appliance_time

CONFIGURATION: Final = "/api/ApplicationService/Network/TimeConfiguration"
ZONES: Final = "/api/ApplicationService/Network/TimeZones"

_QUARTERS: Final = range(-12 * 4, 14 * 4 + 1)


def configuration(appliance: Appliance, now: float) -> Answer:
    """Answer what is set; what `Appliance.zone_given` leaves out is null."""
    given = appliance.zone_given
    named = given == "name" and (appliance.zone is UTC or isinstance(appliance.zone, ZoneInfo))
    shown = given in ("name", "clock")
    document = {
        "@odata.context": "/api/$metadata#Network.TimeConfiguration",
        "@odata.type": "#Network.TimeConfiguration",
        "@odata.id": CONFIGURATION,
        "TimeZone": _id(_minutes(appliance.zone, now)),
        "TimeZoneIdLinux": str(appliance.zone) if named else None,
        "TimeZoneIdWindows": None,
        "EnableNTP": False,
        "PrimaryNTPAddress": None,
        "SecondaryNTPAddress1": None,
        "SecondaryNTPAddress2": None,
        "SystemTime": appliance_time(now, appliance.zone) if shown else None,
        "TimeSource": "Local Clock",
        "UtcTime": appliance_time(now) if shown else None,
    }
    return reply(document)


def zones() -> Answer:
    """Answer the list of zones: one for each quarter of an hour."""
    items = [_zone(15 * quarters) for quarters in _QUARTERS]
    return reply(
        {
            "@odata.context": "/api/$metadata#Collection(Network.TimeZone)",
            "@odata.count": len(items),
            "value": items,
        }
    )


def _zone(minutes: int) -> dict[str, Any]:
    sign = "-" if minutes < 0 else "+"
    hours, rest = divmod(abs(minutes), 60)
    return {
        "@odata.type": "#Network.TimeZone",
        "Utcoffsetminutes": minutes,
        "Id": _id(minutes),
        "Name": f"(GMT{sign}{hours:02}:{rest:02})",
    }


def _id(minutes: int) -> str:
    return f"TZ_ID_{minutes // 15 - _QUARTERS.start + 1}"


def _minutes(zone: tzinfo, now: float) -> int:
    offset = datetime.fromtimestamp(now, zone).utcoffset() or timedelta()
    return round(offset / timedelta(minutes=1))
