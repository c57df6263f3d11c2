"""The settings of the simulated appliance, its clock, and how it writes times."""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta, tzinfo
from typing import Any, Final, Literal
from zoneinfo import ZoneInfo

from exporter.simulators.answer import Answer
from exporter.simulators.ome.envelope import reply


def appliance_time(t: float, zone: tzinfo = UTC) -> str:
    """Write Unix seconds as listings do: `2023-07-02 18:30:20.810`, without a zone."""
    return datetime.fromtimestamp(t, zone).replace(tzinfo=None).isoformat(" ", "milliseconds")


def cim_time(t: float, hours_from_utc: int) -> str:
    """Write Unix seconds as an iDRAC does: `20210202093523.806515-360`, the offset in minutes."""
    local = datetime.fromtimestamp(t, UTC) + timedelta(hours=hours_from_utc)
    return f"{local:%Y%m%d%H%M%S.%f}{hours_from_utc * 60:+04d}"


@dataclass(slots=True)
class Appliance:
    """Settings; they may be changed at any time.

    `page_cap` shortens `$top` without a word. With `alert_orderby` off, alerts cannot be
    ordered, as on some builds. `zone` is that of the times that name none; `zone_given` says how
    `TimeConfiguration` states it: by name, by its clock, or as a number of the list. Without
    `power_manager` that plugin is not installed; its units are 1 (celsius, watts) or 2
    (fahrenheit, BTU an hour). With `compliance_words` the compliance of settings is written in
    words, as on older builds. Without `all_leaf_devices` there is no such list of a group.
    """

    page_cap: int = 1000
    alert_orderby: bool = True
    zone: tzinfo = field(default=UTC)
    zone_given: Literal["name", "clock", "list"] = "name"
    power_manager: bool = True
    temperature_unit: int = 1
    power_unit: int = 1
    gathering_minutes: int = 15
    compliance_words: bool = False
    all_leaf_devices: bool = True


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
