"""Sources come and go while the others are polled on."""

import asyncio
import dataclasses

import pytest
from structlog.testing import capture_logs

from exporter.errors import Reason, SourceError
from exporter.model import Alert, AlertSeverity, Collected, DriftedField, DriftKind
from tests.polling.conftest import Make, Polling
from tests.support.fleet import inventory, power, servers
from tests.support.source import StubCollector, StubSource, hang, polled

DOWN = SourceError(Reason.CONNECT, "cannot connect")
FLEET = inventory(servers(1, 2))


def inventories(*outcomes: object, interval: float = 60.0) -> StubCollector:
    return StubCollector("servers", *(outcomes or (FLEET,)), interval=interval)  # type: ignore[arg-type]


async def begun(polling: Polling) -> Polling:
    await polling.begin()
    await polling.clock.advance(1)
    return polling


async def test_a_source_that_stays_keeps_its_schedule(make: Make) -> None:
    listing, added = inventories(), inventories()
    emea = polled("emea", listing)
    polling = await begun(make(emea))

    await polling.clock.advance(29)
    polling.scheduler.arrange([emea, polled("apac", added)])
    await polling.clock.advance(29)
    assert (listing.runs, added.runs) == (1, 1)
    await polling.clock.advance(1)

    assert (listing.runs, added.runs) == (2, 1)


async def test_a_back_off_goes_on_across_a_change_elsewhere(make: Make) -> None:
    listing = inventories(DOWN)
    emea = polled("emea", listing)
    polling = await begun(make(emea))
    next_run = polling.state().next_run

    polling.scheduler.arrange([emea, polled("apac", inventories())])
    await polling.clock.advance(1)

    assert polling.state().next_run == next_run
    assert polling.state().consecutive_failures == 1


async def test_a_source_that_is_left_out_is_closed_and_forgotten(make: Make) -> None:
    emea, apac = polled("emea", inventories()), polled("apac", inventories(), hanging())
    polling = await begun(make(emea, apac))
    assert len(polling.values("source_servers")) == 2

    await polling.scheduler.halt(["apac"])
    polling.scheduler.arrange([emea])
    assert len(polling.values("source_servers")) == 1
    await polling.scheduler.settled()

    assert isinstance(apac.source, StubSource)
    assert apac.source.closed == 1
    assert {state.source for state in polling.scheduler.board} == {"emea"}
    assert polling.scheduler.stuck() == ""
    assert polling.clock.sleeping == 1


def hanging() -> StubCollector:
    return StubCollector("power", hang)


async def test_an_heir_serves_the_former_data_and_takes_over_the_states(make: Make) -> None:
    readings = StubCollector("power", power({"id-1": 100.0}))
    polling = await begun(make(polled("emea", inventories(), readings)))
    before = polling.state()

    await polling.scheduler.halt(["emea"])
    heir = polled("emea", inventories(DOWN, interval=30))
    polling.scheduler.arrange([heir], heirs=["emea"])

    after = polling.state()
    assert (after.success, after.last_success) == (True, before.last_success)
    assert (after.interval, after.next_run) == (30, None)
    assert polling.values("source_servers") == [2]
    assert polling.values("server_power_watts") == []
    await polling.clock.advance(1)
    assert polling.state().reason == "connect"
    assert polling.values("source_servers") == [2]


async def test_an_empty_list_after_a_change_of_settings_is_no_success(make: Make) -> None:
    polling = await begun(make(polled("emea", inventories())))

    await polling.scheduler.halt(["emea"])
    polling.scheduler.arrange([polled("emea", inventories(inventory(())))], heirs=["emea"])
    await polling.clock.advance(1)

    assert polling.state().reason == "empty"
    assert polling.values("source_servers") == [2]


async def test_an_heir_does_not_log_open_alerts_again(make: Make) -> None:
    found = Collected(alerts=(Alert(id="a", severity=AlertSeverity.CRITICAL),))
    polling = make(polled("emea", inventories(), StubCollector("alerts", found)))

    with capture_logs() as logs:
        await begun(polling)
        await polling.scheduler.halt(["emea"])
        heir = polled("emea", inventories(), StubCollector("alerts", found))
        polling.scheduler.arrange([heir], heirs=["emea"])
        await polling.clock.advance(1)

    assert polling.state("alerts").runs == 2
    assert [line["event"] for line in logs].count("new alert") == 1


async def test_who_is_ready_stays_ready_while_an_added_source_hangs(make: Make) -> None:
    emea = polled("emea", inventories())
    polling = await begun(make(emea))
    assert polling.scheduler.attempted

    polling.scheduler.arrange([emea, polled("apac", inventories(hang))])

    assert polling.scheduler.attempted


async def test_a_logout_that_hangs_is_given_up(make: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("exporter.polling.scheduler._LONGEST_FAREWELL", 0.01)
    emea, apac = polled("emea", inventories()), polled("apac", inventories())
    polling = await begun(make(emea, apac))
    apac.source.close = _never  # type: ignore[method-assign]

    await polling.scheduler.halt(["apac"])
    with capture_logs() as logs:
        polling.scheduler.arrange([emea])
        await polling.scheduler.settled()

    assert [line["event"] for line in logs] == ["a source could not be logged out in time"]


async def _never() -> None:
    await asyncio.Event().wait()


async def test_drift_of_a_source_that_is_gone_is_told_again_when_it_comes_back(make: Make) -> None:
    field = DriftedField(DriftKind.MISSING, "hardware.powerState", 2)
    drifted = dataclasses.replace(FLEET, drift=(field,))
    emea = polled("emea", inventories())
    polling = make(emea, polled("apac", inventories(drifted)))

    with capture_logs() as logs:
        await begun(polling)
        await polling.scheduler.halt(["apac"])
        polling.scheduler.arrange([emea])
        polling.scheduler.arrange([emea, polled("apac", inventories(drifted))])
        await polling.clock.advance(1)

    told = [line["event"] for line in logs if line.get("source") == "apac"]
    assert told.count("expected field is missing") == 2
