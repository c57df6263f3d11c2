"""OME's lists of jobs and warranties."""

from collections.abc import Mapping
from typing import Any, Final

from exporter.simulators.answer import Answer
from exporter.simulators.hashing import pick
from exporter.simulators.load import DAY
from exporter.simulators.machines import SERVER, OmeDevice
from exporter.simulators.ome.appliance import Appliance, appliance_time
from exporter.simulators.ome.listing import Paged, dialect
from exporter.simulators.world import World

JOBS: Final = "/api/JobService/Jobs"
NAMES: Final = {
    2020: "Scheduled", 2030: "Queued", 2040: "Starting", 2050: "Running", 2060: "Completed",
    2070: "Failed", 2080: "New", 2090: "Warning", 2100: "Aborted", 2101: "Paused",
    2102: "Stopped", 2103: "Canceled", 2200: "NotRun",
}  # fmt: skip
HOURLY: Final = 3600.0
_JOB_COUNT: Final = 170

_JOBS: Final = Paged(
    JOBS,
    "JobService.Job",
    50,
    dialect(Id="number", LastRunStatus__Id="number", JobType__Id="number", State="text"),
)
_COURSES: Final = (
    (2020, 2060), (2020, 2060), (2020, 2060), (2020, 2200), (2020, 2070), (2030, 2060),
    (2040, 2200), (2050, 2060), (2050, 2070), (2060, 2060), (2080, 2070), (2080, 2090),
    (2080, 2100), (2080, 2102), (2080, 2103), (2080, None),
)  # fmt: skip
_TYPES: Final = (
    (8, "Inventory_Task"), (101, "Discovery_Task"), (5, "Update_Task"), (3, "DeviceAction_Task"),
    (6, "Health_Task"),
)  # fmt: skip
_SALT: Final = 801


class Jobs:
    """The appliance's jobs."""

    def __init__(self, world: World, appliance: Appliance) -> None:
        """Let jobs come and go with a world's time."""
        self._world = world
        self._appliance = appliance

    def page(self, query: Mapping[str, str]) -> Answer:
        """Answer the list."""
        t = self._world.clock()
        return _JOBS.answer(
            query, range(_JOB_COUNT), lambda job: self._record(job, t), self._appliance
        )

    def codes(self, t: float | None = None) -> list[tuple[int, int | None]]:
        """Return `JobStatus` and `LastRunStatus` of every job; None where it never ran."""
        at = self._world.clock() if t is None else t
        return [self._course(job, at) for job in range(_JOB_COUNT)]

    def _course(self, job: int, t: float) -> tuple[int, int | None]:
        return pick(_COURSES, self._world.seed, _SALT, job, int(t // HOURLY))

    def _record(self, job: int, t: float) -> dict[str, Any]:
        now, last = self._course(job, t)
        kind, name = _TYPES[job % len(_TYPES)]
        number = 10_016 + job
        zone = self._appliance.zone
        return {
            "@odata.type": "#JobService.Job",
            "@odata.id": f"{JOBS}({number})",
            "Id": number,
            "JobName": f"{name}-{job}",
            "JobDescription": f"{name}-{job}",
            "NextRun": appliance_time(t - t % HOURLY + HOURLY, zone) if now == 2020 else None,
            "LastRun": appliance_time(t - t % HOURLY, zone) if last else None,
            "StartTime": None,
            "EndTime": None,
            "Schedule": "0 0/30 * 1/1 * ? *" if now == 2020 else "startnow",
            "State": "Enabled",
            "CreatedBy": "admin",
            "UpdatedBy": None,
            "Visible": True,
            "Editable": True,
            "Builtin": job % len(_TYPES) == 0,
            "UserGenerated": job % len(_TYPES) != 0,
            "Targets": [],
            "Params": [],
            "LastRunStatus": None if last is None else _status(last),
            "JobType": {"Id": kind, "Name": name, "Internal": False},
            "JobStatus": _status(now),
            "ExecutionHistories@odata.navigationLink": f"{JOBS}({number})/ExecutionHistories",
        }


def _status(code: int) -> dict[str, Any]:
    return {"@odata.type": "#JobService.JobStatus", "Id": code, "Name": NAMES[code]}


WARRANTIES: Final = "/api/WarrantyService/Warranties"
NEVER: Final = "0001-01-01 00:00:00.000"
YEAR: Final = 365 * DAY
FIELDS: Final = dialect(
    DeviceType="number", DeviceIdentifier="text", DeviceModel="text", DaysRemaining="number",
    CustomerNumber="number", OrderNumber="number",
)  # fmt: skip

_WARRANTIES: Final = Paged(WARRANTIES, "WarrantyService.Warranty", 100, FIELDS)


def warranty_ends(device: OmeDevice) -> tuple[float | None, ...]:
    """Return the Unix seconds at which each warranty of a device ends; None is the sentinel."""
    if device.index % 16 == 5:
        return (None,)
    shipped = _shipped(device)
    first = shipped + 2 * YEAR
    return (first, shipped + 5 * YEAR) if device.index % 3 == 0 else (first,)


class Warranties:
    """The warranties of all servers."""

    def __init__(self, world: World, appliance: Appliance) -> None:
        """Show the servers of a world."""
        self._world = world
        self._appliance = appliance

    def page(self, query: Mapping[str, str]) -> Answer:
        """Answer the list."""
        t = self._world.clock()
        keys = [
            (slot, place)
            for slot in self._world.roster.by_type[SERVER]
            for place in range(len(warranty_ends(self._world.ome_device(slot, t))))
        ]
        return _WARRANTIES.answer(query, keys, lambda key: self._record(key, t), self._appliance)

    def _record(self, key: tuple[int, int], t: float) -> dict[str, Any]:
        slot, place = key
        device = self._world.ome_device(slot, t)
        end = warranty_ends(device)[place]
        number = device.id * 2 + place
        zone = self._appliance.zone
        nothing = "N/A" if end is None else None
        return {
            "@odata.type": "#WarrantyService.Warranty",
            "@odata.id": f"{WARRANTIES}({number})",
            "Id": number,
            "DeviceId": device.id,
            "DeviceModel": device.hardware.model,
            "DeviceIdentifier": device.identifier,
            "DeviceType": device.type,
            "CountryLookupCode": "US",
            "CustomerNumber": 52_000_000,
            "LocalChannel": "01",
            "OrderNumber": 197_000_000 + device.index,
            "SystemShipDate": appliance_time(_shipped(device), zone),
            "State": nothing or "Active",
            "ItemNumber": nothing or "710-0001",
            "ServiceLevelCode": nothing or "PS",
            "ServiceLevelDescription": "No valid warranties found"
            if end is None
            else "Next Business Day Support",
            "ServiceLevelGroup": 0 if end is None else 5,
            "ServiceProvider": nothing or "UNY",
            "StartDate": NEVER if end is None else appliance_time(_shipped(device), zone),
            "EndDate": NEVER if end is None else appliance_time(end, zone),
            "DaysRemaining": 0 if end is None else max(0, int((end - t) // DAY)),
            "Timestamp": appliance_time(t - t % DAY, zone),
        }


def _shipped(device: OmeDevice) -> float:
    return device.installed_at - device.installed_at % DAY - 14 * DAY
