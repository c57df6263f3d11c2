"""Own series are written as the client library writes them, and only anew if a number changed."""

import math
from itertools import product

import prometheus_client
import pytest
from hypothesis import given
from hypothesis import strategies as st

from exporter.telemetry.series import Numbers, Spreads
from tests.support.exposition import samples

BOUNDS = (0.005, 0.1, 1.0, 30.0)
TEXTS = st.text(st.characters(codec="utf-8", exclude_characters="\r\x00"), max_size=8)


def read(text: str) -> dict[tuple[str, frozenset[tuple[str, str]]], float]:
    return {
        (each.name, frozenset(each.labels.items())): each.value for each in samples(text.encode())
    }


@given(st.dictionaries(st.tuples(TEXTS, TEXTS), st.floats(allow_nan=False), max_size=5))
def test_numbers_are_those_of_the_client_library(found: dict[tuple[str, str], float]) -> None:
    registry = prometheus_client.CollectorRegistry()
    theirs = prometheus_client.Gauge("a_gauge", "", ("one", "two"), registry=registry)
    ours = Numbers("a_gauge", ("one", "two"))
    for labels, number in found.items():
        theirs.labels(*labels).set(number)
        ours.set(labels, number)

    assert read(ours.text) == read(prometheus_client.generate_latest(registry).decode())


@given(
    st.lists(st.tuples(st.sampled_from("ab"), st.sampled_from((*BOUNDS, 0.0, 0.05, 7.0, 1e9)))),
)
def test_spreads_are_those_of_the_client_library(found: list[tuple[str, float]]) -> None:
    registry = prometheus_client.CollectorRegistry()
    theirs = prometheus_client.Histogram(
        "a_time_seconds", "", ("of",), buckets=BOUNDS, registry=registry
    )
    ours = Spreads("a_time_seconds", ("of",), BOUNDS)
    for label, seconds in found:
        theirs.labels(label).observe(seconds)
        ours.observe((label,), seconds)

    expected = read(prometheus_client.generate_latest(registry).decode())
    assert read(ours.text) == {
        series: number for series, number in expected.items() if "created" not in series[0]
    }


def test_numbers_that_are_none_are_written_as_prometheus_reads_them() -> None:
    series = Numbers("a_gauge", ("of",))
    for number in (math.inf, -math.inf, math.nan):
        series.set((str(number),), number)

    assert series.text == 'a_gauge{of="inf"} +Inf\na_gauge{of="-inf"} -Inf\na_gauge{of="nan"} NaN\n'


def test_the_text_is_kept_until_a_number_changes() -> None:
    series, times = Numbers("a_gauge", ("of",)), Spreads("a_time", ("of",), BOUNDS)
    series.set(("a",), 1)
    times.observe(("a",), 1)
    text, spread = series.text, times.text

    assert not series.set(("a",), 1.0)
    assert series.text is text
    assert times.text is spread
    assert series.set(("a",), 2)
    times.observe(("a",), 1)
    assert (series.text, times.text == spread) == ('a_gauge{of="a"} 2\n', False)


def test_a_gauge_is_absent_until_it_is_set_and_a_histogram_without_labels_is_empty() -> None:
    assert Numbers("a_gauge", ()).text == ""
    assert (
        'a_time_bucket{le="+Inf"} 0\na_time_count 0\na_time_sum 0\n'
        in Spreads("a_time", (), BOUNDS).text
    )
    assert Numbers("a_gauge", ("of",)).text == Spreads("a_time", ("of",), BOUNDS).text == ""


@pytest.mark.parametrize(("kind", "count"), list(product((Numbers, Spreads), (0, 2))))
def test_too_few_or_too_many_labels_are_an_error(kind: type, count: int) -> None:
    series = kind("a", ("of",), *([BOUNDS] if kind is Spreads else []))
    change = series.observe if kind is Spreads else series.set

    with pytest.raises(ValueError, match="the labels are of"):
        change(("x",) * count, 1)
    assert series.text == ""


def test_a_series_that_is_let_go_is_not_written() -> None:
    series, times = Numbers("a_gauge", ("of",)), Spreads("a_time", ("of",), BOUNDS)
    series.set(("a",), 1)
    times.observe(("a",), 1)

    for each in (series, times):
        each.remove(("a",))
        each.remove(("never there",))
        assert (each.text, each.labels) == ("", ())
