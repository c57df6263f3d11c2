import asyncio

import structlog

from exporter.errors import NotAvailableError
from exporter.model import Collected
from exporter.polling.board import calls_an_hour
from exporter.sources.gate import errand
from tests.polling.conftest import Make
from tests.support.fleet import inventory, power, servers
from tests.support.source import StubCollector, polled

FLEET = inventory(servers(1, 2))
MISSING = NotAvailableError("the plugin is not installed: install it, or switch the collector off")


def listing() -> StubCollector:
    return StubCollector("servers", FLEET)


async def test_a_collector_that_is_not_available_is_checked_again_slowly(make: Make) -> None:
    extra = StubCollector("power_manager", MISSING, interval=60)
    polling = make(polled("emea", listing(), extra))
    await polling.begin()
    await polling.clock.advance(10)
    assert extra.runs == 1

    await polling.clock.advance(3500)
    assert extra.runs == 1
    await polling.clock.advance(200)
    assert extra.runs == 2
    assert polling.state("power_manager").interval == 3600


async def test_it_is_no_failure_and_says_once_what_is_missing(make: Make) -> None:
    polling = make(polled("emea", listing(), StubCollector("power_manager", MISSING, interval=60)))

    with structlog.testing.capture_logs() as lines:
        await polling.begin()
        await polling.clock.advance(4 * 3700)

    said = [line for line in lines if line["event"] == "collector not available"]
    assert [line["missing"] for line in said] == [str(MISSING)]
    state = polling.state("power_manager")
    assert (state.success, state.unavailable, state.reason) == (True, str(MISSING), "")
    assert {reason for _, name, reason in polling.heard.runs if name == "power_manager"} == {None}


async def test_it_serves_nothing_until_it_is_available(make: Make) -> None:
    readings = power({"id-1": 100.0})
    extra = StubCollector("power", readings, MISSING, readings, interval=60)
    polling = make(polled("emea", listing(), extra))
    await polling.begin()
    await polling.clock.advance(10)
    assert polling.values("server_power_watts") == [100]

    await polling.clock.advance(60)
    assert polling.values("server_power_watts") == []

    await polling.clock.advance(3700)
    assert polling.values("server_power_watts") == [100]
    assert polling.state("power").unavailable == ""
    assert polling.state("power").interval == 60


async def test_requests_are_counted_for_the_run_that_sends_them(make: Make) -> None:
    async def two_calls() -> Collected:
        async def call() -> None:
            run = errand.get()
            assert run
            run.calls += 1

        await asyncio.gather(call(), call())
        return power({"id-1": 100.0})

    polling = make(polled("emea", listing(), StubCollector("power", two_calls, interval=300)))
    await polling.begin()
    await polling.clock.advance(10)

    assert polling.state("power").calls == 2
    assert polling.state("servers").calls == 0
    assert calls_an_hour(polling.scheduler.board) == 2 * 3600 / 300
