"""Text from elsewhere does nothing on a terminal."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from exporter.printable import blanked, escaped, escaped_json

ANY = st.text(st.characters(codec=None))


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("Zürich 東京 😀", "Zürich 東京 😀"),
        ("\x9b2J", r"\x9b2J"),
        ("\x1b]0;title\x07", r"\x1b]0;title\x07"),
        ("a\u202eb", r"a\u202eb"),
        ("a\nb\\n", "a\\nb\\n"),
        ("\ud800", r"\ud800"),
    ],
)
def test_what_cannot_be_shown_is_escaped(text: str, shown: str) -> None:
    assert escaped(text) == shown


def test_some_characters_can_be_kept() -> None:
    assert escaped("a\n\tb\x9b", keep="\n\t") == "a\n\tb\\x9b"


@given(ANY)
def test_nothing_unprintable_is_left(text: str) -> None:
    assert escaped(text).isprintable()
    assert blanked(text).isprintable()


@given(ANY)
def test_a_document_says_the_same_when_it_is_escaped(text: str) -> None:
    document = json.dumps({text: [text]}, ensure_ascii=False, indent=2)

    shown = escaped_json(document)

    assert shown.replace("\n", "").isprintable()
    assert json.loads(shown) == json.loads(document)
