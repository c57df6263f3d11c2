"""Which options have several commands in common, and how are they read?"""

import argparse
from pathlib import Path

from exporter.config.quantities import duration, duration_text, listen_address
from exporter.web.limits import Limits

MOST_SERVERS = 100_000


def configuration_option(command: argparse.ArgumentParser) -> None:
    """Add `--config`."""
    command.add_argument(
        "--config", type=Path, required=True, metavar="FILE", help="the configuration (YAML)"
    )


def listen_option(
    command: argparse.ArgumentParser, default: tuple[str, int] | None, text: str
) -> None:
    """Add `--listen`; the text says what holds without it."""
    command.add_argument(
        "--listen",
        type=_listen,
        default=default,
        metavar="ADDR",
        help=f"host:port or :port; {text}",
    )


def state_option(command: argparse.ArgumentParser) -> None:
    """Add `--state.file`."""
    command.add_argument(
        "--state.file",
        dest="state_file",
        type=Path,
        metavar="FILE",
        help="keep the energy of every server in this file (SQLite), over restarts and outages",
    )


def web_config_option(command: argparse.ArgumentParser) -> None:
    """Add `--web.config.file`."""
    command.add_argument(
        "--web.config.file",
        dest="web_config",
        type=Path,
        metavar="FILE",
        help="TLS, passwords and headers of our own port (YAML, as Prometheus' exporter-toolkit)",
    )


def web_options(command: argparse.ArgumentParser) -> None:
    """Add `--web.config.file` and what limits the clients of our own port."""
    web_config_option(command)
    default = Limits()
    for flag, read, number, text in (
        ("max-requests", _count, default.requests, "requests answered at once; 0: no limit"),
        ("max-connections", _count, default.connections, "open connections; 0: no limit"),
        (
            "read-timeout",
            time_from,
            default.read,
            "time for a client to send a request's head",
        ),
        ("write-timeout", time_from, default.write, "time for a client to take a whole answer"),
    ):
        shown = duration_text(number) if isinstance(number, float) else number
        command.add_argument(
            f"--web.{flag}",
            dest=f"web_{flag}",
            type=read,
            default=number,
            metavar="N" if read is _count else "TIME",
            help=f"{text} (default: {shown})",
        )


def limits_from(parsed: argparse.Namespace) -> Limits:
    """Read the limits that were typed."""
    given = vars(parsed)
    return Limits(
        requests=given["web_max-requests"],
        connections=given["web_max-connections"],
        read=given["web_read-timeout"],
        write=given["web_write-timeout"],
    )


def _count(text: str) -> int:
    if not text.isdecimal() or len(text) > 6:
        raise argparse.ArgumentTypeError("write a number from 0 to 999999")
    return int(text)


def time_from(text: str) -> float:
    """Read a duration such as `5m`.

    Raises:
        ArgumentTypeError: It is none.
    """
    try:
        return duration(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(str(error)) from None


def _listen(text: str) -> tuple[str, int]:
    try:
        return listen_address(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(str(error)) from None


def fleet_options(command: argparse.ArgumentParser) -> None:
    """Add `--servers` and `--seed` of a simulated fleet."""
    command.add_argument(
        "--servers",
        type=_servers,
        default=200,
        metavar="N",
        help=f"size of the fleet, 1 to {MOST_SERVERS} (default: 200)",
    )
    command.add_argument(
        "--seed", type=int, default=1, metavar="N", help="another fleet for each (default: 1)"
    )


def _servers(text: str) -> int:
    try:
        count = int(text)
    except ValueError:
        count = 0
    if not 1 <= count <= MOST_SERVERS:
        raise argparse.ArgumentTypeError(f"write a number from 1 to {MOST_SERVERS}")
    return count
