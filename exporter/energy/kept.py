"""Which collectors does a source have while a ledger is kept?"""

from dataclasses import replace
from typing import cast

from msgspec import Struct
from msgspec.structs import replace as changed

from exporter.clock import Clock
from exporter.config.source import SourceSettings
from exporter.energy.accounts import joules, millijoules
from exporter.energy.hours import MOST_CALLS, HoursKept
from exporter.energy.ledger import Ledger
from exporter.model import Collected, Column, Inventory, Power
from exporter.sources.contract import Collector, EnergyReadings, Source

_SHARE = 4
"""Of the requests that a source may send an hour, the ledger takes one in so many."""


class CountersKept:
    """A collector of servers' own counters, which are carried over resets and restarts."""

    def __init__(self, source: str, collector: Collector, ledger: Ledger, clock: Clock) -> None:
        """Take the collector whose counters are replaced."""
        self._clock = clock
        self.name = collector.name
        self._source = source
        self._collector = collector
        self._ledger = ledger

    @property
    def interval(self) -> float:
        """Seconds between two runs."""
        return self._collector.interval

    async def collect(self, inventory: Inventory) -> Collected:
        """Read what the collector reads, and put the ledger's counters in.

        Raises:
            SourceError: The collector failed.
        """
        collected = await self._collector.collect(inventory)
        serials = {server.id: server.serial for server in inventory.servers}
        powers = _powers(collected)
        readings = {
            serials[id]: energy
            for id, power in powers.items()
            if id in serials and (energy := _energy(power)) is not None
        }
        await self._ledger.advance(self._source, readings, self._clock.wall())
        totals = self._ledger.totals(self._source)

        def counter(id: str, power: Power) -> Power:
            serial = serials.get(id, "")
            total = totals.get(serial) if serial in readings else None
            return changed(power, energy_joules=None if total is None else joules(total))

        kept = Column(Power, {id: counter(id, power) for id, power in powers.items()})
        others = tuple(each for each in collected.columns if each.facet is not Power)
        return replace(collected, columns=(*others, cast("Column[Struct]", kept)))


class KeptSource:
    """A source whose energy is kept in the ledger."""

    def __init__(self, source: Source, collectors: tuple[Collector, ...]) -> None:
        """Take the collectors in place of the source's own."""
        self.collectors = collectors
        self._source = source

    async def close(self) -> None:
        """Log out and close the connections; never raises."""
        await self._source.close()


def kept(
    source: Source,
    settings: SourceSettings,
    energy: EnergyReadings | None,
    ledger: Ledger,
    clock: Clock,
) -> Source:
    """Put the ledger between a source and what is served of it.

    Args:
        source: The source.
        settings: Its entry in the configuration.
        energy: How it tells energy.
        ledger: Where it is kept.
        clock: That of the source.
    """
    read_by = next((c for c in source.collectors if energy and c.name == energy.collector), None)
    if energy is None or read_by is None:
        return source
    if energy.archive is None:
        counters = CountersKept(settings.name, read_by, ledger, clock)
        own = tuple(counters if each is read_by else each for each in source.collectors)
        return KeptSource(source, own)
    an_hour = settings.http.requests_per_minute * 60
    hours = HoursKept(
        settings.name,
        energy.archive(source),
        ledger,
        clock,
        interval=read_by.interval,
        most_calls=max(1, min(MOST_CALLS, an_hour // _SHARE)) if an_hour else MOST_CALLS,
    )
    return KeptSource(source, (*source.collectors, hours))


def _energy(power: Power) -> int | None:
    """Return the millijoules that a device's counter shows; None where it shows none."""
    return None if power.energy_joules is None else millijoules(power.energy_joules)


def _powers(collected: Collected) -> dict[str, Power]:
    return {
        id: cast("Power", power)
        for column in collected.columns
        if column.facet is Power
        for id, power in column.by_id.items()
    }
