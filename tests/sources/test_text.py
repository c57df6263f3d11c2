import pytest
from hypothesis import given
from hypothesis import strategies as st

from exporter.sources.text import LONGEST, clean, concealed


@pytest.mark.parametrize(
    "text",
    [
        None,
        5,
        True,
        [],
        "",
        "  ",
        "None",
        "none",
        "null",
        "NULL",
        "N/A",
        "n/a",
        " Unknown ",
        "\0",
        "\u3164",
    ],
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
        ("clear\x9b2J screen", "clear 2J screen"),
        ("bidi\u202e\u2066 controls", "bidi  controls"),
        ("lines\u2028and\u2029more\x85", "lines and more"),
        ("hidden\u200b\ufeff\xad\U000e0041", "hidden"),
        ("\u3164\u2800hidden\u115f\u1160letters\uffa0", "hidden letters"),
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
    assert label.isprintable()


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("the password PA+SS/1 is wrong", "the password *** is wrong"),
        ("the password pa+ss/1 is wrong", "the password *** is wrong"),
        ("client_secret=pa%2Bss%2F1&x=1", "client_secret=***&x=1"),
        ("pa+ss/1pa+ss/1", "******"),
        ("nothing", "nothing"),
    ],
)
def test_a_secret_is_cut_out_in_every_form(text: str, shown: str) -> None:
    assert concealed(text, ["", "pa+ss/1"]) == shown


def test_a_secret_is_cut_out_as_it_stands_in_json() -> None:
    assert concealed(r'{"a":"x\"\\y"}', ['x"\\y']) == '{"a":"***"}'


@given(st.text('ab/+"\\ ', min_size=4), st.text("cd", max_size=5))
def test_no_secret_is_left(secret: str, around: str) -> None:
    assert secret not in concealed(around + secret + around, [secret])
