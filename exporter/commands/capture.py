"""`capture`: save one round of a source's answers, without what identifies anybody."""

import asyncio
import logging
import secrets
import time
from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from pydantic import SecretStr
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from yarl import URL

from exporter import __version__
from exporter.capture.exchanges import Exchanges
from exporter.capture.folder import FORMAT, CaptureError, Folder, Manifest, Outcome
from exporter.capture.recorder import Recorder
from exporter.capture.replay import StandingClock
from exporter.commands.options import configuration, source_named
from exporter.config.files import SecretUnreadableError
from exporter.config.source import SourceSettings
from exporter.errors import Reason
from exporter.exposition.store import Store
from exporter.polling.board import CollectorState
from exporter.polling.runner import Telemetry
from exporter.polling.scheduler import Scheduler
from exporter.polling.source import PolledSource
from exporter.printable import escaped
from exporter.sources.contract import Surroundings
from exporter.sources.vendors import SOURCES
from exporter.streams import complain

LOOK = (
    "Every text is replaced but the known words of the fields that are read, such as states; their "
    "numbers, times and short versions are not. Look at the files before you send them."
)

_TENANT = "0" * 32
_GLANCE = 0.2
"""Seconds between two looks at how far it is."""


def capture(path: Path, name: str, output: Path) -> int:
    """Return 0 if every collector was captured, 1 if one failed or it was stopped, 2 for a mistake.

    Args:
        path: The configuration file.
        name: The source.
        output: A directory that is empty or does not exist.
    """
    config = configuration(path)
    if config is None:
        return 2
    settings = source_named(config, path, name)
    if settings is None:
        return 2
    try:
        folder = Folder(output)
    except CaptureError as error:
        complain(error)
        return 2
    # Who fails is told in the end, and new alerts are not what is looked for here.
    for logger in ("exporter.polling", "exporter.alerts"):
        logging.getLogger(logger).setLevel(logging.ERROR)
    try:
        return 0 if asyncio.run(save(settings, folder, float(int(time.time())))) else 1
    except CaptureError as error:
        complain(f"{error}; the capture is incomplete")
    except KeyboardInterrupt:
        complain(f"stopped: the capture in {output} is incomplete, but it can be read")
    return 1


async def save(settings: SourceSettings, folder: Folder, at: float) -> bool:
    """Save one round; return whether every collector succeeded.

    Args:
        settings: Of the source.
        folder: Where to.
        at: What the collectors take for the present, in Unix seconds.

    Raises:
        CaptureError: Something could not be written.
    """
    return await _Round(settings, folder, at).run()


class _Round(Telemetry):
    """One round of one source."""

    def __init__(self, settings: SourceSettings, folder: Folder, at: float) -> None:
        self._settings = settings
        self._folder = folder
        self._at = at
        self._console = Console(stderr=True)
        self._progress = Progress(
            TextColumn("{task.description}"),
            BarColumn(),
            MofNCompleteColumn(),
            TextColumn("collectors, {task.fields[requests]} requests"),
            TimeElapsedColumn(),
            console=self._console,
            transient=True,
            disable=not self._console.is_terminal,
        )

    async def run(self) -> bool:
        key = secrets.token_bytes(32)
        kind = SOURCES[self._settings.type]
        exchanges = Exchanges(key, self._settings.api, tuple(_secrets(self._settings)), kind)
        recorder = Recorder(self._folder, exchanges)
        clock = StandingClock(self._at)
        source = kind.build(self._settings, Surroundings(clock, recorder))
        polled = PolledSource(self._settings, kind.vendor, source)
        scheduler = Scheduler([polled], Store(clock), clock, telemetry=self)
        self._folder.write_manifest(self._manifest(recorder, (), complete=False))
        try:
            with self._progress:
                self._task = self._progress.add_task(
                    f"capturing {self._settings.name}", total=len(source.collectors), requests=0
                )
                succeeded = await self._round(scheduler, recorder)
        finally:
            await scheduler.stop()
        outcomes = tuple(_outcome(state, exchanges) for state in scheduler.board)
        self._folder.write_manifest(self._manifest(recorder, outcomes, complete=True))
        self._tell(scheduler, recorder)
        return succeeded

    async def _round(self, scheduler: Scheduler, recorder: Recorder) -> bool:
        """Run every collector once, unless nothing can be written any more."""
        round_ = asyncio.create_task(scheduler.run_all_once())
        try:
            while not round_.done() and recorder.failure is None:
                await asyncio.wait({round_}, timeout=_GLANCE)
                self._progress.update(self._task, requests=recorder.requests)
        finally:
            round_.cancel()
            await asyncio.gather(round_, return_exceptions=True)
        if recorder.failure is not None:
            raise recorder.failure
        return round_.result()

    def run_ended(self, source: str, collector: str, reason: Reason | None) -> None:
        del source, collector, reason
        self._progress.advance(self._task)

    def _manifest(
        self, recorder: Recorder, outcomes: tuple[Outcome, ...], *, complete: bool
    ) -> Manifest:
        return Manifest(
            format=FORMAT,
            complete=complete,
            exporter=__version__,
            type=self._settings.type,
            captured_at=datetime.fromtimestamp(self._at, UTC).isoformat(),
            api_version=recorder.api_version,
            settings=_kept_settings(self._settings),
            collectors=outcomes,
            requests=recorder.requests,
            statuses=dict(sorted(recorder.statuses.items())),
            unanswered=dict(sorted(recorder.unanswered.items())),
        )

    def _tell(self, scheduler: Scheduler, recorder: Recorder) -> None:
        lines = [
            f"{state.collector}: {state.reason}: {state.error}" if state.error
            else f"{state.collector}: not available: {state.unavailable}"
            for state in scheduler.board
            if state.error or state.unavailable
        ]  # fmt: skip
        noun = "answer" if recorder.files == 1 else "answers"
        lines.append(f"{recorder.files} {noun} saved in {self._folder.path}. {LOOK}")
        for line in lines:
            self._console.print(escaped(line), markup=False, highlight=False, soft_wrap=True)


def _outcome(state: CollectorState, exchanges: Exchanges) -> Outcome:
    result = "ok" if state.success else "not run" if state.success is None else "failed"
    return Outcome(
        name=state.collector,
        result="not available" if state.unavailable else result,
        reason=state.reason,
        error=exchanges.said(state.error or state.unavailable),
        items=state.items,
        problems=state.problems,
        calls=state.calls,
        seconds=None if state.duration is None else round(state.duration, 3),
    )


def _kept_settings(settings: SourceSettings) -> dict[str, Any]:
    """Return the settings that a replay needs, as they could stand in a configuration."""
    kept = settings.model_dump(
        mode="json", include=set(SOURCES[settings.type].stand_in.kept), exclude_unset=True
    )
    # That there is a tenant decides what is asked; who it is does not.
    return {name: _TENANT if name == "tenant_acid" else value for name, value in kept.items()}


def _secrets(settings: SourceSettings) -> Iterator[str]:
    """Give every text of the settings that names somebody or lets somebody in."""
    for name in type(settings).model_fields:
        value = getattr(settings, name)
        if isinstance(value, SecretStr):
            yield value.get_secret_value()
        elif isinstance(value, str):
            yield value
            yield from filter(None, [URL(value).host if "://" in value else None])
    with suppress(SecretUnreadableError):
        yield settings.secret.read()
