"""The collector `power_manager`: the draw, the inlet air and the load of each monitored server."""

from collections.abc import Callable, Iterator, Mapping
from typing import TypeVar

from msgspec import Struct

from exporter.config.source import CollectorSettings
from exporter.errors import NotAvailableError
from exporter.model import Collected, Column, Inventory, PowerDraw, Temperatures, Utilization
from exporter.slices import Slices
from exporter.sources.contract import CollectorSetup
from exporter.sources.drift import NO_DRIFT, drifted, joined
from exporter.sources.listing import Listing
from exporter.sources.ome import calls
from exporter.sources.ome import power_manager_records as records
from exporter.sources.ome.client import OmeClient
from exporter.sources.ome.device_poller import DevicePoller, poll_all
from exporter.sources.ome.device_state import Reading
from exporter.sources.ome.facts import ApplianceZone
from exporter.sources.ome.lists import ListReader, whole_rows
from exporter.sources.ome.mapping import DeviceFinder
from exporter.sources.ome.metrics import (
    ASKED,
    Row,
    Units,
    draw_from,
    newest_rows,
    temperatures_from,
    unfit_rows,
    units_from,
    utilization_from,
)
from exporter.sources.ome.power_manager_records import MonitoredRecord, PluginRecord
from exporter.sources.ome.refusals import needed
from exporter.sources.ome.source import OmeParts
from exporter.sources.ome.vocabulary import POWER_MANAGER
from exporter.sources.partial import PartialRun
from exporter.sources.records import decode, read_entries
from exporter.sources.values import shared

METRICS = calls.METRICS.endpoint
PAGE_SIZE = 500
DEVICE, RECENT, NEWEST_FIRST = 0, 0, 0
"""Values of `EntityType`, `Duration` and `SortOrder`."""
RANK = 1
"""Above the readings of `/Power`."""
KEEP = 86400.0

F = TypeVar("F", bound=Struct)


class MonitoredDevice(Struct, frozen=True, gc=False):
    """What is kept of a monitored device: its number, and the served server that it is."""

    id: int
    server: str


class PowerManagerCollector:
    """Asks the plugin Power Manager for each monitored device, no faster than it gathers."""

    def __init__(self, parts: OmeParts, setup: CollectorSetup[CollectorSettings]) -> None:
        """Prepare; nothing is sent yet."""
        self.name, self.interval = setup.name, setup.interval
        self._configured = setup.interval
        self._zone = parts.zone
        self._units = units_from([])
        """The last good ones: settings that cannot be read cost no reading."""
        self._client = parts.client
        self._plugin = PowerManagerPlugin(parts.client)
        self._clock = parts.clock
        at_once = parts.at_once
        self._monitored = ListReader(
            parts.client,
            calls.MONITORED,
            records.MONITORED,
            page_size=PAGE_SIZE,
            at_once=at_once,
        )
        self._poller = DevicePoller(self._read, parts.clock, at_once=at_once, keep=KEEP)

    async def collect(self, inventory: Inventory) -> Collected:
        """Read every monitored server; plugins and settings that fail are those last read.

        Raises:
            SourceError: The appliance, and not a device, is in trouble, or no monitored device has
                metrics.
            NotAvailableError: Power Manager is not there, or not for this user.
        """
        run = PartialRun()
        await run.attempt("list of plugins", self._plugin.read())
        self._plugin.require()
        await run.attempt("settings of Power Manager", self._read_units())
        units = self._units
        self.interval = max(self._configured, units.gathering)
        with needed(NEEDED):
            listing = await self._listed(inventory)
        own = {server.id for server in inventory.servers}
        devices = {str(each.id): each.server for each in listing.items if each.server in own}
        await poll_all(
            self._poller, devices, f"none of {len(devices)} monitored devices has metrics"
        )
        readings, stats = self._poller.readings(), self._poller.stats
        oldest, latest = self._clock.wall() - 2 * units.gathering, self._zone.latest
        rows = {
            devices[key]: tuple(row for row in reading.value if oldest <= row.at <= latest)
            async for key, reading in Slices().through(readings.items())
        }
        return Collected(
            columns=await _columns(rows, units),
            items=stats.read,
            problems=self._plugin.problems + listing.problems + stats.problems,
            drift=drifted(
                self._plugin.drift,
                units.drift,
                listing.drift,
                *(reading.drift for reading in readings.values()),
            ),
            warnings=(
                *run.warnings,
                *listing.warnings,
                *_unknown_units(units),
                *_wrong_times(readings, oldest, latest, self._zone),
            ),
        )

    async def _read_units(self) -> None:
        self._units = await power_manager_units(self._client)

    async def _listed(self, inventory: Inventory) -> Listing[MonitoredDevice]:
        whose = DeviceFinder(inventory)

        def mapped(record: MonitoredRecord) -> MonitoredDevice:
            return MonitoredDevice(record.id, whose.served(record.id, record.service_tag))

        return await self._monitored.read("", mapped)

    async def _read(self, device: str) -> Reading[tuple[Row, ...]]:
        question = {
            "PluginId": POWER_MANAGER,
            "EntityType": DEVICE,
            "EntityId": int(device),
            "MetricTypes": ASKED,
            "Duration": RECENT,
            "SortOrder": NEWEST_FIRST,
        }
        body = await self._client.post(METRICS, METRICS, question)
        listed = decode(body, records.METRICS, METRICS).value or ()
        found = await read_entries(listed, records.METRIC, METRICS)
        rows = newest_rows(found.records, self._zone.current, self._clock.wall())
        drift = joined(
            (found.drift, unfit_rows(found.records), calls.METRICS.missing_in(found.records))
        )
        return Reading(rows, found.problems, shared(drift))


async def _columns(rows: Mapping[str, tuple[Row, ...]], units: Units) -> tuple[Column[Struct], ...]:
    return (
        Column(PowerDraw, await _mapped(rows, lambda found: draw_from(found, units)), rank=RANK),
        Column(Temperatures, await _mapped(rows, lambda found: temperatures_from(found, units))),
        Column(Utilization, await _mapped(rows, utilization_from)),
    )


async def _mapped(
    rows: Mapping[str, tuple[Row, ...]], into: Callable[[tuple[Row, ...]], F | None]
) -> dict[str, F]:
    return {
        server: facet
        async for server, each in Slices().through(rows.items())
        if (facet := into(each)) is not None
    }


def _unknown_units(units: Units) -> Iterator[str]:
    if not units.power:
        yield "Power Manager's unit of power is not known: its power is left out"
    if not units.temperature:
        yield "Power Manager's unit of temperature is not known: its temperatures are left out"


def _wrong_times(
    readings: Mapping[str, Reading[tuple[Row, ...]]],
    oldest: float,
    latest: float,
    zone: ApplianceZone,
) -> Iterator[str]:
    times = [row.at for reading in readings.values() for row in reading.value]
    if any(at > latest for at in times):
        yield f"readings of Power Manager lie in the future and are left out: {zone.origin}"
    elif times and max(times) < oldest:
        yield (
            "all readings of Power Manager are older than twice its gathering interval and are "
            f"left out: {zone.origin}"
        )


PLUGINS, SETTINGS = calls.PLUGINS.endpoint, calls.POWER_SETTINGS.endpoint
NEEDED = (
    "the plugin Power Manager is needed: install and enable it on the appliance, "
    "or switch this collector off"
)


class PowerManagerPlugin:
    """What the appliance's list of plugins says about Power Manager.

    A flag that is absent or has another type says nothing; then Power Manager itself answers.
    """

    def __init__(self, client: OmeClient) -> None:
        """Begin without knowledge, so that Power Manager itself is asked."""
        self._client = client
        self._is_missing = False
        self.problems = 0
        """Rows of the latest list that could not be read."""
        self.drift = NO_DRIFT
        """What did not fit in the latest list."""

    async def read(self) -> None:
        """Read the list; where it fails, what was known stays.

        Raises:
            NotAvailableError: The appliance does not give the list to this user.
            SourceError: The list cannot be read.
        """
        self.problems, self.drift = 0, NO_DRIFT
        with needed(NEEDED):
            body = await self._client.get(PLUGINS, PLUGINS)
        found = await whole_rows(body, records.PLUGIN, PLUGINS)
        self.problems, self.drift = found.problems, found.drift
        mine = [each for each in found.records if each.id.upper() == POWER_MANAGER]
        if mine:
            self._is_missing = all(_is_off(each) for each in mine)
        elif not found.problems:
            self._is_missing = True

    def require(self) -> None:
        """Check that Power Manager is at work, as far as that is known.

        Raises:
            NotAvailableError: It is not installed, or not enabled.
        """
        if self._is_missing:
            raise NotAvailableError(NEEDED)


def _is_off(plugin: PluginRecord) -> bool:
    """Whether a flag says that a plugin is not at work."""
    return plugin.installed is False or plugin.enabled is False


async def power_manager_units(client: OmeClient) -> Units:
    """Read the units and the gathering interval.

    Raises:
        NotAvailableError: This user may not see them.
        SourceError: They cannot be read.
    """
    with needed(f"{NEEDED}; the user must be allowed to see its settings"):
        body = await client.get(SETTINGS, SETTINGS)
    return units_from((await whole_rows(body, records.POWER_SETTING, SETTINGS)).records)
