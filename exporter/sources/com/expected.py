"""Which fields do ordinary records of COM have? Without them a reading would be wrong or gone.

Only what the documentation or a captured answer always shows stands here. COM leaves out most of a
server that has no subscription, and what it has never heard of one that never connected.
"""

from collections.abc import Container

from exporter.sources.com.mapping import devices_named
from exporter.sources.com.records import (
    AlertRecord,
    ApplianceRecord,
    ComplianceRecord,
    EnergyRecord,
    FirmwareRecord,
    GroupRecord,
    JobRecord,
    ServerRecord,
    UtilizationRecord,
    WarrantyRecord,
)
from exporter.sources.com.words import normal
from exporter.sources.drift import Expected


def _is_told(record: ServerRecord) -> bool:
    """Tell whether COM has all of a server: it is subscribed, and connected."""
    state = record.state
    return bool(state and state.connected and normal(state.subscription_state) == "SUBSCRIBED")


def _is_third_party(record: ServerRecord) -> bool:
    """Tell whether the address of a server is the one that its user has entered."""
    bmc = record.hardware.bmc if record.hardware else None
    return bool(bmc and bmc.user_defined and bmc.user_defined.host)


def _is_complete(record: EnergyRecord | UtilizationRecord) -> bool:
    return normal(record.status) == "COMPLETE"


SERVER = (
    Expected(
        ServerRecord,
        "name",
        "state",
        "state.managed",
        "state.connected",
        "state.subscriptionState",
        "hardware.serialNumber",
        "hardware.model",
        "lastFirmwareUpdate.status",
    ),
    Expected(ServerRecord, "hardware.bmc.ip", otherwise=_is_third_party),
    Expected(
        ServerRecord,
        "hardware",
        "hardware.powerState",
        "hardware.health",
        "hardware.health.summary",
        "serverGeneration",
        when=_is_told,
    ),
)
ALERT_OF_SERVER = (Expected(AlertRecord, "severity"),)
ALERT = (
    *ALERT_OF_SERVER,
    Expected(
        AlertRecord,
        "device",
        "device.id",
        otherwise=lambda record: bool(devices_named(record)),
    ),
)
ENERGY = (
    Expected(EnergyRecord, "status"),
    Expected(
        EnergyRecord,
        "kwh",
        "kwh.collected",
        "co2eKg",
        "co2eKg.collected",
        "cost",
        "cost.collected",
        when=_is_complete,
    ),
)
UTILIZATION = (
    Expected(UtilizationRecord, "status"),
    Expected(UtilizationRecord, "collected", "collected.average", when=_is_complete),
)
GROUP = (Expected(GroupRecord, "name", "deviceType", "devices"),)
FIRMWARE_REPORT = (
    Expected(ComplianceRecord, "complianceCategory", "complianceState", within="compliance."),
)
SETTINGS_REPORT = (
    Expected(ComplianceRecord, "complianceState", within="ilo-settings-compliance."),
)
JOB = (Expected(JobRecord, "state", "updatedAt"),)
FAILED_JOB = (
    *JOB,
    Expected(JobRecord, "resultCode", when=lambda record: normal(record.state) == "COMPLETE"),
)
WARRANTY = (
    Expected(
        WarrantyRecord,
        "supportEndDate",
        when=lambda record: normal(record.support_state) == "ACTIVE",
    ),
    Expected(WarrantyRecord, "supportState"),
)


def appliance(within: str) -> tuple[Expected[ApplianceRecord], ...]:
    """Say what is expected of the appliances of one kind."""
    return (Expected(ApplianceRecord, "state", within=within),)


def firmware(told: Container[str]) -> tuple[Expected[FirmwareRecord], ...]:
    """Say what is expected of the firmware.

    Args:
        told: Ids of the servers of which COM has everything.
    """
    return (
        Expected(FirmwareRecord, "firmwareInventory", when=lambda record: record.id in told),
        Expected(FirmwareRecord, "firmwareInventory.name", "firmwareInventory.version"),
    )
