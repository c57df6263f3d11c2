"""The probe shows in which zone times are read, and whether it is that of the API."""

from zoneinfo import ZoneInfo

import pytest

from exporter.doctor.findings import Verdict
from exporter.doctor.readings import zone_finding
from exporter.sources.contract import ZoneStatus
from tests.doctor.conftest import Admit, finding, verdicts


async def test_the_zone_of_the_appliance_is_found_and_shown(admit: Admit) -> None:
    clinic = await admit()
    clinic.simulation.appliance.zone = ZoneInfo("Asia/Tokyo")

    found = await clinic.examined()

    zone = finding(found, "time zone")
    assert (zone.verdict, zone.advice) == ("ok", "")
    assert zone.seen == "timezone is not set, the API's zone is Asia/Tokyo"


async def test_a_configured_zone_that_differs_is_a_warning_that_names_both(admit: Admit) -> None:
    clinic = await admit()
    clinic.simulation.appliance.zone = ZoneInfo("Asia/Tokyo")

    found = await clinic.examined(timezone="America/Lima")

    zone = finding(found, "time zone")
    assert (zone.verdict, found.works) == ("warning", True)
    assert zone.seen == "timezone is America/Lima, the API's zone is Asia/Tokyo"
    assert zone.advice.startswith("remove timezone, or correct it")


@pytest.mark.parametrize(("timezone", "verdict"), [("Asia/Tokyo", "ok"), (None, "warning")])
async def test_a_zone_that_may_not_be_read_is_no_failure(
    admit: Admit, timezone: str | None, verdict: str
) -> None:
    clinic = await admit()
    clinic.simulation.faults.add(kind="status", path="TimeConfiguration", code=403)

    found = await clinic.examined(timezone=timezone)

    zone = finding(found, "time zone")
    assert (zone.verdict, found.works) == (verdict, True)
    assert zone.seen.endswith("the API does not state its zone")
    assert ("set timezone" in zone.advice) == (verdict == "warning")


async def test_it_is_not_tried_without_a_login(admit: Admit) -> None:
    clinic = await admit()

    found = await clinic.examined(password="another")

    assert verdicts(found)["time zone"] == "not tried"


async def test_an_api_whose_times_name_their_zone_has_no_such_step(admit: Admit) -> None:
    clinic = await admit()

    assert "time zone" not in verdicts(await clinic.examined("com"))


def test_nothing_is_said_of_a_zone_that_was_not_asked_for() -> None:
    assert zone_finding(None).verdict is Verdict.NOT_TRIED
    assert zone_finding(ZoneStatus("UTC", "UTC", differ=False)).verdict is Verdict.OK
