"""What the counters of a collector show before its first run."""

from exporter.errors import Reason
from exporter.polling.metrics import RunTelemetry
from exporter.telemetry.metrics import OwnMetrics


def test_every_reason_begins_at_zero_so_that_the_first_failure_is_an_increase() -> None:
    metrics = OwnMetrics()

    RunTelemetry(metrics).begin("emea", "servers")

    for reason in Reason:
        name = "serverfleet_collector_failures_total"
        assert metrics.get(name, "emea", "servers", reason.value) == 0
