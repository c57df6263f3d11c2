"""Options that several commands share, and the configuration files that they name."""

import argparse
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

import structlog

from exporter.config.load import Config, ConfigError, described, load, warnings
from exporter.config.quantities import duration, duration_text, listen_address
from exporter.config.source import SourceSettings
from exporter.shard import WHOLE, Shard
from exporter.sources.vendors import SOURCES
from exporter.streams import complain
from exporter.web.limits import Limits
from exporter.web.links import grafana_url
from exporter.web.protection import Protected
from exporter.web.server import Door

MOST_SERVERS = 100_000
SETTINGS = {name: kind.settings for name, kind in SOURCES.items()}
"""The settings of a source, by its `type`."""

T = TypeVar("T")

_log = structlog.get_logger("exporter.config")


def argument(read: Callable[[str], T]) -> Callable[[str], T]:
    """Make a function that raises ValueError a `type` of argparse, which shows its message."""

    def reading(text: str) -> T:
        try:
            return read(text)
        except ValueError as error:
            raise argparse.ArgumentTypeError(str(error)) from None

    return reading


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
        type=argument(listen_address),
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
    grafana_option(command)
    default = Limits()
    for flag, read, number, text in (
        ("max-requests", _count, default.requests, "requests answered at once; 0: no limit"),
        ("max-connections", _count, default.connections, "open connections; 0: no limit"),
        (
            "read-timeout",
            argument(duration),
            default.read,
            "time for a client to send a request's head",
        ),
        (
            "write-timeout",
            argument(duration),
            default.write,
            "time for a client to take a whole answer",
        ),
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


def grafana_option(command: argparse.ArgumentParser) -> None:
    """Add `--web.grafana-url`."""
    command.add_argument(
        "--web.grafana-url",
        dest="web_grafana_url",
        type=argument(grafana_url),
        metavar="URL",
        help="Base address of Grafana, to which the status page links servers.",
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


def shard_options(command: argparse.ArgumentParser) -> None:
    """Add `--shard.index` and `--shard.total`."""
    command.add_argument(
        "--shard.index",
        dest="shard_index",
        type=_number,
        metavar="I",
        help="serve only the servers of this shard, counted from 0; needs --shard.total",
    )
    command.add_argument(
        "--shard.total",
        dest="shard_total",
        type=_number,
        metavar="N",
        help="how many exporters share the servers; the same for each of them",
    )
    command.set_defaults(usage_error=command.error)


def shard_from(parsed: argparse.Namespace) -> Shard:
    """Read both options; a mistake ends the program with a sentence and exit code 2."""
    index, total = parsed.shard_index, parsed.shard_total
    if index is None and total is None:
        return WHOLE
    if index is None or total is None:
        given, missing = ("total", "index") if index is None else ("index", "total")
        parsed.usage_error(
            f"--shard.{given} is given without --shard.{missing}: give both, or none of them"
        )
    try:
        return Shard(index, total)
    except ValueError as error:
        parsed.usage_error(f"--shard.index {index} --shard.total {total}: {error}")
        raise


def _number(text: str) -> int:
    # int() takes more: signs, spaces, underscores and digits of other scripts.
    if not (text.isascii() and text.isdigit()):
        raise argparse.ArgumentTypeError(
            f"write a number such as 0, not {text!r} (in a pod: is the variable set that it names?)"
        )
    return int(text)


def configuration(path: Path) -> Config | None:
    """Load the configuration, or write every mistake to stderr and return None."""
    return _loaded(lambda: read(path), path, "configuration")


def read(path: Path) -> Config:
    """Load the configuration.

    Raises:
        ConfigError: With every mistake at once.
    """
    return load(path, SETTINGS)


def door_of(path: Path | None, limits: Limits, grafana_url: str | None = None) -> Door | None:
    """Load the web configuration, or write every mistake to stderr and return None."""
    if path is None:
        return Door(limits, grafana_url=grafana_url or "")
    return _loaded(
        lambda: Door(limits, Protected(path), grafana_url or ""), path, "web configuration"
    )


def _loaded(load: Callable[[], T], path: Path, what: str) -> T | None:
    try:
        return load()
    except ConfigError as error:
        _complain(error, what)
    except Exception as error:  # noqa: BLE001 - whatever a file holds: a sentence, no traceback
        _complain(ConfigError(str(path), [described(error)]), what)
    return None


def _complain(error: ConfigError, what: str) -> None:
    count = len(error.problems)
    noun = "problem" if count == 1 else "problems"
    complain(f"{error.origin}: {count} {noun} in the {what}:")
    for problem in error.problems:
        complain(f"  - {problem}")


def source_named(config: Config, path: Path, name: str) -> SourceSettings | None:
    """Return a source of the configuration, or write to stderr which ones there are."""
    found = next((each for each in config.sources if each.name == name), None)
    if found is None:
        known = ", ".join(each.name for each in config.sources)
        complain(f"{path}: there is no source {name!r}; its sources: {known}")
    return found


def advice(config: Config) -> list[str]:
    """Name settings that are allowed but rarely wise."""
    return warnings(config, {name: kind.intervals for name, kind in SOURCES.items()})


def log_advice(config: Config) -> None:
    """Write the advice to the log."""
    for sentence in advice(config):
        _log.warning(sentence)
