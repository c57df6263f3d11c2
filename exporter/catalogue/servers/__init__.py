"""Which families does `/metrics` serve for each server?"""

from exporter.catalogue.family import Family
from exporter.catalogue.servers.energy import ENERGY_FAMILIES
from exporter.catalogue.servers.place import PLACE_FAMILIES
from exporter.catalogue.servers.power import POWER_FAMILIES
from exporter.catalogue.servers.state import STATE_FAMILIES
from exporter.catalogue.servers.upkeep import UPKEEP_FAMILIES

SERVER_FAMILIES: tuple[Family, ...] = (
    *STATE_FAMILIES,
    *POWER_FAMILIES,
    *ENERGY_FAMILIES,
    *UPKEEP_FAMILIES,
    *PLACE_FAMILIES,
)
