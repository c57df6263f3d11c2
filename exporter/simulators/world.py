"""What is the truth about the fleet at a time?

State is a pure function of the seed, the slot and the time; only what was set by hand is kept.
"""

import time
from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import Any, Final, Literal

from exporter.simulators.episodes import Episodes, Situation
from exporter.simulators.hashing import noise, pick, unit
from exporter.simulators.identity import COM, FIRST_OTHER_SLOT, OME, Register
from exporter.simulators.load import DAY, JOULES_PER_KWH, Curve, Load, curve
from exporter.simulators.machines import (
    CHASSIS,
    CHASSIS_MODEL,
    IO_MODULE,
    NETWORK_IOM,
    PLACES,
    POWEREDGES,
    PROLIANTS,
    ROLES,
    SERVER,
    SLED,
    STORAGE,
    STORAGE_ARRAY,
    ComServer,
    EnergyOfWindow,
    OmeDevice,
    Place,
    PowerEdge,
    PowerReading,
)
from exporter.simulators.overrides import Override, override_from
from exporter.simulators.roster import MAX_SERVERS, Roster

STATISTICS_RESET: Final = 60 * DAY
"""Seconds between two resets of a machine's power statistics."""

_SALT_MODEL, _SALT_PROCESSOR, _SALT_MEMORY, _SALT_PLACE, _SALT_RESET = 501, 502, 503, 504, 505
_SUBSCRIPTIONS: Final = {5: "REQUIRED", 6: "EXPIRED"}
_KINDS: Final = {
    CHASSIS: (CHASSIS_MODEL, "MX"),
    NETWORK_IOM: (IO_MODULE, "IOM"),
    STORAGE: (STORAGE_ARRAY, "ME5"),
}


class World:
    """One synthetic fleet. Times are Unix seconds; None stands for now."""

    def __init__(
        self,
        *,
        servers: int = 200,
        seed: int = 1,
        clock: Callable[[], float] = time.time,
        com_share: float = 0.5,
    ) -> None:
        """Found a fleet of `servers` machines, the part `com_share` of them in COM."""
        if not 0 <= servers <= MAX_SERVERS or not 0 <= com_share <= 1:
            raise ValueError("servers is 0 to 100000, com_share 0 to 1")
        com_servers = round(servers * com_share)
        self.seed = seed
        self.clock = clock
        self.episodes = Episodes(seed)
        self.load = Load(self.episodes)
        self.register = Register(seed, com_servers, servers - com_servers)
        self.roster = Roster(seed, com_servers, servers - com_servers, self.register)
        self.overrides: dict[str, Override] = {}
        self.changes = 0
        """How often something was set by hand."""
        self._born: dict[int, float] = {}

    def com_servers(self, t: float | None = None) -> list[ComServer]:
        """Return every server of COM."""
        at = self._time(t)
        return [self.com_server(slot, at) for slot in self.roster.com]

    def ome_devices(self, t: float | None = None) -> list[OmeDevice]:
        """Return every device of OME, those that are no servers included."""
        at = self._time(t)
        return [self.ome_device(slot, at) for slot in self.roster.ome]

    def com_server(self, slot: int, t: float) -> ComServer:
        """Return the server in a slot of COM."""
        index = slot >> 1
        generation, since = self._occupancy(slot, t)
        hardware = pick(PROLIANTS, self.seed, _SALT_MODEL, slot)
        serial = self.register.proliant_serial(slot, generation)
        return ComServer(
            slot=slot,
            index=index,
            at=t,
            id=f"{hardware.product_id}+{serial}",
            serial=serial,
            # A server whose operating system never told its name is listed by its serial number.
            name=serial if index % 10 == 7 else self._name(slot),
            hardware=hardware,
            processor=pick(hardware.processors, self.seed, _SALT_PROCESSOR, slot),
            memory_mib=(
                None if index % 50 == 13
                else pick(hardware.memory_mib, self.seed, _SALT_MEMORY, slot)
            ),
            generation=generation,
            installed_at=since,
            place=self.place(slot),
            subscription=self.subscription(slot),
            has_energy=self.has_energy(slot),
            situation=self._situation(slot, serial, t),
        )  # fmt: skip

    def ome_device(self, slot: int, t: float) -> OmeDevice:
        """Return the device in a slot of OME."""
        generation, since = self._occupancy(slot, t)
        kind = self.roster.type_of(slot)
        tag = self.register.service_tag(slot, generation)
        identifier = self.register.io_module_tag(slot) if kind == NETWORK_IOM else tag
        chassis = self.roster.chassis_of(slot)
        hardware, name = self._dell(slot, kind)
        return OmeDevice(
            slot=slot,
            index=slot >> 1,
            at=t,
            id=self.register.device_id(slot, generation),
            type=kind,
            identifier=identifier,
            service_tag=None if kind == NETWORK_IOM else tag,
            chassis_tag=None if chassis is None else self.register.service_tag(chassis, 0),
            chassis_slot=chassis,
            name=name,
            hardware=hardware,
            generation=generation,
            installed_at=since,
            place=self.place(slot),
            has_power=kind == SERVER and (slot >> 1) % 16 != 3,
            situation=self._ome_situation(slot, identifier, t),
        )

    def product_id(self, slot: int) -> str:
        """Return the product id of the model in a slot of COM, the first half of its ids."""
        return pick(PROLIANTS, self.seed, _SALT_MODEL, slot).product_id

    def subscription(self, slot: int) -> str:
        """Return SUBSCRIBED, REQUIRED or EXPIRED of a slot of COM."""
        return _SUBSCRIPTIONS.get((slot >> 1) % 64, "SUBSCRIBED")

    def place(self, slot: int) -> Place:
        """Return the data centre that a slot is in."""
        return pick(PLACES, self.seed, _SALT_PLACE, slot >> 4)

    def power(self, device: OmeDevice) -> PowerReading:
        """Return what the statistics of a device say at the time it was looked at."""
        shape = self.shape(device.slot, device.hardware.watts)
        t = device.at
        reset = (
            t
            - (t - STATISTICS_RESET * unit(self.seed, _SALT_RESET, device.slot)) % STATISTICS_RESET
        )
        since = max(reset, device.installed_at)
        joules = self.load.joules(device.slot, shape, since, t)
        watts = self.load.watts(device.slot, shape, t)
        off = self.load.was_off(device.slot, since, t)
        return PowerReading(
            watts=watts,
            average_watts=joules / max(t - since, 1.0),
            peak_watts=shape.highest,
            minimum_watts=14.0 if off else shape.lowest,
            headroom_watts=2 * device.hardware.watts + 200 - watts,
            kwh=joules / JOULES_PER_KWH,
            since=since,
            shape=shape,
        )

    def energy(
        self, slot: int, begin: float, end: float, published: float | None = None
    ) -> EnergyOfWindow:
        """Return the energy of the server that is in a slot of COM now, in a window.

        Args:
            slot: A slot of COM.
            begin: First Unix second of the window.
            end: Its end, exclusive.
            published: The Unix second up to which data are out, by default now.
        """
        now = self.clock()
        limit = now if published is None else published
        _, installed = self._occupancy(slot, now)
        shape = self.shape(slot, pick(PROLIANTS, self.seed, _SALT_MODEL, slot).watts)
        first, last = max(begin, installed), min(end, limit)
        joules = self.load.joules(slot, shape, first, last) if last > first else None
        return EnergyOfWindow(
            slot=slot,
            joules=joules,
            projected_joules=shape.mean * max(0.0, end - max(begin, now)),
            complete=joules is not None and first == begin and last == end,
        )

    def has_energy(self, slot: int) -> bool:
        """Tell whether COM has energy data of the server in a slot."""
        return self.subscription(slot) == "SUBSCRIBED" and (slot >> 1) % 32 != 9

    def shape(self, slot: int, watts: float) -> Curve:
        """Return the load curve of a slot whose model draws `watts` in the mean."""
        return curve(self.seed, slot, watts, self.place(slot).hours_from_utc)

    def override(self, serial: str, **wishes: Any) -> None:
        """Set `health`, `power`, `connected`, `component` or `alerts` of a machine by hand.

        Raises:
            KeyError: No machine has this serial number now.
            ValueError: A wish is unknown.
        """
        slot = self.slot_of(serial)
        override = override_from(wishes, slot, self.clock())
        self.overrides[serial] = override
        self.changes += 1
        off = None if override.power is None else override.power == "OFF"
        self.load.hold(slot, override.at, off)

    def clear_override(self, serial: str) -> None:
        """Give a machine back to its own course; an alert set by hand is gone with it."""
        override = self.overrides.pop(serial, None)
        if override is not None:
            self.changes += 1
            self.load.hold(override.slot, self.clock(), None)

    def remove(self, serial: str) -> None:
        """Take a machine out of the fleet for good."""
        slot = self.slot_of(serial)
        self.clear_override(serial)
        self.roster.remove(slot)

    def add(self, vendor: Literal["com", "ome"] = "com") -> str:
        """Take a new server into the fleet and return its serial number."""
        slot = self.roster.add(COM if vendor == "com" else OME)
        now = self._born[slot] = self.clock()
        if vendor == "com":
            return self.com_server(slot, now).serial
        return self.ome_device(slot, now).identifier

    def slot_of(self, serial: str) -> int:
        """Return the slot of a serial number or service tag that is in the fleet now.

        Raises:
            KeyError: No machine has it.
        """
        for slot in self._candidates(serial):
            if slot in self.roster.members and self.serial_of(slot, self.clock()) == serial:
                return slot
        raise KeyError(serial)

    def serial_of(self, slot: int, t: float) -> str:
        """Return the serial number, service tag or PPID of a slot."""
        generation, _ = self._occupancy(slot, t)
        if not slot & 1:
            return self.register.proliant_serial(slot, generation)
        if self.roster.type_of(slot) == NETWORK_IOM:
            return self.register.io_module_tag(slot)
        return self.register.service_tag(slot, generation)

    def _candidates(self, serial: str) -> Iterable[int]:
        slot = self.register.slot_of_serial(serial)
        if slot is not None:
            return (slot,)
        return self.roster.by_type[NETWORK_IOM]

    def _occupancy(self, slot: int, t: float) -> tuple[int, float]:
        occupancy = self.register.occupancy(slot, t)
        return occupancy.generation, max(occupancy.since, self._born.get(slot, 0.0))

    def _time(self, t: float | None) -> float:
        return self.clock() if t is None else t

    def _name(self, slot: int) -> str:
        city = self.place(slot).city
        return f"{city}-{ROLES[noise(self.seed, _SALT_PLACE, slot) % len(ROLES)]}{slot:05d}"

    def _dell(self, slot: int, kind: int) -> tuple[PowerEdge, str]:
        if kind != SERVER:
            hardware, prefix = _KINDS[kind]
            return hardware, f"{prefix}-{(slot - FIRST_OTHER_SLOT) // 2:04d}"
        if self.roster.chassis_of(slot) is not None:
            return SLED, self._name(slot)
        return pick(POWEREDGES, self.seed, _SALT_MODEL, slot), self._name(slot)

    def _situation(self, slot: int, serial: str, t: float) -> Situation:
        situation = self.episodes.situation(slot, t)
        override = self.overrides.get(serial) if self.overrides else None
        return situation if override is None or t < override.at else override.applied(situation)

    def _ome_situation(self, slot: int, identifier: str, t: float) -> Situation:
        situation = self._situation(slot, identifier, t)
        if slot < FIRST_OTHER_SLOT or identifier in self.overrides:
            return situation
        # Chassis, modules and storage fail like servers, but nobody switches them off.
        return replace(situation, power="ON", connected=True, managed=True)
