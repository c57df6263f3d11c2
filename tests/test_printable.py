"""Text from elsewhere does nothing on a terminal."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from exporter.printable import blanked, escaped, escaped_json, is_printable

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
        ("a\u3164b\u115f", r"a\u3164b\u115f"),
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


@pytest.mark.parametrize(
    "invisible",
    [
        *"\u034f\u115f\u1160\u17b4\u17b5\u180b\u180f\u2800\u3164\ufe00\ufe0f\uffa0",
        *"\U00016fe4\U0001d159\U000e0100\U000e01ef",
    ],
)
def test_letters_that_cannot_be_seen_are_not_printable(invisible: str) -> None:
    code = ord(invisible)

    assert not is_printable(f"a{invisible}b")
    assert blanked(f"a{invisible}\u200b{invisible}b") == "a b"
    assert escaped(invisible) == (f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}")
    assert invisible not in escaped_json(json.dumps([invisible], ensure_ascii=False))


@pytest.mark.parametrize("text", ["한국어", "ខ្មែរ", "ᠮᠣᠩᠭᠣᠯ", "e\u0301", "⠁⠃", "東京"])
def test_letters_of_living_languages_are_printable(text: str) -> None:
    assert blanked(text) == escaped(text) == text
