"""Can every panel be drawn, does it read as in Grafana, and is every picture shown?"""

import asyncio
import itertools
import re
from collections.abc import Mapping
from typing import Any

import pytest

pytest.importorskip("matplotlib", reason="the pictures need the dependency group gallery")

from grafana.gallery.alerts import states
from grafana.gallery.answers import Answer, Series
from grafana.gallery.canvas import Canvas, fitted, text_width
from grafana.gallery.clock import LeapingClock
from grafana.gallery.draw import DRAWINGS
from grafana.gallery.draw.subject import Span
from grafana.gallery.layout import Placed, bottom, drawn_panels, placed
from grafana.gallery.past import Scrapes
from grafana.gallery.picture import WIDTH, Facts, draw_panel, picture
from grafana.gallery.questions import answers, choices, span_of
from grafana.gallery.reading import reading
from grafana.gallery.rows import Frame, ordered, transformed
from grafana.gallery.rules import Alerting, Recording, recordings, steps
from grafana.gallery.units import SUFFIX, UNITS, written
from tests.grafana.boards import BOARDS, ROOT, within

END = 1_750_000_000.0
SPAN = Span(END - 3600, END, 60)
PICTURES = ROOT / "docs" / "pictures"
PAGE = ROOT / "docs" / "gallery.md"
LABELS = re.compile(r"(\w+)=~?\"")


class Canned:
    """Answers every query with two series that have the labels it groups by."""

    def __init__(self, series: int = 2) -> None:
        self.series = series

    async def at(self, expression: str, time: float) -> list[Series]:
        return [
            Series(_labels(expression, number), [time], [number + 0.5])
            for number in range(self.series)
        ]

    async def over(self, expression: str, begin: float, end: float, step: float) -> list[Series]:
        times = [begin + step * number for number in range(int((end - begin) // step) + 1)]
        return [
            Series(
                _labels(expression, number), times, [float(number + len(times) % 3)] * len(times)
            )
            for number in range(self.series)
        ]


def _labels(expression: str, number: int) -> dict[str, str]:
    grouped = re.findall(r"by \(([^)]*)\)", expression)
    names = {name.strip() for group in grouped for name in group.split(",")}
    names |= {name for name in LABELS.findall(expression) if name not in ("job", "instance")}
    counted = set(re.findall(r'count_values\("(\w+)"', expression))
    made = {name: f"{name} {number}" for name in names - counted - {"le"}}
    made |= {name: str(20 + 2 * number) for name in counted}
    return made | ({"le": str(0.1 * (number + 1))} if "le" in names else {})


async def _facts(board: Mapping[str, Any], server: Canned) -> Facts:
    span = span_of(board, END)
    known = await choices(board, server, span, {})
    found = {
        panel["id"]: await answers(panel, known, server, span) for panel in drawn_panels(board)
    }
    return Facts(found, list(known.values()), span, [span.begin + 600])


@pytest.mark.parametrize(
    ("value", "unit", "decimals", "text"),
    [
        (12345, "watt", None, "12.3 kW"),
        (12345, "watt", 1, "12.3 kW"),
        (0, "watt", 1, "0.0 W"),
        (987.6, "kwatth", 1, "987.6 kWh"),
        (1234.5, "kwatth", 1, "1.2 MWh"),
        (0.45, "percentunit", 0, "45%"),
        (0.004567, "percentunit", 2, "0.46%"),
        (11520, "s", None, "3.20 hours"),
        (0.0123, "s", None, "12.3 ms"),
        (0, "s", None, "0 s"),
        (1234, "short", 0, "1 K"),
        (217, "short", 0, "217"),
        (4, "short", None, "4"),
        (1.5, "short", 1, "1.5"),
        (21.5, "d", 0, "3 weeks"),
        (2.6, "d", 0, "3 days"),
        (217.4, "suffix:d", 0, "217 d"),
        (-3.2, "suffix:d", 0, "-3 d"),
        (23.4, "celsius", 0, "23 °C"),
        (1536, "bytes", None, "1.50 KiB"),
        (1536, "Bps", None, "1.54 kB/s"),
        (1234.5, "currencyUSD", 2, "$1.23K"),
        (-5, "currencyUSD", 2, "-$5.00"),
        (1_230_000, "massg", None, "1.23 Mg"),
        (0.25, "reqps", None, "0.250 req/s"),
        (2, "none", None, "2"),
        (float("nan"), "short", None, "NaN"),
    ],
)
def test_numbers_are_written_as_grafana_writes_them(
    value: float, unit: str, decimals: int | None, text: str
) -> None:
    assert written(value, unit, decimals) == text


def test_a_time_is_written_as_its_distance_from_now() -> None:
    assert written((END - 3 * 3600) * 1000, "dateTimeFromNow", None, END) == "3 hours ago"
    assert written((END + 120) * 1000, "dateTimeFromNow", None, END) == "in 2 minutes"


def test_every_unit_of_the_dashboards_can_be_written(board: dict[str, Any]) -> None:
    used = {unit for unit in within(board["panels"], "unit") if isinstance(unit, str)}
    used |= {
        each["value"] for found in within(board["panels"], "properties") for each in found
        if each["id"] == "unit"
    }  # fmt: skip

    assert {unit for unit in used if not unit.startswith(SUFFIX)} <= UNITS


def test_every_type_of_panel_can_be_drawn(board: dict[str, Any]) -> None:
    assert {panel["type"] for panel in drawn_panels(board)} <= set(DRAWINGS)


def test_panels_do_not_overlap_and_stay_on_the_picture(board: dict[str, Any]) -> None:
    things = placed(board, WIDTH)

    for one, other in itertools.combinations(things, 2):
        assert not one.area.overlaps(other.area), (one.panel["title"], other.panel["title"])
    assert all(thing.area.x >= 0 and thing.area.right <= WIDTH for thing in things)
    assert bottom(things) > max(thing.area.bottom for thing in things)


def test_every_panel_has_its_place_also_those_of_closed_rows(board: dict[str, Any]) -> None:
    shown = {thing.panel["id"] for thing in placed(board, WIDTH) if not thing.is_heading}

    assert shown == {panel["id"] for panel in drawn_panels(board)}


async def test_every_dashboard_is_drawn_from_answers(board: dict[str, Any]) -> None:
    canvas = picture(board, await _facts(board, Canned()))

    canvas.figure.canvas.draw()
    assert canvas.width == WIDTH


async def test_every_dashboard_is_drawn_without_any_data(board: dict[str, Any]) -> None:
    canvas = picture(board, await _facts(board, Canned(series=0)))

    canvas.figure.canvas.draw()


def test_an_unknown_type_of_panel_is_named() -> None:
    panel = {"id": 1, "type": "geomap", "title": "Map", "gridPos": {"x": 0, "y": 0, "w": 4, "h": 4}}
    thing = placed({"panels": [panel]}, WIDTH)[0]

    with pytest.raises(ValueError, match="type geomap are not drawn: Map"):
        draw_panel(Canvas(400, 300), Placed(panel, thing.area), Facts({}, [], SPAN))


def test_an_override_gives_a_field_its_own_name_colour_and_words() -> None:
    panel = {
        "fieldConfig": {
            "defaults": {"unit": "short", "custom": {"width": 50}},
            "overrides": [
                {
                    "matcher": {"id": "byName", "options": "ok"},
                    "properties": [
                        {"id": "displayName", "value": "OK"},
                        {"id": "color", "value": {"mode": "fixed", "fixedColor": "green"}},
                        {
                            "id": "mappings",
                            "value": [{"type": "value", "options": {"1": {"text": "Yes"}}}],
                        },
                    ],
                }
            ],
        }
    }
    ok, other = reading(panel, "ok"), reading(panel, "other")

    assert (ok.named("ok"), ok.text(1.0), ok.text(2.0), ok.colour(1.0)) == (
        "OK",
        "Yes",
        "2",
        "#73BF69",
    )
    assert (other.named("other"), other.text(1.0), other.width) == ("other", "1", 50)


def test_a_threshold_colours_from_its_value_on() -> None:
    steps_of_two = [{"color": "green", "value": None}, {"color": "red", "value": 2}]
    defaults = {"color": {"mode": "thresholds"}, "thresholds": {"steps": steps_of_two}}
    judged = reading({"fieldConfig": {"defaults": defaults}}, "any")

    assert [judged.colour(value) for value in (1.9, 2.0, None)] == ["#73BF69", "#F2495C", "#73BF69"]


def test_what_has_no_value_is_read_by_its_own_mapping() -> None:
    nothing = {"match": "null+nan", "result": {"color": "#808080"}}
    steps_of_two = [{"color": "green", "value": None}, {"color": "red", "value": 2}]
    defaults = {
        "color": {"mode": "thresholds"},
        "mappings": [{"type": "special", "options": nothing}],
        "noValue": "Not given",
        "thresholds": {"steps": steps_of_two},
    }
    judged = reading({"fieldConfig": {"defaults": defaults}}, "any")

    assert [judged.colour(value) for value in (1.0, None, float("nan"))] == [
        "#73BF69",
        "#808080",
        "#808080",
    ]
    assert judged.text(None) == "Not given"


def test_a_field_on_the_right_has_an_axis_of_its_own() -> None:
    right = [{"id": "custom.axisPlacement", "value": "right"}, {"id": "unit", "value": "celsius"}]
    panel = {
        "id": 1,
        "type": "timeseries",
        "title": "Two",
        "gridPos": {"x": 0, "y": 0, "w": 12, "h": 8},
        "fieldConfig": {
            "defaults": {"unit": "percentunit", "min": 0},
            "overrides": [{"matcher": {"id": "byFrameRefID", "options": "B"}, "properties": right}],
        },
    }
    times = [SPAN.begin, SPAN.end]
    found = [
        Answer("A", "used", [Series({}, times, [0.2, 0.4])]),
        Answer("B", "warm", [Series({}, times, [21.0, 24.0])]),
    ]
    canvas = Canvas(WIDTH, 600)

    draw_panel(canvas, placed({"panels": [panel]}, WIDTH)[0], Facts({1: found}, [], SPAN))

    _, left, beside = canvas.figure.axes
    assert [each.get_yticklabels()[-1].get_text()[-1] for each in (left, beside)] == ["%", "C"]
    assert left.get_ylim()[1] < 1
    assert beside.get_ylim()[1] > 24


def test_rows_of_several_queries_are_merged_where_their_labels_agree() -> None:
    one = Frame(("source", "Value #A"), ({"source": "a", "Value #A": 1.0},))
    two = Frame(("source", "Value #B"), ({"source": "a", "Value #B": 2.0}, {"source": "b"}))

    (merged,) = transformed([one, two], [{"id": "merge", "options": {}}])

    assert merged.rows == ({"source": "a", "Value #A": 1.0, "Value #B": 2.0}, {"source": "b"})


def test_rows_without_a_value_are_last_in_either_order() -> None:
    frame = Frame(("n",), ({"n": None}, {"n": 1.0}, {"n": 2.0}))

    assert [row["n"] for row in ordered(frame, "n", desc=True).rows] == [2.0, 1.0, None]
    assert [row["n"] for row in ordered(frame, "n", desc=False).rows] == [1.0, 2.0, None]


def test_a_legend_puts_labels_in_their_places() -> None:
    series = Series({"source": "com-eu", "state": "ok"}, [END], [1.0])

    assert Answer("A", "{{source}} {{state}}", [series]).name(series) == "com-eu ok"
    assert Answer("A", "{{source}} {{absent}}", [series]).name(series) == "com-eu "


def test_words_are_cut_to_their_room() -> None:
    cut = fitted("a very long title of a panel", 80, 12)

    assert cut.endswith("…")
    assert text_width(cut, 12) <= 80
    assert fitted("short", 80, 12) == "short"


def test_an_alert_waits_fires_and_is_kept_firing() -> None:
    rule = Alerting("Hot", "x", holds_for=120, keeps_for=120, labels={})
    true_at = [60.0 * minute for minute in (0, 1, 2, 3)]

    found = states(rule, Series({}, true_at, [1.0] * 4), 60)

    assert [state for _, state in found] == ["pending", "pending", "firing", "firing", "firing"]


def test_an_alert_that_ends_begins_to_wait_anew() -> None:
    rule = Alerting("Hot", "x", holds_for=60, keeps_for=0, labels={})

    found = states(rule, Series({}, [0.0, 60.0, 180.0], [1.0] * 3), 60)

    assert found == [(0.0, "pending"), (60.0, "firing"), (180.0, "pending")]


def test_rules_come_after_what_they_read_and_twice_if_they_remember() -> None:
    first = Recording("g", "serverfleet:a", "x")
    second = Recording("g", "serverfleet:b", "serverfleet:a or serverfleet:b")

    assert list(steps([second, first])) == [[first], [second], [second]]


def test_the_shipped_rules_can_be_brought_into_an_order() -> None:
    ordered_rules = list(itertools.chain.from_iterable(steps(recordings())))

    assert {recording.name for recording in ordered_rules} == {
        recording.name for recording in recordings()
    }


async def test_time_is_leapt_over_while_all_sleep() -> None:
    clock = LeapingClock(END)
    woken: list[float] = []

    async def doze(seconds: float) -> None:
        await clock.sleep(seconds)
        woken.append(seconds)

    tasks = [asyncio.create_task(doze(seconds)) for seconds in (7200.0, 60.0)]
    await asyncio.sleep(0)
    await clock.pass_until(END + 3600, lambda: False)

    assert woken == [60.0]
    assert clock.wall() == pytest.approx(END + 3600, abs=300)
    await clock.pass_until(END + 7300, lambda: False)
    assert woken == [60.0, 7200.0]
    await asyncio.gather(*tasks)


async def test_no_time_is_leapt_over_while_something_works() -> None:
    clock = LeapingClock(END)
    glances = itertools.count()
    seen: list[float] = []

    def busy() -> bool:
        seen.append(clock.wall())
        return next(glances) < 5

    await clock.pass_until(END + 3600, busy)

    assert seen[5] < END + 1800


async def test_sleepers_wake_in_their_own_time_when_time_goes_on() -> None:
    clock = LeapingClock(END)
    going_on = asyncio.create_task(clock.go_on())

    await asyncio.wait_for(clock.sleep(0.01), timeout=60)

    going_on.cancel()


def test_a_scrape_is_written_with_its_target_and_its_time() -> None:
    exposition = b'# HELP a b\n# TYPE a gauge\na 1.0\nb{c="d e"} 2\n'

    lines = list(Scrapes(None).lines(exposition, END, 0.5))

    target = b'job="serverfleet",instance="localhost:10450"'
    assert lines[0] == b"a{" + target + b"} 1.0 1750000000\n"
    assert lines[1] == b"b{" + target + b',c="d e"} 2 1750000000\n'
    assert lines[-1] == b"scrape_samples_scraped{" + target + b"} 2 1750000000\n"


def test_only_the_wanted_families_of_a_scrape_are_written() -> None:
    lines = Scrapes({"b"}).lines(b"a 1\nb 2\n", END, 0.5)

    assert [line[:1] for line in lines if not line.startswith((b"up", b"scrape"))] == [b"b"]


@pytest.mark.parametrize("name", sorted(BOARDS))
def test_the_gallery_shows_every_dashboard(name: str) -> None:
    assert f"](pictures/{name}.png)" in PAGE.read_text(encoding="utf-8")


def test_every_picture_of_the_gallery_is_there_and_small_and_none_is_left_over() -> None:
    shown = set(re.findall(r"\]\(pictures/([\w-]+\.png)\)", PAGE.read_text(encoding="utf-8")))
    files = {file.name: file.stat().st_size for file in PICTURES.glob("*")}

    assert shown == set(files)
    assert max(files.values()) < 400_000


def test_the_gallery_says_that_these_are_no_screenshots_of_grafana() -> None:
    text = " ".join(PAGE.read_text(encoding="utf-8").split())

    assert "not screenshots of Grafana" in text
    assert "matplotlib" in text
