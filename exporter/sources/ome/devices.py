"""Which servers does the appliance manage, and how are they?"""

from exporter.model import (
    Collected,
    Column,
    Description,
    Inventory,
    InventoryCount,
    Server,
    Status,
)
from exporter.sources.ome import records
from exporter.sources.ome.client import OmeClient
from exporter.sources.ome.drift import unknown_values
from exporter.sources.ome.listing import ListReader
from exporter.sources.ome.mapping import (
    DEVICE_TYPE,
    HEALTH,
    POWER_STATE,
    description_from,
    server_from,
    status_from,
)
from exporter.sources.ome.query import any_of
from exporter.sources.ome.records import DeviceRecord
from exporter.sources.ome.settings import OmeSettings
from exporter.sources.ome.version import ApplianceVersion

RESOURCE = "DeviceService/Devices"
ORDER = "Identifier"
"""Without an order, pages shift against each other."""
PAGE_SIZE = 200


class DevicesCollector:
    """The inventory: identity, description and state from the paged device listing."""

    name = "devices"

    def __init__(
        self,
        settings: OmeSettings,
        client: OmeClient,
        version: ApplianceVersion,
        *,
        interval: float,
    ) -> None:
        """Prepare the listing of `settings.device_types`."""
        self.interval = interval
        self._zone = settings.zone
        self._where = any_of("Type", settings.device_types)
        self._version = version
        self._devices = ListReader(
            client,
            RESOURCE,
            records.DEVICE,
            page_size=PAGE_SIZE,
            at_once=settings.http.concurrency,
        )

    async def collect(self, inventory: Inventory) -> Collected:  # noqa: ARG002 - it makes it
        """Read all devices.

        Raises:
            SourceError: The listing failed or is incomplete.
        """
        listing = await self._devices.read(self._where, ORDER)
        await self._version.tell_once()
        chosen, nameless = chosen_devices(listing.items)
        devices = list(chosen.values())
        return Collected(
            columns=(
                Column(Description, {str(each.id): description_from(each) for each in devices}),
                Column(Status, {str(each.id): status_from(each, self._zone) for each in devices}),
            ),
            source_facets=(InventoryCount(servers=len(devices), reported=listing.reported),),
            items=len(listing.items),
            problems=listing.problems + nameless,
            servers=tuple(chosen),
            duplicates=len(listing.items) - nameless - len(chosen),
            warnings=_warnings(listing.items),
        )


def chosen_devices(listed: list[DeviceRecord]) -> tuple[dict[Server, DeviceRecord], int]:
    """Choose one device for each serial number, in the order of the ids.

    Returns:
        The devices by server, and how many have no serial number.
    """
    chosen: dict[Server, DeviceRecord] = {}
    serials: set[str] = set()
    nameless = 0
    for device in sorted(listed, key=lambda each: each.id):
        server = server_from(device)
        if server is None:
            nameless += 1
        elif server.serial not in serials:
            serials.add(server.serial)
            chosen[server] = device
    return chosen, nameless


def _warnings(devices: list[DeviceRecord]) -> tuple[str, ...]:
    return (
        *unknown_values("Status", (each.status for each in devices), HEALTH),
        *unknown_values("PowerState", (each.power_state for each in devices), POWER_STATE),
        *unknown_values("Type", (each.type for each in devices), DEVICE_TYPE),
    )
