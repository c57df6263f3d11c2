"""The examination of a source, from the name of its host to the last collector."""

import asyncio
from collections.abc import Iterator, Sequence

from yarl import URL

from exporter.clock import Clock, SystemClock
from exporter.config.source import SourceSettings
from exporter.doctor import network, readings
from exporter.doctor.findings import Examined, Finding
from exporter.doctor.readings import Recorder
from exporter.exposition.store import Store
from exporter.polling.board import CollectorState
from exporter.polling.scheduler import Scheduler
from exporter.polling.source import PolledSource
from exporter.shard import WHOLE, Shard
from exporter.sources.contract import Surroundings
from exporter.sources.vendors import SOURCES

AT_ONCE = 8
"""Sources that are examined at the same time."""


async def examine(
    sources: Sequence[SourceSettings],
    limit: float,
    clock: Clock | None = None,
    shard: Shard = WHOLE,
) -> list[Examined]:
    """Examine sources, several at a time.

    Args:
        sources: Their settings.
        limit: Seconds for all collectors of a source together.
        clock: Another than the machine's.
        shard: Which of the servers are asked one by one.
    """
    places, chosen = asyncio.Semaphore(AT_ONCE), clock or SystemClock()

    async def in_place(settings: SourceSettings) -> Examined:
        async with places:
            return await _examined(settings, limit, chosen, shard)

    return list(await asyncio.gather(*map(in_place, sources)))


async def _examined(settings: SourceSettings, limit: float, clock: Clock, shard: Shard) -> Examined:
    ways = await asyncio.gather(
        *(network.examined(address, settings.http, clock.wall) for address in _places(settings))
    )
    findings = [finding for way in ways for finding in way]
    names = [name for name, each in settings.by_collector.items() if each.enabled]
    if network.leads_nowhere(findings):
        findings += readings.not_tried(names)
        findings += [readings.zone_not_tried()] if SOURCES[settings.type].zone else []
    else:
        findings += await _collected(settings, limit, clock, shard)
    return Examined(settings.name, settings.type, settings.api, tuple(findings))


def _places(settings: SourceSettings) -> Iterator[str]:
    """Give one address for each host and port that is called."""
    seen = set()
    for address in settings.addresses:
        origin = URL(address).origin()
        if origin not in seen:
            seen.add(origin)
            yield address


async def _collected(
    settings: SourceSettings, limit: float, clock: Clock, shard: Shard
) -> list[Finding]:
    """Log in and run every collector once."""
    kind, calls = SOURCES[settings.type], Recorder()
    source = kind.build(settings, Surroundings(clock, calls))
    polled = PolledSource(settings, kind.vendor, source, shard)
    scheduler = Scheduler([polled], Store(clock), clock)
    try:
        async with asyncio.timeout(limit):
            await scheduler.run_all_once()
    except TimeoutError:
        pass
    finally:
        await scheduler.stop()
    states: list[CollectorState] = list(scheduler.board)
    found = list(readings.findings_from(settings, states, calls, limit))
    return [*found, readings.zone_finding(kind.zone(source))] if kind.zone else found
