"""Writes the past of a simulated fleet into Prometheus' storage, as if it had been watched.

Some rules and panels look a day or a week back. What they find there is computed from the same
fleet: the same servers, at those times.
"""

import asyncio
import subprocess
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from exporter.simulators import World
from exporter.simulators.machines import SERVER
from tests.e2e.rig import samples

HOUR = 3600
DAY = 24 * HOUR
WEEK = 7 * DAY
STEP = 300
"""Seconds between two samples: as often as the exporter reads power."""
ENERGY = "serverfleet_server_energy_joules_total"

Line = tuple[str, Mapping[str, str], float, int]
"""A sample: name, labels, value, Unix seconds."""


async def write_history(
    folder: Path, world: World, exposition: bytes, target: Mapping[str, str], now: float
) -> None:
    """Write blocks into the storage at `folder`.

    Args:
        folder: Where Prometheus will keep its data.
        world: The fleet.
        exposition: What the exporter serves of it now, for the labels.
        target: The labels that Prometheus gives the exporter's series.
        now: Unix seconds; the past ends before it.
    """
    energy = [
        (serial, dict(own) | dict(target))
        for own in samples(exposition)[ENERGY]
        for serial, vendor in [(dict(own)["serial"], dict(own)["vendor"])]
        if vendor == "dell"
    ]
    pasts = {
        "day": energy_of_a_day(world, energy, now),
        "week": power_a_week_ago(world, now),
    }
    # Two calls, because promtool reads its input once for every two hours that it spans.
    for name, lines in pasts.items():
        file = folder.parent / f"{name}.om"
        file.write_text(openmetrics(lines))
        await asyncio.to_thread(
            subprocess.run,
            ["promtool", "tsdb", "create-blocks-from", "openmetrics", str(file), str(folder)],
            check=True,
            stdout=subprocess.DEVNULL,
        )


def energy_of_a_day(
    world: World, servers: Iterable[tuple[str, Mapping[str, str]]], now: float
) -> Iterator[Line]:
    """Give every server's counter of a day and a bit; not before its last reset."""
    for serial, labels in servers:
        slot = world.slot_of(serial)
        reading = world.power(world.ome_device(slot, now))
        for t in _steps(now - DAY - STEP, now):
            if t >= reading.since:
                since_then = world.load.joules(slot, reading.shape, t, now)
                yield ENERGY, labels, reading.kwh * 3.6e6 - since_then, t


def power_a_week_ago(world: World, now: float) -> Iterator[Line]:
    """Give what the recording rule would have recorded within the hour one week ago."""
    slots = {
        ("com-demo", "hpe"): [slot for slot in world.roster.com if world.has_energy(slot)],
        ("ome-demo", "dell"): world.roster.by_type[SERVER],
    }
    for (source, vendor), members in slots.items():
        labels = {"source": source, "vendor": vendor}
        for t in _steps(now - WEEK - HOUR - STEP, now - WEEK + STEP):
            watts = [_watts(world, slot, t) for slot in members]
            yield "serverfleet:power_per_server:watts", labels, sum(watts) / len(watts), t


def openmetrics(lines: Iterable[Line]) -> str:
    """Write samples as OpenMetrics text."""
    written = [f"{name}{{{_pairs(labels)}}} {value} {t}" for name, labels, value, t in lines]
    return "\n".join([*written, "# EOF", ""])


def _watts(world: World, slot: int, t: float) -> float:
    machine = world.ome_device(slot, t) if slot & 1 else world.com_server(slot, t)
    return world.load.watts(slot, world.shape(slot, machine.hardware.watts), t)


def _steps(start: float, end: float) -> Iterator[int]:
    return iter(range(int(start // STEP + 1) * STEP, int(end), STEP))


def _pairs(labels: Mapping[str, str]) -> str:
    return ",".join(f"{name}={_quoted(value)}" for name, value in labels.items())


def _quoted(text: str) -> str:
    return '"' + text.replace("\\", r"\\").replace('"', r"\"").replace("\n", r"\n") + '"'
