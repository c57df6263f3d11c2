"""Who is a server, where does it stand, and what is built into it?"""

from msgspec import Struct


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
