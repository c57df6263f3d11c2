"""HPE Compute Ops Management."""

from operator import attrgetter

from exporter.sources.com.calls import CALLS, WORDS
from exporter.sources.com.refusals import ErrorBody
from exporter.sources.com.settings import ComSettings
from exporter.sources.com.source import INTERVALS, ComSource
from exporter.sources.contract import EnergyReadings, SourceType

SOURCE = SourceType(
    vendor="hpe",
    settings=ComSettings,
    build=ComSource,
    collectors=INTERVALS,
    calls=CALLS,
    error=ErrorBody,
    words=WORDS,
    energy=EnergyReadings("energy", attrgetter("energy_archive")),
)
