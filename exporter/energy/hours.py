"""How do the closed hours of an archive become counters?

An hour is read, counted and committed; then the next. What falls while the exporter is down stays
on the list, and is read when it is up again: the oldest first, so much in a run, and after the
calls of every other collector.
"""

from collections.abc import Iterable, Mapping, Set

from exporter.clock import Clock
from exporter.energy.accounts import joules, millijoules
from exporter.energy.ledger import Ledger
from exporter.energy.schedule import HOUR
from exporter.errors import Reason, SourceError
from exporter.model import Collected, Column, Energy, Inventory, Power, Window
from exporter.sources.contract import EnergyArchive
from exporter.sources.on_behalf import Errand, errand

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
            if (energy := millijoules(each.joules)) is not None
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
