"""How long do the sweeps of an appliance take that has no lists for power and subsystem health?

The appliance answers every call after 100 ms. It runs in a process of its own.
"""

import asyncio
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import aiohttp
import yaml

from bench.processes import simulated_fleet
from exporter.clock import SystemClock
from exporter.model import Collected, Inventory, Status
from exporter.sources.contract import Collector, Surroundings
from exporter.sources.observer import Silence
from exporter.sources.ome import SOURCE

LATENCY = 0.1
ROUNDS = ("1000:4", "1000:8", "1000:16", "8000:16")
"""Devices and `http.concurrency`: 8,000 devices at concurrency 4 alone would take 10 minutes."""


@dataclass(frozen=True)
class SweepFigures:
    """One run of one collector."""

    devices: int
    concurrency: int
    run: str
    seconds: float
    calls: int
    interval: float

    @property
    def ideal(self) -> float:
        """Seconds that the waiting alone takes."""
        return self.calls * LATENCY / self.concurrency

    @property
    def name(self) -> str:
        """What was run, for a table."""
        return f"{self.run}, {self.devices} servers, concurrency {self.concurrency}"


class _Calls(Silence):
    def __init__(self) -> None:
        self.ended = 0

    def request(self, endpoint: str, code: str, seconds: float, received: int) -> None:
        del endpoint, code, seconds, received
        self.ended += 1


def sweep_figures(rounds: Iterable[str], folder: Path) -> Iterator[tuple[int, list[SweepFigures]]]:
    """Give the most calls that were in flight at once, and the runs, round by round."""
    for each in rounds:
        devices, concurrency = map(int, each.split(":"))
        # Half of the simulated servers are behind the appliance.
        with simulated_fleet(2 * devices, folder) as config:
            tree = yaml.safe_load(config.read_text())
            yield asyncio.run(_round(tree, concurrency))


async def _round(tree: Any, concurrency: int) -> tuple[int, list[SweepFigures]]:
    entry = next(each for each in tree["sources"] if each["type"] == "ome")
    settings = SOURCE.settings.model_validate({**entry, "http": {"concurrency": concurrency}})
    await _control(settings.api, "POST", "faults", **_delay())
    observer = _Calls()
    source = SOURCE.build(settings, Surroundings(SystemClock(), observer))
    by_name = {each.name: each for each in source.collectors}
    try:
        listed = await by_name["devices"].collect(Inventory())
        inventory = _inventory(listed)
        runs = [
            await _timed(by_name[name], label, inventory, observer, concurrency)
            for name, label in (
                ("power", "power"),
                ("health", "health, first run"),
                ("health", "health, later run"),
            )
        ]
    finally:
        await source.close()
    summary = await _control(settings.api, "GET", "servers")
    return summary["most_in_flight"]["ome"], runs


async def _timed(
    collector: Collector, label: str, inventory: Inventory, observer: _Calls, concurrency: int
) -> SweepFigures:
    before, started = observer.ended, time.monotonic()
    await collector.collect(inventory)
    return SweepFigures(
        devices=len(inventory.servers),
        concurrency=concurrency,
        run=label,
        seconds=time.monotonic() - started,
        calls=observer.ended - before,
        interval=collector.interval,
    )


def _delay() -> dict[str, Any]:
    return {"kind": "delay", "vendor": "ome", "path": "^/api/DeviceService/", "seconds": LATENCY}


def _inventory(listed: Collected) -> Inventory:
    statuses: Any = next(each.by_id for each in listed.columns if each.facet is Status)
    return Inventory(listed.servers or (), statuses)


async def _control(base: str, method: str, what: str, **body: Any) -> Any:
    async with (
        aiohttp.ClientSession(raise_for_status=True) as session,
        session.request(method, f"{base}/-/simulator/{what}", json=body or None) as answer,
    ):
        return await answer.json()
