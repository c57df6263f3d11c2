"""`simulate` and `demo`: both APIs without any real system."""

import asyncio
import os
import sys
from contextlib import AsyncExitStack
from dataclasses import replace
from pathlib import Path

from exporter.commands.serve import serve, stop_signal
from exporter.config.load import Config, parse
from exporter.shard import WHOLE, Shard
from exporter.simulators import Simulation
from exporter.sources.types import SOURCES
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
        config = _configuration(simulation.sources_yaml(base_url))
        config = replace(config, listen=listen, shard=shard)
        return await serve(
            config, door, lambda where: _invite(servers, where), state_file=state_file
        )


def _invite(servers: int, where: str) -> None:
    complain(f"{servers} simulated servers: look at {where}/ and {where}/metrics")


def _configuration(sources: str) -> Config:
    types = {name: kind.settings for name, kind in SOURCES.items()}
    return parse(sources, types, os.environ, origin="demo")
