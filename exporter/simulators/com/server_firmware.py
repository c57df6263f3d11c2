"""Which firmware does COM list for a server, and how did its last update end?"""

from functools import cache
from typing import Any, Final

from exporter.simulators.com.listing import zulu_time
from exporter.simulators.load import DAY
from exporter.simulators.machines import ComServer, ProLiant

_BOARD: Final = "System Board"
_COMMON: Final = (
    ("Intelligent Platform Abstraction Data", "10.1.0 Build 37", _BOARD),
    ("System Programmable Logic Device", "0x11", _BOARD),
    ("Power Management Controller Firmware", "1.0.8", _BOARD),
    ("Power Supply Firmware", "1.00", "Bay 1"),
    ("Power Supply Firmware", "1.00", "Bay 2"),
    ("Intelligent Provisioning", "3.52.37", _BOARD),
    ("HPE Smart Storage Energy Pack 1 Firmware", "0.70", "Embedded Device"),
    ("HPE Smart Array P408i-a SR Gen10", "5.00", "Storage Slot 12"),
    ("10/25Gb 2-port SFP28 BCM57414 OCP3 Adapter", "219.0.144.0", "OCP 3.0 Slot 10"),
    ("Embedded Video Controller", "2.5", "Embedded Device"),
    *(("480GB 6G SATA SSD", "HPG1", f"Slot=12:Port=1I:Box=1:Bay={bay}") for bay in range(1, 9)),
)
_UPDATES: Final = {2: "OK", 5: "OK", 8: "OK", 9: "SKIPPED", 11: "NOT_UPDATED"}
_FAILED_UPDATE: Final = 20
"""Of every 96 servers, the one whose last update failed."""


def inventory(server: ComServer) -> list[dict[str, str]] | None:
    """Return the long list of firmware; COM has none of a few servers."""
    return None if server.index % 64 == 21 else _list_of(server.hardware)


@cache
def _list_of(model: ProLiant) -> list[dict[str, str]]:
    own = (
        (model.bmc_model, model.bmc_version.partition(" v")[2] + " May 16 2025", _BOARD),
        ("System ROM", f"{model.bios_family} v2.56 (02/10/2025)", _BOARD),
        ("Redundant System ROM", f"{model.bios_family} v2.54 (12/03/2024)", _BOARD),
    )
    return [
        {"name": name, "version": version, "deviceContext": context}
        for name, version, context in (*own, *_COMMON)
    ]


def software(server: ComServer) -> list[dict[str, str]]:
    """Return the installed software, of which COM mostly knows nothing."""
    if server.index % 5:
        return []
    return [{"name": "Agentless Management Service", "version": "3.4.0", "deviceContext": ""}]


def last_update(server: ComServer) -> dict[str, Any] | None:
    """Return the last update; its times end in `Z`, unlike all other times of a server."""
    failed = server.index % 96 == _FAILED_UPDATE
    status = "FAILED" if failed else _UPDATES.get(server.index % 12)
    if status is None:
        return None
    attempted = server.installed_at + 0.2 * DAY
    return {
        "status": status,
        "attemptedAt": zulu_time(attempted),
        "completedAt": None if status == "NOT_UPDATED" else zulu_time(attempted + 1900),
        "attemptedBaselineUri": "/v1/firmware-bundles/9b3f4a1c2d5e46f7a8b9c0d1e2f30415",
        "bundleUpdateMethod": "Update",
        "downgrade": False,
        "installSwDrivers": False,
        "powerOff": False,
        "firmwareInventoryUpdates": [
            {"name": "System ROM", "version": "2.56", "status": status},
        ],
    }
