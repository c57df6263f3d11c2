"""`run` polls every source and serves the metrics; `once` collects once and writes them."""

import asyncio
import signal
import sys
from dataclasses import replace
from pathlib import Path

from exporter.commands.options import configuration, log_advice, read
from exporter.commands.serve import Reloading, allow_many_files, keep_secrets_in_the_process, serve
from exporter.config.load import Config
from exporter.lifecycle import Exporter
from exporter.shard import WHOLE, Shard
from exporter.web.server import Door


def run(
    path: Path,
    listen: tuple[str, int] | None,
    door: Door | None,
    *,
    shard: Shard = WHOLE,
    enable_lifecycle: bool = False,
    state_file: Path | None = None,
) -> int:
    """Run until told to stop; SIGHUP reads the file again.

    Args:
        path: The configuration file.
        listen: Host and port in place of those of the configuration.
        door: What stands between clients and the handlers; None: it is wrong, and that was said.
        shard: Which of the servers are served.
        enable_lifecycle: Whether a reload may be asked for over HTTP too.
        state_file: Where the energy of every server is kept, if it is.
    """
    # Before the first configuration is in force there is nothing to reload, and no reason to end.
    signal.signal(signal.SIGHUP, signal.SIG_IGN)
    config = configuration(path)
    if config is None or door is None:
        return 2
    log_advice(config)

    def as_typed(loaded: Config) -> Config:
        return replace(loaded, listen=listen or loaded.listen, shard=shard)

    def again() -> Config:
        loaded = read(path)
        log_advice(loaded)
        return as_typed(loaded)

    keep_secrets_in_the_process()
    allow_many_files()
    reloading = Reloading(again, enable_lifecycle)
    return asyncio.run(serve(as_typed(config), door, reloading=reloading, state_file=state_file))


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
