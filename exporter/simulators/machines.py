"""What does the world know of one machine at one time? The truth both dialects speak of."""

from dataclasses import dataclass

from exporter.simulators.episodes import Situation
from exporter.simulators.hardware import Place, PowerEdge, ProLiant
from exporter.simulators.load import Curve

SERVER, CHASSIS, STORAGE, NETWORK_IOM = 1000, 2000, 3000, 4000
"""OME's device types."""


@dataclass(frozen=True, slots=True)
class ComServer:
    """A server of COM at the Unix second `at`.

    `index` counts COM's servers; `id` is product id and serial number joined by a plus sign.
    `subscription` is SUBSCRIBED, REQUIRED or EXPIRED. Without `has_energy` there are no energy
    data of it. All times are Unix seconds.
    """

    slot: int
    index: int
    at: float
    id: str
    serial: str
    name: str
    hardware: ProLiant
    processor: str
    memory_mib: int | None
    generation: int
    installed_at: float
    place: Place
    subscription: str
    has_energy: bool
    situation: Situation


@dataclass(frozen=True, slots=True)
class OmeDevice:
    """A device of OME at the Unix second `at`; `type` is one of 1000, 2000, 3000, 4000.

    `identifier` is the service tag, for I/O modules a PPID (then `service_tag` is None).
    `chassis_slot` is the slot of the chassis that a sled or a module sits in. A device without
    `has_power` answers neither `/Power` nor `/Temperature`.
    """

    slot: int
    index: int
    at: float
    id: int
    type: int
    identifier: str
    service_tag: str | None
    chassis_tag: str | None
    chassis_slot: int | None
    name: str
    hardware: PowerEdge
    generation: int
    installed_at: float
    place: Place
    has_power: bool
    situation: Situation


@dataclass(frozen=True, slots=True)
class PowerReading:
    """What a machine's own statistics say: watts, and kWh since the Unix second `since`."""

    watts: float
    average_watts: float
    peak_watts: float
    minimum_watts: float
    headroom_watts: float
    kwh: float
    since: float
    shape: Curve


@dataclass(frozen=True, slots=True)
class EnergyOfWindow:
    """Energy of one server of COM between two Unix seconds.

    `joules` is what was collected and is published, None if there is nothing of it yet;
    `complete` says that it covers the whole window. `projected_joules` is a forecast of the rest.
    """

    slot: int
    joules: float | None
    projected_joules: float
    complete: bool
