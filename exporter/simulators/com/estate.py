"""What a workspace holds beside its servers: contracts, jobs, gateways and OneView appliances."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Final, Literal

from exporter.simulators.com.listing import offset_time
from exporter.simulators.hashing import noise, unit, uuid_text
from exporter.simulators.load import DAY
from exporter.simulators.machines import ComServer
from exporter.simulators.world import World

_SALTS: Final = {"gateway": 807, "oneview": 808}
_MODELS: Final = {
    "gateway": "HPE Compute Ops Management secure gateway",
    "oneview": "HPE OneView VM - VMware vSphere",
}
_ADDED_AT: Final = 1.74e9


@dataclass(frozen=True, slots=True)
class Appliance:
    """A secure gateway or a OneView appliance; `number` 0 is the one that servers refer to."""

    kind: str
    number: int

    @property
    def id(self) -> str:
        """The primary identifier, a UUID."""
        return uuid_text(_SALTS[self.kind], self.number)

    @property
    def device_id(self) -> str:
        """Product id and serial number, as for servers."""
        return f"{self.kind}+{self.id}"

    @property
    def uri(self) -> str:
        """The address in the records of servers."""
        return f"/compute-ops-mgmt/v1beta1/appliances/{self.device_id}"

    @property
    def hostname(self) -> str:
        """The full name, which is also the name that is shown."""
        return f"{self.kind}-{self.number:02d}.example.net"


GATEWAY: Final = Appliance("gateway", 0)
ONEVIEW: Final = Appliance("oneview", 0)


def gateway_record(appliance: Appliance, state: str) -> dict[str, Any]:
    """Return an item of `v1beta2/appliances`."""
    record = {
        **_record(appliance, state),
        "type": "compute-ops-mgmt/appliance",
        "deviceId": appliance.device_id,
        "ipAddress": "192.0.2.7",
        "version": "1.6.0",
        "applianceType": "GATEWAY",
        "applianceMode": "NORMAL",
    }
    if state == "DISCONNECTED":
        record["lastDisconnectedAt"] = offset_time(_ADDED_AT + 7200)
    return record


def oneview_record(appliance: Appliance, state: str) -> dict[str, Any]:
    """Return an item of `v1beta1/oneview-appliances`, whose keys are spelt differently."""
    return {
        **_record(appliance, state),
        "type": "compute-ops-mgmt/oneview-appliance",
        "device-id": appliance.device_id,
        "ipaddress": "192.0.2.8",
        "version": "8.00.00",
        "complianceState": ("Compliant", "Not_compliant", "Unknown")[appliance.number % 3],
    }


def _record(appliance: Appliance, state: str) -> dict[str, Any]:
    return {
        "id": appliance.id,
        "name": appliance.hostname,
        "hostname": appliance.hostname,
        "productId": appliance.kind,
        "modelNumber": _MODELS[appliance.kind],
        "generation": 1 + appliance.number,
        "createdAt": offset_time(_ADDED_AT),
        "updatedAt": offset_time(_ADDED_AT + 3600),
        "state": state,
    }


GROUP_SIZE: Final = 50
JOB_EVERY: Final = 900.0
HISTORY: Final = 30 * DAY
"""Seconds for which jobs are kept."""
RESOURCES: Final = (
    "CPU_UTILIZATION", "MEMORY_BUS_UTILIZATION", "IO_BUS_UTILIZATION",
    "CPU_INTERCONNECT_UTILIZATION",
)  # fmt: skip

Compliance = Literal["COMPLIANT", "NOT_COMPLIANT", "UNKNOWN"]

_SALT_FIRMWARE, _SALT_SETTINGS, _SALT_SCORE, _SALT_JOB, _SALT_USE = range(801, 806)


@dataclass(frozen=True, slots=True)
class Group:
    """A group with the servers that are in it now; `appliances` are members that are no servers.

    Without `has_firmware` or `has_settings` it asks nothing of them, and COM knows no compliance.
    """

    id: str
    number: int
    name: str
    servers: tuple[ComServer, ...]
    appliances: tuple[Appliance, ...]
    has_firmware: bool
    has_settings: bool


@dataclass(frozen=True, slots=True)
class Job:
    """A job at a time; `state` is COM's word, `result` None until it is over."""

    id: str
    number: int
    state: str
    result: str | None
    created_at: float
    updated_at: float


@dataclass(frozen=True, slots=True)
class Contract:
    """A contract of one server, in Unix seconds; `ends` is None where COM does not know."""

    number: int
    starts: float | None
    ends: float | None


class Estate:
    """The truth behind COM's slower lists."""

    def __init__(self, world: World) -> None:
        """Look at a world."""
        self._world = world
        self._known = lru_cache(maxsize=2)(self._all_servers)
        self._formed = lru_cache(maxsize=2)(self._all_groups)

    def servers(self, t: float) -> tuple[ComServer, ...]:
        """Return the servers; who they are is true, their situation may be older."""
        return self._known(self._epoch(t))

    def groups(self, t: float) -> tuple[Group, ...]:
        """Return all groups: of servers, one of a OneView appliance, and an empty one."""
        return self._formed(self._epoch(t))

    def firmware(self, server: ComServer) -> Compliance:
        """Return the compliance of a server's firmware."""
        return _compliance(noise(self._world.seed, _SALT_FIRMWARE, server.slot))

    def score(self, server: ComServer) -> int:
        """Return how many of a hundred points the firmware of a server has."""
        state = self.firmware(server)
        if state == "UNKNOWN":
            return 0
        low = noise(self._world.seed, _SALT_SCORE, server.slot) % 90
        return 100 if state == "COMPLIANT" else low

    def settings(self, server: ComServer) -> Compliance:
        """Return the compliance of a server's iLO settings."""
        return _compliance(noise(self._world.seed, _SALT_SETTINGS, server.slot))

    def contracts(self, server: ComServer) -> list[Contract]:
        """Return the contracts of a server; one in twenty has none, one in five a second one."""
        if server.index % 20 == 19:
            return []
        starts = server.installed_at // DAY * DAY
        if server.index % 20 == 18:
            return [Contract(0, None, None)]
        years = 3 if server.index % 3 else 1
        first = Contract(0, starts, starts + years * 365 * DAY)
        second = Contract(1, starts, starts + 5 * 365 * DAY)
        return [second, first] if server.index % 5 == 0 else [first]

    def jobs(self, t: float) -> Iterator[Job]:
        """Yield the jobs that are kept, the newest first."""
        newest, oldest = int(t // JOB_EVERY), int((t - HISTORY) // JOB_EVERY)
        return (self._job(number, t) for number in range(newest, oldest, -1))

    def gateways(self) -> list[tuple[Appliance, str]]:
        """Return the secure gateways with their states, one for each 64 servers."""
        states = ("CONNECTED", "CONNECTED", "DISCONNECTED", "NOT_ACTIVATED")
        return _appliances("gateway", 1 + len(self._world.roster.com) // 64, states)

    def oneviews(self) -> list[tuple[Appliance, str]]:
        """Return the OneView appliances with their states, in small letters here."""
        states = ("connected", "not activated", "connected", "disconnected")
        return _appliances("oneview", 2 + len(self._world.roster.com) // 100, states)

    def is_measured(self, server: ComServer) -> bool:
        """Tell whether COM has the utilization of a server: Intel, and not through OneView."""
        through_oneview = server.index % 16 == 3
        return server.has_energy and "Intel" in server.processor and not through_oneview

    def utilization(self, server: ComServer, resource: str, day: float) -> float:
        """Return the average of a day that begins at a Unix second, in per cent."""
        which = RESOURCES.index(resource)
        usual = 5 + 60 * unit(self._world.seed, _SALT_USE, server.slot, which)
        return usual + 30 * unit(self._world.seed, _SALT_USE, server.slot, which, int(day // DAY))

    def _epoch(self, t: float) -> tuple[int, int]:
        return self._world.roster.version, self._world.register.epoch(t)

    def _all_servers(self, epoch: tuple[int, int]) -> tuple[ComServer, ...]:
        del epoch  # the cache's key only
        return tuple(self._world.com_servers())

    def _all_groups(self, epoch: tuple[int, int]) -> tuple[Group, ...]:
        members: dict[int, list[ComServer]] = {}
        for server in self._known(epoch):
            # One server in sixteen is in no group.
            if server.index % 16 != 15:
                members.setdefault(server.index // GROUP_SIZE, []).append(server)
        found = [self._group(number, tuple(each)) for number, each in sorted(members.items())]
        number = len(self._world.roster.com) // GROUP_SIZE + 1000
        return (*found, self._group(number, (), (ONEVIEW,)), self._group(number + 1, ()))

    def _group(
        self, number: int, servers: tuple[ComServer, ...], appliances: tuple[Appliance, ...] = ()
    ) -> Group:
        return Group(
            id=uuid_text(self._world.seed, number, 11),
            number=number,
            name=f"group-{number:03d}",
            servers=servers,
            appliances=appliances,
            has_firmware=bool(servers) and number % 5 != 3,
            has_settings=bool(servers) and number % 3 != 1,
        )

    def _job(self, number: int, t: float) -> Job:
        dice = noise(self._world.seed, _SALT_JOB, number)
        created = number * JOB_EVERY
        moments = _course(dice % 10, created, 60.0 + dice % 600, 600.0 + dice % 3000)
        state, result, since = next(each for each in reversed(moments) if each[2] <= t)
        return Job(uuid_text(dice, number), number, state, result, created, since)


def _course(
    role: int, created: float, waits: float, runs: float
) -> list[tuple[str, str | None, float]]:
    """Return state, result and begin of each stage of a job."""
    if role == 7:
        waits = 7200.0
    first = "APPROVAL_PENDING" if role == 7 else "PENDING"
    started, ended = created + waits, created + waits + runs
    stages: list[tuple[str, str | None, float]] = [
        (first, None, created), ("RUNNING", None, started),
    ]  # fmt: skip
    if role == 8:
        return [*stages, ("STALLED", None, ended), ("ERROR", "FAILURE", ended + 3 * 3600)]
    if role == 9:
        return [(first, None, created), ("COMPLETE", "DECLINED", started)]
    return [*stages, ("COMPLETE", "FAILURE" if role == 0 else "SUCCESS", ended)]


def _appliances(kind: str, count: int, states: tuple[str, ...]) -> list[tuple[Appliance, str]]:
    return [(Appliance(kind, number), states[number % len(states)]) for number in range(count)]


def _compliance(dice: int) -> Compliance:
    if dice % 20 == 0:
        return "UNKNOWN"
    return "NOT_COMPLIANT" if dice % 20 < 5 else "COMPLIANT"
