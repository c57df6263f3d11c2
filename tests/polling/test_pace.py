import pytest

from exporter.config.source import HttpSettings
from exporter.polling.timing import too_slow


@pytest.mark.parametrize("took", [0.0, 299.0, 300.0])
def test_a_run_that_fits_needs_no_advice(took: float) -> None:
    assert too_slow(took, 300, 16_000, HttpSettings()) == ""


@pytest.mark.parametrize(
    ("took", "calls", "concurrency", "per_minute", "advice"),
    [
        (400, 16_000, 4, 0, "raise http.concurrency from 4 to 6 or more, or the interval"),
        (301, 16_000, 4, 0, "raise http.concurrency from 4 to 5 or more, or the interval"),
        (400, 16_000, 60, 0, "raise the interval to 7m or more"),
        # More calls at once do not help where the number of calls is what is limited.
        (400, 16_000, 4, 2400, "raise the interval, or http.requests_per_minute to more than 3200"),
        (400, 16_000, 4, 6000, "raise http.concurrency from 4 to 6 or more, or the interval"),
    ],
)
def test_a_run_that_does_not_fit_is_told_what_helps(
    took: float, calls: int, concurrency: int, per_minute: int, advice: str
) -> None:
    http = HttpSettings(concurrency=concurrency, requests_per_minute=per_minute)
    said = too_slow(took, 300, calls, http)
    assert said == f"a run took {took} s, longer than its interval of 5m: {advice}"
