"""The announced ends of a source's endpoints, as metrics and log lines."""

import structlog

from exporter.exposition.text import Format
from exporter.sources.headers import Deprecation
from exporter.telemetry.metrics import OwnMetrics
from exporter.telemetry.source import Deprecations
from tests.support.exposition import samples

DEPRECATED = "serverfleet_api_deprecated"
SUNSET = "serverfleet_api_sunset_timestamp_seconds"


def shown(metrics: OwnMetrics) -> dict[tuple[str, str], float]:
    return {
        (sample.name, sample.labels["endpoint"]): sample.value
        for sample in samples(metrics.text(Format.TEXT))
        if sample.name in (DEPRECATED, SUNSET)
    }


def test_each_endpoint_has_its_own_series_and_its_own_line() -> None:
    metrics = OwnMetrics()
    deprecations = Deprecations(metrics, "emea")

    with structlog.testing.capture_logs() as lines:
        deprecations.note("v1/jobs", Deprecation(sunset=2e9))
        deprecations.note("v1/groups", Deprecation())
        deprecations.note("v1/servers", None)

    assert shown(metrics) == {
        (DEPRECATED, "v1/jobs"): 1,
        (SUNSET, "v1/jobs"): 2e9,
        (DEPRECATED, "v1/groups"): 1,
    }
    assert [(line["source"], line["endpoint"]) for line in lines] == [
        ("emea", "v1/jobs"),
        ("emea", "v1/groups"),
    ]


def test_another_date_takes_the_place_of_the_previous_one_without_a_second_line() -> None:
    metrics = OwnMetrics()
    deprecations = Deprecations(metrics, "emea")

    with structlog.testing.capture_logs() as lines:
        deprecations.note("v1/jobs", Deprecation(sunset=2e9))
        deprecations.note("v1/jobs", Deprecation(sunset=3e9))
        assert shown(metrics)[SUNSET, "v1/jobs"] == 3e9
        deprecations.note("v1/jobs", Deprecation())
        assert shown(metrics) == {(DEPRECATED, "v1/jobs"): 1}
        deprecations.note("v1/jobs", None)
        assert shown(metrics) == {}
        deprecations.note("v1/jobs", Deprecation(sunset=2e9))

    assert shown(metrics) == {(DEPRECATED, "v1/jobs"): 1, (SUNSET, "v1/jobs"): 2e9}
    assert len(lines) == 1
