"""How does OME answer `Devices(id)/SubSystemHealth`?

Roll-ups are strings. Servers count faults with numbers and chassis with strings, and write times
in CIM and ISO form. `FaultList` is there only if there is a fault.
"""

from typing import Any, Final

from exporter.simulators.machines import CHASSIS, SERVER, OmeDevice
from exporter.simulators.ome.appliance import cim_time
from exporter.simulators.ome.device_record import STATUS
from exporter.simulators.ome.envelope import RefusalError

_SERVER: Final = (
    "SEL/Misc", "Voltage", "Current", "Intrusion", "PowerSupply", "Processor", "Memory", "Storage",
    "Fan", "Battery", "Temperature", "System",
)  # fmt: skip
_NOT_OF_SLEDS: Final = ("Fan", "PowerSupply", "Intrusion", "Storage")
_CHASSIS: Final = (
    "MM", "System.Modular.1", "IOM.Slot.A1", "Miscellaneous", "Temperature", "Battery", "Fan",
    "PowerSupply",
)  # fmt: skip

NAMES: Final = {
    "fans": "Fan",
    "memory": "Memory",
    "power_supplies": "PowerSupply",
    "processor": "Processor",
    "storage": "Storage",
    "smart_storage": "Storage",
    "temperature": "Temperature",
    "battery": "Battery",
    "voltage": "Voltage",
    "current": "Current",
    "intrusion": "Intrusion",
    "sel": "SEL/Misc",
}
"""The world's word for a component, and OME's subsystem; all others are of `System`."""

_FAULTS: Final = {
    "Fan": ("FAN0001", "Fan 3 RPM is outside of range.", "Fan.Embedded.3"),
    "Memory": ("MEM0701", "Correctable memory error rate exceeded.", "DIMM.Socket.A4"),
    "PowerSupply": ("RDU0012", "Power supply redundancy is lost.", "PSU.Slot.2"),
    "Storage": ("PDR16", "Predictive failure reported for Disk 2 in Backplane 1.", "Disk.Bay.2"),
    "Temperature": ("TMP0120", "The system inlet temperature is above range.", "iDRAC.Embedded.1"),
}


def subsystem_health(device: OmeDevice) -> dict[str, Any]:
    """Return the body.

    Raises:
        RefusalError: The device is neither server nor chassis, 501.
    """
    if device.type not in (SERVER, CHASSIS):
        raise RefusalError(501, "CGEN1007")
    value = [_entry(device, name, code) for name, code in rollups(device).items()]
    return {
        "@odata.context": "/api/$metadata#Collection(DeviceService.SubSystemHealthFaultModel)",
        "@odata.count": len(value),
        "value": value,
    }


def rollups(device: OmeDevice) -> dict[str, int]:
    """Return the true code (1000 to 4000) of each subsystem of a server or chassis."""
    known = _names(device)
    situation = device.situation
    unseen = situation.health == "UNKNOWN" and not situation.components
    found = dict.fromkeys(known, STATUS["UNKNOWN"] if unseen else STATUS["OK"])
    for component, health in situation.components.items():
        name = NAMES.get(component, "System")
        name = name if name in found else known[-1]
        found[name] = max(found[name], STATUS[health])
    return found


def _names(device: OmeDevice) -> tuple[str, ...]:
    if device.type == CHASSIS:
        return _CHASSIS
    if device.chassis_slot is None:
        return _SERVER
    return tuple(name for name in _SERVER if name not in _NOT_OF_SLEDS)


def _entry(device: OmeDevice, name: str, code: int) -> dict[str, Any]:
    entry: dict[str, Any] = {
        "@odata.type": "#DeviceService.SubSystemHealthFaultModel",
        "SubSystem": name,
        "RollupStatus": str(code),
    }
    faulty = code in (STATUS["WARNING"], STATUS["CRITICAL"])
    if faulty:
        entry["FaultList"] = _faults(device, name, code)
    if device.type == CHASSIS:
        count = "1" if faulty else "0"
        entry["FaultSummaryList"] = [{"Count": count, "Severity": str(code)}]
    elif faulty:
        entry["FaultSummaryList"] = [
            {"Severity": entry["FaultList"][0]["Severity"], "Count": len(entry["FaultList"])}
        ]
    return entry


def _faults(device: OmeDevice, name: str, code: int) -> list[dict[str, Any]]:
    message_id, message, fqdd = _FAULTS.get(name, ("HWC2003", f"{name} reports a fault.", "Cable"))
    fault = {
        "Fqdd": fqdd,
        "InstanceId": "Fault#03200002#1",
        "Message": message,
        "MessageId": message_id,
        "Severity": str(code),
        "SubSystem": name,
        "TimeStamp": _time(device),
        "RecommendedAction": "Check presence, then re-install or reconnect.",
    }
    if device.type == SERVER:
        fault["DateFormat"] = "CIM"
    if name != "SEL/Misc":
        return [fault]
    # The roll-up of the event log may be worse than each fault that it lists.
    return [{**fault, "Severity": "3000", "InstanceId": f"Fault#0320000{n}#1"} for n in (2, 3)]


def _time(device: OmeDevice) -> str:
    moment = cim_time(device.situation.changed_at, device.place.hours_from_utc)
    if device.type == SERVER:
        return moment
    date, time = moment[:8], moment[8:14]
    return (
        f"{date[:4]}-{date[4:6]}-{date[6:]}T{time[:2]}:{time[2:4]}:{time[4:]}"
        f"{device.place.hours_from_utc:+03d}:00"
    )
