"""Which version does the appliance run now, after an update too?"""

from exporter.model import Collected, Inventory
from exporter.sources.drift import drifted
from exporter.sources.ome.missing import NO_SUCH_SERVICE, needed
from exporter.sources.ome.version import ApplianceVersion

NEEDED = "the appliance does not give its version; switch the collector off"


class ApplianceCollector:
    """Tells the observer the version of the appliance; it gives no facet."""

    name = "appliance"

    def __init__(self, version: ApplianceVersion, *, interval: float) -> None:
        """Keep whom to ask."""
        self.interval = interval
        self._version = version

    async def collect(self, inventory: Inventory) -> Collected:  # noqa: ARG002 - it needs none
        """Read the version.

        Raises:
            SourceError: It cannot be read.
            NotAvailableError: The appliance does not give it.
        """
        with needed(NEEDED, NO_SUCH_SERVICE):
            drift = await self._version.tell()
        return Collected(items=1, drift=drifted(drift, fewest=1))
