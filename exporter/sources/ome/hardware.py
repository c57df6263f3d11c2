"""What is each server made of, what runs on it, and where does it stand?"""

from collections.abc import Mapping
from typing import Generic, TypeVar

import msgspec
from msgspec import Struct

from exporter.clock import Clock
from exporter.errors import LoginError, NotAvailableError, Reason, SourceError
from exporter.model import Collected, Column, Firmware, Inventory, Location, Memory
from exporter.sources.drift import NO_DRIFT, Drift, drifted, joined
from exporter.sources.ome import records
from exporter.sources.ome.client import OmeClient
from exporter.sources.ome.expected import missing_in
from exporter.sources.ome.inventory import firmware_from, location_from, memory_from, os_from
from exporter.sources.ome.missing import FORBIDDEN, needed
from exporter.sources.ome.settings import OmeSettings
from exporter.sources.ome.sweep import UNSUPPORTED_STATUSES, Reading, Round, Sweep
from exporter.sources.ome.systems import OperatingSystems
from exporter.sources.ome.turns import Turns
from exporter.sources.records import decode, read_entries
from exporter.sources.sharing import shared

ENDPOINT = "Devices(id)/InventoryDetails"
PATH = "DeviceService/Devices({})/InventoryDetails('{}')"
TURNS = 24
"""Runs in which every server has its turn once."""
SHORTEST_TURN = 60.0
NEEDED = "the inventory of devices needs a user who may see it"
NO_INVENTORY = "no device gives its inventory; switch the collector off if none ever will"

R = TypeVar("R", bound=Struct)
F = TypeVar("F", bound=Struct)


class InventoryKind(Struct, Generic[R], frozen=True):
    """One type of inventory, and how its entries are read."""

    name: str
    decoder: msgspec.json.Decoder[R]


SYSTEMS = InventoryKind("serverOperatingSystems", records.SYSTEM)
MODULES = InventoryKind("serverMemoryDevices", records.MEMORY)
SOFTWARE = InventoryKind("deviceSoftware", records.SOFTWARE)
LOCATIONS = InventoryKind("deviceLocation", records.LOCATION)


class Entries(Struct, Generic[R], frozen=True):
    """Entries of one type of inventory, how many could not be read, and what did not fit."""

    records: list[R]
    problems: int
    drift: Drift
    refusal: SourceError | None = None
    """What the device says that has no such type."""


class Parts(Struct, frozen=True, gc=False):
    """What the inventory of one device gave."""

    os: str
    memory: Memory | None
    firmware: Firmware | None
    location: Location | None


class HardwareCollector:
    """Reads single types of the inventory of every device, in turns spread over the interval."""

    name = "hardware"

    def __init__(
        self,
        settings: OmeSettings,
        client: OmeClient,
        clock: Clock,
        systems: OperatingSystems,
        *,
        interval: float,
    ) -> None:
        """Begin without readings: the first run reads every device.

        Args:
            settings: The source's settings.
            client: Asks the appliance.
            clock: Monotonic time, for ages.
            systems: Told which operating system each device runs.
            interval: Seconds within which every device has its turn.
        """
        self.interval = max(min(interval, SHORTEST_TURN), interval / TURNS)
        self._turns = Turns(interval=self.interval, every=interval)
        self._client = client
        self._clock = clock
        self._systems = systems
        self._sweep = Sweep(self._read, clock, at_once=settings.http.concurrency, keep=3 * interval)

    async def collect(self, inventory: Inventory) -> Collected:
        """Read the devices whose turn it is, and give what is known of all.

        Raises:
            SourceError: The appliance, and not a device, is in trouble.
            NotAvailableError: The appliance does not give the inventory to this user.
        """
        round_, now = Round(), self._clock.monotonic()
        present = self._sweep.begin([server.id for server in inventory.servers])
        turn = self._turns.choose(present, (), self._sweep.read_at(), now)
        with needed(NEEDED, frozenset({FORBIDDEN})):
            await self._sweep.run(turn, round_)
        round_.finish()
        if self._sweep.nobody_can([server.id for server in inventory.servers]):
            self._sweep.ask_all_again()
            raise NotAvailableError(NO_INVENTORY)
        self._turns.note(present, turn, self._sweep.read_well_since(now), now)
        found = {key: reading.value for key, reading in self._sweep.readings().items()}
        self._systems.learn({key: parts.os for key, parts in found.items() if parts.os})
        return Collected(
            columns=(
                Column(Memory, _known({key: parts.memory for key, parts in found.items()})),
                Column(Firmware, _known({key: parts.firmware for key, parts in found.items()})),
                Column(Location, _known({key: parts.location for key, parts in found.items()})),
            ),
            items=round_.succeeded,
            problems=round_.problems,
            drift=drifted(*(reading.drift for reading in self._sweep.readings().values())),
        )

    async def _read(self, device: str) -> Reading[Parts]:
        systems = await self._entries(device, SYSTEMS)
        modules = await self._entries(device, MODULES)
        software = await self._entries(device, SOFTWARE)
        locations = await self._entries(device, LOCATIONS)
        found = (systems, modules, software, locations)
        refusals = [each.refusal for each in found if each.refusal]
        if len(refusals) == len(found):
            # That is no inventory, not an empty one.
            raise refusals[0]
        parts = Parts(
            os=os_from(systems.records),
            # A module that cannot be read would make the sum a wrong one.
            memory=None if modules.problems else memory_from(modules.records),
            firmware=firmware_from(software.records),
            location=location_from(locations.records),
        )
        drift = shared(joined(each.drift for each in found))
        return Reading(parts, sum(each.problems for each in found), drift)

    async def _entries(self, device: str, kind: InventoryKind[R]) -> Entries[R]:
        """Read one type of inventory; none where the device has no such type."""
        try:
            body = await self._client.get(ENDPOINT, PATH.format(device, kind.name))
        except SourceError as error:
            if error.status not in UNSUPPORTED_STATUSES or isinstance(error, LoginError):
                raise
            return Entries([], 0, NO_DRIFT, error)
        document = decode(body, records.INVENTORY, ENDPOINT)
        found = await read_entries(document.inventory_info or (), kind.decoder, ENDPOINT)
        if found.problems and not found.records:
            raise SourceError(Reason.SCHEMA, f"{ENDPOINT}: no entry of {kind.name} could be read")
        drift = joined((missing_in([document]), missing_in(found.records)))
        return Entries(found.records, found.problems, drift)


def _known(found: Mapping[str, F | None]) -> dict[str, F]:
    return {key: each for key, each in found.items() if each is not None}
