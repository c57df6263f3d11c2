"""The collector `health`: the subsystems of each server."""

import re
from collections.abc import Iterable

from exporter.model import Collected, Column, Components, Health, Inventory
from exporter.sources.contract import CollectorSetup
from exporter.sources.drift import Drift, Unseen, drifted, joined
from exporter.sources.ome import calls, device_records
from exporter.sources.ome.device_poller import DevicePoller, poll_parts
from exporter.sources.ome.device_records import SubsystemRecord
from exporter.sources.ome.device_state import Reading, RoundRobin
from exporter.sources.ome.lists import whole_rows
from exporter.sources.ome.settings import OmeHealth
from exporter.sources.ome.source import OmeParts
from exporter.sources.ome.vocabulary import COMPONENT
from exporter.sources.redaction import hidden
from exporter.sources.text import LONGEST
from exporter.sources.values import shared

SEVERITY = {"1000": 0, "3000": 1, "4000": 2}
KNOWN_CODES = frozenset({*SEVERITY, "2000", "5000"})
"""2000 and 5000 (unknown, no status) are no reading."""
MOST_COMPONENTS = 64
LONGEST_NAME = 32

_HUMP = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")
_OTHER = re.compile(r"[^a-z0-9]+")


def components_from(rows: Iterable[SubsystemRecord]) -> Components:
    """Map the roll-ups of one device; of several rows of one component the worst counts."""
    worst: dict[str, int] = {}
    for row in rows:
        name, severity = component_of(row.name), SEVERITY.get(_code(row))
        if name and severity is not None:
            worst[name] = max(severity, worst.get(name, 0))
    return shared(Components(tuple(sorted(worst.items())[:MOST_COMPONENTS])))


def component_of(subsystem: str) -> str:
    """Name the component of a subsystem.

    A chassis numbers its parts (`IOM.Slot.A1`, `System.Modular.3`); only what stands before the
    first dot names the kind. An unknown kind becomes its own word in snake_case.
    """
    kind = _kind(subsystem)
    known = COMPONENT.get(kind.lower())
    return known or _OTHER.sub("_", _HUMP.sub("_", kind).lower())[:LONGEST_NAME].strip("_")


def unknown_in(rows: Iterable[SubsystemRecord]) -> Drift:
    """Count the kinds of subsystem and the roll-up codes that are not known."""
    unseen = Unseen()
    for row in rows:
        if _kind(row.name).lower() not in COMPONENT:
            unseen.note("SubSystem", _kind(row.name))
        if row.rollup is not None and _code(row) not in KNOWN_CODES:
            unseen.note("RollupStatus", _code(row))
    return unseen.drift


def _kind(subsystem: str) -> str:
    return hidden(subsystem.strip(), LONGEST).partition(".")[0]


def _code(row: SubsystemRecord) -> str:
    """Return the code of a roll-up, which the appliance writes as a string."""
    return str(row.rollup).strip()


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
            shared(
                joined(
                    (
                        rows.drift,
                        unknown_in(rows.records),
                        calls.SUBSYSTEMS.missing_in(rows.records),
                    )
                )
            ),
        )
