"""The collector `power`: the power and the temperature of each server."""

from collections.abc import Mapping
from typing import Any, TypeVar

from msgspec import Struct

from exporter.config.source import CollectorSettings
from exporter.model import Collected, Column, Inventory, Power, PowerDraw, Temperatures
from exporter.sources.contract import CollectorSetup
from exporter.sources.drift import drifted, joined
from exporter.sources.ome import calls, device_records
from exporter.sources.ome.device_poller import DevicePoller, poll_parts
from exporter.sources.ome.device_state import Reading
from exporter.sources.ome.measurements import (
    draw_from,
    power_from,
    temperatures_from,
    unfit_power,
    unfit_temperature,
)
from exporter.sources.ome.source import OmeParts
from exporter.sources.records import decode_document
from exporter.sources.values import shared

POWER, TEMPERATURE = calls.POWER.endpoint, calls.TEMPERATURE.endpoint
NEEDED = "no device gives its power or temperature; switch the collector off if none ever will"
F = TypeVar("F", bound=Struct)

NOTHING: tuple[Struct, ...] = (Power(), Temperatures(()))


class Powers(Struct, frozen=True, gc=False):
    """What `/Power` gave of one device."""

    draw: PowerDraw | None
    statistics: Power


class PowerCollector:
    """Reads `/Power` and `/Temperature` of every device; the appliance has no bulk form."""

    def __init__(self, parts: OmeParts, setup: CollectorSetup[CollectorSettings]) -> None:
        """Prepare; nothing is sent yet."""
        self.name, self.interval = setup.name, setup.interval
        self._client = parts.client
        at_once, keep = parts.at_once, 3 * setup.interval
        self._power = DevicePoller(self._read_power, parts.clock, at_once=at_once, keep=keep)
        self._temperature = DevicePoller(
            self._read_temperature, parts.clock, at_once=at_once, keep=keep
        )

    async def collect(self, inventory: Inventory) -> Collected:
        """Read both of every device; one that fails does not cost the other.

        Raises:
            SourceError: The appliance, and not a device, is in trouble.
            NotAvailableError: No device gives either.
        """
        parts: dict[str, DevicePoller[Any]] = {POWER: self._power, TEMPERATURE: self._temperature}
        present = [server.id for server in inventory.servers]
        warnings = await poll_parts(parts, present, NEEDED)
        stats = [poller.stats for poller in parts.values()]
        powers, temperatures = self._power.readings(), self._temperature.readings()
        return Collected(
            columns=(
                Column(
                    PowerDraw,
                    {key: each.value.draw for key, each in powers.items() if each.value.draw},
                ),
                Column(Power, _values({key: r.value.statistics for key, r in powers.items()})),
                Column(Temperatures, _values({key: r.value for key, r in temperatures.items()})),
            ),
            items=sum(each.read for each in stats),
            problems=sum(each.problems for each in stats),
            drift=drifted(
                *(reading.drift for reading in powers.values()),
                *(reading.drift for reading in temperatures.values()),
            ),
            warnings=warnings,
        )

    async def _read_power(self, device: str) -> Reading[Powers]:
        body = await self._client.get(POWER, f"DeviceService/Devices({device})/Power")
        record, misfits = decode_document(body, device_records.POWER, POWER)
        powers = Powers(draw_from(record), power_from(record))
        drift = joined((misfits, unfit_power(record), calls.POWER.missing_in([record])))
        return Reading(powers, drift=shared(drift))

    async def _read_temperature(self, device: str) -> Reading[Temperatures]:
        body = await self._client.get(TEMPERATURE, f"DeviceService/Devices({device})/Temperature")
        record, misfits = decode_document(body, device_records.TEMPERATURE, TEMPERATURE)
        drift = joined((misfits, unfit_temperature(record), calls.TEMPERATURE.missing_in([record])))
        return Reading(temperatures_from(record), drift=shared(drift))


def _values(found: Mapping[str, F]) -> dict[str, F]:
    return {key: each for key, each in found.items() if each not in NOTHING}
