"""The vendors, one line each; everything else of a vendor is in its folder."""

from collections.abc import Mapping
from typing import Any

from exporter.sources import com, ome
from exporter.sources.contract import SourceType

SOURCES: Mapping[str, SourceType[Any]] = {
    "com": com.SOURCE,
    "ome": ome.SOURCE,
}
"""By the word that stands after `type:` in the configuration."""
