"""What holds for a dashboard as a whole."""

import re
from collections import Counter
from typing import Any

from tests.grafana.boards import BOARDS, within
from tests.grafana.known import labels_by_family
from tests.grafana.promql import labels_named, selectors
from tests.grafana.queries import as_promql, panels, variables, variables_in

Board = dict[str, Any]
ALWAYS_SERVED = {"serverfleet_source_info", "serverfleet_server_info", "serverfleet_build_info"}
SINGLE = {"server", "serial"}
"""The drill-down is about one server, so these offer neither several nor all."""
BUILT_IN = {"__rate_interval", "__range", "__interval", "__url_time_range"}


def test_there_are_six_with_different_names() -> None:
    assert len(BOARDS) == 6
    for key in ("uid", "title"):
        assert len({board[key] for board in BOARDS.values()}) == 6


def test_it_has_a_stable_uid_and_no_id(board: Board) -> None:
    assert re.fullmatch(r"serverfleet-[a-z]+", board["uid"])
    assert board.get("id") is None


def test_it_says_what_it_is_for(board: Board) -> None:
    assert board["title"]
    assert board["description"].endswith(".")
    assert "serverfleet" in board["tags"]


def test_its_schema_loads_in_grafana_10_to_13(board: Board) -> None:
    assert 36 <= board["schemaVersion"] <= 39


def test_it_starts_with_a_fixed_time_and_does_not_refresh(board: Board) -> None:
    since = "now-7d" if board["uid"] == "serverfleet-energy" else "now-3h"
    assert board["time"] == {"from": since, "to": "now"}
    assert board["refresh"] == ""


def test_every_datasource_is_the_variable(board: Board) -> None:
    for datasource in within(board, "datasource"):
        assert datasource == {"type": "prometheus", "uid": "${datasource}"}, board["title"]


def test_the_datasource_is_chosen_first(board: Board) -> None:
    first = variables(board)[0]
    assert (first["name"], first["type"], first["query"]) == (
        "datasource",
        "datasource",
        "prometheus",
    )


def test_variables_are_labelled(board: Board) -> None:
    for variable in variables(board):
        assert variable["label"], f"{board['title']} / {variable['name']} has no label"
        assert variable["hide"] == 0


def test_lists_are_sorted_and_follow_the_time(board: Board) -> None:
    for variable in _lists(board):
        place = f"{board['title']} / {variable['name']}"
        assert variable["refresh"] == 2, f"{place} is not refreshed on a change of time"
        assert variable["sort"] > 0, f"{place} is not sorted"


def test_lists_offer_several_and_all(board: Board) -> None:
    for variable in _lists(board):
        place = f"{board['title']} / {variable['name']}"
        several = variable["name"] not in SINGLE
        assert variable["multi"] is several, place
        assert variable["includeAll"] is several, place
        if several:
            assert variable["current"]["value"] == ["$__all"], f"{place} does not start with All"


def test_all_is_everything_only_where_nothing_hangs_on_it(board: Board) -> None:
    values = {variable["name"]: variable.get("allValue") for variable in _lists(board)}
    expected = {"vendor": ".*", "model": ".*"}
    for name, value in values.items():
        assert value == expected.get(name), f"{board['title']} / {name}"


def test_lists_hang_on_families_that_always_exist(board: Board) -> None:
    for variable in _lists(board):
        asked = as_promql(variable["query"]["query"])
        families = {selector.family for selector in selectors(asked)}
        place = f"{board['title']} / {variable['name']}"
        assert families <= ALWAYS_SERVED, f"{place} hangs on {families}"
        known = set().union(*(labels_by_family()[family] for family in families))
        assert labels_named(asked) <= known | {"instance"}, f"{place} names unknown labels: {asked}"


def test_no_variable_is_unused(board: Board) -> None:
    for variable in variables(board):
        others = [other for other in variables(board) if other is not variable]
        rest = [board["panels"], board["annotations"], [other["query"] for other in others]]
        assert variable["name"] in variables_in(str(rest)), (
            f"{board['title']} does not use {variable['name']}"
        )


def test_no_unknown_variable_is_used(board: Board) -> None:
    known = {variable["name"] for variable in variables(board)} | BUILT_IN
    for panel in panels(board):
        used = {name for name in variables_in(str(panel)) if not name.startswith("__")}
        assert used <= known, f"{board['title']} / {panel['title']} uses {used - known}"


def test_alerts_can_be_marked(board: Board) -> None:
    [mark] = board["annotations"]["list"]
    for alerts in selectors(mark["expr"]):
        assert alerts.function == "min", "one mark for each alert, not for each server"
    for matcher in ('alertname=~"Serverfleet.*"', 'severity="critical"'):
        assert mark["expr"].count(matcher) == 2, "warnings would be a forest of marks"


def test_panel_ids_are_unique(board: Board) -> None:
    rows = [panel["id"] for panel in board["panels"] if panel["type"] == "row"]
    counted = Counter([*rows, *(panel["id"] for panel in panels(board))])
    assert all(count == 1 for count in counted.values()), board["title"]
    assert all(number > 0 for number in counted), board["title"]


def test_panel_titles_are_unique_or_of_different_kinds(board: Board) -> None:
    counted = Counter((panel["type"], panel["title"]) for panel in panels(board))
    twice = [title for title, count in counted.items() if count > 1]
    assert not twice, f"{board['title']}: {twice}"


def _lists(board: Board) -> list[dict[str, Any]]:
    return [variable for variable in variables(board) if variable["type"] == "query"]
