import asyncio
from dataclasses import replace
from itertools import pairwise

import pytest

from exporter.errors import Reason, SourceError
from exporter.model import Collected
from tests.polling.conftest import Make
from tests.support.fleet import alerts, inventory, power, servers
from tests.support.source import StubCollector, StubSource, hang, polled

DOWN = SourceError(Reason.CONNECT, "cannot connect")
FLEET = inventory(servers(1, 2))


def inventories(*outcomes: object, interval: float = 60.0) -> StubCollector:
    return StubCollector("servers", *(outcomes or (FLEET,)), interval=interval)  # type: ignore[arg-type]


def other(*outcomes: object, name: str = "alerts", interval: float = 60.0) -> StubCollector:
    return StubCollector(name, *(outcomes or (alerts({}),)), interval=interval)  # type: ignore[arg-type]


async def test_the_inventory_runs_at_once_and_then_every_interval(make: Make) -> None:
    listing = inventories()
    polling = make(polled("emea", listing))

    await polling.begin()
    assert listing.runs == 1
    await polling.clock.advance(59.9)
    assert listing.runs == 1
    await polling.clock.advance(0.1)
    assert listing.runs == 2
    await polling.clock.advance(600)
    assert listing.runs == 12


async def test_the_others_wait_for_the_first_success_of_the_inventory(make: Make) -> None:
    listing, extra = inventories(DOWN), other()
    polling = make(polled("emea", listing, extra))
    await polling.begin()
    await polling.clock.advance(300)
    assert listing.runs > 1
    assert extra.runs == 0

    listing.then(FLEET)
    await polling.clock.advance(300)

    assert extra.runs > 0
    assert extra.calls[0].servers == servers(1, 2)


async def test_the_others_run_within_a_second_of_the_first_inventory(make: Make) -> None:
    extra, hourly = other(), other(name="energy", interval=3600)
    polling = make(polled("emea", inventories(), extra, hourly))

    await polling.begin()
    await polling.clock.advance(1)

    assert (extra.runs, hourly.runs) == (1, 1)


async def test_the_others_go_on_while_a_later_inventory_fails(make: Make) -> None:
    extra = other()
    polling = make(polled("emea", inventories(FLEET, DOWN), extra))

    await polling.begin()
    await polling.clock.advance(299)

    assert extra.runs == 5
    assert polling.state("alerts").success


async def test_data_are_served_until_they_are_too_old_and_not_longer(make: Make) -> None:
    polling = make(polled("emea", inventories(FLEET, DOWN), timeout=30))
    await polling.begin()

    await polling.clock.advance(180)
    assert polling.values("source_servers") == [2]
    assert polling.state().success is False

    await polling.clock.advance(0.01)
    assert polling.text == b""


async def test_a_short_interval_keeps_data_for_one_interval_and_one_call(make: Make) -> None:
    polling = make(polled("emea", inventories(FLEET, DOWN, interval=5), timeout=60))
    await polling.begin()

    await polling.clock.advance(65)
    assert polling.values("source_servers") == [2]

    await polling.clock.advance(0.01)
    assert polling.text == b""


async def test_data_come_back_after_recovery(make: Make) -> None:
    listing = inventories(FLEET, DOWN)
    polling = make(polled("emea", listing))
    await polling.begin()
    await polling.clock.advance(400)
    assert polling.text == b""

    listing.then(FLEET)
    await polling.clock.advance(600)

    assert polling.values("source_servers") == [2]
    assert polling.state().consecutive_failures == 0


async def test_stale_readings_go_while_the_inventory_stays(make: Make) -> None:
    readings = other(power({"id-1": 100.0}), DOWN, name="power")
    polling = make(polled("emea", inventories(), readings))
    await polling.begin()
    await polling.clock.advance(170)
    assert polling.values("server_power_watts") == [100]

    await polling.clock.advance(30)

    assert polling.values("server_power_watts") == []
    assert polling.values("source_servers") == [2]


async def test_an_empty_inventory_after_servers_keeps_the_data_and_then_lets_go(
    make: Make,
) -> None:
    polling = make(polled("emea", inventories(FLEET, inventory(()))))
    await polling.begin()
    await polling.clock.advance(120)

    assert polling.state().reason == "empty"
    assert polling.values("source_servers") == [2]

    await polling.clock.advance(61)
    assert polling.text == b""


async def test_failures_are_tried_again_later_and_later_up_to_ten_intervals(make: Make) -> None:
    times: list[float] = []

    async def fail() -> Collected:
        times.append(polling.clock.monotonic())
        raise DOWN

    polling = make(polled("emea", inventories(fail)))
    await polling.begin()
    await polling.clock.advance(3600)

    waits = [round(after - before) for before, after in pairwise(times)]
    assert waits == [63, 126, 252, 504, 573, 573, 573, 573]


async def test_a_retry_after_is_honoured_by_the_whole_source(make: Make) -> None:
    limited = SourceError(Reason.RATE_LIMITED, "slow down", retry_after=300)
    listing, extra = inventories(FLEET, limited, FLEET), other()
    elsewhere = inventories()
    polling = make(polled("emea", listing, extra), polled("apac", elsewhere))
    await polling.begin()
    await polling.clock.advance(60)
    assert listing.runs == 2
    before, before_elsewhere = extra.runs, elsewhere.runs

    await polling.clock.advance(299)
    assert (listing.runs, extra.runs) == (2, before)
    assert elsewhere.runs == before_elsewhere + 4

    await polling.clock.advance(60)
    assert listing.runs == 3
    assert extra.runs == before + 1


async def test_a_source_that_hangs_fails_or_crashes_does_not_delay_another(make: Make) -> None:
    healthy = inventories()
    polling = make(
        polled("hanging", inventories(hang)),
        polled("failing", inventories(DOWN)),
        polled("crashing", inventories(RuntimeError("bug"))),
        polled("emea", healthy),
    )

    await polling.begin()
    await polling.clock.advance(300)

    assert healthy.runs == 6
    assert polling.state(source="hanging").running
    assert polling.state(source="crashing").reason == "internal"


async def test_a_hanging_collector_does_not_delay_another_of_its_source(make: Make) -> None:
    extra = other()
    polling = make(polled("emea", inventories(), other(hang, name="energy"), extra))

    await polling.begin()
    await polling.clock.advance(299)

    assert extra.runs == 5


async def test_a_collector_that_crashed_is_tried_again(make: Make) -> None:
    polling = make(polled("emea", inventories(RuntimeError("bug"), FLEET)))

    await polling.begin()
    assert polling.state().reason == "internal"
    await polling.clock.advance(70)

    assert polling.state().success
    assert polling.scheduler.stuck() == ""


async def test_the_first_attempt_of_every_source_has_to_end(make: Make) -> None:
    event = asyncio.Event()

    async def late() -> Collected:
        await event.wait()
        return FLEET

    polling = make(polled("emea", inventories(late)), polled("apac", inventories(DOWN)))
    await polling.begin()
    assert not polling.scheduler.attempted

    event.set()
    await polling.clock.advance(0)

    assert polling.scheduler.attempted


async def test_stopping_ends_every_run_and_closes_every_source(make: Make) -> None:
    sources = [polled("emea", inventories(hang)), polled("apac", inventories(), other(hang))]
    polling = make(*sources)
    await polling.begin()
    await polling.clock.advance(1)

    await polling.scheduler.stop()

    closed = [each.source.closed for each in sources if isinstance(each.source, StubSource)]
    assert closed == [1, 1]
    assert not any(state.running for state in polling.scheduler.board)
    assert polling.clock.sleeping == 0


async def test_a_scheduler_that_never_started_still_closes_its_sources(make: Make) -> None:
    source = polled("emea", inventories())
    polling = make(source)

    await polling.scheduler.stop()

    assert isinstance(source.source, StubSource)
    assert source.source.closed == 1


async def test_running_once_runs_every_collector_once(make: Make) -> None:
    collectors = inventories(), other(), other(power({}), name="power"), inventories()
    polling = make(polled("emea", *collectors[:3]), polled("apac", collectors[3]))

    assert await polling.scheduler.run_all_once()

    assert [collector.runs for collector in collectors] == [1, 1, 1, 1]
    assert len(polling.values("source_servers")) == 2


@pytest.mark.parametrize("broken", [0, 1, 2])
async def test_running_once_tells_that_one_failed_and_serves_the_others(
    make: Make, broken: int
) -> None:
    collectors = inventories(), other(), inventories()
    collectors[broken].then(DOWN)
    polling = make(polled("emea", *collectors[:2]), polled("apac", collectors[2]))

    assert not await polling.scheduler.run_all_once()

    assert [collector.runs for collector in collectors] == [1, int(broken != 0), 1]
    assert len(polling.values("source_servers")) == (2 if broken == 1 else 1)


async def test_a_scheduler_that_works_is_not_stuck(make: Make) -> None:
    polling = make(polled("emea", inventories(FLEET, DOWN), other(hang)))
    await polling.begin()

    for _ in range(20):
        await polling.clock.advance(60)
        assert polling.scheduler.stuck() == ""


async def test_a_run_that_does_not_start_in_time_makes_the_scheduler_stuck(make: Make) -> None:
    polling = make(polled("emea", inventories()))
    await polling.begin()

    polling.clock.now += 60 + 60
    assert polling.scheduler.stuck() == ""
    polling.clock.now += 1

    assert polling.scheduler.stuck() == "emea/servers is overdue"


async def test_a_task_that_ended_makes_the_scheduler_stuck(make: Make) -> None:
    polling = make(polled("emea", inventories()))
    await polling.begin()
    tasks = [each for each in asyncio.all_tasks() if each.get_name() == "emea/servers"]

    tasks[0].cancel()
    await polling.clock.advance(0)

    assert polling.scheduler.stuck() == "a polling task has ended"


async def test_the_next_run_is_on_the_board(make: Make) -> None:
    polling = make(polled("emea", inventories()))

    await polling.begin()

    assert polling.state().next_run == polling.clock.wall() + 60


async def test_an_interval_that_a_collector_changes_is_in_force_at_once(make: Make) -> None:
    listing = inventories()
    polling = make(polled("emea", listing))
    await polling.begin()

    listing.interval = 600
    await polling.clock.advance(60)
    assert listing.runs == 2
    assert polling.state().interval == 600

    await polling.clock.advance(599)
    assert listing.runs == 2


async def test_a_run_may_ask_for_the_next_one_sooner_while_its_data_are_good_as_long_as_ever(
    make: Make,
) -> None:
    listing = inventories(replace(FLEET, again_after=60.0), DOWN, interval=600)
    polling = make(polled("emea", listing))
    await polling.begin()
    assert (polling.state().interval, polling.state().again_after) == (600, 60)

    await polling.clock.advance(60)
    assert listing.runs == 2

    await polling.clock.advance(1700)
    assert polling.values("source_servers")
    await polling.clock.advance(100)
    assert not polling.values("source_servers")


async def test_a_cancellation_that_a_library_swallows_does_not_keep_the_scheduler_from_stopping(
    make: Make,
) -> None:
    swallowed = 0

    async def hard_of_hearing() -> Collected:
        nonlocal swallowed
        for _ in range(2):
            try:
                await asyncio.Event().wait()
            except asyncio.CancelledError:
                swallowed += 1
        return await hang()

    polling = make(polled("emea", StubCollector("servers", hard_of_hearing)))
    await polling.begin()

    async with asyncio.timeout(60):
        await polling.scheduler.stop()

    assert swallowed == 2
