"""Dell OpenManage Enterprise: what does this folder offer to the rest?"""

from exporter.sources.contract import EnergyReadings, SourceType
from exporter.sources.ome.calls import CALLS, WORDS
from exporter.sources.ome.envelope import ErrorRecord
from exporter.sources.ome.settings import OmeSettings
from exporter.sources.ome.source import INTERVALS, OmeSource

SOURCE = SourceType(
    vendor="dell",
    settings=OmeSettings,
    build=OmeSource,
    collectors=INTERVALS,
    calls=CALLS,
    error=ErrorRecord,
    words=WORDS,
    energy=EnergyReadings("power"),
    zone=lambda source: source.zone.status,
)
