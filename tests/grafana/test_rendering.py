"""Faults that Grafana accepts without a message and that only a browser shows."""

import re
from collections import Counter
from typing import Any

from tests.grafana.boards import BOARDS, WITH_AXIS, drawn, named, within
from tests.grafana.known import counters, rules
from tests.grafana.queries import queries_of, variables

Board = dict[str, Any]
OF_ALERTS = {"serverfleet-fleet", "serverfleet-server"}
"""The dashboards that mark alerts without being asked to."""
PROMETHEUS_SCRAPES = "1m"
GROWN = re.compile(r"\b(\w+)\((\w+)\{[^}]*\}\[([^\]]+)\]")
"""Function, family and window of a counter's growth."""
GROWS_AT_EACH_SCRAPE = {
    "process_cpu_seconds_total",
    "serverfleet_event_loop_lag_seconds_bucket",
    "serverfleet_series_dropped_total",
}
"""All other counters grow when a collector runs, every minute to every hour."""
MINUTES = {"s": 1 / 60, "m": 1, "h": 60, "d": 1440}


def test_no_two_variables_share_an_id(board: Board) -> None:
    ids = [variable["id"] for variable in variables(board) if "id" in variable]
    shared = [each for each, count in Counter(ids).items() if count > 1]
    assert not shared, f"{board['title']}: Grafana 10 keeps only the last variable of {shared}"


def test_merged_values_are_not_coloured_by_thresholds(board: Board) -> None:
    for panel in drawn(board):
        if panel["options"].get("mergeValues"):
            modes = [colour["mode"] for colour in _settings(panel, "color")]
            assert modes, f"{named(board, panel)}: the default is by thresholds"
            assert "thresholds" not in modes, f"{named(board, panel)} shows ranges, not values"


def test_an_alert_is_one_mark_at_its_start(board: Board) -> None:
    [mark] = board["annotations"]["list"]
    assert mark["useValueForTime"], "a mark for each sample hides the graph"
    starts = r"min by \(alertname, source, severity\) \(ALERTS_FOR_STATE\{.*\) \* 1000"
    assert re.fullmatch(starts, mark["expr"]), "the value is the start in milliseconds"
    assert "and ignoring (alertstate) ALERTS{" in mark["expr"]
    assert 'alertstate="firing"' in mark["expr"]


def test_alerts_are_marked_by_default_where_servers_are_shown(board: Board) -> None:
    [mark] = board["annotations"]["list"]
    assert mark["enable"] is (board["uid"] in OF_ALERTS), board["title"]


def test_stacked_bars_have_no_numbers_in_their_segments(board: Board) -> None:
    for panel in drawn(board):
        if panel["type"] == "barchart" and panel["options"]["stacking"] != "none":
            assert panel["options"]["showValue"] == "never", named(board, panel)


def test_graphs_of_ratios_have_every_tick(board: Board) -> None:
    for panel in drawn(board):
        if panel["type"] in WITH_AXIS:
            defaults = panel["fieldConfig"]["defaults"]
            for field in (defaults, *(defaults | own for own in _overrides(panel))):
                blank = field["unit"] == "percentunit" and "decimals" in field
                assert not blank, f"{named(board, panel)}: 25 % is 0.25, with two decimals"


def test_graphs_have_no_words_in_place_of_ticks(board: Board) -> None:
    for panel in drawn(board):
        if panel["type"] in WITH_AXIS:
            assert not _settings(panel, "noValue"), (
                f"{named(board, panel)} would show them as ticks"
            )


def test_no_value_is_never_an_empty_text(board: Board) -> None:
    for panel in drawn(board):
        words = [str(each).strip() for each in _settings(panel, "noValue")]
        assert all(words), f"{named(board, panel)}: Grafana reads it as the number 0"


def test_rates_do_not_depend_on_the_scrape_interval_of_the_data_source(board: Board) -> None:
    for query in queries_of(board):
        assert "$__rate_interval" not in query.expression, (
            f"{query}: no data with Grafana's default"
        )


def test_queries_have_a_min_step_of_a_scrape(board: Board) -> None:
    for panel in drawn(board):
        for target in panel["targets"]:
            step = target.get("interval")
            assert step == PROMETHEUS_SCRAPES, f"{named(board, panel)}: {target['refId']}"


def test_runs_and_calls_are_counted_over_an_hour(board: Board) -> None:
    for query in queries_of(board):
        for function, family, window in GROWN.findall(query.expression):
            if family in counters() - GROWS_AT_EACH_SCRAPE:
                fit = function == "increase" and window in {"1h", "$__range"}
                assert fit, f"{query}: {function} over {window} is a comb of {family}"


def test_runs_and_calls_are_counted_alike_on_every_dashboard() -> None:
    shown: dict[str, set[str]] = {}
    for board in BOARDS.values():
        for query in queries_of(board):
            if not query.instant:
                for function, family, window in GROWN.findall(query.expression):
                    if window != "$__range":
                        shown.setdefault(family, set()).add(f"{function} over {window}")
    assert shown
    assert {family: ways for family, ways in shown.items() if len(ways) > 1} == {}


def test_recorded_rates_of_runs_and_calls_are_over_an_hour_at_least() -> None:
    for rule in rules():
        for function, family, window in GROWN.findall(_with_braces(str(rule["expr"]))):
            if "record" in rule and family in counters() - GROWS_AT_EACH_SCRAPE:
                assert _minutes(window) >= 60, f"{rule['record']}: {function} over {window}"


def _settings(panel: dict[str, Any], name: str) -> list[Any]:
    """Return each value of a field option: the default's and those of overrides."""
    defaults = panel["fieldConfig"]["defaults"]
    found = [defaults[name]] if name in defaults else []
    return found + [own[name] for own in _overrides(panel) if name in own]


def _overrides(panel: dict[str, Any]) -> list[dict[str, Any]]:
    return [
        {each["id"]: each["value"] for each in properties}
        for properties in within(panel["fieldConfig"]["overrides"], "properties")
    ]


def _with_braces(expression: str) -> str:
    return re.sub(r"(?<=\w)\[", "{}[", expression)


def _minutes(window: str) -> float:
    return float(window[:-1]) * MINUTES[window[-1]]
