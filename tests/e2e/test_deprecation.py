"""An API that announces the end of an endpoint is shown in the metrics and logged once."""

from calendar import timegm

import pytest
import structlog

from tests.e2e.rig import Rig, run_inventories, samples, value

DEPRECATED = "serverfleet_api_deprecated"
SUNSET = "serverfleet_api_sunset_timestamp_seconds"
OF_VENDOR = {
    "com": ("/v1/servers$", {"source": "com-demo", "endpoint": "v1/servers"}),
    "ome": ("/DeviceService/Devices$", {"source": "ome-demo", "endpoint": "DeviceService/Devices"}),
}
HEADERS = {
    "Deprecation": "@1688169599",
    "Sunset": "Wed, 30 Jun 2027 23:59:59 GMT",
    "Link": '<https://api.example.net/changes>; rel="deprecation"',
}


@pytest.mark.parametrize("vendor", OF_VENDOR)
async def test_an_announced_end_shows_as_long_as_it_is_announced_and_is_logged_once(
    rig: Rig, vendor: str
) -> None:
    exporter = rig.exporter()
    path, labels = OF_VENDOR[vendor]
    fault = rig.simulation.faults.add(vendor=vendor, path=path, kind="headers", headers=HEADERS)

    with structlog.testing.capture_logs() as lines:
        assert await run_inventories(exporter)
        assert await run_inventories(exporter)

    body = exporter.exposition()
    assert value(body, DEPRECATED, **labels) == 1
    assert value(body, SUNSET, **labels) == timegm((2027, 6, 30, 23, 59, 59))
    assert len(samples(body)[DEPRECATED]) == 1
    (line,) = [line for line in lines if line["event"] == "endpoint is deprecated"]
    assert line["log_level"] == "warning"
    assert labels.items() <= line.items()
    assert line["sunset"] == "2027-06-30T23:59:59+00:00"
    assert line["link"] == "https://api.example.net/changes"

    fault.remove()
    assert await run_inventories(exporter)
    assert DEPRECATED not in samples(exporter.exposition())
    assert SUNSET not in samples(exporter.exposition())


async def test_an_end_without_a_readable_date_has_no_sunset(rig: Rig) -> None:
    exporter = rig.exporter()
    headers = {"Deprecation": "true", "Sunset": "next summer"}
    rig.simulation.faults.add(vendor="com", path="/v1/servers$", kind="headers", headers=headers)

    with structlog.testing.capture_logs() as lines:
        assert await run_inventories(exporter)

    assert value(exporter.exposition(), DEPRECATED, **OF_VENDOR["com"][1]) == 1
    assert SUNSET not in samples(exporter.exposition())
    (line,) = [line for line in lines if line["event"] == "endpoint is deprecated"]
    assert not {"sunset", "link"} & set(line)


async def test_an_error_in_between_does_not_take_the_announcement_back(rig: Rig) -> None:
    exporter = rig.exporter()
    faults = rig.simulation.faults
    path, labels = OF_VENDOR["com"]
    announced = faults.add(vendor="com", path=path, kind="headers", headers=HEADERS)
    assert await run_inventories(exporter)
    announced.remove()
    faults.add(vendor="com", path=path, kind="status", code=403)

    assert not await run_inventories(exporter)

    assert value(exporter.exposition(), DEPRECATED, **labels) == 1
