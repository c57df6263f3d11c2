"""How does OME answer `Devices(id)/InventoryDetails('type')`?

A single type has no `value`; what a device has no such type of is refused with 400.
"""

from typing import Any, Final

from exporter.simulators.hashing import pick
from exporter.simulators.machines import SERVER, OmeDevice
from exporter.simulators.ome.envelope import RefusalError

SYSTEMS, MEMORY = "serverOperatingSystems", "serverMemoryDevices"
SOFTWARE, LOCATION = "deviceSoftware", "deviceLocation"
MODULE_MIB: Final = 32_768

_SYSTEMS: Final = (
    ("VMware ESXi", "8.0 Update 3 Build-24022510"),
    ("Red Hat Enterprise Linux", "9.4"),
    ("Microsoft Windows Server 2022", ""),
)
_BIOS: Final = ("2.18.1", "2.22.2", "1.14.1")
_SALT_OS, _SALT_MEMORY, _SALT_BIOS = 821, 822, 823

Entry = dict[str, Any]


def details(device: OmeDevice, kind: str) -> dict[str, Any]:
    """Return the body of one type of inventory.

    Raises:
        RefusalError: The device has no such type, 400.
    """
    servers = {SYSTEMS: _systems, MEMORY: _memory} if device.type == SERVER else {}
    entries = {**servers, SOFTWARE: _software, LOCATION: _location}.get(kind)
    if entries is None or (kind == SYSTEMS and device.index % 13 == 6):
        raise RefusalError(400, "CGEN1002", kind)
    return {
        "@odata.context": "/api/$metadata#DeviceService.InventoryDetail",
        "@odata.type": "#DeviceService.InventoryDetail",
        "@odata.id": f"/api/DeviceService/Devices({device.id})/InventoryDetails('{kind}')",
        "InventoryType": kind,
        "InventoryInfo": [
            {"Id": device.id + place, **each} for place, each in enumerate(entries(device))
        ],
    }


def os_of(device: OmeDevice) -> str:
    """Return name and version of the operating system; nothing where it is not known."""
    if device.type != SERVER or device.index % 13 == 6 or device.index % 5 == 4:
        return ""
    return " ".join(filter(None, pick(_SYSTEMS, _SALT_OS, device.slot)))


def memory_mib(device: OmeDevice) -> int | None:
    """Return the memory of a device, None where its inventory lists no module."""
    if device.type != SERVER or device.index % 11 == 8:
        return None
    return pick(device.hardware.memory_mib, _SALT_MEMORY, device.slot)


def firmware_of(device: OmeDevice) -> dict[str, str]:
    """Return the installed versions of BIOS and iDRAC."""
    if device.type != SERVER:
        return {}
    return {
        "bios": pick(_BIOS, _SALT_BIOS, device.slot),
        "bmc": device.hardware.bmc_versions[0],
    }


def location_of(device: OmeDevice) -> dict[str, str]:
    """Return where a device stands; nothing where nobody wrote it down."""
    if device.index % 4 == 1:
        return {}
    return {
        "Datacenter": device.place.name,
        "Room": f"R{device.slot // 64 % 4 + 1}",
        "Aisle": f"A{device.slot // 16 % 4 + 1}",
        "Rack": f"{device.slot // 2 % 16:02d}",
        "Rackslot": str(device.index % 40 + 1),
    }


def _systems(device: OmeDevice) -> list[Entry]:
    if not os_of(device):
        return [{"OsName": "", "OsVersion": "", "Hostname": ""}] if device.index % 2 else []
    name, version = pick(_SYSTEMS, _SALT_OS, device.slot)
    return [{"OsName": name, "OsVersion": version, "Hostname": device.name}]


def _memory(device: OmeDevice) -> list[Entry]:
    count = (memory_mib(device) or 0) // MODULE_MIB
    return [
        {
            "Name": f"DIMM.Socket.A{place + 1}",
            "BankName": "A",
            "Size": MODULE_MIB,
            "Status": 1000,
            "TypeDetails": "DDR4",
            "Speed": 2666,
            "CurrentOperatingSpeed": 2400,
        }
        for place in range(count)
    ]


def _software(device: OmeDevice) -> list[Entry]:
    versions = firmware_of(device)
    if not versions:
        return [_version("1.0.2", "FRMW", "System CPLD", "27763", "INSTALLED#803__CPLD.Embedded.1")]
    idrac = "Integrated Dell Remote Access Controller"
    bios, bmc = versions["bios"], versions["bmc"]
    return [
        _version("1.0.0", "FRMW", idrac, "25227", "PREVIOUS#iDRAC.Embedded.1-1#IDRACinfo"),
        _version(bios, "BIOS", "BIOS", "159", "CURRENT#741__BIOS.Setup.1-1"),
        _version(bios, "BIOS", "BIOS", "159", "INSTALLED#741__BIOS.Setup.1-1"),
        _version("0.9.9", "BIOS", "BIOS", "159", "PREVIOUS#741__BIOS.Setup.1-1"),
        _version("00.23.32", "FRMW", "Power Supply.Slot.1", "104731", "INSTALLED#0x15__PSU.Slot.1"),
        _version(bmc, "FRMW", idrac, "25227", "INSTALLED#iDRAC.Embedded.1-1#IDRACinfo"),
        _version("4301A73", "APAC", "Dell 64 Bit uEFI Diagnostics", "25806", "INSTALLED#802__Diag"),
    ]


def _version(version: str, kind: str, name: str, component: str, instance: str) -> Entry:
    installed = instance.startswith("INSTALLED")
    return {
        "Version": version,
        "InstallationDate": "2023-06-01 18:28:44.000" if installed else "NA",
        "Status": "Installed" if installed else "Available",
        "SoftwareType": kind,
        "ComponentId": component,
        "DeviceDescription": name,
        "InstanceId": f"DCIM:{instance}",
    }


def _location(device: OmeDevice) -> list[Entry]:
    nowhere = {"Datacenter": "", "Room": "", "Aisle": "", "Rack": "", "Rackslot": "0"}
    return [{**nowhere, **location_of(device), "ManagementSystemUnit": 1}]
