"""Serving until the process is stopped, and what a process that holds secrets does before."""

import asyncio
import ctypes
import gc
import ipaddress
import resource
import signal
from collections.abc import AsyncIterator, Callable, Iterable, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import structlog

from exporter import __version__
from exporter.clock import Clock, SystemClock
from exporter.config.load import Config
from exporter.energy.file import StateFileError, WrongFileError
from exporter.lifecycle import Exporter, Reloader
from exporter.memory import memory_given_back
from exporter.streams import complain
from exporter.web.server import Door, ListenError

_log = structlog.get_logger("exporter")


@dataclass(frozen=True, slots=True)
class Reloading:
    """How the configuration is read again, and whether that may be asked for over HTTP."""

    read: Callable[[], Config]
    over_http: bool = False


async def serve(
    config: Config,
    door: Door,
    announce: Callable[[str], None] | None = None,
    reloading: Reloading | None = None,
    clocks: Mapping[str, Clock] | None = None,
    state_file: Path | None = None,
) -> int:
    """Poll and serve until SIGTERM or SIGINT.

    Args:
        config: What to poll, and where to listen.
        door: What stands between clients and the handlers.
        announce: Told the address as soon as it answers.
        reloading: What SIGHUP does; None leaves it to end the program.
        clocks: Clocks of sources, by name, that do not live in the present.
        state_file: Where the energy of every server is kept.

    Returns:
        The exit code.
    """
    stop = stop_signal()
    freeze_loaded_code()
    host, port = config.listen
    exporter = Exporter(config, clocks=clocks, state_file=state_file)
    reloader = exporter.reloader(reloading.read) if reloading else None
    over_http = reloader if reloading and reloading.over_http else None
    try:
        async with (
            exporter.serving(host, port, door, over_http) as bound,
            _hang_ups(reloader),
            memory_given_back(SystemClock()),
        ):
            address = _address(host, bound, tls=door.protected.now.tls is not None)
            _log.info(
                "serving metrics",
                version=__version__,
                address=f"{address}/metrics",
                listening=[_shown(*each) for each in exporter.listening],
                sources=len(config.sources),
            )
            if reloading:
                _warn_if_open(exporter.listening, door)
            if announce:
                announce(address)
            await stop.wait()
            _log.info("stopping")
    except (ListenError, StateFileError) as error:
        complain(error)
        return 2 if isinstance(error, WrongFileError) else 1
    return 0


@asynccontextmanager
async def _hang_ups(reloader: Reloader | None) -> AsyncIterator[None]:
    """Reload at every SIGHUP while the block lasts."""
    if reloader is None:
        yield
        return
    loop = asyncio.get_running_loop()
    loop.add_signal_handler(signal.SIGHUP, reloader.request)
    try:
        yield
    finally:
        # The handler stays: without it a SIGHUP would end us before the sources are logged out.
        await reloader.close()


def _warn_if_open(listening: Iterable[tuple[str, int]], door: Door) -> None:
    """Warn of an exporter of real sources that everybody in every network can read."""
    everywhere = any(ipaddress.ip_address(host).is_unspecified for host, _ in listening)
    if everywhere and not door.protected.now.asks_who:
        _log.warning(
            "listening on all addresses without a password",
            advice="set `listen` to one address, or basic_auth_users in --web.config.file",
        )


def _address(host: str, port: int, *, tls: bool) -> str:
    return f"{'https' if tls else 'http'}://{_shown(host or 'localhost', port)}"


def _shown(host: str, port: int) -> str:
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"


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


_PR_SET_DUMPABLE = 4
_ENOUGH_FILES = 65_536


def keep_secrets_in_the_process() -> None:
    """Write no core file, and leave memory and environment to root alone.

    Each is tried for itself: a sandbox may forbid one, and then has its own way of keeping it.
    """
    with suppress(OSError, ValueError):
        _, most = resource.getrlimit(resource.RLIMIT_CORE)
        resource.setrlimit(resource.RLIMIT_CORE, (0, most))
    prctl = getattr(ctypes.CDLL(None), "prctl", None)
    if prctl is not None:
        prctl(_PR_SET_DUMPABLE, 0, 0, 0, 0)


def allow_many_files() -> None:
    """Raise the number of open files from the usual 1024 to what we may have.

    Every connection needs one: each client's, and each call's that is in flight.
    """
    with suppress(OSError, ValueError):
        soft, most = resource.getrlimit(resource.RLIMIT_NOFILE)
        wanted = _ENOUGH_FILES if most == resource.RLIM_INFINITY else min(most, _ENOUGH_FILES)
        if soft != resource.RLIM_INFINITY and soft < wanted:
            resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, most))
