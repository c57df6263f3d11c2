"""HPE Compute Ops Management."""

from operator import attrgetter

from exporter.sources.com.feeds import FEEDS
from exporter.sources.com.settings import ComSettings
from exporter.sources.com.source import INTERVALS, ComSource
from exporter.sources.contract import EnergyReadings, SourceType

SOURCE = SourceType(
    vendor="hpe",
    settings=ComSettings,
    build=ComSource,
    collectors=INTERVALS,
    feeds=FEEDS,
    energy=EnergyReadings("energy", attrgetter("energy_archive")),
)
