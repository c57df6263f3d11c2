"""A list of baselines, or the reports of one, that fails does not cost the others."""

from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest

from exporter.errors import NotAvailableError, Reason, SourceError
from exporter.model import (
    Collected,
    ConfigCompliance,
    FirmwareCompliance,
    GroupCompliances,
    Inventory,
    Server,
)
from tests.sources.ome.conftest import complaint, reply
from tests.sources.ome.simulated import column, run

if TYPE_CHECKING:
    from exporter.sources.contract import Source
    from tests.sources.ome.conftest import Appliance, FakeClock, Handler

Build = Callable[..., "Source"]
FLEET = Inventory(tuple(Server(str(each), f"TAG{each}", f"srv{each}") for each in (1, 2)))
FIRMWARE, CONFIG = "UpdateService/Baselines", "TemplateService/Baselines"
REPORTS = {FIRMWARE: "DeviceComplianceReports", CONFIG: "DeviceConfigComplianceReports"}
SUMMARIES = {FIRMWARE: "ComplianceSummary", CONFIG: "ConfigComplianceSummary"}
KINDS = [
    pytest.param(FIRMWARE, CONFIG, "firmware baselines", id="firmware"),
    pytest.param(CONFIG, FIRMWARE, "configuration baselines", id="configuration"),
]
FACETS = {FIRMWARE: FirmwareCompliance, CONFIG: ConfigCompliance}
INTERVAL = 1800.0


@pytest.fixture
def judging(appliance: "Appliance") -> "Appliance":
    """Two baselines of each kind; each judges one of two servers."""
    for path, first in ((FIRMWARE, 10), (CONFIG, 20)):
        listed = []
        for number in (1, 2):
            state = {SUMMARIES[path]: {"ComplianceStatus": "OK"}}
            listed.append({"Id": first + number, "Name": f"{path[0]}{number}", **state})
            report = {"Id": number, "DeviceId": number, "ServiceTag": f"TAG{number}"}
            words = {"ComplianceStatus": "OK", "FirmwareStatus": "Compliant"}
            appliance.serve(reports(path, number), [{**report, **words}])
        appliance.serve(path, listed)
    return appliance


def reports(path: str, number: int) -> str:
    return f"{path}({ {FIRMWARE: 10, CONFIG: 20}[path] + number })/{REPORTS[path]}"


def states(collected: Collected) -> set[str]:
    (facet,) = collected.source_facets
    assert isinstance(facet, GroupCompliances)
    return {name for name, _ in facet.states}


def failing(status: int, message_id: str = "CGEN1234") -> "Handler":
    return lambda _: complaint(message_id, "something is wrong", status)


TRUNCATED: "Handler" = lambda _: reply({"@odata.count": 6, "value": []})  # noqa: E731
WEB_PAGE: "Handler" = lambda _: reply("<html>")  # noqa: E731


@pytest.mark.parametrize(("path", "other", "name"), KINDS)
@pytest.mark.parametrize("handler", [failing(500), failing(400), TRUNCATED, WEB_PAGE])
async def test_a_list_of_baselines_that_fails_costs_the_other_kind_nothing(
    judging: "Appliance", build: Build, path: str, other: str, name: str, handler: "Handler"
) -> None:
    judging.handlers[path] = handler
    collected = await run(build(judging.url), "compliance", FLEET)
    assert column(collected, FACETS[other]).keys() == {"1", "2"}
    assert column(collected, FACETS[path]) == {}
    assert states(collected) == {f"{other[0]}1", f"{other[0]}2"}
    assert collected.problems == 1
    (warning,) = collected.warnings
    assert warning.startswith(f"{name}: {path}: ")


@pytest.mark.parametrize(("path", "other", "name"), KINDS)
async def test_a_kind_that_fails_keeps_its_last_good_data_for_three_intervals(
    judging: "Appliance", build: Build, clock: "FakeClock", path: str, other: str, name: str
) -> None:
    source = build(judging.url)
    whole = await run(source, "compliance", FLEET)
    judging.handlers[path] = failing(500)
    clock.now += 3 * INTERVAL
    collected = await run(source, "compliance", FLEET)
    for facet in FACETS.values():
        assert column(collected, facet) == column(whole, facet)
    assert states(collected) == states(whole)
    clock.now += 1
    collected = await run(source, "compliance", FLEET)
    assert column(collected, FACETS[path]) == {}
    assert states(collected) == {f"{other[0]}1", f"{other[0]}2"}


@pytest.mark.parametrize(("path", "other", "name"), KINDS)
async def test_the_reports_of_one_baseline_that_fail_cost_those_of_another_nothing(
    judging: "Appliance", build: Build, path: str, other: str, name: str
) -> None:
    judging.handlers[reports(path, 1)] = TRUNCATED
    collected = await run(build(judging.url), "compliance", FLEET)
    assert column(collected, FACETS[path]).keys() == {"2"}
    assert column(collected, FACETS[other]).keys() == {"1", "2"}
    assert len(states(collected)) == 4
    assert (collected.problems, collected.warnings) == (1, ())


@pytest.mark.parametrize(("path", "other", "name"), KINDS)
@pytest.mark.parametrize("status", [404, 500])
async def test_when_no_reports_of_a_kind_come_its_baselines_are_served_with_a_warning(
    judging: "Appliance", build: Build, path: str, other: str, name: str, status: int
) -> None:
    for number in (1, 2):
        judging.handlers[reports(path, number)] = failing(status)
    collected = await run(build(judging.url), "compliance", FLEET)
    assert column(collected, FACETS[path]) == {}
    assert column(collected, FACETS[other]).keys() == {"1", "2"}
    assert len(states(collected)) == 4
    (warning,) = collected.warnings
    assert name in warning
    assert "CGEN1234: something is wrong" in warning


async def test_when_both_lists_fail_the_run_fails(judging: "Appliance", build: Build) -> None:
    judging.handlers[FIRMWARE] = TRUNCATED
    judging.handlers[CONFIG] = failing(500)
    with pytest.raises(SourceError) as caught:
        await run(build(judging.url), "compliance", FLEET)
    assert caught.value.reason is Reason.TRUNCATED


@pytest.mark.parametrize(("path", "other", "name"), KINDS)
async def test_when_one_list_is_missing_and_the_other_fails_the_run_fails(
    judging: "Appliance", build: Build, path: str, other: str, name: str
) -> None:
    judging.handlers[path] = failing(403)
    judging.handlers[other] = failing(500)
    with pytest.raises(SourceError) as caught:
        await run(build(judging.url), "compliance", FLEET)
    assert caught.value.reason is Reason.HTTP_5XX


@pytest.mark.parametrize("name", ["compliance", "groups", "jobs", "warranty", "power_manager"])
async def test_a_service_that_an_edition_lacks_is_not_available_with_400_too(
    appliance: "Appliance", build: Build, name: str
) -> None:
    for path in (
        FIRMWARE,
        CONFIG,
        "GroupService/Groups",
        "JobService/Jobs",
        "WarrantyService/Warranties",
        "PluginService/Plugins",
    ):
        appliance.handlers[path] = failing(400, "CGEN1006")
    with pytest.raises(NotAvailableError, match="CGEN1006: something is wrong"):
        await run(build(appliance.url), name, FLEET)


async def test_any_other_400_is_a_failure(appliance: "Appliance", build: Build) -> None:
    appliance.handlers["JobService/Jobs"] = failing(400, "CGEN1002")
    with pytest.raises(SourceError, match="CGEN1002"):
        await run(build(appliance.url), "jobs", FLEET)
