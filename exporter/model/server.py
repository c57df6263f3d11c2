"""What is known of a server and its groups: identity, firmware, licence, support and membership."""

from enum import StrEnum

from msgspec import Struct

from exporter.model.health import Health


class Server(Struct, frozen=True, gc=False):
    """Who a server is: the vendor's id, the serial number and the name to show."""

    id: str
    serial: str
    name: str


class Description(Struct, frozen=True, gc=False, kw_only=True):
    """Descriptive words of a server; the empty string where the vendor gave none."""

    id: str
    model: str = ""
    generation: str = ""
    processor: str = ""
    hostname: str = ""
    os: str = ""
    bmc_address: str = ""
    bmc_model: str = ""
    bmc_version: str = ""
    chassis: str = ""
    device_type: str = "server"


class Location(Struct, frozen=True, gc=False, kw_only=True):
    """Where a server stands; empty strings for what is not known."""

    location: str = ""
    room: str = ""
    aisle: str = ""
    rack: str = ""
    slot: str = ""


class Memory(Struct, frozen=True, gc=False):
    """Installed memory of one server."""

    bytes: int


class FirmwareUpdateState(StrEnum):
    """How the last firmware update of a server ended."""

    OK = "ok"
    FAILED = "failed"
    SKIPPED = "skipped"
    NOT_UPDATED = "not_updated"


class Firmware(Struct, frozen=True, gc=False):
    """Version by component (bios, bmc, …), sorted by component."""

    versions: tuple[tuple[str, str], ...]


class FirmwareUpdate(Struct, frozen=True, gc=False):
    """Outcome of the last firmware update."""

    state: FirmwareUpdateState


class SubscriptionState(StrEnum):
    """Whether the vendor's management licence is valid for a server."""

    SUBSCRIBED = "subscribed"
    REQUIRED = "required"
    EXPIRED = "expired"


class Subscription(Struct, frozen=True, gc=False, kw_only=True):
    """The management licence of one server."""

    state: SubscriptionState | None = None
    tier: str = ""
    end: float | None = None
    """Unix seconds."""


class Warranty(Struct, frozen=True, gc=False):
    """Unix seconds at which the support of a server ends."""

    end: float


class GroupMembership(Struct, frozen=True, gc=False):
    """Names of the groups that a server is in, sorted."""

    groups: tuple[str, ...]


class GroupSizes(Struct, frozen=True, gc=False):
    """Members by group, as the API counts them."""

    members: tuple[tuple[str, int], ...]


class GroupHealths(Struct, frozen=True, gc=False):
    """Health by group."""

    states: tuple[tuple[str, Health], ...]
