"""`backfill`: write the energy that an API remembers as OpenMetrics, for Prometheus' storage."""

import argparse
import asyncio
import math
import sqlite3
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from exporter.backfill.openmetrics import END, WINDOW_OF, Labels, added_label, family_lines
from exporter.backfill.span import Past, moment, past
from exporter.backfill.spool import Spool, SpoolError, fetch
from exporter.catalogue.family import Family
from exporter.clock import SystemClock
from exporter.commands.options import argument, configuration, source_named
from exporter.config.source import SourceSettings
from exporter.errors import SourceError
from exporter.model import Inventory, Server
from exporter.sources.contract import EnergyArchive, Surroundings
from exporter.sources.observer import Silence
from exporter.sources.vendors import SOURCES
from exporter.streams import complain

LATE = 4 * 86400
"""Seconds for which COM's data of a window may still come in."""
GO_ON = "what was read is kept: the same command goes on from here"


@dataclass(frozen=True, slots=True)
class Wish:
    """What the command line asks for."""

    source: str
    start: int
    end: int
    """Unix seconds; not part of it."""
    output: Path
    families: tuple[str, ...] = ()
    """Names; none for all."""
    labels: tuple[tuple[str, str], ...] = ()
    """Added to every series."""


class _MistakeError(Exception):
    """What is asked for cannot be; the message says what can."""


class _StoppedError(Exception):
    """The backfill cannot go on; the message says why."""


def backfill(path: Path, wish: Wish) -> int:
    """Return 0 when the file is written, 1 if it could not be or was stopped, 2 for a mistake.

    Args:
        path: The configuration file.
        wish: What is asked for.
    """
    config = configuration(path)
    settings = source_named(config, path, wish.source) if config else None
    if settings is None:
        return 2
    try:
        _check(wish)
        asyncio.run(_backfill(settings, wish))
    except _MistakeError as error:
        complain(error)
        return 2
    except KeyboardInterrupt:
        complain(f"stopped; {GO_ON}")
        return 1
    except (SourceError, _StoppedError, SpoolError, OSError, sqlite3.Error) as error:
        complain(f"{wish.source}: {error}; {GO_ON}")
        return 1
    return 0


def _check(wish: Wish) -> None:
    if wish.output.exists():
        raise _MistakeError(f"{wish.output} exists: remove it, or name another --output")
    if not wish.output.parent.is_dir():
        raise _MistakeError(f"{wish.output.parent} is no directory")
    known = {family.name for family in WINDOW_OF}
    if unknown := set(wish.families) - known:
        named, fit = (", ".join(sorted(names)) for names in (unknown, known))
        raise _MistakeError(f"{named} cannot be back-filled; these can: {fit}")


async def _backfill(settings: SourceSettings, wish: Wish) -> None:
    clock, kind = SystemClock(), SOURCES[settings.type]
    source = kind.build(settings, Surroundings(clock, Silence()))
    try:
        if kind.energy is None or kind.energy.archive is None:
            raise _MistakeError(
                f"{settings.name} is of type {settings.type}, which keeps no history of energy"
            )
        archive = kind.energy.archive(source)
        try:
            stretch = past(wish.start, wish.end, clock.wall(), archive.reach)
        except ValueError as error:
            raise _MistakeError(str(error)) from None
        # Asked for first: without the servers there is nothing to name their past after.
        inventory = (await source.collectors[0].collect(Inventory())).servers or ()
        spool = await asyncio.to_thread(Spool, _beside(wish.output, "spool"), settings.api)
        try:
            await _read(settings, archive, stretch, spool, len(inventory))
            labels = _labels(kind.vendor, wish, archive, inventory, spool)
            await asyncio.to_thread(_write, wish, stretch, labels, spool)
        except BaseException:
            spool.close()
            raise
        spool.remove()
    finally:
        await source.close()
    _tell(wish, stretch, clock.wall())


async def _read(
    settings: SourceSettings, archive: EnergyArchive, stretch: Past, spool: Spool, servers: int
) -> None:
    """Say what it takes, and read what is not there yet."""
    there = await asyncio.to_thread(spool.has)
    windows = [each for each in stretch.windows() if each not in there]
    complain(_estimate(settings, archive, len(windows), servers))
    with _progress() as progress:
        bar = progress.add_task("windows", total=len(windows))
        refused = await fetch(
            windows, archive, spool, settings.http.concurrency, lambda: progress.advance(bar)
        )
    if refused and len(refused) == len(windows) and not there:
        raise _StoppedError("the API refuses every window; try a later --from")
    if refused:
        complain(f"{len(refused)} window(s) are refused by the API and left out")


def _estimate(settings: SourceSettings, archive: EnergyArchive, windows: int, servers: int) -> str:
    calls = windows * max(1, math.ceil(servers / archive.page))
    allowed = settings.http.requests_per_minute
    takes = f"at least {math.ceil(calls / allowed)} minutes" if allowed else "no limit is set"
    limit = f"requests_per_minute {allowed}: {takes}" if allowed else takes
    return f"{settings.name}: {windows} windows to read, about {calls} requests ({limit})"


def _labels(
    vendor: str,
    wish: Wish,
    archive: EnergyArchive,
    inventory: Sequence[Server],
    spool: Spool,
) -> Labels:
    """Name every server as its live series are; of two with one serial number, the listed one."""
    servers = {server.id: server for server in inventory}
    taken = {server.serial for server in inventory}
    for id in spool.ids:
        serial = archive.serial(id)
        if id not in servers and serial not in taken:
            servers[id] = Server(id, serial, serial)
            taken.add(serial)
    return Labels(wish.source, vendor, servers, wish.labels)


def _write(wish: Wish, stretch: Past, labels: Labels, spool: Spool) -> None:
    """Write the file under another name first, so that its own is only ever that of a whole one."""
    unfinished = _beside(wish.output, "part")
    families = [each for each in WINDOW_OF if not wish.families or each.name in wish.families]
    try:
        with unfinished.open("w", encoding="utf-8") as out, _progress() as progress:
            bar = progress.add_task("servers", total=len(families) * spool.servers)
            for family in families:
                for lines in _lines(family, stretch, labels, spool):
                    out.write(lines)
                    progress.advance(bar)
            out.write(END)
        unfinished.rename(wish.output)
    finally:
        unfinished.unlink(missing_ok=True)


def _lines(family: Family, stretch: Past, labels: Labels, spool: Spool) -> Iterator[str]:
    histories = spool.histories(WINDOW_OF[family], stretch.start, stretch.end)
    return family_lines(family, labels, histories)


def _tell(wish: Wish, stretch: Past, now: float) -> None:
    complain(
        f"{wish.output} is written; next: "
        f"promtool tsdb create-blocks-from openmetrics {wish.output} DIR, "
        "where DIR is the data directory of Prometheus"
    )
    if now - stretch.end < LATE:
        complain("the last days may have gaps: data come late; an earlier --to has none")


def _beside(output: Path, ending: str) -> Path:
    return output.with_name(f"{output.name}.{ending}")


def _progress() -> Progress:
    """Draw bars for whoever watches."""
    # Elsewhere nothing is drawn that may not be written: the bars would end us then.
    console = Console(stderr=True)
    return Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeRemainingColumn(),
        console=console,
        disable=not console.is_terminal,
    )


def add_arguments(command: argparse.ArgumentParser) -> None:
    """Add the options of the command."""
    for flag, read, name, text in (
        ("source", str, "NAME", "its name in the configuration; of type com"),
        ("from", argument(moment), "DATE", "the first day, or hour as 2026-05-31T14:00Z, in UTC"),
        ("to", argument(moment), "DATE", "the day or hour at which to end; it is not part of it"),
        ("output", Path, "FILE", "a new file"),
    ):
        command.add_argument(
            f"--{flag}", dest=flag, type=read, required=True, metavar=name, help=text
        )
    command.add_argument(
        "--label",
        dest="labels",
        type=argument(added_label),
        action="append",
        default=[],
        metavar="NAME=VALUE",
        help="add a label that Prometheus adds at a scrape, such as instance; may be repeated",
    )
    command.add_argument(
        "--metric",
        dest="metrics",
        action="append",
        default=[],
        metavar="FAMILY",
        help="write only this family; may be repeated (default: every family of energy)",
    )


def wish_from(parsed: argparse.Namespace) -> Wish:
    """Read what was typed."""
    return Wish(
        source=parsed.source,
        start=getattr(parsed, "from"),
        end=parsed.to,
        output=parsed.output,
        families=tuple(parsed.metrics),
        labels=tuple(parsed.labels),
    )
