"""A 404 of the appliance itself says that something is missing; one of its web server does not."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import pytest
from aiohttp import web

from exporter.errors import NotAvailableError, Reason, SourceError
from exporter.model import Inventory, PowerDraw, Server
from exporter.sources.ome.power_manager import PLUGINS
from exporter.sources.ome.vocabulary import POWER_MANAGER
from tests.sources.ome.simulated import column, run

if TYPE_CHECKING:
    from exporter.sources.contract import Source
    from tests.sources.ome.conftest import Appliance

Build = Callable[..., "Source"]
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


# --- the list of plugins

BROKEN_LISTS: dict[str, Callable[[], web.Response]] = {
    "HTTP 500": lambda: web.Response(status=500),
    "HTTP 404 of the web server": lambda: web.Response(status=404, text="<html></html>"),
    "a web page": lambda: web.Response(text="<html></html>"),
    "no readable row": lambda: web.json_response({"value": [{"Id": 7}]}),
    "no row where one is counted": lambda: web.json_response({"@odata.count": 1, "value": []}),
}


def power_manager(appliance: "Appliance", *, enabled: bool = True) -> None:
    """Serve Power Manager, with one device that draws 100 W."""
    plugin = {"Id": POWER_MANAGER, "Installed": True, "Enabled": enabled}
    appliance.handlers[PLUGINS] = lambda _: web.json_response({"value": [plugin]})
    settings = {"value": [{"Id": 1, "Value": "1"}, {"Id": 2, "Value": "1"}]}
    appliance.handlers["PowerService/Settings"] = lambda _: web.json_response(settings)
    appliance.serve("PowerService/MonitoredDevices", [{"Id": 1, "ServiceTag": "TAG1"}])
    rows = {"Value": [{"Type": 4, "Value": 100, "Timestamp": ""}]}
    appliance.handlers["MetricService/Metrics"] = lambda _: web.json_response(rows)


@pytest.mark.parametrize("broken", BROKEN_LISTS)
@pytest.mark.parametrize("was_read", [True, False])
async def test_a_list_of_plugins_that_fails_costs_no_reading_of_power_manager(
    appliance: "Appliance", build: Build, broken: str, was_read: bool
) -> None:
    power_manager(appliance)
    source = build(appliance.url)
    if was_read:
        assert (await run(source, "power_manager", FLEET)).warnings == ()
    appliance.handlers[PLUGINS] = lambda _: BROKEN_LISTS[broken]()
    collected = await run(source, "power_manager", FLEET)
    assert column(collected, PowerDraw) == {"1": PowerDraw(100)}
    (warning,) = collected.warnings
    assert warning.startswith("list of plugins: PluginService/Plugins: ")


@pytest.mark.parametrize("broken", BROKEN_LISTS)
async def test_a_plugin_that_was_off_stays_missing_while_the_list_of_plugins_fails(
    appliance: "Appliance", build: Build, broken: str
) -> None:
    power_manager(appliance, enabled=False)
    source = build(appliance.url)
    working = appliance.handlers[PLUGINS]
    for handler in (working, lambda _: BROKEN_LISTS[broken](), working):
        appliance.handlers[PLUGINS] = handler
        with pytest.raises(NotAvailableError, match="Power Manager"):
            await run(source, "power_manager", FLEET)
    assert not appliance.asked("MonitoredDevices")
    power_manager(appliance)
    assert column(await run(source, "power_manager", FLEET), PowerDraw)


async def test_power_manager_that_is_not_there_is_missing_while_the_list_of_plugins_fails(
    appliance: "Appliance", build: Build
) -> None:
    appliance.handlers[PLUGINS] = lambda _: web.Response(status=500)
    with pytest.raises(NotAvailableError, match="Power Manager"):
        await run(build(appliance.url), "power_manager", FLEET)


async def test_a_row_of_the_list_of_plugins_that_cannot_be_read_changes_nothing(
    appliance: "Appliance", build: Build
) -> None:
    power_manager(appliance, enabled=False)
    source = build(appliance.url)
    with pytest.raises(NotAvailableError):
        await run(source, "power_manager", FLEET)
    rows = {"value": [{"Id": "x"}, {"Id": 7}]}
    appliance.handlers[PLUGINS] = lambda _: web.json_response(rows)
    with pytest.raises(NotAvailableError, match="Power Manager"):
        await run(source, "power_manager", FLEET)
