import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from exporter.polling import timing

INTERVALS = st.floats(0.5, 86400)


def fixed_chance() -> random.Random:
    return random.Random(1)  # noqa: S311 - jitter


@pytest.mark.parametrize(
    ("interval", "timeout", "seconds"), [(60, 30, 180), (60, 120, 180), (15, 60, 75), (1, 30, 31)]
)
def test_data_are_good_for_three_intervals_or_one_and_a_call(
    interval: float, timeout: float, seconds: float
) -> None:
    assert timing.max_staleness(interval, timeout) == seconds


@given(INTERVALS, st.randoms(use_true_random=False))
def test_runs_start_about_one_interval_apart(interval: float, chance: random.Random) -> None:
    took = interval / 4

    delay = timing.delay_after_success(interval, took, chance)

    assert 0.9499 * interval <= delay + took <= 1.0501 * interval


def test_a_run_that_took_longer_than_its_interval_is_followed_at_once() -> None:
    assert timing.delay_after_success(60, 100, fixed_chance()) == 0


def test_runs_do_not_all_start_together() -> None:
    chance = fixed_chance()

    assert len({timing.delay_after_success(60, 1, chance) for _ in range(20)}) == 20


@pytest.mark.parametrize(
    ("interval", "failures", "least"),
    [
        (60, 1, 60),
        (60, 2, 120),
        (60, 3, 240),
        (60, 4, 480),
        (60, 5, 600 / 1.1),
        (60, 10_000, 600 / 1.1),
        (3600, 1, 60),
        (3600, 2, 120),
        (3600, 7, 3840),
        (3600, 12, 36000 / 1.1),
        (15, 1, 15),
        (15, 9, 150 / 1.1),
    ],
)
def test_failures_back_off_exponentially_up_to_ten_intervals(
    interval: float, failures: int, least: float
) -> None:
    chance = fixed_chance()

    delays = [timing.delay_after_failure(interval, failures, None, chance) for _ in range(50)]

    assert all(least <= delay <= 1.1 * least + 1e-9 for delay in delays)
    assert len(set(delays)) == 50


@given(INTERVALS, st.integers(1, 100), st.floats(0, 1e9), st.randoms(use_true_random=False))
def test_a_retry_after_is_kept_up_to_ten_intervals(
    interval: float, failures: int, asked: float, chance: random.Random
) -> None:
    delay = timing.delay_after_failure(interval, failures, asked, chance)

    assert delay >= min(asked, 10 * interval)
    assert delay <= 10 * interval * (1 + 1e-9)


@pytest.mark.parametrize("asked", [None, 0, -300.0])
def test_a_retry_after_that_is_over_changes_nothing(asked: float | None) -> None:
    assert 60 <= timing.delay_after_failure(60, 1, asked, fixed_chance()) <= 66


@pytest.mark.parametrize(("interval", "timeout", "seconds"), [(60, 30, 600), (1, 30, 60)])
def test_a_run_may_last_ten_intervals_or_two_calls(
    interval: float, timeout: float, seconds: float
) -> None:
    assert timing.longest_run(interval, timeout) == seconds
