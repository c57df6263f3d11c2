"""Every metric family, one row each; exposition, documentation and tests read the rows."""

from exporter.catalogue.family import Family, Sample, Scope
from exporter.catalogue.own import OWN_FAMILIES
from exporter.catalogue.servers import SERVER_FAMILIES
from exporter.catalogue.sources import SOURCE_FAMILIES

FAMILIES: tuple[Family, ...] = (
    *SERVER_FAMILIES,
    *SOURCE_FAMILIES,
    *OWN_FAMILIES,
)
"""Every family that `/metrics` can serve, in the order in which it serves them."""

__all__ = [
    "FAMILIES",
    "OWN_FAMILIES",
    "SERVER_FAMILIES",
    "SOURCE_FAMILIES",
    "Family",
    "Sample",
    "Scope",
]
