"""Do shards together serve what one exporter serves, and does each ask only for its part?"""

from collections import Counter

from exporter.catalogue import SERVER_FAMILIES, SOURCE_FAMILIES
from exporter.shard import Shard
from exporter.simulators import Simulation
from tests.e2e.rig import Labels, Rig, StoppedClock, samples, value

NOW = 1_780_000_000.0
TOTAL = 3
READ = {family.name for family in (*SERVER_FAMILIES, *SOURCE_FAMILIES)}


async def page_of(rig: Rig, shard: Shard) -> bytes:
    exporter = rig.exporter(shard=shard)
    try:
        assert await exporter.scheduler.run_all_once()
        return exporter.exposition()
    finally:
        await exporter.scheduler.stop()


def read(page: bytes) -> dict[tuple[str, Labels], float]:
    """Return the samples that the sources gave."""
    return {
        (name, labels): number
        for name, found in samples(page).items()
        if name in READ
        for labels, number in found.items()
    }


async def test_three_shards_serve_what_one_exporter_serves_and_each_thing_once() -> None:
    simulation = Simulation(servers=90, seed=11, clock=lambda: NOW)
    async with simulation.serving() as base_url:
        rig = Rig(simulation, base_url, StoppedClock(NOW))
        alone = await page_of(rig, Shard())
        pages = [await page_of(rig, Shard(index, TOTAL)) for index in range(TOTAL)]

    parts = [read(page) for page in pages]
    assert Counter(key for part in parts for key in part) == Counter(list(read(alone)))
    assert {key: number for part in parts for key, number in part.items()} == read(alone)
    assert all(len(part) > len(read(alone)) / 5 for part in parts)
    for index, page in enumerate(pages):
        name = "serverfleet_shard_ordinal"
        assert value(page, name, shard_ordinal=str(index)) == index
        assert value(page, "serverfleet_total_shards") == TOTAL

    # What is read device by device is shared; what is a list is read by each.
    calls = [
        {
            collector: value(page, "serverfleet_collector_last_run_requests", collector=collector)
            or 0
            for collector in ("devices", "power", "health", "hardware")
        }
        for page in (alone, *pages)
    ]
    for collector in ("power", "health", "hardware"):
        assert sum(each[collector] for each in calls[1:]) == calls[0][collector]
        assert all(0 < each[collector] < 0.6 * calls[0][collector] for each in calls[1:])
    assert all(each["devices"] == calls[0]["devices"] for each in calls)
    needed = [
        value(page, "serverfleet_api_needed_requests_per_second", source="ome-demo") or 0
        for page in (alone, *pages)
    ]
    assert all(each < 0.6 * needed[0] for each in needed[1:])
