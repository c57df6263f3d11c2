from dataclasses import replace
from typing import Any

import pytest

from exporter.errors import Reason, SourceError
from exporter.model import Collected
from exporter.polling.board import Board, CollectorState, RunOutcome

FAILURE = SourceError(Reason.CONNECT, "cannot connect", remedy="check the address")


def outcome(ended: float, **more: Any) -> RunOutcome:
    return RunOutcome(ended=ended, duration=2, interval=60, **more)


def test_a_state_begins_with_nothing_known() -> None:
    board = Board()
    board.add("emea", "servers", 60)

    state = board.state("emea", "servers")

    assert (state.success, state.last_run, state.items, state.runs) == (None, None, None, 0)
    assert not state.running


def test_a_change_replaces_the_state_and_leaves_the_others() -> None:
    board = Board()
    board.add("emea", "servers", 60)
    board.add("emea", "alerts", 60)
    before = board.state("emea", "servers")

    after = replace(before, success=True, items=3)
    board.put(after)

    assert board.state("emea", "servers") is after
    assert (after.success, after.items) == (True, 3)
    assert before.success is None
    assert board.state("emea", "alerts").success is None


def test_a_board_can_change_while_it_is_read() -> None:
    board = Board()
    board.add("emea", "servers", 60)
    board.add("emea", "alerts", 60)

    for state in board:
        board.put(replace(state, runs=1))
        board.add("apac", state.collector, 60)

    assert [(state.source, state.runs) for state in board][:2] == [("emea", 1), ("emea", 1)]


def test_an_unknown_collector_is_an_error() -> None:
    board = Board()
    board.add("emea", "servers", 60)
    state = board.state("emea", "servers")
    board.remove("emea")

    with pytest.raises(KeyError):
        board.state("emea", "servers")
    with pytest.raises(KeyError):
        board.put(state)
    assert not list(board)


def test_a_failure_keeps_the_facts_of_the_last_success() -> None:
    state = CollectorState(source="emea", collector="servers", interval=60)
    succeeded = state.after(outcome(100, collected=Collected(items=3, problems=1), calls=5))

    failed = succeeded.after(outcome(160, failure=FAILURE)).after(outcome(220, failure=FAILURE))

    assert (succeeded.success, succeeded.last_success, succeeded.calls) == (True, 100, 5)
    assert (failed.success, failed.reason, failed.consecutive_failures) == (False, "connect", 2)
    assert (failed.error, failed.cause) == ("cannot connect; check the address", "cannot connect")
    assert (failed.runs, failed.last_run, failed.last_success) == (3, 220, 100)
    assert (failed.items, failed.problems, failed.calls) == (3, 1, 5)


def test_a_success_clears_the_failure_and_nothing_to_read_is_one() -> None:
    state = CollectorState(source="emea", collector="servers", interval=60)
    failed = state.after(outcome(100, failure=FAILURE))

    missing = failed.after(outcome(160, missing="no licence"))
    back = missing.after(outcome(220, collected=Collected()))

    assert (missing.success, missing.unavailable, missing.items) == (True, "no licence", None)
    assert (missing.reason, missing.error, missing.remedy) == ("", "", "")
    assert (missing.consecutive_failures, missing.last_success) == (0, 160)
    assert (back.unavailable, back.items) == ("", 0)
