"""`once`: every collector once, the exposition on standard output."""

import signal
from pathlib import Path

import pytest

from tests.commands.conftest import Fleet
from tests.commands.program import NEVER, run_beside, running
from tests.support.exposition import families, series, value, values


async def test_once_prints_an_exposition_with_every_server_and_ends_with_0(fleet: Fleet) -> None:
    done = await run_beside("once", "--config", fleet.config())

    assert done.code == 0
    page = done.out.encode()
    assert families(page)
    assert len(values(page, "serverfleet_server_info")) == 12
    assert values(page, "serverfleet_source_up") == [1.0, 1.0]
    assert len(values(page, "serverfleet_server_power_watts")) > 0
    assert "Traceback" not in done.err
    assert fleet.simulation.open_sessions == 0


async def test_two_shards_print_the_whole_fleet_between_them(fleet: Fleet) -> None:
    found: list[set[tuple[str, str]]] = []
    for index in ("0", "1"):
        flags = ("--shard.index", index, "--shard.total", "2")
        done = await run_beside("once", "--config", fleet.config(), *flags)

        assert done.code == 0
        page = done.out.encode()
        assert value(page, "serverfleet_shard_ordinal", shard_ordinal=index) == float(index)
        assert value(page, "serverfleet_total_shards") == 2
        found.append(
            {
                (labels["source"], labels["serial"])
                for name, pairs in series(page)
                for labels in [dict(pairs)]
                if name == "serverfleet_server_info"
            }
        )

    first, second = found
    assert first
    assert second
    assert not first & second
    assert len(first | second) == 12


async def test_once_ends_with_1_when_a_login_is_refused_and_prints_the_other_source(
    fleet: Fleet,
) -> None:
    config, secrets = fleet.config(), fleet.secrets
    fleet.simulation.rotate_ome_password("another")

    done = await run_beside("once", "--config", config)

    assert done.code == 1
    page = done.out.encode()
    assert value(page, "serverfleet_source_up", source="com-demo") == 1
    assert value(page, "serverfleet_source_up", source="ome-demo") == 0
    assert len(values(page, "serverfleet_server_info", source="com-demo")) > 0
    assert values(page, "serverfleet_server_info", source="ome-demo") == []
    assert '"reason": "auth"' in done.err
    assert [secret for secret in secrets if secret in done.said] == []


async def test_once_ends_with_1_when_one_collector_fails(fleet: Fleet) -> None:
    fleet.simulation.faults.add(kind="status", path="energy-by-entity", code=500)

    done = await run_beside("once", "--config", fleet.config())

    assert done.code == 1
    success = "serverfleet_collector_success"
    found = {
        sample.labels["collector"]: sample.value
        for family in families(done.out.encode())
        for sample in family.samples
        if sample.name == success and sample.labels["source"] == "com-demo"
    }
    assert found.pop("energy") == 0
    assert {"servers", "alerts"} < set(found)
    assert set(found.values()) == {1}


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
async def test_a_signal_ends_it_in_order_with_0_and_logs_out(
    fleet: Fleet, tmp_path: Path, number: signal.Signals
) -> None:
    hanging = fleet.simulation.faults.add(kind="delay", path="DeviceService", seconds=NEVER)
    config = fleet.config(http={"timeout": "1d"})
    async with running(tmp_path, "once", "--config", config) as program:
        await program.until(lambda: True if hanging.hits else None)
        assert fleet.simulation.open_sessions == 1
        code = await program.stop(number)

    assert (code, fleet.simulation.open_sessions) == (0, 0)
    assert "Traceback" not in program.err
