"""Dell OpenManage Enterprise: what does this folder offer to the rest?"""

from exporter.sources.contract import EnergyReadings, SourceType
from exporter.sources.ome.calls import CALLS
from exporter.sources.ome.settings import OmeSettings
from exporter.sources.ome.source import INTERVALS, OmeSource

SOURCE = SourceType(
    vendor="dell",
    settings=OmeSettings,
    build=OmeSource,
    collectors=INTERVALS,
    calls=CALLS,
    energy=EnergyReadings("power"),
    zone=lambda source: source.zone.status,
)
