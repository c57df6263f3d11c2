"""Which part of a server is ill?"""

from collections.abc import Mapping

from exporter.clock import Clock
from exporter.errors import NotAvailableError, Reason, SourceError
from exporter.model import Collected, Column, Components, Health, Inventory
from exporter.sources.drift import drifted, joined
from exporter.sources.ome import records
from exporter.sources.ome.client import OmeClient
from exporter.sources.ome.expected import missing_in
from exporter.sources.ome.listing import whole_rows
from exporter.sources.ome.settings import OmeSettings
from exporter.sources.ome.subsystems import components_from, unknown_in
from exporter.sources.ome.sweep import FAILURES_TO_JUDGE, Reading, Round, Sweep
from exporter.sources.ome.turns import Turns
from exporter.sources.records import read_entries
from exporter.sources.sharing import shared

ENDPOINT = "Devices(id)/SubSystemHealth"
PATH = "DeviceService/Devices({})/SubSystemHealth"
NEEDED = "no device gives the health of its parts; switch the collector off if none ever will"


class HealthCollector:
    """Reads the roll-ups of the subsystems: of ill devices often, of healthy ones in turn."""

    name = "health"

    def __init__(
        self, settings: OmeSettings, client: OmeClient, clock: Clock, *, interval: float
    ) -> None:
        """Begin without readings: the first run reads every device."""
        self.interval = interval
        every = settings.collectors.health.healthy_every
        self._client = client
        self._clock = clock
        self._turns = Turns(interval=interval, every=every)
        self._sweep = Sweep(
            self._read,
            clock,
            at_once=settings.http.concurrency,
            keep=max(3 * interval, every + interval),
        )

    async def collect(self, inventory: Inventory) -> Collected:
        """Read the devices whose turn it is, and give what is known of all.

        Raises:
            SourceError: The appliance, and not a device, is in trouble.
            NotAvailableError: No device gives the health of its parts.
        """
        round_ = Round()
        now = self._clock.monotonic()
        possible = self._sweep.begin([server.id for server in inventory.servers])
        chosen = self._turns.choose(possible, self._ill(inventory), self._sweep.read_at(), now)
        await self._sweep.run(chosen, round_)
        if round_.nobody_answered:
            # A run may ask one device only; others tell whose trouble it is.
            others = [device for device in possible if device not in chosen]
            await self._sweep.run(others[:FAILURES_TO_JUDGE], round_)
        round_.finish()
        if self._sweep.nobody_can([server.id for server in inventory.servers]):
            self._sweep.ask_all_again()
            raise NotAvailableError(NEEDED)
        self._turns.note(possible, chosen, self._sweep.read_well_since(now), now)
        return _collected(self._sweep.readings(), round_)

    def _ill(self, inventory: Inventory) -> set[str]:
        """Name the devices that were not entirely well when last seen, by either listing."""
        well = {
            server for server, status in inventory.statuses.items() if status.health is Health.OK
        }
        ill = {server.id for server in inventory.servers if server.id not in well}
        return ill | {
            server
            for server, reading in self._sweep.readings().items()
            if any(severity > 0 for _, severity in reading.value.severities)
        }

    async def _read(self, device: str) -> Reading[Components]:
        body = await self._client.get(ENDPOINT, PATH.format(device))
        rows = await read_entries(whole_rows(body, ENDPOINT), records.SUBSYSTEM, ENDPOINT)
        if rows.problems and not rows.records:
            raise SourceError(Reason.SCHEMA, f"{ENDPOINT}: no subsystem could be read")
        return Reading(
            components_from(rows.records),
            rows.problems,
            shared(joined((unknown_in(rows.records), missing_in(rows.records)))),
        )


def _collected(readings: Mapping[str, Reading[Components]], round_: Round) -> Collected:
    return Collected(
        columns=(
            Column(Components, {key: r.value for key, r in readings.items() if r.value.severities}),
        ),
        items=round_.succeeded,
        problems=round_.problems,
        drift=drifted(*(reading.drift for reading in readings.values())),
    )
