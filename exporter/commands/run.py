"""`run`: poll every source and serve the metrics."""

import asyncio
from pathlib import Path

from exporter.commands.configured import configuration, door_of, log_advice
from exporter.commands.process import keep_secrets_in_the_process
from exporter.commands.serve import serve
from exporter.web.limits import Limits


def run(path: Path, listen: tuple[str, int] | None, web_config: Path | None, limits: Limits) -> int:
    """Run until told to stop.

    Args:
        path: The configuration file.
        listen: Host and port in place of those of the configuration.
        web_config: The web configuration file, if there is one.
        limits: How much clients may have of us.
    """
    config = configuration(path)
    door = door_of(web_config, limits)
    if config is None or door is None:
        return 2
    log_advice(config)
    keep_secrets_in_the_process()
    return asyncio.run(serve(config, *(listen or config.listen), door))
