"""Which families do the collectors give for a source as a whole?

They come and go with the data of their collector. What is always served stands in `own.py`.
"""

from exporter.catalogue.family import Family, Scope, each, number
from exporter.model import EnergyWindowEnds, InventoryCount, SourceAlerts

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
    each(
        "serverfleet_source_energy_window_end_timestamp_seconds",
        "Unix time of the end of the window that the windowed values are of. HPE: end-date "
        "asked of "
        "energy-by-entity. Cached at the interval of the energy collector.",
        EnergyWindowEnds,
        "window",
        lambda item: item.ends,
        scope=Scope.SOURCE,
    ),
)
