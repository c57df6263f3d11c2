"""The collector `devices`: the servers that the appliance manages, and the state of each."""

from collections.abc import Container, Iterator

from msgspec import Struct
from msgspec.structs import replace

from exporter.config.source import CollectorSettings
from exporter.errors import Reason, SourceError
from exporter.model import (
    Collected,
    Column,
    Description,
    Inventory,
    InventoryCount,
    Server,
    Status,
)
from exporter.slices import Slices
from exporter.sources.contract import CollectorSetup
from exporter.sources.drift import Drift, Unseen, drifted, unknown_values
from exporter.sources.ome import calls, records
from exporter.sources.ome.lists import ListReader, any_of
from exporter.sources.ome.mapping import (
    DEVICE_TYPE,
    HEALTH,
    POWER_STATE,
    description_from,
    server_from,
    status_from,
)
from exporter.sources.ome.records import DeviceRecord
from exporter.sources.ome.source import OmeParts
from exporter.sources.ome.times import is_unreadable
from exporter.sources.renewal import Renewal
from exporter.sources.values import past

RESOURCE = calls.DEVICES.endpoint
ORDER = "Identifier"
"""Without an order, pages shift against each other."""
PAGE_SIZE = 200
INVENTORY_TIME = "LastInventoryTime"


class Device(Struct, frozen=True, gc=False):
    """What is kept of a listed device."""

    id: int
    server: Server | None
    description: Description
    status: Status
    codes: tuple[int | None, int | None, int | None]
    """`Status`, `PowerState` and `Type` as listed."""
    unreadable: bool
    """Whether there is a `LastInventoryTime` that cannot be read."""


class DevicesCollector:
    """The inventory: identity, description and state from the paged device listing."""

    def __init__(self, parts: OmeParts, setup: CollectorSetup[CollectorSettings]) -> None:
        """Prepare; nothing is sent yet."""
        self.name, self.interval = setup.name, setup.interval
        self._zone = parts.zone
        self._where = any_of("Type", parts.settings.device_types)
        self._version = parts.version
        self._systems = parts.systems
        self._devices = ListReader(
            parts.client,
            calls.DEVICES,
            records.DEVICE,
            page_size=PAGE_SIZE,
            at_once=parts.at_once,
        )
        self._renewal: Renewal[DeviceRecord, Device] = Renewal(
            records.DEVICE, calls.DEVICES.expected
        )

    async def collect(self, inventory: Inventory) -> Collected:  # noqa: ARG002 - it makes it
        """Read all devices.

        Raises:
            SourceError: The listing failed or is incomplete; `empty`, if it has neither devices
                nor a count.
        """
        await self._zone.refresh()
        basis = (self._systems.known, self._zone.current)
        with self._renewal.run(self._mapped, basis=basis) as run:
            listing = await self._devices.renew(self._where, run, orderby=ORDER)
        if not listing.items and not listing.is_counted:
            raise SourceError(
                Reason.EMPTY, f"{RESOURCE}: the appliance returns no devices, and counts none"
            )
        await self._version.tell_once()
        slices = Slices()
        chosen, nameless = await chosen_devices(listing.items, slices)
        await slices.breathe()
        statuses, future = believable(chosen, self._zone.latest)
        await slices.breathe()
        return Collected(
            columns=(
                Column(Description, {each.description.id: each.description for each in chosen}),
                Column(Status, statuses),
            ),
            source_facets=(InventoryCount(servers=len(chosen), reported=listing.api_count),),
            items=len(listing.items),
            problems=listing.problems
            + nameless
            + sum(device.unreadable for device in listing.items),
            servers=tuple(each.server for each in chosen if each.server),
            duplicates=len(listing.items) - nameless - len(chosen),
            drift=drifted(listing.drift, future, *_unknown(listing.items)),
            warnings=(*listing.warnings, *self._zone.warnings, *self._in_the_future(future)),
        )

    def _in_the_future(self, future: Drift) -> Iterator[str]:
        if future.unknown:
            yield (
                f"{INVENTORY_TIME} of devices lies in the future and is left out: "
                f"{self._zone.origin}"
            )

    def _mapped(self, record: DeviceRecord, unseen: Unseen) -> Device:  # noqa: ARG002 - codes do
        status = status_from(record, self._zone.current)
        return Device(
            id=record.id,
            server=server_from(record),
            description=description_from(record, self._systems.of(str(record.id))),
            status=status,
            codes=(record.status, record.power_state, record.type),
            unreadable=status.inventory_at is None and is_unreadable(record.last_inventory_time),
        )


async def chosen_devices(listed: list[Device], slices: Slices) -> tuple[list[Device], int]:
    """Choose one device for each serial number, in the order of the ids.

    A device that was discovered again has a new id. The connected one is chosen, of several the
    newest.

    Returns:
        The devices, and how many were left out because they have no serial number.
    """
    chosen: dict[str, Device] = {}
    nameless = 0
    async for batch in slices.batches(listed):
        for device in batch:
            if device.server is None:
                nameless += 1
                continue
            other = chosen.setdefault(device.server.serial, device)
            if other is not device and _precedence(device) < _precedence(other):
                chosen[device.server.serial] = device
    return await slices.sorted(chosen.values(), key=lambda each: each.id), nameless


def _precedence(device: Device) -> tuple[bool, int]:
    return not device.status.connected, -device.id


def believable(devices: list[Device], latest: float) -> tuple[dict[str, Status], Drift]:
    """Return the states by device id, without times of the inventory that lie in the future.

    Args:
        devices: The devices.
        latest: The last Unix second that is not the future.

    Returns:
        The states, and the times that were left out.
    """
    statuses = {each.description.id: each.status for each in devices}
    unseen = Unseen()
    for key, each in statuses.items():
        if past(each.inventory_at, latest, INVENTORY_TIME, unseen) != each.inventory_at:
            statuses[key] = replace(each, inventory_at=None)
    return statuses, unseen.drift


def _unknown(devices: list[Device]) -> Iterator[Drift]:
    known: tuple[tuple[str, Container[object]], ...] = (
        ("Status", HEALTH),
        ("PowerState", POWER_STATE),
        ("Type", DEVICE_TYPE),
    )
    for place, (field, codes) in enumerate(known):
        yield unknown_values(field, (each.codes[place] for each in devices), codes)
