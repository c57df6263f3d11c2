"""`once`: run every collector once and write the exposition to standard output."""

import asyncio
import sys
from dataclasses import replace
from pathlib import Path

from exporter.commands.configured import configuration, log_advice
from exporter.config.load import Config
from exporter.lifecycle import Exporter
from exporter.shard import WHOLE, Shard


def once(path: Path, shard: Shard = WHOLE) -> int:
    """Return 1 if a collector failed; what the others gave is written all the same.

    Args:
        path: The configuration file.
        shard: Which of the servers are served.
    """
    config = configuration(path)
    if config is None:
        return 2
    log_advice(config)
    succeeded, exposition = asyncio.run(_collect(replace(config, shard=shard)))
    sys.stdout.buffer.write(exposition)
    sys.stdout.buffer.flush()
    return 0 if succeeded else 1


async def _collect(config: Config) -> tuple[bool, bytes]:
    exporter = Exporter(config)
    try:
        succeeded = await exporter.scheduler.run_all_once()
        return succeeded, exporter.exposition()
    finally:
        await exporter.scheduler.stop()
