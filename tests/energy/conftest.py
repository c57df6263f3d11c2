"""A ledger over a simulated Compute Ops Management, without sockets: time and faults are ours."""

import asyncio
import shutil
import tempfile
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from exporter.energy.collectors import HoursKept
from exporter.energy.ledger import Ledger
from exporter.errors import Reason, SourceError
from exporter.exposition.page import Pages
from exporter.exposition.store import Store
from exporter.exposition.text import Format
from exporter.model import Collected, Inventory, Server
from exporter.polling.board import CollectorState
from exporter.polling.scheduler import Scheduler
from exporter.polling.source import PolledSource
from exporter.simulators import Simulation
from exporter.simulators.identity import Register
from exporter.simulators.query import BadQueryError
from exporter.sources.com.client import ComClient
from exporter.sources.com.energy_windows import EnergyArchive, EnergyReader
from exporter.sources.com.lists import Lists
from exporter.sources.gate import errand
from tests.support.clock import FakeClock
from tests.support.exposition import joined, series
from tests.support.source import StubSettings

HOUR = 3600
DAY = 24 * HOUR
MEMORY = "/dev/shm"  # noqa: S108 - a folder of its own is made in it
START = 1_780_000_000.0
COUNTER = "serverfleet_server_energy_joules_total"


@dataclass
class Heard:
    """What the ledger has told."""

    pending_hours: int = 0
    lost_hours: int = 0
    writes: int = 0
    size: int = 0
    failures: list[str] = field(default_factory=list)

    def pending(self, source: str, hours: int) -> None:
        self.pending_hours = hours

    def lost(self, source: str, hours: int) -> None:
        self.lost_hours += hours

    def written(self, source: str, at: float, size: int) -> None:
        self.writes += 1
        self.size = size

    def failed(self, reason: str) -> None:
        self.failures.append(reason)


class Wire(ComClient):
    """Calls the simulated API directly; it can be cut, and can hang."""

    def __init__(self, simulation: Simulation) -> None:
        self._simulation = simulation
        self.is_cut = False
        self.refuses: Callable[[Mapping[str, str]], Reason | None] = lambda query: None
        self.hangs_after: int | None = None
        self.hanging = asyncio.Event()
        self.asked: list[str] = []

    @asynccontextmanager
    async def page(
        self, endpoint: str, query: Mapping[str, str], *, id: str = ""
    ) -> AsyncIterator[bytes]:
        yield await self.get(endpoint, query)

    async def get(self, endpoint: str, query: Mapping[str, str], *, id: str = "") -> bytes:
        await asyncio.sleep(0)
        self.asked.append(query["start-date"])
        if run := errand.get():
            run.calls += 1
        if self.hangs_after is not None:
            self.hangs_after -= 1
            if self.hangs_after < 0:
                self.hanging.set()
                await asyncio.Event().wait()
        if self.is_cut:
            raise SourceError(Reason.CONNECT, "no route to host")
        if reason := self.refuses(query):
            raise SourceError(reason, "refused")
        try:
            answer = self._simulation.com_energy.by_entity(dict(query))
        except BadQueryError as error:
            raise SourceError(Reason.HTTP_4XX, error.message, status=400) from None
        assert isinstance(answer.body, bytes)
        return answer.body


class Listing:
    """The inventory, straight from the truth."""

    name = "servers"
    interval = 60.0

    def __init__(self, simulation: Simulation) -> None:
        self._simulation = simulation

    async def collect(self, inventory: Inventory) -> Collected:
        found = self._simulation.world.com_servers()
        return Collected(servers=tuple(Server(each.id, each.serial, each.name) for each in found))


class Kept:
    """A source of an inventory and a ledger."""

    def __init__(self, *collectors: Listing | HoursKept) -> None:
        self.collectors = collectors

    async def close(self) -> None:
        pass


class Life:
    """One process of the exporter, from its start to its end."""

    def __init__(self, wire: Wire, path: Path, clock: FakeClock, most_calls: int) -> None:
        self.heard = Heard()
        self.ledger = Ledger(path, clock, self.heard)
        archive = EnergyArchive(EnergyReader(Lists(wire, clock, at_once=2), clock))
        self.hours = HoursKept(
            "emea", archive, self.ledger, clock, interval=HOUR, most_calls=most_calls
        )
        self._listing = Listing(wire._simulation)
        self._polled = PolledSource(
            StubSettings(name="emea"), "hpe", Kept(self._listing, self.hours)
        )
        self._store = Store(clock)
        self._scheduler = Scheduler([self._polled], self._store, clock)

    async def run(self) -> bool:
        """Read the inventory, and let the ledger do its next run."""
        await self._scheduler._runner.run(self._polled, self._listing)
        return await self._scheduler._runner.run(self._polled, self.hours)

    @property
    def state(self) -> CollectorState:
        return self._scheduler.board.state("emea", "energy_ledger")

    def counters(self) -> dict[str, float]:
        """Return the counters on the page, by serial number."""
        page = joined(Pages(self._store).whole(Format.TEXT))
        return {
            dict(labels)["serial"]: value
            for (name, labels), value in series(page).items()
            if name == COUNTER
        }


class Rig:
    """A simulated workspace, and one exporter after the other in front of it."""

    def __init__(self, folder: Path, servers: int, seed: int) -> None:
        self.clock = FakeClock(wall=START)
        self.simulation = Simulation(servers=servers, seed=seed, clock=self.clock.wall, com_share=1)
        # In a large fleet a server stays for years.
        self.simulation.world.register = Register(seed, 8000, 0)
        self.wire = Wire(self.simulation)
        self.path = folder / "state.db"
        self._folder = folder
        self._lives: list[Life] = []

    async def start(self, most_calls: int = 2000) -> Life:
        """Start an exporter on the file as it is."""
        self.wire.hangs_after = None
        self.wire.hanging.clear()
        life = Life(self.wire, self.path, self.clock, most_calls)
        self._lives.append(life)
        await life.ledger.open()
        return life

    async def begin(self) -> Life:
        """Start the first exporter, and let it begin to count from now on."""
        life = await self.start()
        await life.run()
        return life

    def kill(self) -> None:
        """Leave the last exporter as it is, with its file open: the next one sees what it wrote."""
        before, self.path = self.path, self._folder / f"state-{len(self._lives)}.db"
        for ending in ("", "-wal"):
            shutil.copyfile(f"{before}{ending}", f"{self.path}{ending}")

    async def close(self) -> None:
        for life in self._lives:
            await life.ledger.close()

    async def hours(self, life: Life, number: int) -> None:
        """Let hours go by, with a run in each."""
        for _ in range(number):
            self.clock.now += HOUR
            await life.run()

    def is_measured(self, serial: str) -> bool:
        """Tell whether COM ever has energy of a server."""
        world = self.simulation.world
        return world.has_energy(world.slot_of(serial))

    def truth(self, serial: str, first: float, last: float) -> float:
        """Return the joules of the complete hours of a server between two Unix seconds."""
        slot = self.simulation.world.slot_of(serial)
        hours = range(int(first) // HOUR, int(last) // HOUR)
        said = (
            self.simulation.com_energy.settled(slot, hour * HOUR, (hour + 1) * HOUR)
            for hour in hours
        )
        return sum(each.joules or 0.0 for each in said if each.complete)

    @property
    def published(self) -> float:
        """The end of the last hour whose data are out."""
        return (self.clock.wall() - 2 * HOUR) // HOUR * HOUR


Make = Callable[..., Rig]


def memory() -> str | None:
    return MEMORY if Path(MEMORY).is_dir() else None


@pytest.fixture
async def make() -> AsyncIterator[Make]:
    made: list[Rig] = []
    # In memory, where there is such a place: a busy disk takes longer to sync than all the rest.
    with tempfile.TemporaryDirectory(dir=memory()) as folder:

        def build(servers: int = 6, seed: int = 5) -> Rig:
            made.append(Rig(Path(folder), servers, seed))
            return made[-1]

        yield build
        for rig in made:
            await rig.close()
