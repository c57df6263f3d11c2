"""How is a server, and how are its parts?"""

from exporter.catalogue.family import CACHED, Family, each, info, number, part_states, states
from exporter.model import (
    AlertCounts,
    Components,
    Description,
    Health,
    Memory,
    PowerState,
    Redundancy,
    RedundancyState,
    Status,
)

STATE_FAMILIES: tuple[Family, ...] = (
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
)
