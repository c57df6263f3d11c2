"""`check`: validate the configuration and, with `--probe`, try every source."""

import asyncio
import sys
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console

from exporter.commands.options import advice, configuration, door_of
from exporter.config.load import Config
from exporter.doctor.examination import examine
from exporter.doctor.findings import as_json, show
from exporter.printable import escaped
from exporter.shard import WHOLE, Shard
from exporter.web.limits import Limits
from exporter.web.server import Door

DEFAULT_LIMIT = 300.0
"""Seconds for all collectors of a source."""


@dataclass(frozen=True, slots=True)
class Probe:
    """How the sources are tried."""

    limit: float = DEFAULT_LIMIT
    as_json: bool = False
    shard: Shard = WHOLE
    """Which of the servers are asked one by one."""


def check(path: Path, web_config: Path | None = None, *, probe: Probe | None = None) -> int:
    """Return 0 if all is well, 1 if a source does not work, 2 for a bad configuration."""
    config = configuration(path)
    door = door_of(web_config, Limits())
    if config is None or door is None:
        return 2
    console = Console(soft_wrap=True, stderr=probe is not None and probe.as_json)
    sentence = f"{path}: the configuration is valid, {len(config.sources)} source(s)"
    console.print(escaped(sentence), markup=False, highlight=False)
    if web_config:
        sentence = f"{web_config}: the web configuration is valid, {_protection(door)}"
        console.print(escaped(sentence), markup=False, highlight=False)
    for warning in advice(config):
        console.print(escaped(f"  warning: {warning}"), markup=False, highlight=False)
    return asyncio.run(_probed(config, probe, console)) if probe else 0


def _protection(door: Door) -> str:
    now = door.protected.now
    users = f"{len(now.users)} user(s)" if now.users else "no password asked for"
    return f"{'HTTPS' if now.tls else 'plain HTTP'}, {users}"


async def _probed(config: Config, probe: Probe, console: Console) -> int:
    with console.status("trying every source"):
        examined = await examine(config.sources, probe.limit, shard=probe.shard)
    if probe.as_json:
        sys.stdout.write(as_json(examined))
    else:
        show(examined, Console())
    return 0 if all(each.works for each in examined) else 1
