"""What the dashboards ask for exists, and what exists is asked for."""

import re
from typing import Any

from exporter.catalogue import FAMILIES
from tests.grafana.boards import BOARDS
from tests.grafana.known import counters, labels_by_family, rules
from tests.grafana.promql import Selector, groupings, selectors
from tests.grafana.queries import Query, queries_of

Board = dict[str, Any]
GROWTH = {"rate", "irate", "increase", "delta", "idelta", "deriv"}
KEYS = {("source", "serial"), ("source",), ("job", "instance")}
ONE_A_SERVER = {
    family.name for family in FAMILIES if family.name.startswith("serverfleet_server_")
} | {
    "serverfleet:server_health:severity",
    "serverfleet:server_component:severity",
    "serverfleet:server_power:watts",
    "serverfleet:server_energy_day:joules",
}
OWN_PORT = "of the exporter's own port, for whoever asks why a scrape was refused (docs/secure.md)"
OF_DAY = "the dashboards show that of the day"
NOT_SHOWN: dict[str, str] = {
    "serverfleet_api_sunset_timestamp_seconds": (
        "a date in the text of the alert ServerfleetSourceEndpointDeprecated"
    ),
    "serverfleet_server_co2e_last_hour_grams": OF_DAY,
    "serverfleet_server_energy_cost_last_hour": OF_DAY,
    "serverfleet_web_refused_total": OWN_PORT,
}
"""Families that neither a dashboard nor a rule asks for, with the reason why."""


def test_every_family_exists(board: Board) -> None:
    known = labels_by_family()
    for query, selector in _selected(board):
        assert selector.family in known, f"{query}: there is no {selector.family}"


def test_every_matched_label_exists(board: Board) -> None:
    known = labels_by_family()
    for query, selector in _selected(board):
        allowed = known[selector.family] | {"instance"}
        unknown = selector.labels - allowed
        assert not unknown, f"{query}: {selector.family} has no {unknown}"


def test_every_grouped_label_exists(board: Board) -> None:
    known = labels_by_family()
    for query in queries_of(board):
        labels = set().union(*(known[each.family] for each in selectors(query.expression)))
        for grouping in groupings(query.expression):
            unknown = set(grouping.labels) - labels - {"job", "instance"}
            assert not unknown, f"{query}: nothing in it has {unknown}"


def test_growth_is_asked_of_counters_only(board: Board) -> None:
    growing = counters()
    for query, selector in _selected(board):
        if selector.function in GROWTH:
            assert selector.family in growing, f"{query}: {selector.family} does not only grow"


def test_growth_is_seen_over_five_minutes_at_least(board: Board) -> None:
    for query in queries_of(board):
        windows = re.findall(r"\[([^\]:]+)", query.expression)
        fit = {"5m", "1h", "$__range"}
        assert set(windows) <= fit, f"{query}: {windows}"


def test_joins_are_on_whole_keys(board: Board) -> None:
    for query in queries_of(board):
        for grouping in groupings(query.expression):
            if grouping.modifier == "on":
                assert grouping.labels in KEYS, f"{query}: joined on {grouping.labels}"
            elif grouping.modifier == "ignoring":
                assert grouping.labels == ("alertstate",), f"{query}: only ALERTS and its start"


def test_no_job_is_named(board: Board) -> None:
    for query, selector in _selected(board):
        assert "job" not in selector.labels, str(query)


def test_lists_of_servers_are_limited(board: Board) -> None:
    if board["uid"] == "serverfleet-server":
        return
    for query, selector in _selected(board):
        if selector.family in ONE_A_SERVER and not query.panel.startswith("variable "):
            assert _is_limited(query.expression), f"{query}: an answer for every server"


def test_no_single_server_is_followed_over_time_but_on_its_own_page(board: Board) -> None:
    if board["uid"] == "serverfleet-server":
        return
    for query, selector in _selected(board):
        if not query.instant:
            assert selector.family not in ONE_A_SERVER, f"{query}: reads every server at each step"


def test_every_named_alert_is_a_shipped_one(board: Board) -> None:
    shipped = [rule["alert"] for rule in rules() if "alert" in rule]
    for query in queries_of(board):
        for pattern in re.findall(r'alertname=~?"([^"]+)"', query.expression):
            found = [name for name in shipped if re.fullmatch(pattern, name)]
            assert found, f"{query}: no alert is called {pattern}"


def test_every_panel_follows_the_filters(board: Board) -> None:
    for query, selector in _selected(board):
        if not query.panel.startswith("variable ") and selector.function != "group":
            followed = {"source", "instance", "model"} & selector.labels
            assert followed or selector.family == "serverfleet_build_info", str(query)


def test_every_family_is_shown_or_has_a_reason() -> None:
    asked = {
        selector.family for expression in _all_expressions() for selector in selectors(expression)
    }
    asked |= {re.sub(r"_(bucket|count|sum)$", "", name) for name in asked}
    missing = {family.name for family in FAMILIES} - asked
    assert missing == NOT_SHOWN.keys()


def _is_limited(expression: str) -> bool:
    """Whether the answer is a figure, a few groups, or as many servers as are asked for."""
    if re.match(r"\(?(sum|min|max|avg|count|count_values)\(", expression):
        return True
    if re.search(r"\b(topk|bottomk)\(\d+", expression):
        return True
    outer = next(iter(groupings(expression)), None)
    grouped = set(outer.labels) if outer and outer.modifier == "by" else {"server"}
    return not {"serial", "server"} & grouped


def _selected(board: Board) -> list[tuple[Query, Selector]]:
    return [
        (query, selector) for query in queries_of(board) for selector in selectors(query.expression)
    ]


def _all_expressions() -> list[str]:
    shown = [query.expression for board in BOARDS.values() for query in queries_of(board)]
    return [*shown, *(rule["expr"] for rule in rules() if isinstance(rule["expr"], str))]
