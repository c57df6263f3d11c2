import math
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from prometheus_client.parser import text_string_to_metric_families

from exporter.catalogue import FAMILIES, Family
from exporter.exposition.text import (
    Format,
    escaped,
    header,
    labels_text,
    number_text,
    number_texts,
)


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0, "0"),
        (1, "1"),
        (-5, "-5"),
        (True, "1"),
        (False, "0"),
        (1.0, "1"),
        (-0.0, "0"),
        (0.1, "0.1"),
        (1e-9, "1e-09"),
        (5e-324, "5e-324"),
        (1.7976931348623157e308, "1.7976931348623157e+308"),
        (1e22, "1e+22"),
        (123456789012345680.0, "1.2345678901234568e+17"),
        (1099511627776, "1099511627776"),
        (2**70, "1180591620717411303424"),
        (1750000000.123, "1750000000.123"),
    ],
)
def test_a_number_is_written_shortly_and_exactly(value: float, text: str) -> None:
    assert number_text(value) == text


@given(st.floats(allow_nan=False))
def test_every_number_is_read_back_as_it_was(value: float) -> None:
    assert float(number_text(value)) == value


def test_what_is_not_a_number_is_written_as_such() -> None:
    assert math.isnan(float(number_text(math.nan)))


@given(st.lists(st.floats(allow_nan=False) | st.integers(-(2**80), 2**80) | st.booleans()))
def test_numbers_that_are_written_at_once_are_read_back_as_they_were(values: list[float]) -> None:
    written = number_texts(values)

    assert [float(text) for text in written] == [float(value) for value in values]
    assert not [text for text in written if text.endswith(".0")]


@pytest.mark.parametrize("value", ["high", "1", None, (1.0,), {}])
def test_what_is_of_another_type_is_never_written(value: Any) -> None:
    with pytest.raises(TypeError):
        number_texts([1.0, value])


def test_one_that_is_not_a_number_leaves_the_others_as_they_are() -> None:
    assert number_texts([1.0, math.nan, math.inf, 2.5]) == ["1", "nan", "inf", "2.5"]


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("plain", "plain"),
        ("", ""),
        ('say "hi"', r"say \"hi\""),
        ("C:\\n", r"C:\\n"),
        ("two\nlines", r"two\nlines"),
        ("Zürich 東京 🚀", "Zürich 東京 🚀"),
        ("50%s {x}", "50%s {x}"),
    ],
)
def test_a_label_value_is_escaped(value: str, text: str) -> None:
    assert escaped(value) == text


@given(st.text(st.characters(exclude_categories=["Cs"]), max_size=50), st.text('\\"\n,{}=%s '))
def test_label_values_are_read_back_as_they_were(first: str, second: str) -> None:
    text = f"x{{{labels_text(('a', 'b'), (first, second))}}} 1\n"

    (family,) = text_string_to_metric_families(text)

    assert family.samples[0].labels == {"a": first, "b": second}


@pytest.mark.parametrize("family", FAMILIES, ids=lambda family: family.name)
def test_a_header_has_one_line_of_help_and_one_of_type(family: Family) -> None:
    lines = header(family, Format.TEXT).splitlines()

    assert lines[0].startswith(f"# HELP {family.name} ")
    assert lines[1] == f"# TYPE {family.name} {family.kind}"
    assert len(lines) == 2


def test_openmetrics_names_a_counter_without_total_and_tells_its_unit() -> None:
    (family,) = [each for each in FAMILIES if each.name == "serverfleet_server_energy_joules_total"]

    lines = header(family, Format.OPENMETRICS).splitlines()

    assert lines[0].startswith("# HELP serverfleet_server_energy_joules ")
    assert lines[1:] == [
        "# TYPE serverfleet_server_energy_joules counter",
        "# UNIT serverfleet_server_energy_joules joules",
    ]
