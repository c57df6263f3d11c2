"""Which faults take longer than a run? Each is told by a test."""

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, kw_only=True)
class Story:
    """One row of the last table."""

    test: str
    """The function that proves it."""
    name: str
    does: str
    served: str
    alerts: tuple[str, ...]
    recovers: str


STORIES: Final = (
    Story(
        test="test_an_api_that_restarts_for_ten_minutes_is_back_within_ten_intervals",
        name="the API restarts for ten minutes: refused, then 503, then every session is gone",
        does="tries the inventory after 1, 2, 4 and 8 minutes, and logs in once when it is back",
        served="last good data of each collector until they are three intervals old, then nothing",
        alerts=("SourceDown",),
        recovers="within ten intervals of each collector",
    ),
    Story(
        test="test_one_collector_that_fails_costs_no_other_one_anything",
        name="one service of the API fails, the others do not",
        does="fails the runs of the collector that needs it",
        served="current data of all others",
        alerts=("CollectorFailing", "CollectorStale"),
        recovers="first attempt after it has ended",
    ),
    Story(
        test="test_a_secret_that_changes_in_its_file_is_taken_at_the_next_run",
        name="the secret is changed, and then the file that has it",
        does="fails with `auth`; tries a refused secret again after 30 s at the earliest, a new "
        "one at once",
        served="last good data",
        alerts=("SourceAuthFailing", "SourceDown"),
        recovers="next attempt after the file has changed; no restart",
    ),
    Story(
        test="test_a_clock_that_jumps_moves_no_run_and_withdraws_nothing",
        name="the clock of the exporter's machine jumps a day, forward or back",
        does="keeps its schedule and the age of data by a clock that does not jump; stays healthy",
        served="current data",
        alerts=(),
        recovers="nothing to recover; windows of energy follow the calendar",
    ),
    Story(
        test="test_thousands_of_servers_replaced_at_once_are_exchanged_everywhere_at_once",
        name="thousands of servers are replaced at once",
        does="exchanges them with the next inventory",
        served="nothing of the former ones; of the new ones what each collector reads next",
        alerts=(),
        recovers="next run of each collector",
    ),
)
