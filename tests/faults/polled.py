"""Which collectors are there, and which calls are theirs?"""

from dataclasses import dataclass
from typing import Final, Literal

Vendor = Literal["com", "ome"]
VENDORS: Final[tuple[Vendor, ...]] = ("com", "ome")
SOURCE: Final[dict[Vendor, str]] = {"com": "com-demo", "ome": "ome-demo"}
"""The names that the simulation gives its sources."""
OTHER: Final[dict[Vendor, Vendor]] = {"com": "ome", "ome": "com"}
LOGIN: Final[dict[Vendor, str]] = {"com": "/token", "ome": "/Sessions$"}


@dataclass(frozen=True)
class Polled:
    """A collector, and the calls that only it makes: expressions for path and query."""

    vendor: Vendor
    name: str
    path: str
    query: str = ""

    @property
    def id(self) -> str:
        return f"{self.vendor}.{self.name}"


COLLECTORS: Final = (
    Polled("com", "servers", r"/v1/servers$", r"^(?!.*firmwareInventory)"),
    Polled("com", "alerts", r"/v1/alerts$"),
    Polled("com", "energy", r"/energy-by-entity$"),
    Polled("com", "utilization", r"/utilization-by-entity$"),
    Polled("com", "groups", r"/groups"),
    Polled("com", "jobs", r"/v1/jobs$"),
    Polled("com", "appliances", r"appliances$"),
    Polled("com", "firmware", r"/v1/servers$", "firmwareInventory"),
    Polled("com", "warranty", r"/server-warranty$"),
    Polled("ome", "devices", r"/DeviceService/Devices$"),
    Polled("ome", "alerts", r"/AlertService/"),
    Polled("ome", "health", r"/SubSystemHealth$"),
    Polled("ome", "power", r"/(Power|Temperature)$"),
    Polled("ome", "power_manager", r"/(PluginService|PowerService|MetricService)/"),
    Polled("ome", "groups", r"/GroupService/"),
    Polled("ome", "compliance", r"/(UpdateService|TemplateService)/"),
    Polled("ome", "warranty", r"/WarrantyService/"),
    Polled("ome", "jobs", r"/JobService/"),
    Polled("ome", "hardware", r"/InventoryDetails"),
    Polled("ome", "appliance", r"/ApplicationService/Info$"),
)
INVENTORY: Final = frozenset({"com.servers", "ome.devices"})
SWEEPS: Final = frozenset({"ome.health", "ome.power", "ome.hardware"})
"""They ask one device after the other, and make no other call."""


def of(vendor: Vendor) -> tuple[Polled, ...]:
    """Give the collectors of a vendor, the inventory first."""
    return tuple(each for each in COLLECTORS if each.vendor == vendor)
