"""What does a server look like in `GET /v1/servers`? One function for each key of an item.

A server that never had a subscription has no `hardware`, `host` or inventory keys at all; one
whose subscription ended keeps the hardware's names but not its state.
"""

from collections.abc import Callable, Mapping
from typing import Any, Final

from exporter.simulators.com.estate import GATEWAY, ONEVIEW
from exporter.simulators.com.listing import constant, offset_time
from exporter.simulators.com.server_firmware import inventory, last_update, software
from exporter.simulators.episodes import Situation
from exporter.simulators.hashing import mac_address, uuid_text
from exporter.simulators.load import DAY
from exporter.simulators.machines import ComServer, bmc_address

HEALTH_KEYS: Final = {
    "health_led": "healthLED",
    "fans": "fans",
    "liquid_cooling": "liquidCooling",
    "memory": "memory",
    "network": "network",
    "power_supplies": "powerSupplies",
    "processor": "processor",
    "storage": "storage",
    "temperature": "temperature",
    "bios": "bios",
    "smart_storage": "smartStorage",
    "air_filter": "airFilter",
}
"""The world's word for a component, and COM's key of `hardware.health`."""

_HEALTHY: Final = {
    "summary": "OK",
    "healthLED": "OK",
    "fans": "OK",
    "fanRedundancy": "REDUNDANT",
    "liquidCooling": "NOT_PRESENT",
    "liquidCoolingRedundancy": "NOT_PRESENT",
    "memory": "OK",
    "network": "OK",
    "powerSupplies": "OK",
    "powerSupplyRedundancy": "REDUNDANT",
    "processor": "OK",
    "storage": "OK",
    "temperature": "OK",
    "bios": "OK",
    "smartStorage": "OK",
    "airFilter": "NOT_PRESENT",
}
_REDUNDANCY: Final = {"fans": "fanRedundancy", "power_supplies": "powerSupplyRedundancy"}
_LOST: Final = {"WARNING": "NON_REDUNDANT", "CRITICAL": "FAILED_REDUNDANT", "UNKNOWN": "UNKNOWN"}
_TIERS: Final = ("STANDARD", "ENHANCED", "ADVANCED")
_CONNECTIONS: Final = {3: "ONEVIEW", 4: "GATEWAY", 8: "CREDENTIAL"}
_APPLIANCES: Final = {"ONEVIEW": ONEVIEW, "GATEWAY": GATEWAY}


def record(server: ComServer) -> dict[str, Any]:
    """Return the whole item of a server."""
    return {key: FIELDS[key](server) for key in keys_of(server)}


def keys_of(server: ComServer) -> tuple[str, ...]:
    """Return the keys that the item of a server has."""
    return _KEYS[server.subscription]


def _hardware(server: ComServer) -> dict[str, Any]:
    model = server.hardware
    names = {
        "serialNumber": server.serial,
        "model": model.model,
        "uuid": uuid_text(server.slot, server.generation & 7, 1).upper(),
        "productId": model.product_id,
        "manufacturer": "HPE",
    }
    if server.subscription != "SUBSCRIBED":
        return names
    return names | {
        "memoryMb": server.memory_mib,
        "formFactor": None if server.index % 9 == 4 else "1U",
        "platform": None,
        "powerState": server.situation.power,
        "indicatorLed": ("OFF", "OFF", "LIT", "BLINKING")[server.index % 41 % 4],
        "health": _health(server),
        "bmc": _bmc(server),
    }


def _health(server: ComServer) -> dict[str, str] | None:
    situation = server.situation
    healthy = situation.health == "OK" and not situation.components
    if healthy and server.index % 128 == 40:
        return None
    if healthy:
        return {**_HEALTHY, "summary": "READY"} if server.index % 32 == 14 else dict(_HEALTHY)
    return _unwell(situation)


def _unwell(situation: Situation) -> dict[str, str]:
    health = {**_HEALTHY, "summary": situation.health}
    if situation.health == "UNKNOWN" and not situation.components:
        health |= dict.fromkeys(("memory", "network", "storage", "smartStorage"), "UNKNOWN")
    for component, state in situation.components.items():
        key = HEALTH_KEYS.get(component)
        if key is not None:
            health[key] = state
        if component in _REDUNDANCY:
            health[_REDUNDANCY[component]] = _LOST[state]
    if situation.health == "CRITICAL":
        health["healthLED"] = "CRITICAL"
    return health


def _bmc(server: ComServer) -> dict[str, Any] | None:
    if server.index % 128 == 50:
        return None
    named = server.index % 10 != 7
    address = bmc_address(server.slot)
    entered = _entered(address) if _connection(server) == "CREDENTIAL" else None
    return {
        "mac": mac_address(server.slot, server.generation & 7).upper(),
        "hostname": f"ilo{server.serial.lower()}.example.net" if named else "None",
        "license": "iLO Advanced",
        "model": server.hardware.bmc_model,
        "version": server.hardware.bmc_version,
        "userDefined": entered,
        **({} if entered else {"ip": address}),
    }


def _entered(address: str) -> dict[str, str]:
    """Return what the user of a third-party server has entered for its BMC."""
    return {
        "host": address,
        "username": "root",
        "password": "entered-by-its-user",
        "certificateFingerprint": "5f:0e",
    }


def _own_maintenance(server: ComServer) -> bool:
    # OneView keeps that of its servers by itself.
    is_shown = server.subscription == "SUBSCRIBED" and _connection(server) == "ONEVIEW"
    return server.situation.maintenance and not is_shown


def _host(server: ComServer) -> dict[str, Any] | None:
    if server.index % 16 == 2:
        return None
    if server.index % 10 == 7:
        unknown = dict.fromkeys(("osName", "osVersion", "hostname", "osDescription"), "None")
        return {**unknown, "osType": None}
    return {
        "osName": "Red Hat Enterprise Linux" if server.index % 3 else "VMware ESXi",
        "osVersion": "9.4" if server.index % 3 else "8.0.2",
        "hostname": f"{server.name}.example.net",
        "osType": 36 if server.index % 3 else None,
        "osDescription": "None",
    }


def _state(server: ComServer) -> dict[str, Any]:
    if server.subscription == "REQUIRED":
        return {
            "managed": True,
            "connected": False,
            "connectedModifiedAt": None,
            "subscriptionState": "REQUIRED",
            "subscriptionTier": None,
            "subscriptionExpiresAt": None,
            "subscriptionKey": None,
        }
    years = 5 if server.subscription == "SUBSCRIBED" else -0.1
    tier = _TIERS[server.index % 3]
    return {
        "managed": server.situation.managed,
        "connected": server.situation.connected,
        "connectedModifiedAt": offset_time(
            server.installed_at if server.situation.connected else server.situation.changed_at
        ),
        "subscriptionState": server.subscription,
        "subscriptionTier": tier.title() if server.index % 5 == 0 else tier,
        "subscriptionExpiresAt": offset_time(server.installed_at + years * 365 * DAY),
        "subscriptionKey": f"PAT{server.slot:06d}" if server.index % 4 else None,
    }


def _connection(server: ComServer) -> str:
    return _CONNECTIONS.get(server.index % 16, "DIRECT")


def _appliance(server: ComServer) -> dict[str, str] | None:
    through = _APPLIANCES.get(_connection(server))
    return None if through is None else {"applianceId": through.id, "applianceUri": through.uri}


def _oneview(server: ComServer) -> dict[str, Any] | None:
    appliance = _appliance(server)
    if appliance is None or _connection(server) != "ONEVIEW":
        return None
    return {
        "applianceUri": appliance["applianceUri"],
        "maintenanceMode": server.situation.maintenance,
        "name": f"Enclosure 1, bay {server.index % 12 + 1}",
        "state": "Monitored",
    }


def _inventory_time(server: ComServer) -> str | None:
    if server.index % 64 == 21:
        return None
    collected = server.at - (server.at - server.slot * 97) % DAY
    return offset_time(max(collected, server.installed_at))


def _log_time(server: ComServer) -> str | None:
    return None if server.index % 3 else _inventory_time(server)


def _bundle(server: ComServer) -> str | None:
    # Real values lack the service's prefix.
    bundle = uuid_text(int(server.hardware.watts), 9).replace("-", "")
    return None if server.index % 4 == 1 else f"/v1/firmware-bundles/{bundle}"


def _tags(server: ComServer) -> dict[str, str] | None:
    if server.index % 7 == 3:
        return None
    return {"Rack": f"R{server.slot // 64:03d}"} if server.index % 2 else {}


FIELDS: Final[Mapping[str, Callable[[ComServer], Any]]] = {
    "id": lambda server: server.id,
    "type": constant("compute-ops-mgmt/server"),
    "platformFamily": lambda server: (
        "PROLIANT" if server.subscription == "SUBSCRIBED" and server.index % 11 else None
    ),
    "resourceUri": lambda server: f"/compute-ops-mgmt/v1/servers/{server.id}",
    "name": lambda server: server.serial if server.subscription == "REQUIRED" else server.name,
    "createdAt": lambda server: offset_time(server.installed_at + 31.767907),
    "updatedAt": lambda server: offset_time(
        max(server.installed_at + 31.767907, server.situation.changed_at + 2.292718)
    ),
    "generation": lambda server: 1 + int((server.at - server.installed_at) // 4000),
    "hardware": _hardware,
    "state": _state,
    "firmwareInventory": inventory,
    "softwareInventory": software,
    "lastFirmwareUpdate": last_update,
    "host": _host,
    "firmwareBundleUri": _bundle,
    "tags": _tags,
    "biosFamily": lambda server: server.hardware.bios_family,
    "processorVendor": lambda server: server.processor,
    "autoIloFwUpdate": lambda server: server.index % 3 != 0,
    "serverGeneration": lambda server: server.hardware.generation,
    "connectionType": _connection,
    "maintenanceMode": _own_maintenance,
    "managedBy": lambda server: "Nutanix" if server.index % 25 == 8 else None,
    "deviceClaimType": lambda server: (None, "ZTP", "MANUAL", "MAGICLINK")[server.index % 4],
    "appliance": _appliance,
    "oneview": _oneview,
    "lastFullInventoryCollectionAt": _inventory_time,
    "lastFullInventoryCollectionPowerState": constant("ON"),
    "lastServerLogCollectionAt": _log_time,
}

_ALWAYS: Final = (
    "id", "type", "platformFamily", "resourceUri", "name", "createdAt", "updatedAt", "generation",
    "state",
)  # fmt: skip
_KEYS: Final = {
    "SUBSCRIBED": tuple(FIELDS),
    "REQUIRED": _ALWAYS,
    "EXPIRED": (*_ALWAYS, "hardware", "maintenanceMode", "managedBy", "deviceClaimType"),
}
