"""How is a fault put between an exporter and an API, and what is seen of it?"""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import aiohttp
import structlog
import yaml

from exporter.app import Exporter
from exporter.config.load import parse
from exporter.exposition.text import Format
from exporter.polling import timing
from exporter.polling.board import CollectorState
from exporter.polling.source import PolledSource
from exporter.simulators import Simulation
from exporter.sources.contract import Collector
from exporter.sources.types import SOURCES
from tests.faults.ends import HOST, Ends
from tests.faults.fault import Answers, Change, Fault, Logins, Port
from tests.faults.polled import LOGIN, OTHER, SOURCE, VENDORS, Polled, Vendor, of
from tests.faults.reading import samples
from tests.support.exposition import joined

NOW = 1_750_001_400.0
"""Half past three: no window ends while a bench is used."""
SERVERS = 16
PATIENCE, IMPATIENCE = 30.0, 0.15
"""Seconds of a call: while all is well, and where it has to time out."""
LIMIT = "1MiB"
NEW_SECRET = "a-new-secret-51d2"


class HandClock:
    """Time that a bench moves."""

    def __init__(self) -> None:
        self.now = 5000.0
        self.ahead = NOW - self.now

    def wall(self) -> float:
        return self.now + self.ahead

    def monotonic(self) -> float:
        return self.now

    async def sleep(self, seconds: float) -> None:
        del seconds
        await asyncio.sleep(0)


@dataclass
class Seen:
    """What was seen of one collector: before, during two runs, and after it was healed."""

    before: bytes
    during: tuple[bytes, ...] = ()
    states: tuple[CollectorState, ...] = ()
    """Before, after each of the runs, and after the one that follows the healing."""
    counted: tuple[Counter[str], ...] = ()
    """Failures by reason up to then."""
    delay: float = 0.0
    """Seconds to the third attempt."""
    expired: bytes = b""
    """What is served when the last good data are too old."""
    served: tuple[float, ...] = ()
    """`serverfleet_collector_data_served`: at each of these, and when they are too old."""
    healed: bytes = b""
    lines: list[dict[str, Any]] = field(default_factory=list)


@dataclass
class Result:
    """What was seen of all."""

    collectors: dict[str, Seen]
    others: dict[str, tuple[bytes, bytes, bool | None]]
    """Of the other source: what it served before and at the end, and whether its run succeeded."""
    held: float
    """Seconds for which the source is left alone after the first failed run."""
    up: tuple[float, ...]
    """`serverfleet_source_up` before, after each run, and healed."""
    retries: float
    logins: tuple[float, float]
    """Successful and failed ones, from the beginning of the fault until it is healed."""
    text: str
    """Everything that was logged or served."""
    secrets: tuple[str, ...]


class Bench:
    """An exporter before both APIs; the one that suffers can be taken off the net."""

    def __init__(self, vendor: Vendor, simulation: Simulation, ends: Ends) -> None:
        self.vendor = vendor
        self.simulation = simulation
        self.ends = ends
        self.clock = HandClock()
        self.exporter: Exporter
        self.base_url = ""
        self._read_of: object = None
        self._read: dict[str, list[tuple[dict[str, str], float]]] = {}

    def build(self, base_url: str, *, through_port: bool, secret_file: Path | None = None) -> None:
        """Build the exporter; `through_port` sends the vendor's calls to `ends`."""
        self.base_url = base_url
        tree = yaml.safe_load(self.simulation.sources_yaml(base_url))
        for entry in tree["sources"]:
            entry["http"] = {
                "timeout": f"{PATIENCE:g}s",
                "concurrency": 64,
                "max_response_bytes": LIMIT,
            }
            if through_port and entry["type"] == self.vendor:
                address = f"https://{HOST}:{self.ends.port}"
                for key in {"url", "token_url"} & entry.keys():
                    entry[key] = entry[key].replace(base_url, address)
                entry["http"]["ca_file"] = str(self.ends.ca_file)
            if secret_file and entry["type"] == self.vendor:
                key = "client_secret" if self.vendor == "com" else "password"
                del entry[key]
                entry[f"{key}_file"] = str(secret_file)
        types = {name: kind.settings for name, kind in SOURCES.items()}
        config = parse(yaml.safe_dump(tree), types, {}, origin="test")
        self.exporter = Exporter(config, self.clock)

    def polled(self, vendor: Vendor) -> PolledSource:
        return next(s for s in self.exporter.scheduler.sources if s.name == SOURCE[vendor])

    def collector(self, each: Polled) -> Collector:
        collectors = self.polled(each.vendor).source.collectors
        return next(found for found in collectors if found.name == each.name)

    async def run(self, each: Polled) -> None:
        """Run a collector, as the scheduler does when its time has come."""
        runner = self.exporter.scheduler._runner
        await runner.run(self.polled(each.vendor), self.collector(each))

    async def run_all(self, *vendors: Vendor) -> None:
        """Run every collector of vendors, the inventories first."""
        chosen = [of(vendor) for vendor in vendors]
        await asyncio.gather(*(self.run(each[0]) for each in chosen))
        await asyncio.gather(*(self.run(each) for some in chosen for each in some[1:]))

    def state(self, each: Polled) -> CollectorState:
        return self.exporter.scheduler.board.state(SOURCE[each.vendor], each.name)

    def page(self, each: Polled) -> bytes:
        """Return the series that a collector serves."""
        body = self.exporter._pages.narrowed(Format.TEXT, [SOURCE[each.vendor]], [each.name])
        return joined(body)

    def own(self, name: str, **labels: str) -> float:
        """Return the sum of the exporter's own series that have these labels."""
        wanted = {"source": SOURCE[self.vendor], **labels}.items()
        return sum(value for own, value in self._own(name) if wanted <= own.items())

    def _own(self, name: str) -> list[tuple[dict[str, str], float]]:
        text = self.exporter._own.text(Format.TEXT)
        if self._read_of is not text:
            self._read_of, self._read = text, {}
        if name not in self._read:
            self._read[name] = list(samples(text.plain, name))
        return self._read[name]

    def counted(self, each: Polled) -> Counter[str]:
        """Return the failures of a collector by reason."""
        wanted = {"source": SOURCE[each.vendor], "collector": each.name}.items()
        found = self._own("serverfleet_collector_failures_total")
        return +Counter(
            {own["reason"]: int(value) for own, value in found if wanted <= own.items()}
        )

    def impatient(self, seconds: float) -> None:
        """Change the time limit of the vendor's calls."""
        source: Any = self.polled(self.vendor).source
        source._transport._session._timeout = aiohttp.ClientTimeout(total=seconds)

    def delay(self, each: Polled) -> float:
        """Return the seconds until the scheduler would run a collector again."""
        return self.exporter.scheduler._delay(self.polled(each.vendor), self.collector(each))

    # -- changes of the account ----------------------------------------------------------------

    def end_logins(self) -> None:
        """Make every token or session of the vendor worthless."""
        if self.vendor == "com":
            self.simulation.expire_com_tokens()
        else:
            self.simulation.expire_ome_sessions()

    def rotate_secret(self) -> Callable[[], None]:
        """Change the secret that the API accepts, and end what was logged in."""
        simulation = self.simulation
        former = (
            simulation.com_credentials.client_secret
            if self.vendor == "com"
            else simulation.ome_credentials.password
        )
        self._rotate(NEW_SECRET)
        self.end_logins()
        return lambda: self._rotate(former)

    def _rotate(self, secret: str) -> None:
        if self.vendor == "com":
            self.simulation.rotate_com_secret(secret)
        else:
            self.simulation.rotate_ome_password(secret)

    def fill_sessions(self) -> Callable[[], None]:
        """End the session, and let others take every one that the user may have."""
        sessions = self.simulation.sessions
        former, sessions.max_sessions = sessions.max_sessions, 0
        self.end_logins()
        return lambda: setattr(sessions, "max_sessions", former)

    # -- causes ---------------------------------------------------------------------------------

    @asynccontextmanager
    async def suffering(self, fault: Fault) -> AsyncIterator[None]:
        """Let the fault happen as long as the block lasts."""
        if fault.is_slow:
            self.impatient(IMPATIENCE)
        undo = await self._begin(fault)
        try:
            yield
        finally:
            self.simulation.faults.clear()
            if undo is not None:
                undo()
            if isinstance(fault.cause, Port):
                await self.ends.become("api")
            self.impatient(PATIENCE)

    async def _begin(self, fault: Fault) -> Callable[[], None] | None:
        cause, undo = fault.cause, None
        match cause:
            case Answers():
                for each in of(self.vendor):
                    self._order(each, cause)
            case Port():
                self._forget_names()
                await self.ends.become(cause.end)
            case Logins():
                self.end_logins()
                if cause.kind:
                    self._add(cause.kind, LOGIN[self.vendor], "", None, cause.options)
            case Change():
                undo = getattr(self, cause.name)()
        return undo

    def _order(self, each: Polled, cause: Answers) -> None:
        for kind, options in (*cause.first, (cause.kind, cause.options)):
            self._add(kind, each.path, each.query, cause.times, options)

    def _add(self, kind: str, path: str, query: str, times: int | None, options: Any) -> None:
        self.simulation.faults.add(
            vendor=self.vendor, kind=kind, path=path, query=query, times=times, **options
        )

    def _forget_names(self) -> None:
        source: Any = self.polled(self.vendor).source
        source._transport._session.connector.clear_dns_cache()


@asynccontextmanager
async def bench(vendor: Vendor, folder: Path, *, through_port: bool) -> AsyncIterator[Bench]:
    """Serve both APIs, build an exporter, and let every collector succeed once."""
    simulation = Simulation(servers=SERVERS, seed=7, clock=lambda: NOW)
    ends = Ends(simulation, folder)
    async with AsyncExitStack() as stack:
        made = Bench(vendor, simulation, ends)
        base_url = await stack.enter_async_context(simulation.serving())
        stack.push_async_callback(ends.stop)
        if through_port:
            stack.enter_context(ends.resolving())
            await ends.become("api")
        made.build(base_url, through_port=through_port)
        stack.push_async_callback(made.exporter.scheduler.stop)
        await made.run_all(*VENDORS)
        # The inventory of OME learns from the hardware which systems run.
        await made.run_all(*VENDORS)
        yield made


async def observe(fault: Fault, vendor: Vendor, folder: Path) -> Result:
    """Let every collector of a vendor suffer twice, heal it, and say what was seen."""
    through_port = isinstance(fault.cause, Port)
    with structlog.testing.capture_logs() as lines:
        async with bench(vendor, folder, through_port=through_port) as made:
            return await _observed(fault, made, lines)


async def _observed(fault: Fault, made: Bench, lines: list[Any]) -> Result:
    mine, others = of(made.vendor), of(OTHER[made.vendor])
    seen = {each.name: Seen(made.page(each)) for each in mine}
    at_first = {each.name: made.page(each) for each in others}
    up, texts = [made.own("serverfleet_source_up")], [made.exporter.exposition()]
    logins, held, begun = _logins(made), 0.0, len(lines)
    _note(made, mine, seen)
    async with made.suffering(fault):
        for again in range(2):
            # Side by side: whoever waits for a time limit keeps nobody else waiting.
            await asyncio.gather(*map(made.run, mine), *map(made.run, () if again else others))
            _note(made, mine, seen)
            texts.append(made.exporter.exposition())
            up.append(made.own("serverfleet_source_up"))
            held = held or made.polled(made.vendor).held_until - made.clock.monotonic()
            if not again:
                made.clock.now += 66.0
        _look_ahead(made, mine, seen)
    retries = made.own("serverfleet_api_retries_total")
    counted = tuple(now - then for now, then in zip(_logins(made), logins, strict=True))
    others_end = {
        each.name: (at_first[each.name], made.page(each), made.state(each).success)
        for each in others
    }
    made.clock.now += 132.0
    await made.run_all(made.vendor)
    _note(made, mine, seen)
    for each in mine:
        seen[each.name].healed = made.page(each)
        own = {"source": SOURCE[made.vendor], "collector": each.name}.items()
        seen[each.name].lines = [line for line in lines[begun:] if own <= line.items()]
    up.append(made.own("serverfleet_source_up"))
    texts.append(made.exporter.exposition())
    text = repr(lines) + "".join(each.decode() for each in texts)
    secrets = _secrets(made)
    return Result(
        seen, others_end, held, tuple(up), retries, (counted[0], counted[1]), text, secrets
    )


def _note(made: Bench, mine: tuple[Polled, ...], seen: dict[str, Seen]) -> None:
    for each in mine:
        own = seen[each.name]
        own.states = (*own.states, made.state(each))
        own.counted = (*own.counted, made.counted(each))
        own.served = (
            *own.served,
            made.own("serverfleet_collector_data_served", collector=each.name),
        )
        if 1 < len(own.states) < 4:
            own.during = (*own.during, made.page(each))


def _look_ahead(made: Bench, mine: tuple[Polled, ...], seen: dict[str, Seen]) -> None:
    """See what is served when data are too old, and come back: nothing runs in between."""
    for each in mine:
        own, state = seen[each.name], made.state(each)
        own.delay = made.delay(each)
        at = made.clock.now
        last = state.last_success or 0.0
        interval = made.collector(each).interval
        made.clock.now = last - made.clock.ahead + timing.max_staleness(interval, PATIENCE) + 1
        own.expired = made.page(each)
        served = made.own("serverfleet_collector_data_served", collector=each.name)
        own.served = (*own.served, served)
        made.clock.now = at


def _logins(made: Bench) -> tuple[float, float]:
    return (
        made.own("serverfleet_api_logins_total"),
        made.own("serverfleet_api_login_failures_total"),
    )


def _secrets(made: Bench) -> tuple[str, ...]:
    source: Any = made.polled(made.vendor).source
    tokens: list[str] = []
    session = getattr(source, "_session", None)
    if session is not None and session._current is not None:
        tokens += [session._current.token, session._current.id]
    credentials = made.simulation.com_credentials, made.simulation.ome_credentials
    return (
        credentials[0].client_secret,
        credentials[1].password,
        NEW_SECRET,
        *tokens,
    )
