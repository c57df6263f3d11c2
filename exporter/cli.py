"""What can be typed after `serverfleet-exporter`?"""

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
from exporter.commands.backfill import backfill
from exporter.commands.backfill_arguments import add_arguments, wish_from
from exporter.commands.capture import capture
from exporter.commands.check import DEFAULT_LIMIT, Probe, check
from exporter.commands.configured import door_of
from exporter.commands.metrics import metrics
from exporter.commands.once import once
from exporter.commands.replay import replay
from exporter.commands.run import run
from exporter.commands.sharded import shard_from, shard_options
from exporter.commands.simulate import demo, simulate
from exporter.config.load import DEFAULT_LISTEN
from exporter.config.quantities import duration, duration_text, listen_address
from exporter.log import configure
from exporter.streams import complain, give_up_unwritten, open_what_is_closed
from exporter.web.limits import Limits

if TYPE_CHECKING:
    Commands = argparse._SubParsersAction[argparse.ArgumentParser]  # noqa: SLF001 - no public name

Command = Callable[[argparse.Namespace], int]
MOST_SERVERS = 100_000
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
    _configuration_option(command)
    _listen_option(command, None, "in place of `listen` in the configuration")
    shard_options(command)
    _state_option(command)
    _web_options(command)
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
        door_of(parsed.web_config, _limits(parsed)),
        shard=shard_from(parsed),
        enable_lifecycle=parsed.web_enable_lifecycle,
        state_file=parsed.state_file,
    )


def _add_once(commands: "Commands") -> None:
    text = "run every collector once and write the metrics to standard output"
    command = _command(
        commands, "once", text, lambda parsed: once(parsed.config, shard_from(parsed))
    )
    _configuration_option(command)
    shard_options(command)


def _add_check(commands: "Commands") -> None:
    command = _command(
        commands,
        "check",
        "check the configuration",
        _check,
    )
    _configuration_option(command)
    _web_config_option(command)
    command.add_argument(
        "--probe",
        action="store_true",
        help="also try each source, from DNS to the last collector, and say what to do",
    )
    command.add_argument(
        "--probe.timeout",
        dest="probe_timeout",
        type=_time,
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
    _configuration_option(command)
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
    _configuration_option(command)
    add_arguments(command)


def _add_demo(commands: "Commands") -> None:
    command = _command(
        commands,
        "demo",
        "serve the metrics of a simulated fleet, or of captures",
        _demo,
    )
    _fleet_options(command)
    command.add_argument(
        "--replay",
        type=Path,
        action="append",
        metavar="DIR",
        help="serve what `capture` has saved, in place of a simulation; may be repeated",
    )
    _listen_option(command, DEFAULT_LISTEN, "default: :10450")
    shard_options(command)
    _state_option(command)
    _web_options(command)


def _demo(parsed: argparse.Namespace) -> int:
    door, shard = door_of(parsed.web_config, _limits(parsed)), shard_from(parsed)
    if parsed.replay:
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
    _fleet_options(command)
    _listen_option(command, ("127.0.0.1", 0), "default: a free port on this machine only")


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


def _configuration_option(command: argparse.ArgumentParser) -> None:
    command.add_argument(
        "--config", type=Path, required=True, metavar="FILE", help="the configuration (YAML)"
    )


def _listen_option(
    command: argparse.ArgumentParser, default: tuple[str, int] | None, text: str
) -> None:
    command.add_argument(
        "--listen",
        type=_listen,
        default=default,
        metavar="ADDR",
        help=f"host:port or :port; {text}",
    )


def _state_option(command: argparse.ArgumentParser) -> None:
    command.add_argument(
        "--state.file",
        dest="state_file",
        type=Path,
        metavar="FILE",
        help="keep the energy of every server in this file (SQLite), over restarts and outages",
    )


def _web_config_option(command: argparse.ArgumentParser) -> None:
    command.add_argument(
        "--web.config.file",
        dest="web_config",
        type=Path,
        metavar="FILE",
        help="TLS, passwords and headers of our own port (YAML, as Prometheus' exporter-toolkit)",
    )


def _web_options(command: argparse.ArgumentParser) -> None:
    _web_config_option(command)
    default = Limits()
    for flag, read, number, text in (
        ("max-requests", _count, default.requests, "requests answered at once; 0: no limit"),
        ("max-connections", _count, default.connections, "open connections; 0: no limit"),
        ("read-timeout", _time, default.read, "time for a client to send the head of a request"),
        ("write-timeout", _time, default.write, "time for a client to take a whole answer"),
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


def _limits(parsed: argparse.Namespace) -> Limits:
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


def _time(text: str) -> float:
    try:
        return duration(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(str(error)) from None


def _listen(text: str) -> tuple[str, int]:
    try:
        return listen_address(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(str(error)) from None


def _fleet_options(command: argparse.ArgumentParser) -> None:
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
