"""The process stands still for a while, or the machine's calendar is set."""

import pytest

from tests.polling.conftest import Make
from tests.support.fleet import alerts, inventory, servers
from tests.support.source import StubCollector, polled

DAY = 86400.0


async def test_after_a_standstill_every_collector_makes_one_run_and_none_makes_up_for_lost_ones(
    make: Make,
) -> None:
    listing = StubCollector("servers", inventory(servers(1)))
    other = StubCollector("alerts", alerts({"id-1": 2}), interval=30.0)
    polling = make(polled("emea", listing, other))
    await polling.begin()
    await polling.clock.advance(5)
    runs = listing.runs, other.runs

    polling.clock.now += 3600
    assert polling.values("source_servers") == [], "older than allowed, whatever the reason"
    await polling.clock.advance(0)

    assert (listing.runs, other.runs) == (runs[0] + 1, runs[1] + 1)
    assert polling.values("source_servers") == [1]
    await polling.clock.advance(25)
    assert (listing.runs, other.runs) == (runs[0] + 1, runs[1] + 1)


@pytest.mark.parametrize("jump", [DAY, -DAY])
async def test_a_calendar_that_is_set_changes_neither_schedule_nor_health_nor_what_is_served(
    make: Make, jump: float
) -> None:
    listing = StubCollector("servers", inventory(servers(1)))
    polling = make(polled("emea", listing))
    await polling.begin()

    polling.clock._ahead += jump
    await polling.clock.advance(50)

    assert polling.scheduler.stuck() == ""
    assert listing.runs == 1
    assert polling.values("source_servers") == [1]
    await polling.clock.advance(20)
    assert listing.runs == 2
    assert polling.state().next_run == pytest.approx(polling.clock.wall() + 50, abs=15)
