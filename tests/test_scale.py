"""Are the sums of docs/scale.md those of the code, and do its figures hold for what is served?"""

import re
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest

from bench import scale
from exporter.shard import shard_of
from exporter.simulators import Simulation
from tests.e2e.rig import Rig, StoppedClock, samples

PAGE = Path(__file__).parents[1] / "docs" / "scale.md"
NOW = 1_780_000_000.0
SWEEPS = ("power", "health", "power_manager", "hardware")


@pytest.mark.parametrize("table", [scale.fleets, scale.shards])
def test_the_page_has_the_tables_of_the_code(table: Callable[[], str]) -> None:
    text = PAGE.read_text(encoding="utf-8")
    found = re.search(rf"<!-- {table.__name__} -->\n(.*?)<!-- end -->", text, re.DOTALL)

    assert found is not None
    assert found[1] == f"\n{table()}\n\n", "paste what `python -m bench.scale` writes"


def test_the_page_names_the_shards_that_servers_have() -> None:
    text = PAGE.read_text(encoding="utf-8")

    assert "`CZ2D1X0GNS` is on shard 0 of 2, 3 and 4 and on shard 4 of 8" in text
    assert [shard_of("CZ2D1X0GNS", total) for total in (2, 3, 4, 8)] == [0, 0, 0, 4]
    assert "`4Q8JB43` on shard 1 of 2, 2 of 3, 3 of 4 and 3 of 8" in text
    assert [shard_of("4Q8JB43", total) for total in (2, 3, 4, 8)] == [1, 2, 3, 3]


async def test_a_server_costs_what_the_sums_say() -> None:
    fleet = Simulation(servers=200, seed=1, clock=lambda: NOW)
    async with fleet.serving() as base_url:
        rig = Rig(fleet, base_url, StoppedClock(NOW))
        exporter = rig.exporter()
        try:
            # The second round is the usual one: the first reads every server's health and hardware.
            assert await exporter.scheduler.run_all_once()
            assert await exporter.scheduler.run_all_once()
            page = exporter.exposition()
            compressed = sum(
                block.compressed_size
                for _, _, item in exporter.store.served()
                for block in item.blocks.values()
            )
            board = list(exporter.scheduler.board)
        finally:
            await rig.close()

    servers = Counter(dict(own)["vendor"] for own in samples(page)["serverfleet_server_info"])
    lines = [line for line in page.decode().splitlines() if line.startswith("serverfleet_server_")]
    for vendor, count in servers.items():
        own = [line for line in lines if f'vendor="{vendor}"' in line]
        assert len(own) / count == pytest.approx(scale.SAMPLES[vendor], rel=0.1)
        size = sum(len(line) + 1 for line in own)
        assert size / count == pytest.approx(scale.PLAIN_BYTES[vendor], rel=0.1)
    # Small fleets compress less well.
    assert scale.GZIP_BYTES * 0.9 < compressed / 200 < scale.GZIP_BYTES * 1.5
    calls = sum(
        (each.calls or 0) * 3600 / each.interval
        for each in board
        if each.source == "ome-demo" and each.collector in SWEEPS
    )
    assert calls / servers["dell"] == pytest.approx(scale.SWEEP_CALLS, rel=0.15)


def test_the_memory_of_the_sums_is_the_measured_one() -> None:
    assert scale.Sums(25_000).exporter_memory == pytest.approx(261e6, rel=0.01)
