"""`run`: poll every source and serve the metrics."""

import asyncio
from pathlib import Path

from exporter.commands.configured import configuration, log_advice
from exporter.commands.serve import serve


def run(path: Path, listen: tuple[str, int] | None) -> int:
    """Run until told to stop.

    Args:
        path: The configuration file.
        listen: Host and port in place of those of the configuration.
    """
    config = configuration(path)
    if config is None:
        return 2
    log_advice(config)
    return asyncio.run(serve(config, *(listen or config.listen)))
