"""What does a device look like in `GET /api/DeviceService/Devices`?"""

from datetime import UTC, tzinfo
from typing import Any, Final

from exporter.simulators.hashing import mac_address
from exporter.simulators.load import DAY
from exporter.simulators.machines import CHASSIS, NETWORK_IOM, SERVER, OmeDevice, bmc_address
from exporter.simulators.ome.appliance import appliance_time

STATUS: Final = {"OK": 1000, "UNKNOWN": 2000, "WARNING": 3000, "CRITICAL": 4000}
NO_STATUS: Final = 5000
POWER: Final = {"UNKNOWN": 1, "ON": 17, "OFF": 18, "POWERING_ON": 20, "POWERING_OFF": 21,
                "RESET": 20}  # fmt: skip
TYPES: Final = {
    1000: "SERVER", 2000: "CHASSIS", 3000: "STORAGE", 4000: "NETWORK_IOM", 5000: "DELL STORAGE",
    7000: "NETWORK SWITCH", 8000: "STORAGE_IOM", 9000: "NETWORK_CONTROLLER",
}  # fmt: skip

_COLLECTIONS: Final = (
    "SensorHealth", "InventoryDetails", "HardwareLogs", "SubSystemHealth", "RecentActivity",
    "Settings", "PowerUsageByDevice", "DeviceBladeSlots",
)  # fmt: skip
_SINGLES: Final = (
    "VirtualSession", "Baselines", "InventoryTypes", "LogSeverities", "Temperature", "Power",
    "SystemUpTime", "BlinkStatus", "GraphicInfo", "DeployRequired",
)  # fmt: skip
_SERVER_CAPABILITIES: Final = (
    1, 2, 3, 4, 5, 6, 7, 8, 9, 11, 12, 13, 14, 15, 207, 16, 208, 17, 209, 18, 210, 211, 212, 213,
    30, 31, 33, 41, 1001, 1009, 50, 1012, 1015, 1016,
)  # fmt: skip
# A sled lists sensors (4) but neither power (5) nor temperature (6), and yet may answer both.
_SLED_CAPABILITIES: Final = tuple(each for each in _SERVER_CAPABILITIES if each not in (5, 6))
_CHASSIS_CAPABILITIES: Final = (18, 8, 201)


def status_code(device: OmeDevice) -> int:
    """Return the device's `Status`: 1000, 2000, 3000, 4000, or 5000 for none."""
    return STATUS[device.situation.health] if device.situation.rated else NO_STATUS


def chassis_tag(device: OmeDevice) -> str | None:
    """Return `ChassisServiceTag`: of a server in no chassis its own tag, of a chassis none."""
    return device.service_tag if _stands_alone(device) else device.chassis_tag


def _stands_alone(device: OmeDevice) -> bool:
    return device.type == SERVER and device.chassis_slot is None


def record(device: OmeDevice, zone: tzinfo = UTC) -> dict[str, Any]:
    """Return the whole item; times are in the appliance's zone."""
    path = f"/api/DeviceService/Devices({device.id})"
    situation = device.situation
    return {
        "@odata.type": "#DeviceService.Device",
        "@odata.id": path,
        "Id": device.id,
        "Type": device.type,
        "Identifier": device.identifier,
        "DeviceServiceTag": device.service_tag,
        "ChassisServiceTag": chassis_tag(device),
        "Model": device.hardware.model,
        "PowerState": POWER[situation.power],
        "ManagedState": 3000 if situation.managed else 5000,
        "Status": status_code(device),
        "ConnectionState": situation.connected,
        "AssetTag": (None, "", f"A-{device.slot:06d}")[device.index % 3],
        "SystemId": device.hardware.system_id,
        "DeviceName": device.name,
        "LastInventoryTime": _inventory_time(device, zone),
        "LastStatusTime": _status_time(device, zone),
        "DeviceSubscription": None,
        "DeviceCapabilities": _capabilities(device),
        "SlotConfiguration": _slot(device),
        "DeviceManagement": _management(device, zone),
        "Enabled": True,
        "Actions": None,
        "ConnectionStateReason": 101 if situation.connected else 102,
        "ChassisIp": "" if device.chassis_slot is None else bmc_address(device.chassis_slot),
        "DiscoveryConfigurationJobInformation": [
            {"GroupId": "8", "CreatedBy": "admin", "DiscoveryJobName": "Discovery-202303021320011"}
        ],
        **{f"{name}@odata.navigationLink": f"{path}/{name}" for name in _COLLECTIONS},
        **{name: {"@odata.id": f"{path}/{name}"} for name in _SINGLES},
    }


def _inventory_time(device: OmeDevice, zone: tzinfo) -> str | None:
    if device.index % 64 == 49:
        return None
    if device.index % 64 == 17:
        return "null"
    nightly = device.at - (device.at - 66_600 - device.slot % 600) % DAY
    return appliance_time(max(nightly, device.installed_at + 240.81), zone)


def _status_time(device: OmeDevice, zone: tzinfo) -> str:
    # The appliance looks at all devices in one go, a few seconds after the full hour.
    hourly = device.at - device.at % 3600 + 3.187 + device.slot % 4
    return appliance_time(min(hourly, device.at), zone)


def _capabilities(device: OmeDevice) -> tuple[int, ...]:
    if device.type == SERVER:
        return _SERVER_CAPABILITIES if device.chassis_slot is None else _SLED_CAPABILITIES
    return _CHASSIS_CAPABILITIES if device.type == CHASSIS else ()


def _slot(device: OmeDevice) -> dict[str, Any]:
    if device.chassis_slot is None:
        return {} if device.type == CHASSIS else {"ChassisName": None}
    sled = device.type == SERVER
    number = device.index // 8 % 8 + 1 if sled else device.index % 2 + 1
    return {
        "ChassisId": "null",
        "ChassisName": f"MX-{device.chassis_tag}",
        "ChassisServiceTag": device.chassis_tag,
        "SledBlockPowerOn": "null",
        "SlotId": "null",
        "SlotName": f"Sled-{number}" if sled else f"IOM-A{number}",
        "SlotNumber": str(number),
        "SlotType": "2000" if sled else "4000",
    }


def _management(device: OmeDevice, zone: tzinfo) -> list[dict[str, Any]]:
    if device.type == NETWORK_IOM or device.index % 64 == 33:
        return []
    real = _entry(device, bmc_address(device.slot), device.slot * 4, zone)
    if device.index % 20 != 5:
        return [real]
    placeholder = _entry(device, "[::]", device.slot * 4 + 1, zone)
    placeholder["DnsName"] = ""
    for profile in placeholder["ManagementProfile"]:
        profile["ManagementURL"] = "unknown"
    return [placeholder, real]


def _entry(device: OmeDevice, address: str, number: int, zone: tzinfo) -> dict[str, Any]:
    agent = "iDRAC" if device.type == SERVER else ""
    return {
        "ManagementId": number,
        "NetworkAddress": address,
        "MacAddress": mac_address(device.slot, device.generation % 64),
        "ManagementType": 2,
        "InstrumentationName": device.name if device.index % 3 else "",
        "DnsName": f"idrac-{device.identifier}" if device.index % 9 else "",
        "ManagementProfile": [
            {
                "ManagementProfileId": number + 2 - place,
                "ProfileId": "",
                "ManagementId": number,
                "AgentName": agent,
                "Version": version,
                "ManagementURL": f"https://{address}:443",
                "HasCreds": 1,
                "Status": 1000,
                "StatusDateTime": appliance_time(device.installed_at + 400 - place * 60, zone),
            }
            for place, version in enumerate(device.hardware.bmc_versions)
        ],
    }
