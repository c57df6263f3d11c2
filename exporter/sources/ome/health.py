"""The collector `health`: the subsystems of each server."""

from exporter.model import Collected, Column, Components, Health, Inventory
from exporter.sources.contract import CollectorSetup
from exporter.sources.drift import drifted, joined
from exporter.sources.ome import calls, device_records
from exporter.sources.ome.device_poller import DevicePoller
from exporter.sources.ome.device_state import Reading
from exporter.sources.ome.listing import whole_rows
from exporter.sources.ome.partial_run import poll_parts
from exporter.sources.ome.round_robin import RoundRobin
from exporter.sources.ome.settings import OmeHealth
from exporter.sources.ome.source import OmeParts
from exporter.sources.ome.subsystems import components_from, unknown_in
from exporter.sources.sharing import shared

ENDPOINT = calls.SUBSYSTEMS.endpoint
PATH = "DeviceService/Devices({})/SubSystemHealth"
NEEDED = "no device gives the health of its parts; switch the collector off if none ever will"


class HealthCollector:
    """Reads the roll-ups of the subsystems: of ill devices often, of healthy ones in turn."""

    def __init__(self, parts: OmeParts, setup: CollectorSetup[OmeHealth]) -> None:
        """Prepare; nothing is sent yet."""
        self.name, self.interval = setup.name, setup.interval
        every = setup.settings.healthy_every
        self._client = parts.client
        self._poller = DevicePoller(
            self._read,
            parts.clock,
            at_once=parts.at_once,
            keep=max(3 * setup.interval, every + setup.interval),
            turns=RoundRobin(interval=setup.interval, every=every),
        )

    async def collect(self, inventory: Inventory) -> Collected:
        """Read the devices whose turn it is, and give what is known of all.

        Raises:
            SourceError: The appliance, and not a device, is in trouble.
            NotAvailableError: No device gives the health of its parts.
        """
        present = [server.id for server in inventory.servers]
        await poll_parts({ENDPOINT: self._poller}, present, NEEDED, self._ill(inventory))
        readings, stats = self._poller.readings(), self._poller.stats
        components = {key: r.value for key, r in readings.items() if r.value.severities}
        return Collected(
            columns=(Column(Components, components),),
            items=stats.read,
            problems=stats.problems,
            drift=drifted(*(reading.drift for reading in readings.values())),
        )

    def _ill(self, inventory: Inventory) -> set[str]:
        """Name the devices that were not entirely well when last seen, by either listing."""
        well = {
            server for server, status in inventory.statuses.items() if status.health is Health.OK
        }
        ill = {server.id for server in inventory.servers if server.id not in well}
        return ill | {
            server
            for server, reading in self._poller.readings().items()
            if any(severity > 0 for _, severity in reading.value.severities)
        }

    async def _read(self, device: str) -> Reading[Components]:
        body = await self._client.get(ENDPOINT, PATH.format(device))
        rows = await whole_rows(body, device_records.SUBSYSTEM, ENDPOINT)
        return Reading(
            components_from(rows.records),
            rows.problems,
            shared(joined((rows.drift, unknown_in(rows.records), calls.missing_in(rows.records)))),
        )
