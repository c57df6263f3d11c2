"""Which slots are in the fleet, in which order does a vendor list them, and who is who?"""

import math
from typing import Final

from exporter.simulators.hashing import noise
from exporter.simulators.identity import COM, FIRST_OTHER_SLOT, Register
from exporter.simulators.machines import CHASSIS, NETWORK_IOM, SERVER, STORAGE

MAX_SERVERS: Final = 100_000
_SALT_SHUFFLE: Final = 401


class Roster:
    """Membership: changed only by hand (`add`, `remove`), counted by `version`.

    OME manages a chassis for every 64 servers, two I/O modules in each, and some storage.
    """

    def __init__(self, seed: int, com_servers: int, ome_servers: int, register: Register) -> None:
        """Fill the slots of a new fleet."""
        self._seed = seed
        self._register = register
        self._next = [com_servers, ome_servers]
        chassis = math.ceil(ome_servers / 64)
        storage = max(1, ome_servers // 100) if ome_servers else 0
        self._first_module = FIRST_OTHER_SLOT + 2 * chassis
        self._first_storage = self._first_module + 4 * chassis
        others = range(FIRST_OTHER_SLOT, self._first_storage + 2 * storage, 2)
        self._end = self._first_storage + 2 * storage
        self.com = [2 * index for index in range(com_servers)]
        self.ome = [*(2 * index + 1 for index in range(ome_servers)), *others]
        self._sort()
        self.version = 0

    def _sort(self) -> None:
        self.ome.sort(key=lambda slot: (self.type_of(slot) != NETWORK_IOM,
                                        self._register.order(slot)))  # fmt: skip
        self.by_type = {
            kind: [slot for slot in self.ome if self.type_of(slot) == kind]
            for kind in (SERVER, CHASSIS, STORAGE, NETWORK_IOM)
        }
        self.members = frozenset((*self.com, *self.ome))

    def type_of(self, slot: int) -> int:
        """Return OME's device type of a slot."""
        if slot < FIRST_OTHER_SLOT:
            return SERVER
        if slot < self._first_module:
            return CHASSIS
        return NETWORK_IOM if slot < self._first_storage else STORAGE

    def chassis_of(self, slot: int) -> int | None:
        """Return the slot of the chassis that a sled or an I/O module sits in."""
        if slot < FIRST_OTHER_SLOT:
            index = slot >> 1
            return FIRST_OTHER_SLOT + 2 * (index // 64) if slot & 1 and index % 8 == 0 else None
        if self.type_of(slot) == NETWORK_IOM:
            return FIRST_OTHER_SLOT + (slot - self._first_module) // 4 * 2
        return None

    def add(self, vendor: int) -> int:
        """Take a new slot into the fleet and return it."""
        if self._next[vendor] >= MAX_SERVERS + 2000:
            raise ValueError("the fleet is full")
        slot = 2 * self._next[vendor] + vendor
        self._next[vendor] += 1
        (self.com if vendor == COM else self.ome).append(slot)
        self._changed()
        return slot

    def remove(self, slot: int) -> None:
        """Take a slot out of the fleet."""
        (self.ome if slot & 1 else self.com).remove(slot)
        self._changed()

    def com_order(self, offset: int, count: int, epoch: int) -> list[int]:
        """Return a part of COM's list: shuffled, and shuffled anew when the fleet changes."""
        return self._shuffled(self.com, offset, count, noise(self._seed, epoch, self.version))

    def ome_order(self, slots: list[int], offset: int, count: int, request: int) -> list[int]:
        """Return a part of OME's list without `$orderby`: it drifts from request to request."""
        return self._shuffled(slots, offset, count, 3 * request)

    def _shuffled(self, slots: list[int], offset: int, count: int, turn: int) -> list[int]:
        size = len(slots)
        if not size:
            return []
        step = 1 + noise(self._seed, _SALT_SHUFFLE) % size
        while math.gcd(step, size) != 1:
            step += 1
        return [
            slots[(place + turn) * step % size]
            for place in range(offset, min(offset + count, size))
        ]  # fmt: skip

    def groups(self, vendor: int) -> list[int]:
        """Return the first slot of each group of 64 that the fleet reaches into."""
        servers = range(vendor, 2 * self._next[vendor] + vendor, 128)
        if vendor == COM:
            return list(servers)
        first = (FIRST_OTHER_SLOT >> 7 << 7) + vendor
        return [*servers, *range(first, self._end, 128)]

    def _changed(self) -> None:
        self._sort()
        self.version += 1
