"""The collectors that export energy counters which persist across restarts.

For COM, `HoursKept` counts the closed hours of an archive: an hour is read, counted and committed,
then the next. Hours that end while the exporter is down stay on the list and are read when it runs
again: the oldest first, a bounded number in a run, and after the calls of every other collector.
For Dell, `CountersKept` carries the devices' own counters over resets.
"""

from collections.abc import Iterable, Mapping, Set
from dataclasses import replace
from typing import cast

from msgspec import Struct
from msgspec.structs import replace as changed

from exporter.clock import Clock
from exporter.config.source import SourceSettings
from exporter.energy.accounts import joules, millijoules
from exporter.energy.ledger import Ledger
from exporter.energy.schedule import HOUR
from exporter.errors import Reason, SourceError
from exporter.model import Collected, Column, Energy, Inventory, Power, Window
from exporter.sources.contract import Collector, EnergyArchive, EnergyReadings, Source
from exporter.sources.gate import Errand, errand

FIRST_PAUSE = 300.0
"""Seconds between the first run, which only serves what the file has, and the second."""
LAST_TURN = 7 * 86400.0
"""Seconds: the urgency of these calls, behind that of every collector."""
MOST_CALLS = 2000
"""In one run."""
_NOT_OF_THE_HOUR = frozenset(
    {Reason.CONNECT, Reason.TLS, Reason.AUTH, Reason.FORBIDDEN, Reason.RATE_LIMITED}
)
"""Failures that every other hour would meet as well."""


class HoursKept:
    """Counts the hours of one source, as a collector of its own."""

    name = "energy_ledger"

    def __init__(
        self,
        source: str,
        archive: EnergyArchive,
        ledger: Ledger,
        clock: Clock,
        *,
        interval: float,
        most_calls: int = MOST_CALLS,
    ) -> None:
        """Take whom to ask, and how many calls a run may make."""
        self._source = source
        self._archive = archive
        self._ledger = ledger
        self._clock = clock
        self.interval = interval
        self._most_calls = most_calls
        self._served: Set[str] | None = None
        """Servers whose counters have been handed out; None before the first run."""

    async def collect(self, inventory: Inventory) -> Collected:
        """Count hours, and give every server's counter; the first run calls nobody.

        Raises:
            SourceError: An hour could not be read, or all of them were refused; what was counted
                before that is committed.
        """
        now, items, pause = self._clock.wall(), 0, FIRST_PAUSE if self._served is None else None
        due = await self._ledger.due(self._source, self._archive.reach, now)
        if self._served is not None:
            items = await self._catch_up(inventory, self._served, due, now)
        totals = self._ledger.totals(self._source)
        self._served = totals.keys()
        columns = (Column(Power, _counters(inventory, totals)),)
        return Collected(columns=columns, items=items, again_after=pause)

    async def _catch_up(
        self, inventory: Inventory, countable: Set[str], due: Iterable[int], now: float
    ) -> int:
        """Read the hours that are due; return how many figures they had."""
        serials = {server.id: server.serial for server in inventory.servers}
        run = errand.get() or Errand(self.interval)
        run.interval = max(run.interval, LAST_TURN)
        figures, refusals, counted = 0, [], 0
        for hour in due:
            if run.calls >= self._most_calls:
                break
            try:
                found = await self._archive.read(Window.HOUR, hour * HOUR)
            except SourceError as error:
                refusals.append(await self._refused(hour, error, now))
                continue
            energies = self._by_serial(found, serials)
            if not await self._ledger.count(self._source, hour, energies, countable, now):
                break
            figures += len(energies)
            counted += 1
        if refusals and not counted:
            raise refusals[0]
        return figures

    async def _refused(self, hour: int, error: SourceError, now: float) -> SourceError:
        """Give an hour another time; raise what is not this hour's trouble alone."""
        if error.reason not in _NOT_OF_THE_HOUR:
            await self._ledger.put_off(self._source, hour, now)
        if error.reason is not Reason.HTTP_4XX:
            raise error
        return error

    def _by_serial(
        self, found: Mapping[str, Energy], serials: Mapping[str, str]
    ) -> Mapping[str, int]:
        """Name servers by serial number, as their series are; one that is served comes first."""
        whole = {
            id: energy
            for id, each in found.items()
            if each.joules is not None and (energy := millijoules(each.joules)) is not None
        }
        energies = {serials[id]: energy for id, energy in whole.items() if id in serials}
        for id, energy in whole.items():
            if id not in serials:
                energies.setdefault(self._archive.serial(id), energy)
        return energies


def _counters(inventory: Inventory, totals: Mapping[str, int]) -> dict[str, Power]:
    return {
        server.id: Power(energy_joules=joules(totals[server.serial]))
        for server in inventory.servers
        if server.serial in totals
    }


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
