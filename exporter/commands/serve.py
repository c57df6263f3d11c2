"""How does a long-running command serve until it is told to stop?"""

import asyncio
import gc
import signal
import sys
from collections.abc import Callable, Mapping

import structlog

from exporter import __version__
from exporter.app import Exporter
from exporter.clock import Clock
from exporter.config.load import Config
from exporter.web.server import Door, ListenError

_log = structlog.get_logger("exporter")


async def serve(
    config: Config,
    host: str,
    port: int,
    door: Door,
    announce: Callable[[str], None] | None = None,
    clocks: Mapping[str, Clock] | None = None,
) -> int:
    """Poll and serve until SIGTERM or SIGINT.

    Args:
        config: What to poll.
        host: Name or address to listen on; empty for every address.
        port: 0 for any free one.
        door: What stands between clients and the handlers.
        announce: Told the address as soon as it answers.
        clocks: Clocks of sources, by name, that do not live in the present.

    Returns:
        The exit code.
    """
    stop = stop_signal()
    freeze_loaded_code()
    try:
        async with Exporter(config, clocks=clocks).serving(host, port, door) as bound:
            address = _address(host, bound, tls=door.protected.now.tls is not None)
            _log.info(
                "serving metrics",
                version=__version__,
                address=f"{address}/metrics",
                sources=len(config.sources),
            )
            if announce:
                announce(address)
            await stop.wait()
            _log.info("stopping")
    except ListenError as error:
        print(error, file=sys.stderr)
        return 1
    return 0


def _address(host: str, port: int, *, tls: bool) -> str:
    shown = f"[{host}]" if ":" in host else host or "localhost"
    return f"{'https' if tls else 'http'}://{shown}:{port}"


def freeze_loaded_code() -> None:
    """Spare full garbage collections, which hold the event loop, what is loaded for good."""
    gc.collect()
    gc.freeze()


def stop_signal() -> asyncio.Event:
    """Return an event that SIGTERM and SIGINT set."""
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    return stop
