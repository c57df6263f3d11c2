"""Is an alert counted for its server, in whichever field COM names it?"""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import pytest

from exporter.model import AlertCounts, AlertSeverity, Inventory, SourceAlerts

if TYPE_CHECKING:
    from tests.sources.com.conftest import FakeCom, Run

PATH = "v1/alerts"
SERVER = "P1-B21+S1"
GATEWAY = "gateway+c3b1d4de-6e5c-4bb4-9a35-2f35ac9d7a11"
CRITICAL, WARNING, INFO = AlertSeverity.CRITICAL, AlertSeverity.WARNING, AlertSeverity.INFO
Fleet = Callable[..., Inventory]


@pytest.mark.parametrize(
    "form",
    [
        {"serverId": SERVER},
        {"device": {"id": SERVER}},
        {"server": {"id": SERVER}},
        {"resourceUri": "/compute-ops-mgmt/v1/servers/P1-B21%2BS1/alerts/a"},
    ],
)
async def test_an_alert_that_names_its_server_in_any_form_counts_for_it_and_lacks_nothing(
    com: "FakeCom", run: "Run", fleet: Fleet, form: dict[str, Any]
) -> None:
    com.items(PATH, [{"id": str(each), "severity": "CRITICAL", **form} for each in range(3)])

    found = await run("alerts", fleet(1))

    assert found.columns[0].by_id == {SERVER: AlertCounts(((CRITICAL, 3), (WARNING, 0)))}
    assert found.drift == ()
    selected = com.asked(PATH)[0].query["select"].split(",")
    assert {"serverId", "device", "server", "resourceUri"} <= set(selected)


async def test_an_alert_of_an_appliance_belongs_to_no_server(
    com: "FakeCom", run: "Run", fleet: Fleet
) -> None:
    com.items(PATH, [{"id": "a", "severity": "CRITICAL", "device": {"id": GATEWAY}}])

    found = await run("alerts", fleet(1))

    assert found.columns[0].by_id == {}
    (of_source,) = found.source_facets
    assert isinstance(of_source, SourceAlerts)
    assert of_source.unassigned == ((CRITICAL, 1), (WARNING, 0), (INFO, 0))
