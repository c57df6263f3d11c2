"""`demo` and `simulate`: both APIs simulated, or replayed from captures."""

import asyncio
import os
import sys
from contextlib import AsyncExitStack
from dataclasses import replace
from pathlib import Path

import yaml

from exporter.capture.folder import CaptureError
from exporter.capture.replay import Replay
from exporter.commands.options import SETTINGS
from exporter.commands.serve import serve, stop_signal
from exporter.config.load import Config, ConfigError, parse
from exporter.shard import WHOLE, Shard
from exporter.simulators import Simulation
from exporter.streams import complain
from exporter.web.server import Door


def simulate(servers: int, seed: int, listen: tuple[str, int]) -> int:
    """Serve both simulated APIs until told to stop.

    Standard output gets a `sources:` block for them, and nothing after it.
    """
    return asyncio.run(_simulate(servers, seed, listen))


async def _simulate(servers: int, seed: int, listen: tuple[str, int]) -> int:
    simulation = Simulation(servers=servers, seed=seed)
    stop = stop_signal()
    host, port = listen
    async with AsyncExitStack() as stack:
        try:
            serving = simulation.serving(host=host or "127.0.0.1", port=port)
            base_url = await stack.enter_async_context(serving)
        except OSError as error:
            complain(f"cannot listen on {host}:{port}: {error.strerror or error}")
            return 1
        sys.stdout.write(simulation.sources_yaml(base_url))
        sys.stdout.flush()
        await stop.wait()
    return 0


def demo(
    servers: int,
    seed: int,
    listen: tuple[str, int],
    door: Door | None,
    shard: Shard = WHOLE,
    state_file: Path | None = None,
) -> int:
    """Serve the metrics of a simulated fleet until told to stop."""
    if door is None:
        return 2
    return asyncio.run(_demo(servers, seed, listen, door, shard, state_file))


async def _demo(
    servers: int,
    seed: int,
    listen: tuple[str, int],
    door: Door,
    shard: Shard,
    state_file: Path | None,
) -> int:
    simulation = Simulation(servers=servers, seed=seed)
    async with simulation.serving(host="127.0.0.1", port=0) as base_url:
        config = _configuration(simulation.sources_yaml(base_url), "demo")
        config = replace(config, listen=listen, shard=shard)
        return await serve(
            config, door, lambda where: _invite(servers, where), state_file=state_file
        )


def _invite(servers: int, where: str) -> None:
    complain(f"{servers} simulated servers: look at {where}/ and {where}/metrics")


def _configuration(sources: str, origin: str) -> Config:
    return parse(sources, SETTINGS, os.environ, origin=origin)


def replay(
    paths: list[Path], listen: tuple[str, int], door: Door | None, shard: Shard = WHOLE
) -> int:
    """Serve the metrics of captures until told to stop; return 2 if one cannot be used."""
    if door is None:
        return 2
    try:
        return asyncio.run(_replay([Replay.of(path) for path in paths], listen, door, shard))
    except CaptureError as error:
        complain(error)
    except ConfigError as error:
        for problem in error.problems:
            complain(f"the settings of a capture cannot be used: {problem}")
    return 2


async def _replay(replays: list[Replay], listen: tuple[str, int], door: Door, shard: Shard) -> int:
    async with AsyncExitStack() as stack:
        entries = [
            each.entry(_name(number, each), await stack.enter_async_context(each.serving()))
            for number, each in enumerate(replays, start=1)
        ]
        config = _configuration(yaml.safe_dump({"sources": entries}), "replay")
        clocks = {entry["name"]: each.clock for entry, each in zip(entries, replays, strict=True)}
        config = replace(config, listen=listen, shard=shard)
        return await serve(
            config, door, lambda where: _invite_to_replay(replays, where), clocks=clocks
        )


def _name(number: int, replayed: Replay) -> str:
    return f"{replayed.manifest.type}-replay-{number}"


def _invite_to_replay(replays: list[Replay], where: str) -> None:
    for each in replays:
        manifest = each.manifest
        partly = "" if manifest.complete else ", incomplete"
        complain(
            f"replaying {len(each.answers)} answers of {manifest.type} "
            f"(captured at {manifest.captured_at}{partly})"
        )
    complain(f"look at {where}/ and {where}/metrics")
