from typing import Any
from unittest.mock import AsyncMock

import pytest
from structlog.testing import capture_logs

from exporter.model import Alert, AlertSeverity, Server
from exporter.polling.run_log import MOST_LINES, WITHIN, AlertLog
from tests.support.clock import FakeClock

SERVERS = {"id-1": Server("id-1", "SN1", "web1")}


def alert(name: str, device: str = "id-1", device_name: str = "") -> Alert:
    return Alert(
        id=name,
        severity=AlertSeverity.CRITICAL,
        device=device,
        device_name=device_name,
        message="Fan 3 has failed",
    )


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def log(clock: FakeClock) -> AlertLog:
    return AlertLog(clock)


async def noted(log: AlertLog, *alerts: Alert, source: str = "emea") -> list[Any]:
    with capture_logs() as lines:
        await log.note(source, alerts, SERVERS)
    return lines


async def test_a_new_alert_is_one_line_with_its_server(log: AlertLog) -> None:
    (line,) = await noted(log, alert("a1"))

    assert {key: line[key] for key in line if key != "device"} == {
        "event": "new alert",
        "log_level": "warning",
        "source": "emea",
        "id": "a1",
        "severity": "critical",
        "serial": "SN1",
        "server": "web1",
        "message": "Fan 3 has failed",
    }


async def test_an_alert_of_a_device_that_is_no_server_keeps_the_name_it_came_with(
    log: AlertLog,
) -> None:
    (line,) = await noted(log, alert("a1", "id-99", "chassis 7"))

    assert (line["serial"], line["server"]) == ("", "chassis 7")


async def test_an_alert_that_stays_open_is_not_logged_again(log: AlertLog) -> None:
    await noted(log, alert("a1"))

    assert [line["id"] for line in await noted(log, alert("a1"), alert("a2"))] == ["a2"]
    assert await noted(log, alert("a1"), alert("a2")) == []


async def test_an_alert_that_cleared_and_came_back_is_logged_again(log: AlertLog) -> None:
    await noted(log, alert("a1"))
    assert await noted(log) == []

    assert [line["id"] for line in await noted(log, alert("a1"))] == ["a1"]


async def test_two_sources_may_use_the_same_id(log: AlertLog) -> None:
    await noted(log, alert("a1"))

    assert [line["source"] for line in await noted(log, alert("a1"), source="apac")] == ["apac"]
    assert await noted(log, alert("a1")) == []


def flood(first: int, size: int) -> list[Alert]:
    return [alert(f"a{number}") for number in range(first, first + size)]


async def test_a_flood_is_a_bounded_number_of_lines_and_one_that_counts_the_rest(
    log: AlertLog,
) -> None:
    *lines, last = await noted(log, *flood(0, 20_000))

    assert {line["event"] for line in lines} == {"new alert"}
    assert len(lines) == MOST_LINES
    assert last == {
        "event": "alerts not logged",
        "log_level": "warning",
        "source": "emea",
        "alerts": 20_000 - MOST_LINES,
        "limit": MOST_LINES,
    }


async def test_the_limit_is_one_of_a_minute_and_not_of_a_run(
    log: AlertLog, clock: FakeClock
) -> None:
    assert len(await noted(log, *flood(0, MOST_LINES - 1))) == MOST_LINES - 1
    clock.now += WITHIN - 1

    (line, rest) = await noted(log, *flood(1000, 30))
    assert (line["event"], rest["alerts"]) == ("new alert", 29)
    clock.now += 1
    assert len(await noted(log, *flood(2000, 30))) == 30


async def test_alerts_that_were_left_out_are_not_new_at_the_next_run(
    log: AlertLog, clock: FakeClock
) -> None:
    alerts = flood(0, MOST_LINES + 50)
    await noted(log, *alerts)
    clock.now += WITHIN

    assert await noted(log, *alerts) == []
    assert [line["id"] for line in await noted(log, *alerts, alert("other"))] == ["other"]


async def test_the_flood_of_one_source_silences_no_other(log: AlertLog) -> None:
    await noted(log, *flood(0, MOST_LINES + 1))

    assert len(await noted(log, alert("a1"), source="apac")) == 1
    log.forget("emea")
    assert len(await noted(log, alert("a1"))) == 1, "another source of that name"


async def test_alerts_that_an_interruption_left_are_logged_at_the_next_run(
    log: AlertLog, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patched:
        patched.setattr(
            "exporter.slices.Slices.breathe", AsyncMock(side_effect=[None, ZeroDivisionError])
        )
        with pytest.raises(ZeroDivisionError):
            await noted(log, alert("a1"), alert("a2"))

    assert [line["id"] for line in await noted(log, alert("a1"), alert("a2"))] == ["a2"]
