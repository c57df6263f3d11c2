"""Starts, reloads and stops an exporter."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Mapping
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from pathlib import Path

import structlog

from exporter.app import BuiltSource, Clocks, build
from exporter.catalogue import own as families
from exporter.clock import Clock, SystemClock
from exporter.config.load import Config, ConfigError, described
from exporter.config.plan import Changes, Outcome, changes, needing_restart
from exporter.exposition.text import Format
from exporter.telemetry.process import WebTelemetry, watch_event_loop
from exporter.threads import outcome, started
from exporter.web.server import Door, Served, Server

_log = structlog.get_logger("exporter.config")


class Exporter:
    """A whole exporter. Create it on the event loop on which it runs."""

    def __init__(
        self,
        config: Config,
        clock: Clock | None = None,
        clocks: Mapping[str, Clock] | None = None,
        state_file: Path | None = None,
    ) -> None:
        """Build every part; nothing is called or listened on yet.

        Args:
            config: What to poll.
            clock: The exporter's own time.
            clocks: Those of single sources, by name, that do not live in the present.
            state_file: Where the energy of every server is kept; None: nowhere.
        """
        self._config = config
        self._parts = build(config, Clocks(clock or SystemClock(), clocks or {}), state_file)
        self.ledger = self._parts.ledger
        self.store = self._parts.store
        self.scheduler = self._parts.scheduler
        self._metrics = self._parts.metrics
        self._pages = self._parts.pages
        self._own = self._parts.own
        self._sources = {built.polled.name: built for built in self._parts.sources}
        self._begin(self._sources.values())
        self.listening: tuple[tuple[str, int], ...] = ()
        """Host and port of every address on which the metrics are served."""
        self._note_load(True)

    def _begin(self, sources: Iterable[BuiltSource]) -> None:
        """Show what is known of sources before their first runs."""
        for built in sources:
            built.telemetry.begin()
            for collector in built.polled.source.collectors:
                self._parts.runs.begin(built.polled.name, collector.name)

    def _note_load(self, succeeded: bool) -> None:
        """Show whether the last load of the configuration succeeded."""
        self._metrics.set(families.CONFIG_LAST_RELOAD_SUCCESSFUL, succeeded)
        if succeeded:
            now = self._parts.clock.wall()
            self._metrics.set(families.CONFIG_LAST_RELOAD_SUCCESS_TIMESTAMP_SECONDS, now)

    def reloader(self, read: Callable[[], Config]) -> "Reloader":
        """Return what puts in force whatever `read` returns; see `Reloader`."""
        return Reloader(self._config, read, self.apply, self._note_load)

    async def apply(self, config: Config) -> Changes:
        """Poll the sources of another configuration; return when the previous ones are logged out.

        Everything new is built before anything that runs is touched, and the exchange itself does
        not wait: nobody sees a half of it. Calls must not overlap.

        Raises:
            OSError: A source cannot be built; everything stays as it was.
        """
        running = (built.polled.settings for built in self._sources.values())
        found = changes(running, config.sources)
        async with AsyncExitStack() as undo:
            fresh: dict[str, BuiltSource] = {}
            for settings in config.sources:
                if settings.name in found.starting:
                    built = fresh[settings.name] = self._parts.builder.build(settings)
                    undo.push_async_callback(built.polled.source.close)
                    # Reading the trusted certificates takes a while; let scrapes in between.
                    await asyncio.sleep(0)
            await self.scheduler.halt(found.ending)
            undo.pop_all()
        self._exchange(config, found, fresh)
        await self.scheduler.settled()
        return found

    def _exchange(self, config: Config, found: Changes, fresh: Mapping[str, BuiltSource]) -> None:
        previous = self._sources
        self._sources = {
            each.name: fresh.get(each.name) or previous[each.name] for each in config.sources
        }
        for name in found.ending:
            previous[name].telemetry.retire(succeeded=name in found.changed)
        for name in found.changed:
            gone = previous[name].polled.intervals.keys() - fresh[name].polled.intervals.keys()
            self._parts.runs.end(name, gone)
        polled = [built.polled for built in self._sources.values()]
        self.scheduler.arrange(polled, heirs=found.changed)
        self._begin(fresh.values())

    @asynccontextmanager
    async def serving(
        self,
        host: str,
        port: int,
        door: Door | None = None,
        reloader: "Reloader | None" = None,
    ) -> AsyncIterator[int]:
        """Poll and serve until the block is left; gives the port.

        Args:
            host: A name or address to listen on; empty for every address.
            port: 0 for any free one.
            door: What stands between clients and the handlers.
            reloader: What may be asked for over HTTP; None refuses it.

        Raises:
            ListenError: The address cannot be listened on.
            StateFileError: The state file cannot be used.
        """
        server = await self._start(host, port, door or Door(), reloader)
        lag = asyncio.create_task(watch_event_loop(self._metrics, self._parts.clock))
        self.scheduler.start()
        self.listening = server.addresses
        try:
            yield server.port
        finally:
            lag.cancel()
            with suppress(asyncio.CancelledError):
                await lag
            await asyncio.gather(server.stop(), self._stop())

    async def _start(self, host: str, port: int, door: Door, reloader: "Reloader | None") -> Server:
        """Open the state file and listen; where that fails, everything is stopped again."""
        served = Served(
            self.scheduler,
            self.store,
            self._pages,
            self._own,
            self._parts.clock,
            WebTelemetry(self._metrics),
            door,
            reloader.reload if reloader else None,
        )
        try:
            if self.ledger is not None:
                await self.ledger.open()
            return await Server.start(served, host, port)
        except BaseException:
            await self._stop()
            raise

    async def _stop(self) -> None:
        await self.scheduler.stop()
        if self.ledger is not None:
            await self.ledger.close()

    def exposition(self) -> bytes:
        """Return what `/metrics` would serve now in the text format."""
        return self.answer(compressed=False)

    def answer(self, *, compressed: bool) -> bytes:
        """Return what `/metrics` would serve now in the text format, perhaps with gzip."""
        body, end = self._pages.whole(Format.TEXT), self._own.text(Format.TEXT)
        answer = body.compressed(end) if compressed else body.plain(end)
        return b"".join(answer.parts)


class Reloader:
    """Reads the configuration again and has it applied, one reload at a time.

    A request that arrives during a reload shares the next one, which reads the file after the
    request: nobody gets the outcome of an older file than the one that he wrote.
    """

    def __init__(
        self,
        running: Config,
        read: Callable[[], Config],
        apply: Callable[[Config], Awaitable[Changes]],
        note_load: Callable[[bool], None],
    ) -> None:
        """Take the means.

        Args:
            running: The configuration of the start.
            read: Loads the configuration; called in a thread, because it reads files.
            apply: Puts a configuration in force.
            note_load: Called after every reload with whether it succeeded.
        """
        self._running = running
        self._read = read
        self._apply = apply
        self._note_load = note_load
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
                self._note_load(outcome.ok)
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
