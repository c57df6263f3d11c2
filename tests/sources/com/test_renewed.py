"""Does a workspace that hardly changes cost hardly any work, and is every change seen?"""

from typing import TYPE_CHECKING, Any

import pytest

from exporter.model import Alert, AlertCounts, Collected, Health, Inventory, Server, Status
from exporter.sources.com import alerts as alerts_module
from exporter.sources.com import servers as servers_module
from tests.support.drift import unknown
from tests.support.mapping import watched

if TYPE_CHECKING:
    from tests.sources.com.conftest import FakeCom, Run

SERVERS, ALERTS = "v1/servers", "v1/alerts"


def item(number: int, summary: str = "OK") -> dict[str, Any]:
    hardware = {"serialNumber": f"S{number:04}", "health": {"summary": summary}}
    return {"id": f"P1-B21+S{number:04}", "name": f"host{number}", "hardware": hardware}


def alert(number: int, severity: str = "Critical") -> dict[str, Any]:
    device = {"id": f"P1-B21+S{number:04}"}
    return {"id": f"a{number}", "severity": severity, "device": device, "message": "Fan failed."}


def statuses(found: Collected) -> dict[str, Any]:
    return next(dict(column.by_id) for column in found.columns if column.facet is Status)


@pytest.fixture
def mapped(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The ids of the servers and alerts that were mapped."""
    return watched(monkeypatch, (servers_module, "readings_from"), (alerts_module, "alert_from"))


async def test_only_changed_servers_are_mapped_again(
    com: "FakeCom", run: "Run", mapped: list[str]
) -> None:
    items = [item(number) for number in range(250)]
    com.items(SERVERS, items)
    before = await run("servers")
    mapped.clear()
    items[120] = item(120, "CRITICAL")

    found = await run("servers")

    assert mapped == ["P1-B21+S0120"]
    assert statuses(found)["P1-B21+S0120"].health is Health.CRITICAL
    assert (found.items, found.problems, found.servers) == (250, 0, before.servers)


async def test_a_server_that_left_is_gone_and_one_that_came_is_there(
    com: "FakeCom", run: "Run", mapped: list[str]
) -> None:
    items = [item(number) for number in range(150)]
    com.items(SERVERS, items)
    await run("servers")
    mapped.clear()
    items[7] = item(999)

    found = await run("servers")

    assert mapped == ["P1-B21+S0999"]
    assert found.servers is not None
    ids = {server.id for server in found.servers}
    assert len(ids) == 150
    assert "P1-B21+S0007" not in ids
    assert "P1-B21+S0999" in ids


async def test_an_unknown_word_of_unchanged_servers_stays_drift(com: "FakeCom", run: "Run") -> None:
    com.items(SERVERS, [item(1), item(2, "ON FIRE"), item(3)])
    for _ in range(2):
        found = await run("servers")

        assert unknown(found.drift) == {"hardware.health.summary": ("ON_FIRE",)}
        assert statuses(found)["P1-B21+S0002"].health is Health.UNKNOWN


async def test_a_failed_run_in_between_changes_nothing(
    com: "FakeCom", run: "Run", mapped: list[str]
) -> None:
    items = [item(number) for number in range(3)]
    com.items(SERVERS, items)
    before = await run("servers")
    com.reply(SERVERS, 403, {})
    with pytest.raises(Exception, match="403"):
        await run("servers")
    mapped.clear()
    com.items(SERVERS, items)

    found = await run("servers")

    assert mapped == []
    assert found == before


async def test_alerts_are_mapped_again_once_the_servers_have_other_names(
    com: "FakeCom", run: "Run", mapped: list[str]
) -> None:
    com.items(ALERTS, [alert(1), alert(2, "Warning")])
    inventory = Inventory((Server("P1-B21+S0001", "S0001", "old"),))
    await run("alerts", inventory)
    mapped.clear()

    await run("alerts", inventory)
    assert mapped == []

    renamed = Inventory((Server("P1-B21+S0001", "S0001", "new"),))
    found = await run("alerts", renamed)
    assert sorted(mapped) == ["a1", "a2"]
    assert found.alerts is not None
    assert [each.device_name for each in found.alerts] == ["new", ""]


async def test_an_alert_that_is_over_is_not_counted_any_more(com: "FakeCom", run: "Run") -> None:
    inventory = Inventory((Server("P1-B21+S0001", "S0001", "host1"),))
    com.items(ALERTS, [alert(1)])
    assert total(await run("alerts", inventory)) == 1

    com.items(ALERTS, [{**alert(1), "clearedAt": "2026-11-22T05:00:00Z"}])
    assert total(await run("alerts", inventory)) == 0

    com.items(ALERTS, [alert(1)])
    assert total(await run("alerts", inventory)) == 1


def total(found: Collected) -> int:
    counts: list[AlertCounts] = list(found.columns[0].by_id.values())  # type: ignore[arg-type]
    assert all(isinstance(each, Alert) for each in found.alerts or ())
    return sum(count for each in counts for _, count in each.counts)
