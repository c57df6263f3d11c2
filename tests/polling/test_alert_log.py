from typing import Any

import pytest
from structlog.testing import capture_logs

from exporter.model import Alert, AlertSeverity, Server
from exporter.polling.alert_log import AlertLog

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
def log() -> AlertLog:
    return AlertLog()


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
