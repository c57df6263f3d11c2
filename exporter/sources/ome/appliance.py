"""The collector `appliance`: the version that the appliance runs, after an update too."""

from exporter.config.source import CollectorSettings
from exporter.model import Collected, Inventory
from exporter.sources.contract import CollectorSetup
from exporter.sources.drift import drifted
from exporter.sources.ome.refusals import NO_SUCH_SERVICE, needed
from exporter.sources.ome.source import OmeParts

NEEDED = "the appliance does not give its version; switch the collector off"


class ApplianceCollector:
    """Tells the observer the version of the appliance; it gives no facet."""

    def __init__(self, parts: OmeParts, setup: CollectorSetup[CollectorSettings]) -> None:
        """Prepare; nothing is sent yet."""
        self.name, self.interval = setup.name, setup.interval
        self._version = parts.version

    async def collect(self, inventory: Inventory) -> Collected:  # noqa: ARG002 - it needs none
        """Read the version.

        Raises:
            SourceError: It cannot be read.
            NotAvailableError: The appliance does not give it.
        """
        with needed(NEEDED, NO_SUCH_SERVICE):
            drift = await self._version.tell()
        return Collected(items=1, drift=drifted(drift, fewest=1))
