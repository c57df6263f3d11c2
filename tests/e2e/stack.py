"""A simulated fleet, an exporter and the real programs behind it, with the shipped files."""

import time
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import aiohttp

from exporter.lifecycle import Exporter
from exporter.simulators import Simulation
from exporter.sources.vendors import SOURCES
from tests.e2e import shortened
from tests.e2e.history import write_history
from tests.e2e.programs import Prometheus, alertmanager, free_port, prometheus, until
from tests.e2e.receiver import Receiver
from tests.e2e.rig import Rig

PER_MINUTE = 1200
"""Calls to each source: far more than are needed, so that there is a limit to show."""


@dataclass(frozen=True)
class Stack:
    """What runs, and where."""

    simulation: Simulation
    exporter: Exporter
    instance: str
    prometheus: Prometheus
    receiver: Receiver
    alertmanager: str

    async def send(self, **labels: str) -> None:
        """Send an alert to Alertmanager, as Prometheus would."""
        alert: dict[str, Any] = {"labels": labels, "annotations": {"summary": "sent by a test"}}
        async with (
            aiohttp.ClientSession() as session,
            session.post(f"{self.alertmanager}/api/v2/alerts", json=[alert]) as answer,
        ):
            assert answer.status == 200

    async def alerts(self, name: str, serial: str) -> list[dict[str, Any]]:
        """Return what Alertmanager has of an alert of a server."""
        filters = [("filter", f'alertname="{name}"'), ("filter", f'serial="{serial}"')]
        async with (
            aiohttp.ClientSession() as session,
            session.get(f"{self.alertmanager}/api/v2/alerts", params=filters) as answer,
        ):
            found: list[dict[str, Any]] = await answer.json()
        return found


@asynccontextmanager
async def running(simulation: Simulation, folder: Path, factor: float) -> AsyncIterator[Stack]:
    """Run all of it while the block lasts, with a past in Prometheus' storage.

    Args:
        simulation: The fleet.
        folder: Where the programs keep their files.
        factor: How much faster than in production everything goes.
    """
    receiver = Receiver()
    async with AsyncExitStack() as parts:
        base_url = await parts.enter_async_context(simulation.serving())
        rig = Rig(simulation, base_url, of_type=hurried(factor))
        exporter = rig.exporter(state_file=folder / "state.db")
        instance = f"127.0.0.1:{await parts.enter_async_context(exporter.serving('127.0.0.1', 0))}"
        await until(lambda: _every_collector_has_run(exporter), "every collector has succeeded")
        page = exporter.exposition()
        target = {"job": "serverfleet", "instance": instance}
        await write_history(folder / "data", simulation.world, page, target, time.time())
        webhook = await parts.enter_async_context(receiver.listening())
        told_at, asked_at = free_port(), free_port()
        config = shortened.alertmanager_config(webhook, factor)
        address = await parts.enter_async_context(alertmanager(folder, told_at, config))
        config = shortened.prometheus_config(instance, f"127.0.0.1:{told_at}", factor)
        asked = await parts.enter_async_context(
            prometheus(folder, asked_at, config, shortened.rule_files(factor))
        )
        # Prometheus takes five seconds before it looks for anything.
        await until(lambda: asked.instant("serverfleet:server_alerting:info"), "it is scraped")
        yield Stack(simulation, exporter, instance, asked, receiver, address)


def hurried(factor: float) -> dict[str, Any]:
    """Let every collector poll so many times oftener than by default, within a limit."""
    return {
        name: {
            "http": {"requests_per_minute": round(PER_MINUTE * factor)},
            "collectors": {
                collector: {"interval": shortened.shortened(seconds, factor)}
                for collector, seconds in kind.intervals.items()
            },
        }
        for name, kind in SOURCES.items()
    }


async def _every_collector_has_run(exporter: Exporter) -> bool:
    return all(state.success for state in exporter.scheduler.board)
