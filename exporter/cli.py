"""Command-line entry point: the commands and their options."""

import argparse
import errno
import signal
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING

from exporter import __version__
from exporter.commands.assets import assets
from exporter.commands.backfill import add_arguments, backfill, wish_from
from exporter.commands.capture import capture
from exporter.commands.check import DEFAULT_LIMIT, Probe, check
from exporter.commands.demo import demo, replay, simulate
from exporter.commands.metrics import metrics
from exporter.commands.options import (
    argument,
    configuration_option,
    door_of,
    fleet_options,
    limits_from,
    listen_option,
    shard_from,
    shard_options,
    state_option,
    web_config_option,
    web_options,
)
from exporter.commands.run import once, run
from exporter.config.load import DEFAULT_LISTEN
from exporter.config.quantities import duration
from exporter.log import configure
from exporter.streams import complain, give_up_unwritten, open_what_is_closed

if TYPE_CHECKING:
    Commands = argparse._SubParsersAction[argparse.ArgumentParser]  # noqa: SLF001 - no public name

Command = Callable[[argparse.Namespace], int]
_NO_ROOM = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EIO)
_EXIT_CODES = (
    "exit codes: 0 done, or stopped by SIGTERM or SIGINT; 1 a run failed; "
    "2 bad configuration or usage"
)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command and return its exit code."""
    open_what_is_closed()
    parsed = _parser().parse_args(arguments)
    configure(parsed.log_format, parsed.log_level)
    signal.signal(signal.SIGTERM, _like_an_interrupt)
    try:
        return _code_of(parsed)
    finally:
        give_up_unwritten()


def _code_of(parsed: argparse.Namespace) -> int:
    command: Command = parsed.command
    try:
        code = command(parsed)
        sys.stdout.flush()
    except BrokenPipeError:
        # Whoever read our output has enough.
        return 0
    except KeyboardInterrupt:
        return 0
    except OSError as error:
        if error.errno not in _NO_ROOM:
            raise
        complain(f"cannot write the output: {error.strerror}")
        return 1
    return code


def _like_an_interrupt(_: int, frame: FrameType | None) -> None:
    """End in order, as after SIGINT, so that a command that was stopped has logged out too."""
    handler = signal.getsignal(signal.SIGINT)
    if not callable(handler):
        raise KeyboardInterrupt
    handler(signal.SIGINT, frame)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="serverfleet-exporter",
        description="Prometheus exporter for server fleets managed by HPE Compute Ops Management "
        "and Dell OpenManage Enterprise.",
        epilog=_EXIT_CODES,
    )
    parser.add_argument("--version", action="version", version=f"%(prog)s {__version__}")
    commands = parser.add_subparsers(title="commands", metavar="COMMAND", required=True)
    _add_run(commands)
    _add_once(commands)
    _add_check(commands)
    _add_capture(commands)
    _add_backfill(commands)
    _add_demo(commands)
    _add_simulate(commands)
    _add_metrics(commands)
    _add_assets(commands)
    return parser


def _command(
    commands: "Commands", name: str, text: str, command: Command
) -> argparse.ArgumentParser:
    added = commands.add_parser(name, help=text, description=text, epilog=_EXIT_CODES)
    added.set_defaults(command=command)
    added.add_argument(
        "--log.format",
        dest="log_format",
        choices=("console", "json"),
        help="how log lines on stderr look (default: console on a terminal, json elsewhere)",
    )
    added.add_argument(
        "--log.level",
        dest="log_level",
        choices=("debug", "info", "warning", "error"),
        default="info",
        help="the least important lines that are written (default: info)",
    )
    return added


def _add_run(commands: "Commands") -> None:
    command = _command(
        commands,
        "run",
        "poll every source and serve the metrics",
        _run,
    )
    configuration_option(command)
    listen_option(command, None, "in place of `listen` in the configuration")
    shard_options(command)
    state_option(command)
    web_options(command)
    command.add_argument(
        "--web.enable-lifecycle",
        dest="web_enable_lifecycle",
        action="store_true",
        help="let POST /-/reload read the configuration again, as SIGHUP does",
    )


def _run(parsed: argparse.Namespace) -> int:
    return run(
        parsed.config,
        parsed.listen,
        door_of(parsed.web_config, limits_from(parsed), parsed.web_grafana_url),
        shard=shard_from(parsed),
        enable_lifecycle=parsed.web_enable_lifecycle,
        state_file=parsed.state_file,
    )


def _add_once(commands: "Commands") -> None:
    text = "run every collector once and write the metrics to standard output"
    command = _command(
        commands, "once", text, lambda parsed: once(parsed.config, shard_from(parsed))
    )
    configuration_option(command)
    shard_options(command)


def _add_check(commands: "Commands") -> None:
    command = _command(
        commands,
        "check",
        "check the configuration",
        _check,
    )
    configuration_option(command)
    web_config_option(command)
    command.add_argument(
        "--probe",
        action="store_true",
        help="also try each source, from DNS to the last collector, and say what to do",
    )
    command.add_argument(
        "--probe.timeout",
        dest="probe_timeout",
        type=argument(duration),
        default=DEFAULT_LIMIT,
        metavar="DURATION",
        help="how long the collectors of a source may take (default: 5m)",
    )
    command.add_argument(
        "--format", choices=("text", "json"), default="text", help="of what --probe finds"
    )
    shard_options(command)


def _check(parsed: argparse.Namespace) -> int:
    probe = Probe(parsed.probe_timeout, parsed.format == "json", shard_from(parsed))
    wanted = probe if parsed.probe else None
    return check(parsed.config, parsed.web_config, probe=wanted)


def _add_capture(commands: "Commands") -> None:
    command = _command(
        commands,
        "capture",
        "save one round of a source's answers, without names, for a report of a problem",
        lambda parsed: capture(parsed.config, parsed.source, parsed.output),
    )
    configuration_option(command)
    command.add_argument(
        "--source", required=True, metavar="NAME", help="its name in the configuration"
    )
    command.add_argument(
        "--output", type=Path, required=True, metavar="DIR", help="a new directory"
    )


def _add_backfill(commands: "Commands") -> None:
    command = _command(
        commands,
        "backfill",
        "write the energy of up to 180 past days as OpenMetrics, for promtool",
        lambda parsed: backfill(parsed.config, wish_from(parsed)),
    )
    configuration_option(command)
    add_arguments(command)


def _add_demo(commands: "Commands") -> None:
    command = _command(
        commands,
        "demo",
        "serve the metrics of a simulated fleet, or of captures",
        _demo,
    )
    fleet_options(command)
    command.add_argument(
        "--replay",
        type=Path,
        action="append",
        metavar="DIR",
        help="serve what `capture` has saved, in place of a simulation; may be repeated",
    )
    listen_option(command, DEFAULT_LISTEN, "default: :10450")
    shard_options(command)
    state_option(command)
    web_options(command)


def _demo(parsed: argparse.Namespace) -> int:
    door = door_of(parsed.web_config, limits_from(parsed), parsed.web_grafana_url)
    shard = shard_from(parsed)
    if parsed.replay:
        if parsed.state_file:
            parsed.usage_error(
                "--state.file cannot be kept with --replay: the date of a capture stands still, so "
                "no energy is ever used"
            )
        return replay(parsed.replay, parsed.listen, door, shard)
    return demo(parsed.servers, parsed.seed, parsed.listen, door, shard, parsed.state_file)


def _add_simulate(commands: "Commands") -> None:
    text = "serve both simulated APIs; write a `sources:` block for them to standard output"
    command = _command(
        commands,
        "simulate",
        text,
        lambda parsed: simulate(parsed.servers, parsed.seed, parsed.listen),
    )
    fleet_options(command)
    listen_option(command, ("127.0.0.1", 0), "default: a free port on this machine only")


def _add_metrics(commands: "Commands") -> None:
    command = _command(
        commands,
        "metrics",
        "write the catalogue of all metrics",
        lambda parsed: metrics(parsed.format),
    )
    command.add_argument("--format", choices=("markdown", "json"), default="markdown")


def _add_assets(commands: "Commands") -> None:
    command = _command(
        commands,
        "assets",
        "write the dashboards, rules, examples, systemd unit and Helm chart of this version",
        lambda parsed: assets(parsed.output, force=parsed.force),
    )
    command.add_argument(
        "--output", type=Path, required=True, metavar="DIR", help="where to; made if missing"
    )
    command.add_argument("--force", action="store_true", help="write over files that differ")
