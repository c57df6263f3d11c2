"""`demo --replay`: captures in place of the simulators."""

import asyncio
import os
from contextlib import AsyncExitStack
from dataclasses import replace
from pathlib import Path

import yaml

from exporter.capture.folder import CaptureError
from exporter.capture.replay import Replay
from exporter.commands.serve import serve
from exporter.config.load import ConfigError, parse
from exporter.shard import WHOLE, Shard
from exporter.sources.types import SOURCES
from exporter.streams import complain
from exporter.web.server import Door


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
    types = {name: kind.settings for name, kind in SOURCES.items()}
    async with AsyncExitStack() as stack:
        entries = [
            each.entry(_name(number, each), await stack.enter_async_context(each.serving()))
            for number, each in enumerate(replays, start=1)
        ]
        text = yaml.safe_dump({"sources": entries})
        config = parse(text, types, os.environ, origin="replay")
        clocks = {entry["name"]: each.clock for entry, each in zip(entries, replays, strict=True)}
        config = replace(config, listen=listen, shard=shard)
        return await serve(config, door, lambda where: _invite(replays, where), clocks=clocks)


def _name(number: int, replayed: Replay) -> str:
    return f"{replayed.manifest.type}-replay-{number}"


def _invite(replays: list[Replay], where: str) -> None:
    for each in replays:
        manifest = each.manifest
        partly = "" if manifest.complete else ", incomplete"
        complain(
            f"replaying {len(each.answers)} answers of {manifest.type} "
            f"(captured at {manifest.captured_at}{partly})"
        )
    complain(f"look at {where}/ and {where}/metrics")
