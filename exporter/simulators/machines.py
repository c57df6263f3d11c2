"""One machine at one time, with its hardware: what both APIs describe."""

from dataclasses import dataclass
from typing import Final

from exporter.simulators.episodes import Situation
from exporter.simulators.load import Curve


@dataclass(frozen=True, slots=True)
class ProLiant:
    """One HPE model as COM describes it; memory in MiB, `watts` the mean draw when on."""

    model: str
    generation: str
    product_id: str
    bios_family: str
    bmc_model: str
    bmc_version: str
    processors: tuple[str, ...]
    memory_mib: tuple[int, ...]
    watts: float


@dataclass(frozen=True, slots=True)
class PowerEdge:
    """One Dell model as OME describes it; `watts` is the mean draw when on."""

    model: str
    system_id: int
    bmc_versions: tuple[str, ...]
    watts: float
    memory_mib: tuple[int, ...] = (131072, 262144, 524288)


@dataclass(frozen=True, slots=True)
class Place:
    """A data centre: its name, its distance from UTC in hours, kg of CO2e and USD a kWh."""

    name: str
    city: str
    hours_from_utc: int
    co2e_kg_per_kwh: float
    usd_per_kwh: float


# COM pads the processor's name with blanks, as the CPU itself does.
_MILAN = ("AMD EPYC 7352 24-Core Processor                ",)
_GENOA = ("AMD EPYC 9354 32-Core Processor                ",)
_ICE = (
    "Intel(R) Xeon(R) Gold 6338 CPU @ 2.00GHz",
    "Intel(R) Xeon(R) Silver 4314 CPU @ 2.40GHz",
)
_SAPPHIRE = ("Intel(R) Xeon(R) Gold 6430", "Intel(R) Xeon(R) Platinum 8480+")
_GRANITE = ("Intel(R) Xeon(R) 6740P",)

PROLIANTS: Final = (
    ProLiant(
        "ProLiant DL360 Gen10 Plus", "GEN_10", "P28948-B21", "U46", "iLO 5", "iLO 5 v2.72",
        _ICE, (131072, 262144), 240.0,
    ),
    ProLiant(
        "ProLiant DL325 Gen10 Plus", "GEN_10", "P18606-B21", "A43", "iLO 5", "iLO 5 v3.08",
        _MILAN, (65536, 131072), 190.0,
    ),
    ProLiant(
        "ProLiant DL380 Gen11", "GEN_11", "P52560-B21", "U54", "iLO 6", "iLO 6 v1.62",
        _SAPPHIRE, (262144, 524288, 1048576), 410.0,
    ),
    ProLiant(
        "ProLiant DL365 Gen11", "GEN_11", "P59702-B21", "A55", "iLO 6", "iLO 6 v1.66",
        _GENOA, (393216, 786432), 360.0,
    ),
    ProLiant(
        "ProLiant Compute DL380 Gen12", "GEN_12", "P73282-B21", "U68", "iLO 7", "iLO 7 v1.15.00",
        _GRANITE, (524288, 1048576), 470.0,
    ),
    ProLiant(
        "Synergy 480 Gen11", "GEN_11", "P53763-B21", "I51", "iLO 6", "iLO 6 v1.60",
        _SAPPHIRE, (262144, 524288), 320.0,
    ),
)  # fmt: skip

POWEREDGES: Final = (
    PowerEdge("PowerEdge R640", 1814, ("6.10.80.00", "6.10.00.00"), 230.0),
    PowerEdge("PowerEdge R740", 1813, ("7.00.00.00", "6.10.80.00"), 290.0),
    PowerEdge("PowerEdge R650", 2306, ("7.00.60.00",), 310.0),
    PowerEdge("PowerEdge R750", 2304, ("7.10.30.00",), 380.0),
    PowerEdge("PowerEdge R660", 2646, ("7.10.50.00", "7.10.30.00"), 350.0),
    PowerEdge("PowerEdge R760", 2645, ("7.10.70.00",), 450.0),
)
SLED: Final = PowerEdge("PowerEdge MX750c", 2305, ("7.00.30.00",), 280.0)
CHASSIS_MODEL: Final = PowerEdge("PowerEdge MX7000", 2031, ("2.10.00",), 0.0)
IO_MODULE: Final = PowerEdge("MX9116n Fabric Engine", 0, (), 0.0)
STORAGE_ARRAY: Final = PowerEdge("PowerVault ME5024", 0, ("ME5.1.1.1.0",), 0.0)

PLACES: Final = (
    Place("Frankfurt FRA2", "fra", 1, 0.381, 0.19),
    Place("Geneva GVA1", "gva", 1, 0.067, 0.21),
    Place("Houston HOU4", "hou", -6, 0.4413, 0.16),
    Place("Singapore SIN1", "sin", 8, 0.47, 0.18),
)
ROLES: Final = ("web", "db", "esx", "app", "k8s", "backup")

BMC_NETWORKS: Final = ("192.0.2", "198.51.100", "203.0.113")


def bmc_address(slot: int) -> str:
    """Return an address that no other slot has: documentation ranges first, then 10.0.0.0/8."""
    if slot < 600:
        network, host = divmod(slot, 200)
        return f"{BMC_NETWORKS[network]}.{host + 20}"
    return f"10.{64 + (slot >> 16)}.{(slot >> 8) & 255}.{slot & 255}"


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
