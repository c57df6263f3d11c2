"""A 404 of the appliance itself says that something is missing; one of its web server does not."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import pytest
from aiohttp import web

from exporter.errors import NotAvailableError, Reason, SourceError
from exporter.model import Inventory, Server
from tests.sources.ome.simulated import run

if TYPE_CHECKING:
    from exporter.sources.ome.source import OmeSource
    from tests.sources.ome.conftest import Appliance

Build = Callable[..., "OmeSource"]
FLEET = Inventory((Server("1", "TAG1", "srv1"),))
NO_SUCH_URI = {"error": {"@Message.ExtendedInfo": [{"MessageId": "CGEN1006", "Message": "none"}]}}
MISSING_PATHS = {
    "alerts": ["AlertService/Alerts"],
    "jobs": ["JobService/Jobs"],
    "warranty": ["WarrantyService/Warranties"],
    "compliance": ["UpdateService/Baselines", "TemplateService/Baselines"],
    "groups": ["GroupService/Groups"],
    "appliance": ["ApplicationService/Info"],
}


@pytest.mark.parametrize("name", MISSING_PATHS)
@pytest.mark.parametrize(
    "body",
    ["", "<html><h1>Not Found</h1></html>", "{}", "[]", '{"status": 404}', '"error"'],
)
async def test_a_404_of_the_web_server_is_a_failure_and_nothing_is_missing(
    appliance: "Appliance", build: Build, name: str, body: str
) -> None:
    for path in MISSING_PATHS[name]:
        appliance.handlers[path] = lambda _: web.Response(text=body, status=404)
    with pytest.raises(SourceError, match=r"HTTP 404.*are its services restarting") as caught:
        await run(build(appliance.url), name, FLEET)
    assert caught.value.reason is Reason.HTTP_4XX


@pytest.mark.parametrize("name", MISSING_PATHS)
@pytest.mark.parametrize(
    "body", [NO_SUCH_URI, {"MessageId": "CGEN1006"}, {"error": {"message": "none"}}]
)
async def test_a_404_of_the_appliance_itself_means_that_something_is_missing(
    appliance: "Appliance", build: Build, name: str, body: dict[str, Any]
) -> None:
    for path in MISSING_PATHS[name]:
        appliance.handlers[path] = lambda _: web.json_response(body, status=404)
    with pytest.raises(NotAvailableError, match="HTTP 404"):
        await run(build(appliance.url), name, FLEET)


async def test_baselines_outlast_a_404_of_the_web_server(
    appliance: "Appliance", build: Build
) -> None:
    report = {"Id": 1, "DeviceId": 1, "ServiceTag": "TAG1", "ComplianceStatus": "OK"}
    for service, last in (
        ("UpdateService", "DeviceComplianceReports"),
        ("TemplateService", "DeviceConfigComplianceReports"),
    ):
        appliance.serve(f"{service}/Baselines", [{"Id": 5, "Name": "b"}])
        appliance.serve(f"{service}/Baselines(5)/{last}", [report])
    source = build(appliance.url)
    before = await run(source, "compliance", FLEET)
    appliance.handlers["UpdateService/Baselines"] = lambda _: web.Response(status=404)
    after = await run(source, "compliance", FLEET)
    assert (after.columns, after.source_facets) == (before.columns, before.source_facets)
    assert "HTTP 404" in after.warnings[0]
