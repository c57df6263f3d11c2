"""What is polled in a soak, by whom, and how are both changed while it runs?"""

import asyncio
import json
import random
import signal
import sys
import time
from collections.abc import AsyncIterator, Coroutine
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal, cast

import yaml

from bench.soak.clock import FastClock
from bench.soak.log import NOT_RELOADED, RELOADED, Log
from bench.soak.truth import INVENTORIES, SOURCES, Lie, Truth
from exporter.simulators import Simulation

TIMEOUT = 2.0
"""Seconds for a call: of the machine on the wire, of the fleet in the freshness contract."""
LONGEST_TURN = 600.0
"""Seconds within which every device has been read by every collector, when nothing goes wrong."""
_LONGEST_INTERVAL = "10m"
"""For collectors that would run too seldom within a soak."""
_SELDOM = {
    "com": ("energy", "utilization", "firmware", "warranty"),
    "ome": ("power_manager", "compliance", "hardware", "warranty", "appliance"),
}
_SESSION_TIMEOUT = 900.0
_RELOADED = 60.0
"""Seconds of the machine within which a reload has ended."""

Vendor = Literal["com", "ome"]


class StuckError(Exception):
    """The exporter does not do what it was told to."""


@dataclass(frozen=True)
class Signs:
    """The vital signs of the exporter at a time."""

    memory: int
    files: int
    tasks: int
    lag: int


@dataclass
class Fleet:
    """A simulated fleet, and the exporter that polls it."""

    simulation: Simulation
    truth: Truth
    clock: FastClock
    url: str
    folder: Path
    log: Log
    process: asyncio.subprocess.Process = field(init=False)
    port: int = 0
    signs: list[Signs] = field(default_factory=list)
    configured: frozenset[str] | None = None
    """The sources that are polled; None while that changes."""
    bad_reloads: int = 0
    _without: str = ""
    _concurrency: int = 4
    _beside: set["asyncio.Task[None]"] = field(default_factory=set)

    @property
    def config(self) -> Path:
        """The configuration file."""
        return self.folder / "config.yaml"

    def lie(self, vendor: str | None) -> None:
        """Know that answers are wrong from now on, until healed."""
        now = self.simulation.world.clock()
        names = [SOURCES[vendor]] if vendor else list(INVENTORIES)
        self.truth.lies += [Lie(name, now, float("inf")) for name in names]

    async def heal(self) -> None:
        """Behave again, and poll everything again."""
        now = self.simulation.world.clock()
        lies = self.truth.lies
        lies[:] = [Lie(each.source, each.begins, min(each.ends, now)) for each in lies]
        for serial in tuple(self.simulation.world.overrides):
            self.simulation.world.clear_override(serial)
        if self._without:
            await self.reload()

    def rotate(self, secret: str) -> None:
        """Exchange both secrets, and write them where the exporter reads them."""
        self.simulation.rotate_com_secret(secret)
        self.simulation.rotate_ome_password(secret)
        self._write_secrets()

    def any_server(self, vendor: str, chance: random.Random) -> str:
        """Return the serial of some server that is there now."""
        world = self.simulation.world
        slots = world.roster.com if vendor == "com" else world.roster.ome
        servers = [slot for slot in slots if vendor == "com" or world.roster.type_of(slot) == 1000]
        return world.serial_of(chance.choice(servers), world.clock())

    def replace(self, vendor: str, chance: random.Random) -> None:
        """Take a server away, and put up another one."""
        self.simulation.world.remove(self.any_server(vendor, chance))
        self.simulation.world.add(cast("Vendor", vendor))
        self.truth.note()

    def beside(self, work: Coroutine[Any, Any, None]) -> None:
        """Let something happen meanwhile."""
        task = asyncio.create_task(work)
        self._beside.add(task)
        task.add_done_callback(self._beside.discard)

    async def reload(self, without: str = "", concurrency: int | None = None) -> None:
        """Change the configuration, and wait until it is in force."""
        self._without = without
        self._concurrency = concurrency or self._concurrency
        self.configured = None
        self.write_config()
        await self._hang_up(RELOADED)
        self.configured = frozenset(INVENTORIES) - {without}

    async def reload_badly(self) -> None:
        """Break the configuration, and wait until it is refused."""
        self.config.write_text("sources: []\n", encoding="utf-8")
        self.bad_reloads += 1
        await self._hang_up(NOT_RELOADED)
        self.write_config()

    async def _hang_up(self, event: str) -> None:
        before = self.log.follow().events[event]
        self.process.send_signal(signal.SIGHUP)
        ends = time.monotonic() + _RELOADED
        while self.log.follow().events[event] == before:
            if time.monotonic() > ends:
                raise StuckError(f"{_RELOADED:g} s after SIGHUP nobody has logged {event!r}")
            await asyncio.sleep(0.05)

    def write_config(self) -> None:
        """Write the configuration as it is to be now."""
        tree = yaml.safe_load(self.simulation.sources_yaml(self.url))
        sources = [self._entry(entry) for entry in tree["sources"]]
        kept = [entry for entry in sources if entry["name"] != self._without]
        text = yaml.safe_dump({"listen": "127.0.0.1:0", "sources": kept})
        self.config.write_text(text, encoding="utf-8")
        self._write_secrets()

    def _entry(self, entry: dict[str, Any]) -> dict[str, Any]:
        secret = "client_secret" if entry["type"] == "com" else "password"
        del entry[secret]
        entry[f"{secret}_file"] = str(self.folder / f"{entry['name']}.secret")
        entry["collectors"] = {
            name: {"interval": _LONGEST_INTERVAL} for name in _SELDOM[entry["type"]]
        }
        if entry["type"] == "ome":
            entry["collectors"]["health"] = {"healthy_every": _LONGEST_INTERVAL}
        entry["http"] = {
            "timeout": f"{TIMEOUT:g}s",
            "max_response_bytes": "4MiB",
            "concurrency": self._concurrency,
        }
        return entry

    def _write_secrets(self) -> None:
        secrets = {
            "com-demo": self.simulation.com_credentials.client_secret,
            "ome-demo": self.simulation.ome_credentials.password,
        }
        for name, secret in secrets.items():
            new = self.folder / f"{name}.new"
            new.write_text(secret, encoding="utf-8")
            new.replace(self.folder / f"{name}.secret")

    async def listen(self) -> None:
        """Take the vital signs as long as they are told."""
        with (self.folder / "signs.jsonl").open("w", encoding="utf-8") as file:
            while line := await self._told():
                self.signs.append(Signs(**line))
                file.write(json.dumps(line) + "\n")

    async def begin(self) -> None:
        """Wait until the exporter serves."""
        self.port = (await self._told())["port"]
        self.configured = frozenset(INVENTORIES)

    async def _told(self) -> dict[str, int]:
        line = await self.process.stdout.readline() if self.process.stdout else b""
        found: dict[str, int] = json.loads(line or b"{}")
        return found

    async def stop(self) -> int:
        """End the exporter; return its exit code."""
        if self.process.returncode is None:
            with suppress(ProcessLookupError):
                self.process.terminate()
        return await asyncio.wait_for(self.process.wait(), _RELOADED)


@asynccontextmanager
async def polled_fleet(
    servers: int, seed: int, clock: FastClock, folder: Path
) -> AsyncIterator[Fleet]:
    """Simulate a fleet, and let an exporter poll it while the block lasts."""
    simulation = Simulation(servers=servers, seed=seed, clock=clock.wall)
    simulation.ome_session_timeout = _SESSION_TIMEOUT
    truth = Truth(simulation)
    async with simulation.serving() as url:
        fleet = Fleet(simulation, truth, clock, url, folder, Log(folder / "stderr.txt"))
        fleet.write_config()
        with fleet.log.path.open("wb") as err:
            fleet.process = await asyncio.create_subprocess_exec(
                *(sys.executable, "-W", "always::ResourceWarning", "-m", "bench.soak.exporter"),
                *(str(fleet.config), str(folder / "energy.db")),
                *map(repr, (clock.began, clock.epoch, clock.speed)),
                stdout=asyncio.subprocess.PIPE,
                stderr=err,
            )
        try:
            await fleet.begin()
            yield fleet
        finally:
            if fleet.process.returncode is None:
                fleet.process.kill()
            await fleet.process.wait()
