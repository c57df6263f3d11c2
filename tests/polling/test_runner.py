import asyncio
from collections.abc import Callable
from dataclasses import replace
from typing import Any
from unittest.mock import Mock

import pytest
from structlog.testing import capture_logs

from exporter.errors import NotAvailableError, Reason, SourceError
from exporter.exposition.store import Store
from exporter.model import Alert, AlertSeverity, Collected, Health
from exporter.polling.board import Board
from exporter.polling.runner import Runner
from exporter.polling.source import PolledSource
from tests.polling.conftest import Heard
from tests.support.clock import FakeClock
from tests.support.fleet import alerts, inventory, power, servers
from tests.support.source import StubCollector, hang, polled

DOWN = SourceError(Reason.CONNECT, "Servers at api.example.net: cannot connect")


class Bench:
    """A runner and one source with an inventory and one more collector."""

    def __init__(self, interval: float = 60.0, timeout: float = 30.0) -> None:
        self.clock = FakeClock()
        self.store = Store(self.clock)
        self.board = Board()
        self.heard = Heard()
        self.runner = Runner(self.board, self.store, self.clock, self.heard)
        self.servers = StubCollector("servers", inventory(servers(1, 2)), interval=interval)
        self.alerts = StubCollector("alerts", alerts({}), interval=interval)
        self.source: PolledSource = polled("emea", self.servers, self.alerts, timeout=timeout)
        self.store.add("emea", "hpe")
        for collector in (self.servers, self.alerts):
            self.board.add("emea", collector.name, interval)

    async def run(self, collector: StubCollector, *outcomes: Any) -> list[Any]:
        """Run once with this outcome, and give the log lines."""
        if outcomes:
            collector.then(*outcomes)
        with capture_logs() as lines:
            await self.runner.run(self.source, collector)
        return lines

    @property
    def served(self) -> set[str]:
        return {name for _, name, _ in self.store.served()}


class Failing:
    """Calls another function, but for one of the calls, which raises."""

    def __init__(self, function: Callable[..., Any], at: int) -> None:
        self.function = function
        self.at = at
        self.calls = 0

    def __call__(self, *arguments: Any, **named: Any) -> Any:
        self.calls += 1
        if self.calls == self.at:
            raise ZeroDivisionError
        return self.function(*arguments, **named)


@pytest.fixture
def bench() -> Bench:
    return Bench()


async def test_a_success_is_one_line_with_its_facts(bench: Bench) -> None:
    (line,) = await bench.run(bench.servers, replace(inventory(servers(1, 2)), problems=1))

    assert line == {
        "event": "poll succeeded",
        "log_level": "info",
        "source": "emea",
        "collector": "servers",
        "items": 2,
        "problems": 1,
        "seconds": 0.0,
    }


async def test_a_failure_is_one_line_with_its_reason(bench: Bench) -> None:
    await bench.run(bench.servers, DOWN)
    (line,) = await bench.run(bench.servers, DOWN)

    assert line == {
        "event": "poll failed",
        "log_level": "warning",
        "source": "emea",
        "collector": "servers",
        "reason": "connect",
        "error": "Servers at api.example.net: cannot connect",
        "failures": 2,
        "seconds": 0.0,
    }


async def test_a_success_is_on_the_board(bench: Bench) -> None:
    await bench.run(bench.servers, DOWN)
    await bench.run(bench.servers, inventory(servers(1, 2)))

    state = bench.board.state("emea", "servers")
    assert (state.success, state.consecutive_failures, state.runs) == (True, 0, 2)
    assert (state.items, state.problems, state.reason, state.error) == (2, 0, "", "")
    assert state.last_run == state.last_success == bench.clock.wall()
    assert not state.running
    assert bench.heard.runs == [
        ("emea", "servers", Reason.CONNECT),
        ("emea", "servers", None),
    ]


async def test_a_failure_keeps_the_facts_of_the_last_success(bench: Bench) -> None:
    await bench.run(bench.servers)
    succeeded = bench.clock.wall()
    await bench.clock.advance(60)
    await bench.run(bench.servers, DOWN)

    state = bench.board.state("emea", "servers")
    assert (state.success, state.consecutive_failures, state.reason) == (False, 1, "connect")
    assert (state.items, state.last_success) == (2, succeeded)
    assert state.last_run == succeeded + 60
    assert bench.served == {"servers"}


async def test_a_run_knows_how_long_it_took(bench: Bench) -> None:
    async def slow() -> Collected:
        assert bench.board.state("emea", "servers").running
        bench.clock.now += 2.5
        return inventory(servers(1))

    (line,) = await bench.run(bench.servers, slow)

    assert line["seconds"] == 2.5
    assert bench.board.state("emea", "servers").duration == 2.5


async def test_the_others_get_the_servers_and_their_statuses(bench: Bench) -> None:
    await bench.run(bench.servers, inventory(servers(1, 2), Health.WARNING))
    await bench.run(bench.alerts)

    (given,) = bench.alerts.calls
    assert given.servers == servers(1, 2)
    assert {status.health for status in given.statuses.values()} == {Health.WARNING}


async def test_an_empty_inventory_where_there_were_servers_is_a_failure(bench: Bench) -> None:
    await bench.run(bench.servers)
    (line,) = await bench.run(bench.servers, inventory(()))

    assert (line["event"], line["reason"]) == ("poll failed", "empty")
    assert "there were 2" in line["error"]
    assert bench.store.servers("emea") == servers(1, 2)
    assert bench.source.inventory.servers == servers(1, 2)
    assert bench.served == {"servers"}


async def test_a_first_inventory_that_is_empty_is_a_success_with_one_warning(
    bench: Bench,
) -> None:
    lines = await bench.run(bench.servers, inventory(()))

    assert [(line["event"], line["log_level"]) for line in lines] == [
        ("the source has no servers yet", "warning"),
        ("poll succeeded", "info"),
    ]
    assert bench.source.has_inventory.is_set()
    assert len(await bench.run(bench.servers, inventory(()))) == 1


async def test_an_exception_that_nobody_foresaw_is_logged_with_its_traceback(
    bench: Bench,
) -> None:
    crash, failed = await bench.run(bench.servers, ZeroDivisionError("secret text"))

    assert (crash["event"], crash["log_level"]) == ("poll crashed", "error")
    assert (crash["source"], crash["collector"]) == ("emea", "servers")
    assert crash["exc_info"]
    assert failed["reason"] == "internal"
    assert "ZeroDivisionError" in failed["error"]
    assert "secret text" not in failed["error"]
    assert bench.heard.runs == [("emea", "servers", Reason.INTERNAL)]


AFTER_COLLECTING = (
    "exporter.exposition.store.Store.publish",
    "exporter.exposition.store.Store.withdraw_expired",
    "exporter.polling.run_log.AlertLog.note",
    "exporter.polling.run_log.DriftLog.note",
    "exporter.polling.run_log.AdviceLog.warn",
    "exporter.polling.run_log.AdviceLog.pace",
)


@pytest.mark.parametrize("place", AFTER_COLLECTING)
async def test_an_exception_after_collecting_is_one_failed_run_with_a_traceback(
    bench: Bench, monkeypatch: pytest.MonkeyPatch, place: str
) -> None:
    with_alerts = replace(alerts({}), alerts=())
    await bench.run(bench.servers)
    bench.heard.runs.clear()
    with monkeypatch.context() as patched:
        patched.setattr(place, Mock(side_effect=ZeroDivisionError))
        first = await bench.run(bench.alerts, with_alerts)
        await bench.run(bench.alerts)

    assert [line["event"] for line in first] == ["poll crashed", "poll failed"]
    assert first[0]["exc_info"]
    state = bench.board.state("emea", "alerts")
    assert (state.success, state.reason, state.running) == (False, "internal", False)
    assert (state.runs, state.consecutive_failures) == (2, 2), "so that pauses grow"
    assert bench.heard.runs == [("emea", "alerts", Reason.INTERNAL)] * 2
    (line,) = await bench.run(bench.alerts)
    assert line["event"] == "poll succeeded"


async def test_telemetry_that_fails_ends_no_polling(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bench.heard, "run_ended", Mock(side_effect=ZeroDivisionError))

    lines = await bench.run(bench.servers)

    assert [line["event"] for line in lines] == ["poll crashed", "poll failed", "poll crashed"]
    state = bench.board.state("emea", "servers")
    assert (state.success, state.reason, state.runs) == (False, "internal", 1)
    assert bench.source.attempted.is_set()
    assert bench.source.has_inventory.is_set(), "the servers themselves are known"


async def test_a_board_that_fails_once_ends_no_polling(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    for failing in range(1, 4):
        changes = Failing(bench.board.put, at=failing)
        with monkeypatch.context() as patched:
            patched.setattr(bench.board, "put", changes)
            lines = await bench.run(bench.servers)
        assert "poll crashed" in [line["event"] for line in lines]

    await bench.run(bench.servers)
    assert bench.board.state("emea", "servers").success


async def test_a_collector_that_is_not_available_is_held_by_the_same_net(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bench.store, "withdraw", Mock(side_effect=ZeroDivisionError))

    lines = await bench.run(bench.alerts, NotAvailableError("no licence"))

    assert [line["event"] for line in lines][1:] == ["poll crashed", "poll failed"]
    assert bench.board.state("emea", "alerts").reason == "internal"


async def test_a_result_that_cannot_be_written_is_a_crash_and_keeps_the_former_data(
    bench: Bench,
) -> None:
    await bench.run(bench.servers)
    await bench.run(bench.alerts, alerts({"id-1": 1}))
    broken = power({"id-1": "high"})  # type: ignore[dict-item]

    crash, failed = await bench.run(bench.alerts, broken)

    assert (crash["event"], failed["reason"]) == ("poll crashed", "internal")
    assert bench.served == {"servers", "alerts"}


async def test_a_run_that_exceeds_its_limit_is_a_timeout() -> None:
    bench = Bench(interval=0.001, timeout=0.005)

    (line,) = await bench.run(bench.servers, hang)

    assert line["reason"] == "timeout"
    assert "given up after 0.01 s" in line["error"]


async def test_a_cancelled_run_is_no_failure(bench: Bench) -> None:
    bench.servers.then(hang)
    run = asyncio.create_task(bench.runner.run(bench.source, bench.servers))
    await bench.clock.advance(0)

    run.cancel()

    with pytest.raises(asyncio.CancelledError):
        await run
    assert bench.heard.runs == []
    assert not bench.board.state("emea", "servers").running


async def test_a_warning_is_logged_once_until_it_changes(bench: Bench) -> None:
    async def warnings(*sentences: str) -> list[str]:
        lines = await bench.run(bench.servers, replace(inventory(servers(1)), warnings=sentences))
        return [line["event"] for line in lines if line["log_level"] == "warning"]

    assert await warnings("a", "b") == ["a", "b"]
    assert await warnings("b", "a") == []
    assert await warnings("b", "c") == ["c"]
    assert await warnings() == []
    assert await warnings("b") == ["b"]


async def test_a_new_alert_is_logged_with_its_poll(bench: Bench) -> None:
    critical = Alert(
        id="a1", severity=AlertSeverity.CRITICAL, device="id-2", message="Fan 3 has failed"
    )
    await bench.run(bench.servers)

    lines = await bench.run(bench.alerts, replace(alerts({"id-2": 1}), alerts=(critical,)))

    assert [line["event"] for line in lines] == ["new alert", "poll succeeded"]
    assert (lines[0]["serial"], lines[0]["message"]) == ("SN2", "Fan 3 has failed")
    assert len(await bench.run(bench.alerts)) == 1
    assert len(await bench.run(bench.alerts, DOWN)) == 1
    back = await bench.run(bench.alerts, replace(alerts({"id-2": 1}), alerts=(critical,)))
    assert [line["event"] for line in back] == ["poll succeeded"]


async def test_the_text_of_an_alert_is_never_served(bench: Bench) -> None:
    secret = Alert(id="a1", severity=AlertSeverity.CRITICAL, device="id-1", message="needle")
    await bench.run(bench.servers)
    await bench.run(bench.alerts, replace(alerts({"id-1": 1}), alerts=(secret,)))

    kept = [item.collected for _, name, item in bench.store.served() if name == "alerts"]
    assert [collected.alerts for collected in kept] == [None]


async def test_servers_that_were_left_out_are_counted(bench: Bench) -> None:
    await bench.run(bench.servers, replace(inventory(servers(1)), duplicates=3))
    await bench.run(bench.servers, inventory(servers(1)))

    assert bench.heard.duplicates == 3


async def test_a_retry_after_holds_the_source_for_at_most_ten_intervals(bench: Bench) -> None:
    limited = SourceError(Reason.RATE_LIMITED, "slow down", retry_after=45.0)
    await bench.run(bench.servers, limited)
    assert bench.source.held_until == bench.clock.monotonic() + 45

    limited.retry_after = 1e9
    await bench.run(bench.servers, limited)
    assert bench.source.held_until == bench.clock.monotonic() + 600

    limited.retry_after = 1.0
    await bench.run(bench.servers, limited)
    assert bench.source.held_until == bench.clock.monotonic() + 600


async def test_the_first_attempt_counts_whether_it_succeeds_or_not(bench: Bench) -> None:
    await bench.run(bench.alerts)
    assert not bench.source.attempted.is_set()

    await bench.run(bench.servers, DOWN)

    assert bench.source.attempted.is_set()
    assert not bench.source.has_inventory.is_set()


async def test_runs_that_do_not_fit_into_their_interval_are_said_once_with_what_helps(
    bench: Bench,
) -> None:
    took = 100.0

    async def slow() -> Collected:
        bench.clock.now += took
        return alerts({})

    def advice(lines: list[Any]) -> list[str]:
        return [line["advice"] for line in lines if line["event"] == "poll too slow"]

    assert advice(await bench.run(bench.alerts, slow)) == [], "a first run may read more"
    assert advice(await bench.run(bench.alerts, slow)) == [
        "a run took 100 s, longer than its interval of 1m: raise http.concurrency from 4 to 7 or "
        "more, or the interval"
    ]
    assert advice(await bench.run(bench.alerts, slow)) == []
    took = 50.0
    assert advice(await bench.run(bench.alerts, slow)) == []
    took = 70.0
    assert len(advice(await bench.run(bench.alerts, slow))) == 1
    bench.runner.forget("emea")
    assert len(advice(await bench.run(bench.alerts, slow))) == 1, "another source of that name"
