import pytest
from hypothesis import given
from hypothesis import strategies as st

from exporter.sources.text import LONGEST, clean


@pytest.mark.parametrize(
    "text",
    [None, 5, True, [], "", "  ", "None", "none", "null", "NULL", "N/A", "n/a", " Unknown ", "\0"],
)
def test_what_says_nothing_is_the_empty_string(text: object) -> None:
    assert clean(text) == ""


@pytest.mark.parametrize(
    ("text", "label"),
    [
        ("  web1  ", "web1"),
        ("two\nlines", "two lines"),
        ("tab\t\tand\0null", "tab and null"),
        ('quotes "stay"', 'quotes "stay"'),
        ("Zürich 東京", "Zürich 東京"),
        ("none of these", "none of these"),
        ("broken \udc80 text", "broken   text"),
    ],
)
def test_text_is_trimmed_and_keeps_what_can_be_shown(text: str, label: str) -> None:
    assert clean(text) == label


def test_a_long_text_is_cut() -> None:
    assert clean("x" * 10_000) == "x" * LONGEST


@given(st.text())
def test_clean_text_is_bounded_encodable_and_on_one_line(text: str) -> None:
    label = clean(text)

    label.encode()
    assert len(label) <= LONGEST
    assert not any(ord(character) < 32 for character in label)
