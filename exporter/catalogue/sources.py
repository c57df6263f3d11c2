"""The families that collectors return for a source as a whole.

They come and go with the data of their collector. What is always served stands in `own.py`.
Of several shards only the first serves them.
"""

from exporter.catalogue.energy import ENERGY_OF_SOURCES
from exporter.catalogue.family import Family, Scope, each, number, pairs, part_states
from exporter.model import (
    Appliances,
    GroupCompliances,
    GroupComplianceState,
    GroupHealths,
    GroupSizes,
    Health,
    InventoryCount,
    Jobs,
    SourceAlerts,
)

SOURCE_FAMILIES: tuple[Family, ...] = (
    number(
        "serverfleet_source_servers",
        "Servers served. Cached at the interval of the inventory collector.",
        InventoryCount,
        lambda item: item.servers,
        scope=Scope.SOURCE,
    ),
    number(
        "serverfleet_source_servers_reported",
        "Servers that the API itself counts in the same listing. HPE: total; Dell: @odata.count. "
        "Cached at the interval of the inventory collector.",
        InventoryCount,
        lambda item: item.reported,
        scope=Scope.SOURCE,
    ),
    each(
        "serverfleet_source_alerts",
        "Open alerts of the whole source. HPE: alerts with clearedAt null; Dell: unacknowledged "
        "alerts. Cached at the interval of the alerts collector.",
        SourceAlerts,
        "severity",
        lambda item: item.counts,
        scope=Scope.SOURCE,
    ),
    each(
        "serverfleet_source_alerts_unassigned",
        "Open alerts of devices that are not among the served servers. Cached at the interval "
        "of the "
        "alerts collector.",
        SourceAlerts,
        "severity",
        lambda item: item.unassigned,
        scope=Scope.SOURCE,
    ),
    *ENERGY_OF_SOURCES,
    each(
        "serverfleet_source_jobs",
        "Jobs now: pending, running, stalled (HPE only) and failed. HPE: v1/jobs, failed within "
        "the last day; Dell: JobService/Jobs, failed by LastRunStatus; scheduled ones are none "
        "of these. Cached at the interval of the jobs collector.",
        Jobs,
        "state",
        lambda item: item.counts,
        scope=Scope.SOURCE,
    ),
    pairs(
        "serverfleet_source_appliances",
        "Appliances by kind and state. HPE: appliances and oneview-appliances. "
        "Cached at the interval "
        "of the appliances collector.",
        Appliances,
        ("kind", "state"),
        lambda item: tuple(((kind, state), count) for kind, state, count in item.counts),
        scope=Scope.SOURCE,
    ),
    each(
        "serverfleet_group_servers",
        "Members of a group, including those of its subgroups. HPE: devices of v1/groups; Dell: "
        "Groups(id)/AllLeafDevices. Cached at the interval of the groups collector.",
        GroupSizes,
        "group",
        lambda item: item.members,
        scope=Scope.SOURCE,
    ),
    part_states(
        "serverfleet_group_health",
        "Health of a group: 1 on the current state. Dell: GlobalStatus. Cached at the interval of "
        "the groups collector.",
        GroupHealths,
        "group",
        Health,
        lambda item: item.states,
        scope=Scope.SOURCE,
    ),
    part_states(
        "serverfleet_group_compliance",
        "Compliance of a group (Dell: of a baseline): 1 on the current state. "
        "HPE: groupCompliance; "
        "Dell: ComplianceSummary. Cached at the interval of its collector.",
        GroupCompliances,
        "group",
        GroupComplianceState,
        lambda item: item.states,
        scope=Scope.SOURCE,
    ),
)
