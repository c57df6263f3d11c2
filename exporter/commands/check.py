"""`check`: is the configuration right, and with `--probe`, does every source work?"""

import asyncio
from collections.abc import Iterator
from pathlib import Path

from rich.console import Console
from rich.table import Table

from exporter.app import Exporter
from exporter.commands.configured import advice, configuration, door_of
from exporter.config.load import Config
from exporter.config.quantities import duration_text
from exporter.config.source import HttpSettings
from exporter.polling.board import CollectorState, calls_an_hour
from exporter.polling.drift_log import REPORT
from exporter.polling.pace import too_slow
from exporter.web.limits import Limits
from exporter.web.server import Door


def check(path: Path, web_config: Path | None = None, *, probe: bool) -> int:
    """Return 0 if all is well, 1 if a source does not work, 2 for a bad configuration."""
    config = configuration(path)
    door = door_of(web_config, Limits())
    if config is None or door is None:
        return 2
    console = Console(soft_wrap=True)
    sentence = f"{path}: the configuration is valid, {len(config.sources)} source(s)"
    console.print(sentence, markup=False, highlight=False)
    if web_config:
        sentence = f"{web_config}: the web configuration is valid, {_protection(door)}"
        console.print(sentence, markup=False, highlight=False)
    for warning in advice(config):
        console.print(f"  warning: {warning}", markup=False, highlight=False)
    return asyncio.run(_probe(config, console)) if probe else 0


def _protection(door: Door) -> str:
    now = door.protected.now
    users = f"{len(now.users)} user(s)" if now.users else "no password asked for"
    return f"{'HTTPS' if now.tls else 'plain HTTP'}, {users}"


async def _probe(config: Config, console: Console) -> int:
    """Run every collector of every source once and show what works."""
    exporter = Exporter(config)
    try:
        with console.status("asking every source once"):
            succeeded = await exporter.scheduler.run_all_once()
        console.print(_table(exporter))
        for state in exporter.scheduler.board:
            if state.error or state.unavailable:
                said = f"{state.reason}: {state.error}" if state.error else state.unavailable
                line = f"{state.source}/{state.collector}: {said}"
                console.print(line, markup=False, highlight=False)
        for line in _drift(exporter):
            console.print(line, markup=False, highlight=False)
        for line in _budget(exporter, config):
            console.print(line, markup=False, highlight=False)
        return 0 if succeeded else 1
    finally:
        await exporter.scheduler.stop()


def _drift(exporter: Exporter) -> Iterator[str]:
    """Say which fields of the APIs do not fit what the exporter knows, and what to do."""
    found = [(state, field) for state in exporter.scheduler.board for field in state.drift]
    for state, field in found:
        yield f"{state.source}/{state.collector}: {field}"
    if found:
        yield f"  the API has changed: {REPORT}"


def _budget(exporter: Exporter, config: Config) -> Iterator[str]:
    """Say how many requests each source needs, against what it is allowed."""
    for source in config.sources:
        own = [state for state in exporter.scheduler.board if state.source == source.name]
        needed = calls_an_hour(own)
        allowed = source.http.requests_per_minute * 60
        limit = f"of {allowed} that requests_per_minute allows" if allowed else "(no limit is set)"
        yield f"{source.name}: {needed:.0f} requests an hour {limit}"
        if allowed and needed > allowed:
            yield "  too many: raise intervals, switch collectors off, or raise requests_per_minute"
        for state in own:
            if slow := _slowness(state, source.http):
                yield f"  {state.collector}: {slow}"


def _slowness(state: CollectorState, http: HttpSettings) -> str:
    """Say that a collector does not fit into its interval; here all of them ran at once."""
    return too_slow(
        state.duration or 0.0,
        state.interval,
        state.calls or 0,
        http.concurrency,
        http.requests_per_minute,
    )


def _table(exporter: Exporter) -> Table:
    table = Table(
        "source", "collector", "result", "items", "problems", "requests", "took", "interval"
    )
    for state in exporter.scheduler.board:
        took = "" if state.duration is None else f"{state.duration:.2f} s"
        table.add_row(
            state.source,
            state.collector,
            _result(state),
            _count(state.items),
            _count(state.problems),
            _count(state.calls),
            took,
            duration_text(state.interval),
        )
    return table


def _result(state: CollectorState) -> str:
    if state.success is None:
        return "[yellow]not tried: the inventory failed[/yellow]"
    if state.unavailable:
        return "[yellow]not available[/yellow]"
    return "[green]ok[/green]" if state.success else f"[red]failed: {state.reason}[/red]"


def _count(number: int | None) -> str:
    return "" if number is None else str(number)
