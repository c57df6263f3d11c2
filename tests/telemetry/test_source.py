from typing import Any

import pytest

from exporter.catalogue import own as families
from exporter.config.source import SourceSettings
from exporter.errors import Reason
from exporter.exposition.text import Format
from exporter.polling.metrics import RunTelemetry
from exporter.sources.headers import Deprecation
from exporter.telemetry.metrics import OwnMetrics
from exporter.telemetry.source import SourceTelemetry
from tests.support.exposition import samples, value, values

REQUESTS = "serverfleet_api_requests_total"


class Settings(SourceSettings):
    url: str = "https://ome.example.net"

    @property
    def api(self) -> str:
        return self.url


@pytest.fixture
def metrics() -> OwnMetrics:
    return OwnMetrics()


def of_source(metrics: OwnMetrics, **more: Any) -> SourceTelemetry:
    settings = Settings.model_validate({"name": "frankfurt", "type": "ome", **more})
    telemetry = SourceTelemetry(metrics, settings, "dell")
    telemetry.begin()
    return telemetry


def text(metrics: OwnMetrics) -> bytes:
    return metrics.text(Format.TEXT)


def test_a_source_is_known_before_its_first_call(metrics: OwnMetrics) -> None:
    of_source(metrics)

    written = text(metrics)
    labels = {"source": "frankfurt", "vendor": "dell"}
    info = {**labels, "type": "ome", "version": "", "url": "https://ome.example.net"}
    assert value(written, "serverfleet_source_info", **info) == 1
    assert value(written, "serverfleet_source_up", **labels) == 0
    assert value(written, "serverfleet_source_tls_verification_enabled", **labels) == 1
    certificate = "serverfleet_source_certificate_not_after_timestamp_seconds"
    assert values(written, certificate) == []
    for counter in ("logins", "login_failures", "response_bytes"):
        assert value(written, f"serverfleet_api_{counter}_total", source="frankfurt") == 0


@pytest.mark.parametrize(
    "settings", [{"http": {"insecure_skip_verify": True}}, {"url": "http://127.0.0.1:8080"}]
)
def test_a_connection_that_is_not_verified_shows(
    metrics: OwnMetrics, settings: dict[str, Any]
) -> None:
    of_source(metrics, **settings)

    assert value(text(metrics), "serverfleet_source_tls_verification_enabled") == 0


def test_requests_are_counted_by_endpoint_and_code(metrics: OwnMetrics) -> None:
    telemetry = of_source(metrics)
    telemetry.request("Devices", "200", 0.3, 1000)
    telemetry.request("Devices", "200", 0.4, 500)
    telemetry.request("Devices(id)/Power", "error", 31.0, 0)

    written = text(metrics)
    assert value(written, REQUESTS, source="frankfurt", endpoint="Devices", code="200") == 2
    assert value(written, REQUESTS, endpoint="Devices(id)/Power", code="error") == 1
    assert value(written, "serverfleet_api_response_bytes_total") == 1500
    duration = "serverfleet_api_request_duration_seconds"
    assert value(written, f"{duration}_count", endpoint="Devices") == 2
    assert value(written, f"{duration}_sum", endpoint="Devices") == pytest.approx(0.7)
    assert value(written, f"{duration}_bucket", endpoint="Devices(id)/Power", le="30.0") == 0


def test_statuses_that_nobody_registered_share_one_code(metrics: OwnMetrics) -> None:
    telemetry = of_source(metrics)
    for code in ("200", "418", "503", "error", *(str(each) for each in range(600, 1000)), "299"):
        telemetry.request("Devices", code, 0.1, 10)

    counts = [each for each in samples(text(metrics)) if each.name == REQUESTS]
    assert {each.labels["code"]: each.value for each in counts} == {
        "200": 1,
        "418": 1,
        "429": 0,
        "503": 1,
        "error": 1,
        "other": 401,
    }


def test_an_answer_that_limits_the_rate_counts_up_from_zero(metrics: OwnMetrics) -> None:
    telemetry = of_source(metrics)
    limited = {"source": "frankfurt", "endpoint": "Devices", "code": "429"}

    telemetry.request("Devices", "200", 0.1, 10)
    assert value(text(metrics), REQUESTS, **limited) == 0

    telemetry.request("Devices", "429", 0.1, 10)
    assert value(text(metrics), REQUESTS, **limited) == 1


def test_retries_are_counted_by_reason(metrics: OwnMetrics) -> None:
    telemetry = of_source(metrics)
    for reason in ("http_503", "timeout", "http_503", Reason.CONNECT):
        telemetry.retry(reason)

    found = {
        sample.labels["reason"]: sample.value
        for sample in samples(text(metrics))
        if sample.name == "serverfleet_api_retries_total"
    }
    assert found == {"http_503": 2, "timeout": 1, "connect": 1}


def test_logins_are_counted_and_those_that_failed(metrics: OwnMetrics) -> None:
    telemetry = of_source(metrics)
    telemetry.login(ok=True)
    telemetry.login(ok=False)

    assert value(text(metrics), "serverfleet_api_logins_total") == 2
    assert value(text(metrics), "serverfleet_api_login_failures_total") == 1


def test_the_ends_of_token_and_certificate_are_the_last_ones(metrics: OwnMetrics) -> None:
    telemetry = of_source(metrics)
    for end in (1.8e9, 1.9e9):
        telemetry.token_expiry(end)
        telemetry.certificate(end + 1)

    written = text(metrics)
    assert value(written, "serverfleet_api_token_expiry_timestamp_seconds") == 1.9e9
    end_of_certificate = "serverfleet_source_certificate_not_after_timestamp_seconds"
    assert value(written, end_of_certificate, source="frankfurt", vendor="dell") == 1.9e9 + 1


def test_a_new_version_replaces_the_former_one(metrics: OwnMetrics) -> None:
    telemetry = of_source(metrics)
    for version in ("4.0.0", "4.1.0", "4.1.0"):
        telemetry.version(version)

    (info,) = [each for each in samples(text(metrics)) if each.name == "serverfleet_source_info"]
    assert (info.labels["version"], info.value) == ("4.1.0", 1)


def test_two_sources_do_not_mix(metrics: OwnMetrics) -> None:
    first, second = of_source(metrics), of_source(metrics, name="munich")
    first.login(ok=True)
    second.version("4.1.0")

    written = text(metrics)
    assert value(written, "serverfleet_api_logins_total", source="munich") == 0
    assert value(written, "serverfleet_source_info", source="frankfurt", version="") == 1


def test_runs_and_failures_are_counted(metrics: OwnMetrics) -> None:
    telemetry = RunTelemetry(metrics)
    telemetry.run_ended("emea", "servers", None)
    telemetry.run_ended("emea", "servers", Reason.TIMEOUT)
    telemetry.run_ended("emea", "servers", Reason.TIMEOUT)
    telemetry.duplicates_dropped(2)

    written = text(metrics)
    labels = {"source": "emea", "collector": "servers"}
    assert value(written, "serverfleet_collector_runs_total", **labels) == 3
    failures = "serverfleet_collector_failures_total"
    assert value(written, failures, reason="timeout", **labels) == 2
    assert value(written, "serverfleet_series_dropped_total", reason="duplicate") == 2


@pytest.mark.parametrize("reason", Reason)
def test_every_reason_is_a_label(metrics: OwnMetrics, reason: Reason) -> None:
    RunTelemetry(metrics).run_ended("emea", "servers", reason)

    assert values(text(metrics), "serverfleet_collector_failures_total", reason=reason.value) == [1]


def busy(telemetry: SourceTelemetry) -> None:
    """Have a source do everything that shows."""
    telemetry.request("Devices", "200", 0.1, 512)
    telemetry.request("Devices", "429", 0.1, 512)
    telemetry.retry("timeout")
    telemetry.login(ok=False)
    telemetry.token_expiry(2e9)
    telemetry.certificate(2e9)
    telemetry.version("4.3.1")
    telemetry.deprecation("Devices", Deprecation(sunset=2e9))


def of_frankfurt(metrics: OwnMetrics) -> set[str]:
    return {
        sample.name
        for sample in samples(text(metrics))
        if sample.labels.get("source") == "frankfurt"
    }


def test_nothing_remains_of_a_source_that_is_gone_whatever_it_still_does(
    metrics: OwnMetrics,
) -> None:
    telemetry = of_source(metrics, http={"requests_per_minute": 60})
    RunTelemetry(metrics).begin("frankfurt", "devices")
    metrics.set(families.COLLECTOR_SUCCESS, 1, "frankfurt", "devices")
    metrics.increase(families.API_LOGINS_TOTAL, "paris")
    busy(telemetry)
    assert len(of_frankfurt(metrics)) > 10

    telemetry.retire(succeeded=False)
    busy(telemetry)

    assert of_frankfurt(metrics) == set()
    assert value(text(metrics), "serverfleet_api_logins_total", source="paris") == 1


def test_the_counters_of_a_source_that_goes_on_go_on(metrics: OwnMetrics) -> None:
    telemetry = of_source(metrics, http={"requests_per_minute": 60})
    busy(telemetry)

    telemetry.retire(succeeded=True)
    of_source(metrics)

    written = text(metrics)
    assert value(written, "serverfleet_api_logins_total", source="frankfurt") == 1
    assert value(written, "serverfleet_api_request_duration_seconds_count") == 2
    assert values(written, "serverfleet_api_limit_requests_per_second") == []
    assert values(written, "serverfleet_source_certificate_not_after_timestamp_seconds") == []
    assert value(written, "serverfleet_source_info", version="") == 1


def test_a_collector_that_is_gone_takes_its_counters_along(metrics: OwnMetrics) -> None:
    runs = RunTelemetry(metrics)
    for collector in ("devices", "jobs"):
        runs.begin("frankfurt", collector)

    runs.end("frankfurt", ["jobs"])

    assert values(text(metrics), "serverfleet_collector_runs_total", collector="jobs") == []
    assert values(text(metrics), "serverfleet_collector_failures_total", collector="jobs") == []
    assert values(text(metrics), "serverfleet_collector_runs_total", collector="devices") == [0]
