"""Is a server as it should be, and until when is it supported?"""

from exporter.catalogue.family import CACHED, Family, each, number, pairs, states
from exporter.model import (
    ComplianceState,
    ConfigCompliance,
    Firmware,
    FirmwareCompliance,
    FirmwareUpdate,
    FirmwareUpdateState,
    Subscription,
    SubscriptionState,
    Warranty,
)

UPKEEP_FAMILIES: tuple[Family, ...] = (
    pairs(
        "serverfleet_server_firmware_info",
        "Installed firmware; always 1. HPE: firmwareInventory; Dell: deviceSoftware inventory."
        + CACHED,
        Firmware,
        ("component", "version"),
        lambda item: tuple((version, 1) for version in item.versions),
    ),
    states(
        "serverfleet_server_firmware_update",
        "Outcome of the last firmware update: 1 on the current one. HPE: lastFirmwareUpdate.status."
        + CACHED,
        FirmwareUpdate,
        FirmwareUpdateState,
        lambda item: item.state,
    ),
    states(
        "serverfleet_server_firmware_compliance",
        "Whether the firmware is as its group or baseline asks: 1 on the current state. HPE: "
        "complianceState of groups/{id}/compliance; Dell: DeviceComplianceReports." + CACHED,
        FirmwareCompliance,
        ComplianceState,
        lambda item: item.state,
    ),
    number(
        "serverfleet_server_firmware_compliance_score_ratio",
        "How far the firmware is as its group asks. HPE: score of groups/{id}/compliance." + CACHED,
        FirmwareCompliance,
        lambda item: item.score,
    ),
    each(
        "serverfleet_server_firmware_noncompliant_components",
        "Components whose firmware should be updated. Dell: ComponentComplianceReports with "
        "UpdateAction UPGRADE." + CACHED,
        FirmwareCompliance,
        "criticality",
        lambda item: item.noncompliant,
    ),
    states(
        "serverfleet_server_config_compliance",
        "Whether the settings are as their group or baseline asks: 1 on the current state. HPE: "
        "ilo-settings-compliance; Dell: DeviceConfigComplianceReports." + CACHED,
        ConfigCompliance,
        ComplianceState,
        lambda item: item.state,
    ),
    states(
        "serverfleet_server_subscription",
        "State of the management subscription: 1 on the current one. HPE: state.subscriptionState."
        + CACHED,
        Subscription,
        SubscriptionState,
        lambda item: item.state,
    ),
    each(
        "serverfleet_server_subscription_end_timestamp_seconds",
        "Unix time at which the management subscription ends. HPE: state.subscriptionExpiresAt, "
        "state.subscriptionTier." + CACHED,
        Subscription,
        "tier",
        lambda item: () if item.end is None else ((item.tier, item.end),),
        repeats=False,
    ),
    number(
        "serverfleet_server_warranty_end_timestamp_seconds",
        "Unix time at which the support ends. HPE: supportEndDate of server-warranty; Dell: latest "
        "EndDate of its warranties." + CACHED,
        Warranty,
        lambda item: item.end,
    ),
)
