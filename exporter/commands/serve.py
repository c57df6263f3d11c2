"""How does a long-running command serve until it is told to stop?"""

import asyncio
import signal
import sys

import structlog

from exporter import __version__
from exporter.app import Exporter
from exporter.config.load import Config
from exporter.web.server import ListenError

_log = structlog.get_logger("exporter")


async def serve(config: Config, host: str, port: int) -> int:
    """Poll and serve until SIGTERM or SIGINT; return the exit code."""
    stop = stop_signal()
    try:
        async with Exporter(config).serving(host, port) as bound:
            _log.info(
                "serving metrics",
                version=__version__,
                address=f"http://{host or 'localhost'}:{bound}/metrics",
                sources=len(config.sources),
            )
            await stop.wait()
            _log.info("stopping")
    except ListenError as error:
        print(error, file=sys.stderr)
        return 1
    return 0


def stop_signal() -> asyncio.Event:
    """Return an event that SIGTERM and SIGINT set."""
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    return stop
