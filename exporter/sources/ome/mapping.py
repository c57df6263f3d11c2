"""The appliance's codes for devices and alerts as values of the model."""

from datetime import tzinfo
from itertools import islice

from exporter.model import (
    Alert,
    AlertSeverity,
    Description,
    Health,
    Inventory,
    PowerState,
    Server,
    Status,
)
from exporter.sources.ome.records import AlertRecord, DeviceRecord, ManagementRecord
from exporter.sources.ome.times import unix_time
from exporter.sources.text import clean, without_brackets

HEALTH = {
    1000: Health.OK,
    2000: Health.UNKNOWN,
    3000: Health.WARNING,
    4000: Health.CRITICAL,
    5000: Health.UNKNOWN,  # NoStatus; third-party descriptions that call it informational are wrong
}
POWER_STATE = {
    1: PowerState.UNKNOWN,
    17: PowerState.ON,
    18: PowerState.OFF,
    20: PowerState.POWERING_ON,
    21: PowerState.POWERING_OFF,
}
DEVICE_TYPE = {
    1000: "server",
    2000: "chassis",
    3000: "storage",
    4000: "network_iom",
    5000: "dell_storage",
    7000: "network_switch",
    8000: "storage_iom",
    9000: "network_controller",
}
MANAGED = 3000
PUBLIC = 2
"""`ManagementType` of an address that is reachable from outside a chassis."""
PLACEHOLDERS = frozenset({"", "::", "0.0.0.0"})  # noqa: S104 - compared, not bound

ALERT_SEVERITY = {
    16: AlertSeverity.CRITICAL,
    8: AlertSeverity.WARNING,
    4: AlertSeverity.INFO,
    2: AlertSeverity.INFO,
    1: AlertSeverity.INFO,
}
MOST_ENTRIES = 64
"""Addresses of one device that are looked at, and profiles of one address."""
ACKNOWLEDGED, NOT_ACKNOWLEDGED = 1000, 2000


def server_from(device: DeviceRecord) -> Server | None:
    """Say who a device is; None where it has neither `Identifier` nor `DeviceServiceTag`."""
    serial = clean(device.identifier) or clean(device.device_service_tag)
    if not serial:
        return None
    return Server(id=str(device.id), serial=serial, name=clean(device.device_name) or serial)


def description_from(device: DeviceRecord, os: str = "") -> Description:
    """Describe a device; `bmc_*` and `hostname` come from its public management address.

    Args:
        device: The listed device.
        os: Its operating system, which the listing does not name.
    """
    management = _public(device.device_management or ())
    profile = next(
        (
            each
            for each in islice(management.management_profile or (), MOST_ENTRIES)
            if clean(each.version)
        ),
        None,
    )
    return Description(
        id=str(device.id),
        model=clean(device.model),
        hostname=clean(management.dns_name),
        os=os,
        bmc_address=_address(management),
        bmc_model=clean(profile.agent_name) if profile else "",
        bmc_version=clean(profile.version) if profile else "",
        chassis=_chassis(device),
        device_type="" if device.type is None else DEVICE_TYPE.get(device.type, "unknown"),
    )


def status_from(device: DeviceRecord, zone: tzinfo) -> Status:
    """Read the state of a device.

    Args:
        device: The listed device.
        zone: What its `LastInventoryTime` is meant in.
    """
    managed = device.managed_state
    return Status(
        health=None if device.status is None else HEALTH.get(device.status, Health.UNKNOWN),
        power=None
        if device.power_state is None
        else POWER_STATE.get(device.power_state, PowerState.UNKNOWN),
        connected=device.connection_state,
        managed=None if managed is None else managed == MANAGED,
        inventory_at=unix_time(device.last_inventory_time, zone),
    )


def is_open(alert: AlertRecord) -> bool:
    """Tell whether an alert is not acknowledged; what does not say so was asked for as such."""
    return alert.status_type != ACKNOWLEDGED


class DeviceFinder:
    """Says which server an alert, or a record of another list, is about."""

    def __init__(self, inventory: Inventory) -> None:
        """Learn the servers, whichever shard serves them."""
        self._ids = {server.id for server in inventory.everyone}
        self._by_serial = {server.serial: server.id for server in inventory.everyone}

    def __call__(self, alert: AlertRecord) -> str:
        """Return the id of the server; else the id that the alert names, or an empty string.

        An alert from before a re-discovery names an id that is gone; then its
        `AlertDeviceIdentifier` tells.
        """
        listed = "" if alert.alert_device_id is None else str(alert.alert_device_id)
        return self.served(alert.alert_device_id, alert.alert_device_identifier) or listed

    def served(self, number: int | None, identifier: str | None) -> str:
        """Return the id of the served server with an id or else an identifier, or nothing."""
        if number is not None and str(number) in self._ids:
            return str(number)
        return self._by_serial.get(clean(identifier), "")


def alert_from(alert: AlertRecord, asked_severity: int, device: str) -> Alert:
    """Read an alert.

    Args:
        alert: The listed alert.
        asked_severity: The `SeverityType` of the listing, for an alert that does not name its own.
        device: The id of the device it is about.
    """
    code = asked_severity if alert.severity_type is None else alert.severity_type
    return Alert(
        id=str(alert.id),
        severity=ALERT_SEVERITY.get(code, AlertSeverity.INFO),
        device=device,
        device_name=clean(alert.alert_device_name),
        message=clean(alert.message),
    )


def _chassis(device: DeviceRecord) -> str:
    """Return the tag of the chassis; a server in none has its own tag in that place."""
    tag = clean(device.chassis_service_tag)
    own = (clean(device.identifier), clean(device.device_service_tag))
    return "" if tag.lower() in (each.lower() for each in own) else tag


def _public(entries: tuple[ManagementRecord, ...]) -> ManagementRecord:
    few = islice(entries, MOST_ENTRIES)
    usable = (each for each in few if each.management_type == PUBLIC and _address(each))
    return next(usable, ManagementRecord())


def _address(management: ManagementRecord) -> str:
    """Return the address, one of IPv6 without brackets; an empty string for a placeholder."""
    address = without_brackets(clean(management.network_address))
    return "" if address in PLACEHOLDERS else address
