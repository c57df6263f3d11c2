import pytest
from prometheus_client import REGISTRY, generate_latest

from exporter.catalogue import OWN_FAMILIES, own
from exporter.exposition.text import Format
from exporter.telemetry.metrics import OwnMetrics
from tests.support.exposition import families, value, values


def text(metrics: OwnMetrics) -> bytes:
    return metrics.text(Format.TEXT)


def test_every_own_family_is_declared_by_the_catalogue() -> None:
    found = {family.name: family.type for family in families(text(OwnMetrics()))}

    for family in OWN_FAMILIES:
        assert found[family.name.removesuffix("_total")] == family.kind


def test_the_process_shows_itself() -> None:
    written = text(OwnMetrics())

    assert b"\nprocess_cpu_seconds_total " in written
    assert b"\npython_info{" in written


def test_nothing_is_in_the_registry_of_the_whole_process() -> None:
    OwnMetrics()
    OwnMetrics()

    assert b"serverfleet_" not in generate_latest(REGISTRY)


def test_counters_have_no_time_of_creation() -> None:
    metrics = OwnMetrics()
    metrics.increase(own.API_LOGINS_TOTAL, "emea")

    assert b"_created" not in text(metrics)


def test_gauges_counters_and_histograms_take_values() -> None:
    metrics = OwnMetrics()
    metrics.set(own.COLLECTOR_LAST_RUN_RECORDS, 7, "emea", "servers")
    metrics.set(own.COLLECTOR_LAST_RUN_RECORDS, 8, "emea", "servers")
    metrics.increase(own.API_LOGINS_TOTAL, "emea")
    metrics.increase(own.API_LOGINS_TOTAL, "emea", by=2)
    metrics.observe(own.EVENT_LOOP_LAG_SECONDS, 0.03)

    written = text(metrics)
    assert value(written, "serverfleet_collector_last_run_records") == 8
    assert value(written, "serverfleet_api_logins_total", source="emea") == 3
    assert value(written, "serverfleet_event_loop_lag_seconds_bucket", le="0.02") == 0
    assert value(written, "serverfleet_event_loop_lag_seconds_bucket", le="0.05") == 1


def test_a_fast_call_and_a_healthy_event_loop_can_be_told_from_slow_ones() -> None:
    metrics = OwnMetrics()
    for seconds in (0.008, 0.02, 0.04, 0.09):
        metrics.observe(own.API_REQUEST_DURATION_SECONDS, seconds, "emea", "v1/servers")
    for seconds in (0.0005, 0.002, 0.004):
        metrics.observe(own.EVENT_LOOP_LAG_SECONDS, seconds)

    written = text(metrics)
    calls, lag = (
        f"serverfleet_{name}_seconds_bucket" for name in ("api_request_duration", "event_loop_lag")
    )
    assert [value(written, calls, le=le) for le in ("0.01", "0.025", "0.05", "0.1")] == [1, 2, 3, 4]
    assert [value(written, lag, le=le) for le in ("0.001", "0.0025", "0.005")] == [1, 2, 3]


def test_a_series_can_be_forgotten() -> None:
    metrics = OwnMetrics()
    metrics.set(own.SOURCE_UP, 1, "emea", "hpe")

    metrics.forget(own.SOURCE_UP, "emea", "hpe")

    assert values(text(metrics), "serverfleet_source_up") == []


def test_every_change_is_noticed() -> None:
    metrics = OwnMetrics()
    seen = [metrics.changes]

    metrics.set(own.SOURCE_UP, 1, "emea", "hpe")
    seen.append(metrics.changes)
    metrics.increase(own.API_LOGINS_TOTAL, "emea")
    seen.append(metrics.changes)
    metrics.observe(own.EVENT_LOOP_LAG_SECONDS, 0.1)
    seen.append(metrics.changes)
    metrics.forget(own.SOURCE_UP, "emea", "hpe")
    seen.append(metrics.changes)

    assert len(set(seen)) == 5


def test_a_wrong_number_of_labels_is_an_error_of_the_types_and_at_run_time() -> None:
    metrics = OwnMetrics()

    with pytest.raises(ValueError, match="source, vendor"):
        metrics.set(own.SOURCE_UP, 1, "emea")  # type: ignore[misc]
    with pytest.raises(ValueError, match="source, endpoint"):
        metrics.observe(own.API_REQUEST_DURATION_SECONDS, 1)  # type: ignore[misc]


def test_a_counter_that_would_fall_is_an_error() -> None:
    with pytest.raises(ValueError, match="serverfleet_api_logins_total is a counter"):
        OwnMetrics().increase(own.API_LOGINS_TOTAL, "emea", by=-1)


def test_a_number_that_stays_is_no_change() -> None:
    metrics = OwnMetrics()
    metrics.set(own.SOURCE_UP, 1, "emea", "hpe")
    before = metrics.changes

    metrics.set(own.SOURCE_UP, True, "emea", "hpe")
    metrics.increase(own.API_LOGINS_TOTAL, "emea", by=0)
    metrics.increase(own.API_LOGINS_TOTAL, "emea", by=0)

    assert metrics.changes == before + 1
