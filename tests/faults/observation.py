"""What is seen of an exporter before, while and after a fault happens?"""

import asyncio
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import structlog

from exporter.errors import Reason
from exporter.exposition.text import Format
from exporter.polling import timing
from exporter.polling.board import CollectorState
from exporter.simulators import Simulation
from tests.faults.bench import PATIENCE, Bench, bench
from tests.faults.causes import NEW_SECRET, suffering
from tests.faults.clock import BEFORE
from tests.faults.fault import Fault, Port
from tests.faults.polled import OTHER, SOURCE, Polled, Vendor, of
from tests.faults.telling import Told, told_by
from tests.support.certificates import ODD


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
    told: tuple[Told, ...]
    """What the exporter's own families say after each of the two runs."""
    text: str
    """Everything that was logged, and what was served from the beginning of the fault."""
    secrets: tuple[str, ...]


async def observe(fault: Fault, vendor: Vendor, folder: Path, simulation: Simulation) -> Result:
    """Let every collector of a vendor suffer twice, heal it, and say what was seen."""
    through_port = isinstance(fault.cause, Port)
    odd = fault.cause.end if isinstance(fault.cause, Port) and fault.cause.end in ODD else ""
    with structlog.testing.capture_logs() as lines:
        async with bench(vendor, folder, simulation, through_port=through_port, odd=odd) as made:
            return await _observed(fault, made, lines)


async def _observed(fault: Fault, made: Bench, lines: list[Any]) -> Result:
    mine, others = of(made.vendor), of(OTHER[made.vendor])
    seen = {each.name: Seen(made.page(each)) for each in mine}
    at_first = {each.name: made.page(each) for each in others}
    up, texts = [made.own("serverfleet_source_up")], list[bytes]()
    told: list[Told] = []
    logins, held, begun = _logins(made), 0.0, len(lines)
    _note(made, mine, seen)
    # Some failures are taken for those of one device or list shortly after all was well.
    made.clock.now += BEFORE
    async with suffering(made, fault):
        for again in range(2):
            # Side by side: whoever waits for a time limit keeps nobody else waiting.
            await asyncio.gather(*map(made.run, mine), *map(made.run, () if again else others))
            _note(made, mine, seen)
            texts.append(made.exporter.exposition())
            told.append(told_by(made.exporter._own.text(Format.TEXT).plain.decode()))
            up.append(made.own("serverfleet_source_up"))
            held = held or made.polled(made.vendor).held_until - made.clock.monotonic()
            if not again:
                made.clock.now += 66.0
        _look_ahead(made, mine, seen)
    retries = _retries(made, fault)
    counted = tuple(now - then for now, then in zip(_logins(made), logins, strict=True))
    others_end = {
        each.name: (at_first[each.name], made.page(each), made.state(each).success)
        for each in others
    }
    made.clock.now += 132.0
    await made.run_all(made.vendor)
    _note(made, mine, seen)
    _note_the_end(made, mine, seen, lines[begun:])
    up.append(made.own("serverfleet_source_up"))
    texts.append(made.exporter.exposition())
    text = repr(lines) + "".join(each.decode() for each in texts)
    counts = counted[0], counted[1]
    return Result(
        seen, others_end, held, tuple(up), retries, counts, tuple(told), text, _secrets(made)
    )


def _note(made: Bench, mine: tuple[Polled, ...], seen: dict[str, Seen]) -> None:
    failures = made.failures()
    for each in mine:
        own = seen[each.name]
        own.states = (*own.states, made.state(each))
        own.counted = (*own.counted, failures.get(each.name, Counter()))
        own.served = (
            *own.served,
            made.own("serverfleet_collector_data_served", collector=each.name),
        )
        if 1 < len(own.states) < 4:
            own.during = (*own.during, made.page(each))


def _note_the_end(
    made: Bench, mine: tuple[Polled, ...], seen: dict[str, Seen], lines: list[dict[str, Any]]
) -> None:
    for each in mine:
        seen[each.name].healed = made.page(each)
        own = {"source": SOURCE[made.vendor], "collector": each.name}.items()
        seen[each.name].lines = [line for line in lines if own <= line.items()]


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


def _retries(made: Bench, fault: Fault) -> float:
    """Count the calls that were repeated because of a fault.

    A connection that idles for too long on a busy machine is replaced; the API did nothing then.
    """
    name = "serverfleet_api_retries_total"
    others = 0.0 if fault.outcome.reason is Reason.CONNECT else made.own(name, reason="connect")
    return made.own(name) - others
