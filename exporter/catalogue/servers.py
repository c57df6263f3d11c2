"""The families that are served for each server."""

from exporter.catalogue.energy import ENERGY_OF_SERVERS
from exporter.catalogue.family import (
    CACHED,
    Family,
    each,
    info,
    number,
    pairs,
    part_states,
    states,
)
from exporter.model import (
    AlertCounts,
    ComplianceState,
    Components,
    ConfigCompliance,
    Description,
    Firmware,
    FirmwareCompliance,
    FirmwareUpdate,
    FirmwareUpdateState,
    GroupMembership,
    Health,
    Location,
    Memory,
    Power,
    PowerDraw,
    PowerState,
    Redundancy,
    RedundancyState,
    Status,
    Subscription,
    SubscriptionState,
    Temperatures,
    Utilization,
    Warranty,
)

SERVER_FAMILIES: tuple[Family, ...] = (
    # Descriptive properties, and the state of the server and its parts.
    info(
        "serverfleet_server_info",
        "Descriptive properties of the server; always 1. HPE: server listing; Dell: device listing "
        "(DeviceManagement, Model, ChassisServiceTag)." + CACHED,
        Description,
        (
            "id",
            "model",
            "generation",
            "processor",
            "hostname",
            "os",
            "bmc_address",
            "bmc_model",
            "bmc_version",
            "chassis",
            "device_type",
        ),
    ),
    states(
        "serverfleet_server_health",
        "Overall health: 1 on the current state. HPE: hardware.health.summary; Dell: Status."
        + CACHED,
        Status,
        Health,
        lambda item: item.health,
    ),
    each(
        "serverfleet_server_component_health_severity",
        "Health of a component: 0 ok, 1 warning, 2 critical. HPE: hardware.health; Dell: "
        "RollupStatus of SubSystemHealth." + CACHED,
        Components,
        "component",
        lambda item: item.severities,
    ),
    part_states(
        "serverfleet_server_redundancy",
        "Redundancy of a component: 1 on the current state. HPE: hardware.health.*Redundancy."
        + CACHED,
        Redundancy,
        "component",
        RedundancyState,
        lambda item: item.states,
    ),
    states(
        "serverfleet_server_power_state",
        "Power state: 1 on the current one. HPE: hardware.powerState; Dell: PowerState." + CACHED,
        Status,
        PowerState,
        lambda item: item.power,
    ),
    number(
        "serverfleet_server_connected",
        "Whether the management plane reaches the server (1) or not (0). HPE: state.connected; "
        "Dell: ConnectionState." + CACHED,
        Status,
        lambda item: item.connected,
    ),
    number(
        "serverfleet_server_managed",
        "Whether the server is managed (1) or not (0). HPE: state.managed; Dell: ManagedState "
        "is 3000." + CACHED,
        Status,
        lambda item: item.managed,
    ),
    number(
        "serverfleet_server_maintenance",
        "Whether the server is in maintenance mode (1) or not (0). HPE: maintenanceMode, or "
        "oneview.maintenanceMode." + CACHED,
        Status,
        lambda item: item.maintenance,
    ),
    number(
        "serverfleet_server_memory_bytes",
        "Installed memory. HPE: hardware.memoryMb; Dell: Size of serverMemoryDevices." + CACHED,
        Memory,
        lambda item: item.bytes,
    ),
    number(
        "serverfleet_server_inventory_timestamp_seconds",
        "Unix time of the last full inventory. HPE: lastFullInventoryCollectionAt; Dell: "
        "LastInventoryTime, read in the appliance's time zone." + CACHED,
        Status,
        lambda item: item.inventory_at,
    ),
    each(
        "serverfleet_server_alerts",
        "Open alerts of the server. HPE: alerts with clearedAt null; Dell: unacknowledged alerts "
        "(StatusType 2000)." + CACHED,
        AlertCounts,
        "severity",
        lambda item: item.counts,
    ),
    # Power, temperature and utilization.
    number(
        "serverfleet_server_power_watts",
        "Power drawn at the last reading. Dell: type 4 of Power Manager, else power of /Power."
        + CACHED,
        PowerDraw,
        lambda item: item.watts,
    ),
    number(
        "serverfleet_server_power_peak_watts",
        "Highest power since the BMC's statistics were reset. Dell: peakPower of /Power." + CACHED,
        Power,
        lambda item: item.peak_watts,
    ),
    number(
        "serverfleet_server_power_minimum_watts",
        "Lowest power since the BMC's statistics were reset. Dell: minimumPower of /Power."
        + CACHED,
        Power,
        lambda item: item.minimum_watts,
    ),
    number(
        "serverfleet_server_power_headroom_watts",
        "Power still available to the server. Dell: instantaneousHeadroom of /Power." + CACHED,
        Power,
        lambda item: item.headroom_watts,
    ),
    number(
        "serverfleet_server_energy_joules_total",
        "Energy used. Without --state.file: since the BMC's statistics were reset, and it falls "
        "when they are reset; with it: since the state file began. Dell: systemEnergyConsumption "
        "of /Power; HPE, with --state.file only: kwh.collected of every complete hour of "
        "energy-by-entity." + CACHED,
        Power,
        lambda item: item.energy_joules,
        kind="counter",
    ),
    each(
        "serverfleet_server_temperature_celsius",
        "Temperature at the last reading. Dell: instantaneousTemperature of /Temperature (system); "
        "type 8 of Power Manager (inlet)." + CACHED,
        Temperatures,
        "sensor",
        lambda item: item.sensors,
        repeats=False,
    ),
    each(
        "serverfleet_server_utilization_ratio",
        "Average use of a resource. HPE: collected.average of "
        "utilization-by-entity over the last day; "
        "Dell: Power Manager averages." + CACHED,
        Utilization,
        "resource",
        lambda item: item.resources,
        repeats=False,
    ),
    *ENERGY_OF_SERVERS,
    # Firmware, compliance, licence and support.
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
    # Location and groups.
    info(
        "serverfleet_server_location_info",
        "Where the server stands; always 1. HPE: entityDetails.location of energy-by-entity; "
        "Dell: deviceLocation inventory." + CACHED,
        Location,
        ("location", "room", "aisle", "rack", "slot"),
    ),
    each(
        "serverfleet_server_group_info",
        "A group that the server is in; always 1. HPE: devices of v1/groups; Dell: user groups."
        + CACHED,
        GroupMembership,
        "group",
        lambda item: tuple((group, 1) for group in item.groups),
    ),
)
