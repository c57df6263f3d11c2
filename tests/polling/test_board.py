from dataclasses import replace

import pytest

from exporter.polling.board import Board


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
