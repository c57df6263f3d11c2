"""What holds for every panel."""

import re
from typing import Any

from tests.grafana.boards import DRAWN, WITH_AXIS, drawn, named, within
from tests.grafana.known import labels_by_family
from tests.grafana.promql import groupings, labels_named, selectors
from tests.grafana.queries import panels

Board = dict[str, Any]
FIGURES = ["mean", "lastNotNull", "max"]
GRAPHS = {"timeseries"}
SHORT_GAP_MS = 600_000


def test_only_grafanas_own_panels_are_used(board: Board) -> None:
    for panel in panels(board):
        assert panel["type"] in DRAWN | {"text"}, named(board, panel)


def test_titles_are_plain_words(board: Board) -> None:
    for panel in panels(board):
        title = panel["title"]
        assert title, f"{board['title']}: panel {panel['id']} has no title"
        assert title[0].isupper(), named(board, panel)
        assert not re.search(r"[_$:{}]|\.$", title), named(board, panel)


def test_every_panel_is_described(board: Board) -> None:
    for panel in panels(board):
        text = panel["description"]
        assert text.endswith("."), f"{named(board, panel)} is not described"
        assert text.rstrip(".") != panel["title"], f"{named(board, panel)} only repeats its title"


def test_every_number_has_a_unit(board: Board) -> None:
    for panel in drawn(board):
        assert panel["fieldConfig"]["defaults"]["unit"], f"{named(board, panel)} has no unit"


def test_every_panel_without_an_axis_says_what_no_data_means(board: Board) -> None:
    for panel in drawn(board):
        if panel["type"] not in WITH_AXIS:
            assert panel["fieldConfig"]["defaults"]["noValue"], named(board, panel)


def test_ratios_go_from_nothing_to_all_with_few_decimals(board: Board) -> None:
    for panel in drawn(board):
        defaults = panel["fieldConfig"]["defaults"]
        if defaults["unit"] == "percentunit":
            limits = defaults["min"], defaults.get("max", 1), defaults.get("decimals", 0) <= 2
            assert limits == (0, 1, True), named(board, panel)


def test_thresholds_begin_with_a_base_and_rise(board: Board) -> None:
    for panel in drawn(board):
        first, *steps = panel["fieldConfig"]["defaults"]["thresholds"]["steps"]
        values = [step["value"] for step in steps]
        assert first.get("value") is None, named(board, panel)
        assert values == sorted(values), named(board, panel)


def test_panels_that_judge_have_colours_for_it(board: Board) -> None:
    for panel in drawn(board):
        if panel["options"].get("colorMode") == "background":
            defaults = panel["fieldConfig"]["defaults"]
            own = panel["fieldConfig"]["overrides"]
            words = [each for each in defaults["mappings"] if each["type"] == "value"]
            judged = words or own or len(defaults["thresholds"]["steps"]) > 1
            assert judged, f"{named(board, panel)} colours its background by nothing"


def test_figures_without_a_value_are_grey(board: Board) -> None:
    for panel in panels(board):
        if panel["type"] == "stat":
            field = panel["fieldConfig"]
            own = [
                each["value"]
                for override in field["overrides"]
                for each in override["properties"]
                if each["id"] == "mappings"
            ]
            for mappings in [field["defaults"]["mappings"], *own]:
                [nothing] = [each["options"] for each in mappings if each["type"] == "special"]
                assert nothing["match"] == "null+nan", named(board, panel)
                assert nothing["result"]["color"] == "#808080", named(board, panel)


def test_what_an_empty_table_says_does_not_stand_in_its_cells(board: Board) -> None:
    for panel in _tables(board):
        told = panel["fieldConfig"]["defaults"]["noValue"]
        for override in panel["fieldConfig"]["overrides"]:
            cells = [each["value"] for each in override["properties"] if each["id"] == "noValue"]
            assert cells, f"{named(board, panel)}: {override['matcher']['options']}"
            assert told not in cells, f"{named(board, panel)}: {override['matcher']['options']}"


def test_units_do_not_change_with_the_size_of_the_number(board: Board) -> None:
    odd = {"d": "weeks and years", "massg": "Mg for a tonne"}
    for panel in drawn(board):
        for unit in within(panel["fieldConfig"], "unit"):
            assert unit not in odd, f"{named(board, panel)} would be in {odd[unit]}"
        for properties in within(panel["fieldConfig"], "properties"):
            for each in properties:
                assert each["id"] != "unit" or each["value"] not in odd, named(board, panel)


def test_queries_have_letters_legends_and_no_exemplars(board: Board) -> None:
    for panel in drawn(board):
        assert panel["targets"], f"{named(board, panel)} asks nothing"
        letters = [target["refId"] for target in panel["targets"]]
        assert letters == sorted(set(letters)), named(board, panel)
        for target in panel["targets"]:
            assert target["legendFormat"], f"{named(board, panel)}: {target['refId']} has no legend"
            assert target["exemplar"] is False, named(board, panel)


def test_a_query_asks_for_a_moment_or_for_a_range(board: Board) -> None:
    over_time = {"timeseries", "state-timeline", "heatmap"}
    for panel in drawn(board):
        for target in panel["targets"]:
            asked = bool(target.get("instant")), bool(target.get("range"))
            expected = (False, True) if panel["type"] in over_time else (True, False)
            assert asked == expected, f"{named(board, panel)}: {target['refId']}"


def test_legends_name_labels_that_exist(board: Board) -> None:
    for panel in drawn(board):
        for target in panel["targets"]:
            wanted = set(re.findall(r"\{\{\s*(\w+)\s*\}\}", target["legendFormat"]))
            missing = wanted - _labels_of_answer(target["expr"])
            assert not missing, f"{named(board, panel)}: the answer has no {missing}"


def test_tables_show_labels_and_values_that_exist(board: Board) -> None:
    for panel in _tables(board):
        letters = {target["refId"] for target in panel["targets"]}
        values = {"Value"} if len(letters) == 1 else {f"Value #{letter}" for letter in letters}
        labels = set().union(*(_labels_of_answer(each["expr"]) for each in panel["targets"]))
        missing = set(_columns(panel)) - labels - values
        assert not missing, f"{named(board, panel)}: there is no {missing}"


def test_tables_name_every_column_once_and_can_be_filtered(board: Board) -> None:
    for panel in _tables(board):
        field = panel["fieldConfig"]
        assert field["defaults"]["custom"]["filterable"], named(board, panel)
        named_columns = [each["matcher"]["options"] for each in field["overrides"]]
        assert named_columns == _columns(panel), named(board, panel)


def test_tables_are_sorted_by_a_column_that_they_have(board: Board) -> None:
    for panel in _tables(board):
        titles = {
            each["value"]
            for override in panel["fieldConfig"]["overrides"]
            for each in override["properties"]
            if each["id"] == "displayName"
        }
        wanted = {each["displayName"] for each in panel["options"]["sortBy"]}
        assert wanted <= titles, f"{named(board, panel)} is sorted by {wanted - titles}"


def test_legends_of_graphs_are_tables_with_the_same_figures(board: Board) -> None:
    for panel in drawn(board):
        if panel["type"] in GRAPHS:
            legend = panel["options"]["legend"]
            shown = legend["displayMode"], legend["showLegend"], legend["calcs"]
            assert shown == ("table", True, FIGURES), named(board, panel)


def test_graphs_bridge_short_gaps_only(board: Board) -> None:
    for panel in drawn(board):
        if panel["type"] in GRAPHS:
            bridged = panel["fieldConfig"]["defaults"]["custom"]["spanNulls"]
            assert bridged == SHORT_GAP_MS, named(board, panel)


def _tables(board: Board) -> list[dict[str, Any]]:
    return [panel for panel in panels(board) if panel["type"] == "table"]


def _columns(panel: dict[str, Any]) -> list[str]:
    [kept] = [
        each["options"]["include"]["names"]
        for each in panel["transformations"]
        if each["id"] == "filterFieldsByName"
    ]
    columns: list[str] = kept
    return columns


def _labels_of_answer(expression: str) -> set[str]:
    """Say which labels an answer can have: what it is grouped by, else those of what it reads."""
    known = labels_by_family()
    grouped = {
        label
        for grouping in groupings(expression)
        if grouping.modifier in {"by", "group_left"}
        for label in grouping.labels
    }
    counted = set(re.findall(r'count_values\("(\w+)"', expression))
    read = set().union(*(known[each.family] for each in selectors(expression)))
    outermost_groups = re.match(r"\w+ by \(|histogram_quantile|count_values", expression)
    return counted | grouped | (set() if outermost_groups else read | {"instance"})


def test_the_reading_of_labels_is_not_too_kind() -> None:
    assert _labels_of_answer("sum by (source) (serverfleet_source_up)") == {"source"}
    assert "server" in _labels_of_answer("topk(10, serverfleet_server_connected)")
    assert labels_named('a{b="c"} * on (d) group_left (e) f') == {"b", "d", "e"}
