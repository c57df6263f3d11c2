"""Who stands in a slot at a time, under which serial number, and which slot does a serial mean?

A slot is a place in the fleet for one machine: even numbers are COM's, odd ones OME's. Now and
then the machine of a slot is replaced by one of the same model with new identifiers. Serials are
computed from the slot and its generation, and can be turned back, so nothing is looked up.
"""

import math
from dataclasses import dataclass
from typing import Final

from exporter.simulators.hashing import base36, noise, pick

COM: Final = 0
OME: Final = 1

CAPACITY: Final = 1 << 18
FIRST_OTHER_SLOT: Final = 230_001
"""Slots from here on (odd ones) are OME's devices that are no servers."""

REPLACEMENT_INTERVAL: Final = 3 * 3600
"""Seconds between two replacements in the whole fleet; at each one machine is replaced, or, in
fleets beyond LONGEST_LIFE, several."""

LONGEST_LIFE: Final = 8000
"""Intervals after which every machine has been replaced: nearly three years."""

_SERIAL_SPAN: Final = 36**4
_SERIAL_STEP: Final = 1_000_003
_SERIAL_BACK: Final = pow(_SERIAL_STEP, -1, _SERIAL_SPAN)
_PREFIXES: Final = ("CZJ", "MXQ", "2M2", "CZ2")
_TAG_FIRST: Final = 36**6
_TAG_SPAN: Final = 35 * 36**6 // CAPACITY
_ORDER_STEP: Final = 0x2B5A5
_ORDER_BACK: Final = pow(_ORDER_STEP, -1, CAPACITY)
_GENERATIONS: Final = 64

_SALT_WEEK, _SALT_TAG, _SALT_ORDER = 101, 102, 103


@dataclass(frozen=True, slots=True)
class Occupancy:
    """The machine of a slot at a time: which one in a row it is, and its first Unix second."""

    generation: int
    since: float


class Register:
    """Identifiers of a fleet of a given size, all of them pure functions of slot and time."""

    def __init__(self, seed: int, com_servers: int, ome_servers: int) -> None:
        """Fix the order in which machines are replaced."""
        self._seed = seed
        self._com_servers = com_servers
        self._cycle = min(max(com_servers + ome_servers, 200), LONGEST_LIFE)
        step = 7919
        while math.gcd(step, self._cycle) != 1:
            step += 2
        self._step = step
        self._scramble = noise(seed, _SALT_ORDER) % CAPACITY

    def occupancy(self, slot: int, t: float) -> Occupancy:
        """Tell which machine is in the slot; OME's other devices are never replaced."""
        if slot >= FIRST_OTHER_SLOT:
            return Occupancy(0, 0.0)
        number = (slot >> 1) + (self._com_servers if slot & 1 else 0)
        rank = (number * self._step + self._scramble) % self._cycle
        generation = (int(t // REPLACEMENT_INTERVAL) - rank) // self._cycle
        return Occupancy(
            generation, float((rank + generation * self._cycle) * REPLACEMENT_INTERVAL)
        )

    def epoch(self, t: float) -> int:
        """Return a number that changes with every replacement in the fleet."""
        return int(t // REPLACEMENT_INTERVAL)

    def proliant_serial(self, slot: int, generation: int) -> str:
        """Return a serial such as `CZJ11105MN`, unique over slots and eight generations."""
        number = (slot * 8 + generation % 8) * _SERIAL_STEP % _SERIAL_SPAN
        week = noise(self._seed, _SALT_WEEK, slot, generation & 7) % 350
        return f"{_PREFIXES[slot // 2 % 4]}{week + 100:03d}{base36(number, 4)}"

    def service_tag(self, slot: int, generation: int) -> str:
        """Return a service tag of seven characters; tags sort like `order`."""
        tail = noise(self._seed, _SALT_TAG, slot, generation % _GENERATIONS) % _TAG_SPAN
        return base36(_TAG_FIRST + self.order(slot) * _TAG_SPAN + tail, 7)

    def io_module_tag(self, slot: int) -> str:
        """Return the PPID by which OME knows an I/O module; it sorts before all tags."""
        batch = pick(("A00", "A01", "X02"), self._seed, _SALT_TAG, slot)
        return f"0W875HX30CN{base36(self.order(slot), 6)}{batch}"

    def order(self, slot: int) -> int:
        """Return the place of a slot in the order of identifiers."""
        return (slot * _ORDER_STEP & (CAPACITY - 1)) ^ self._scramble

    def device_id(self, slot: int, generation: int) -> int:
        """Return OME's internal number, which a newly discovered machine gets anew."""
        return 10_000 + slot * _GENERATIONS + generation % _GENERATIONS

    def slot_of_device(self, device_id: int) -> int:
        """Return the slot that a device number belongs to, whatever its generation."""
        return (device_id - 10_000) // _GENERATIONS

    def slot_of_serial(self, serial: str) -> int | None:
        """Return the slot that a serial number may belong to; the caller compares it again."""
        try:
            number = int(serial[-4:] if len(serial) == 10 else serial, 36)
        except ValueError:
            return None
        if len(serial) == 10:
            return int(number * _SERIAL_BACK % _SERIAL_SPAN // 8)
        if len(serial) != 7:
            return None
        order = (number - _TAG_FIRST) // _TAG_SPAN
        return int((order ^ self._scramble) * _ORDER_BACK & (CAPACITY - 1))
