"""How does OME answer `GET /api/JobService/Jobs`? It cannot sort them."""

from collections.abc import Mapping
from typing import Any, Final

from exporter.simulators.answer import Answer
from exporter.simulators.hashing import pick
from exporter.simulators.ome.appliance import Appliance
from exporter.simulators.ome.paged import Paged, dialect
from exporter.simulators.ome.times import appliance_time
from exporter.simulators.world import World

PATH: Final = "/api/JobService/Jobs"
NAMES: Final = {
    2020: "Scheduled", 2030: "Queued", 2040: "Starting", 2050: "Running", 2060: "Completed",
    2070: "Failed", 2080: "New", 2090: "Warning", 2100: "Aborted", 2101: "Paused",
    2102: "Stopped", 2103: "Canceled", 2200: "NotRun",
}  # fmt: skip
HOURLY: Final = 3600.0
JOBS: Final = 170

_LIST: Final = Paged(
    PATH,
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
        return _LIST.answer(query, range(JOBS), lambda job: self._record(job, t), self._appliance)

    def codes(self, t: float | None = None) -> list[tuple[int, int | None]]:
        """Return `JobStatus` and `LastRunStatus` of every job; None where it never ran."""
        at = self._world.clock() if t is None else t
        return [self._course(job, at) for job in range(JOBS)]

    def _course(self, job: int, t: float) -> tuple[int, int | None]:
        return pick(_COURSES, self._world.seed, _SALT, job, int(t // HOURLY))

    def _record(self, job: int, t: float) -> dict[str, Any]:
        now, last = self._course(job, t)
        kind, name = _TYPES[job % len(_TYPES)]
        number = 10_016 + job
        zone = self._appliance.zone
        return {
            "@odata.type": "#JobService.Job",
            "@odata.id": f"{PATH}({number})",
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
            "ExecutionHistories@odata.navigationLink": f"{PATH}({number})/ExecutionHistories",
        }


def _status(code: int) -> dict[str, Any]:
    return {"@odata.type": "#JobService.JobStatus", "Id": code, "Name": NAMES[code]}
