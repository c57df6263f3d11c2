"""How does a running exporter take over a changed configuration?

Reloads never overlap. Whoever asks while one is being carried out shares the next one, which reads
the file after the question: nobody is told about an older file than the one that he wrote.
"""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass

import structlog

from exporter.config.load import NOTHING, Changes, Config, ConfigError, described, needing_restart
from exporter.threads import outcome, started

_log = structlog.get_logger("exporter.config")


@dataclass(frozen=True, slots=True)
class Outcome:
    """What has become of a reload."""

    changes: Changes = NOTHING
    problems: tuple[str, ...] = ()
    """Why the former configuration stays in force; empty after a success."""
    warnings: tuple[str, ...] = ()

    @property
    def ok(self) -> bool:
        """Whether the new configuration is in force."""
        return not self.problems


class Reloader:
    """Reads the configuration again and has it applied, one reload at a time."""

    def __init__(
        self,
        running: Config,
        read: Callable[[], Config],
        apply: Callable[[Config], Awaitable[Changes]],
        tell: Callable[[bool], None],
    ) -> None:
        """Take the means.

        Args:
            running: The configuration of the start.
            read: Loads the configuration; called in a thread, because it reads files.
            apply: Puts a configuration in force.
            tell: Called after every reload with whether it succeeded.
        """
        self._running = running
        self._read = read
        self._apply = apply
        self._tell = tell
        self._turn = asyncio.Lock()
        self._closed = False
        self._next: asyncio.Task[Outcome] | None = None
        self._tasks: set[asyncio.Task[Outcome]] = set()

    async def reload(self) -> Outcome:
        """Put in force what the file says now; return when that is done."""
        return await asyncio.shield(self.request())

    def request(self) -> "asyncio.Task[Outcome]":
        """Begin a reload, or join the one that has not begun yet."""
        if self._next is None:
            self._next = asyncio.create_task(self._in_turn(), name="reload")
            self._tasks.add(self._next)
            self._next.add_done_callback(self._tasks.discard)
        return self._next

    async def close(self) -> None:
        """Give up what is under way, and refuse what comes later."""
        self._closed = True
        tasks = tuple(self._tasks)
        for task in tasks:
            task.cancel()
        with suppress(asyncio.CancelledError):
            await asyncio.gather(*tasks, return_exceptions=True)

    async def _in_turn(self) -> Outcome:
        async with self._turn:
            # From here on the file is read: who asks later wants to know of a later one.
            self._next = None
            if self._closed:
                return Outcome(problems=("the exporter is stopping",))
            outcome = Outcome(problems=("the reload ended early",))
            try:
                outcome = await self._carried_out()
            finally:
                self._tell(outcome.ok)
            return outcome

    async def _carried_out(self) -> Outcome:
        try:
            config = await outcome(started(self._read))
            found = await self._apply(config)
        except ConfigError as error:
            return _refused(error.origin, error.problems)
        except Exception as error:  # noqa: BLE001 - the previous configuration must go on
            _log.debug("reload failed unexpectedly", exc_info=error)
            return _refused("", [described(error)])
        return self._reported(config, found)

    def _reported(self, config: Config, found: Changes) -> Outcome:
        warnings = tuple(
            f"{name} has changed: that takes effect at the next start"
            for name in needing_restart(self._running, config)
        )
        for sentence in warnings:
            _log.warning(sentence)
        _log.info(
            "reloaded",
            added=found.added,
            removed=found.removed,
            changed=found.changed,
            moved=found.moved,
            unchanged=found.unchanged,
        )
        return Outcome(found, warnings=warnings)


def _refused(origin: str, problems: list[str]) -> Outcome:
    _log.error("reload failed, the former configuration stays", file=origin, problems=problems)
    beginning = f"{origin}: " if origin else ""
    return Outcome(problems=tuple(f"{beginning}{problem}" for problem in problems))
