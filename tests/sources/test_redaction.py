"""Secrets are hidden in whatever form an API repeats them, and nothing else is."""

import base64
import html
import json
import random
from collections.abc import Callable
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from exporter.sources.redaction import REMEMBERED, Redactor, basic, hidden, redactor
from exporter.sources.text import clean

SECRET = 'pA+ss/wörd "1" & more'
ENCODERS: list[Callable[[str], str]] = [
    lambda text: quote(text, safe=""),
    lambda text: quote(text, safe="").lower(),
    lambda text: quote(text, safe="/+&"),
    html.escape,
    lambda text: "".join(f"&#x{ord(each):x};" for each in text),
    lambda text: json.dumps(text)[1:-1],
    lambda text: json.dumps(text, ensure_ascii=False)[1:-1].replace("/", r"\/"),
    str.lower,
    str.upper,
]


@pytest.mark.parametrize("seed", range(60))
def test_encodings_are_undone_in_any_order(seed: int) -> None:
    chance = random.Random(seed)  # noqa: S311 - the same choice each time
    said = SECRET
    for encode in chance.choices(ENCODERS, k=seed % 4):
        said = encode(said)

    assert Redactor([SECRET]).hide(f"wrong: {said}!") == "wrong: ***!"


@pytest.mark.parametrize("user", ["", "a", "ab", "abc"])
@pytest.mark.parametrize("rest", ["", "x", "xy", "xyz"])
@pytest.mark.parametrize("encode", [base64.b64encode, base64.urlsafe_b64encode])
def test_a_secret_is_found_anywhere_within_base64(
    user: str, rest: str, encode: Callable[[bytes], bytes]
) -> None:
    text = encode(f"{user}:{SECRET}{rest}".encode()).decode()

    shown = Redactor([SECRET]).hide(text)

    assert "***" in shown
    assert len(shown) < 16


def test_the_credentials_of_basic_authentication_are_one_secret() -> None:
    pair = base64.b64encode(b"me:pass").decode()

    assert Redactor([basic("me", "pass")]).hide(f"Basic {pair}") == "Basic ***=="


@pytest.mark.parametrize("secret", ["", "t", "ab", "abc"])
def test_a_secret_of_a_few_letters_is_not_searched_for(secret: str) -> None:
    assert Redactor([secret]).hide("Bad request: abc") == "Bad request: abc"


@pytest.mark.parametrize(
    "text", ["", "100 % & more \\ than", "a%20b", "&amp;lt;", r"\u0041", "%zz"]
)
def test_text_without_a_secret_stays_as_it_is(text: str) -> None:
    assert Redactor([SECRET]).hide(text) == text


@given(st.text(min_size=4), st.text(max_size=20))
def test_no_secret_is_left(secret: str, around: str) -> None:
    shown = Redactor([secret]).hide(around + secret + around)

    assert secret not in shown.replace("***", "\0" * len(secret)) or secret in "***"


def test_a_changed_secret_is_hidden_for_a_while_and_others_are_not_forgotten() -> None:
    known = Redactor()
    known.learn("password", "the password")
    for number in range(REMEMBERED + 1):
        known.learn("token", f"token-number-{number}")

    said = known.hide("the password, token-number-0, token-number-1, token-number-3")

    assert said == "***, token-number-0, ***, ***"


def test_labels_are_free_of_the_secrets_of_the_source_that_is_read() -> None:
    assert clean("server planted-secret") == "server planted-secret"

    token = redactor.set(Redactor(["planted-secret"]))
    try:
        assert clean("server Planted%2DSecret") == "server ***"
        assert clean("x" * 250 + "planted-secret") == "x" * 250 + "***"
        assert hidden("P1+planted-secret") == "P1+***"
    finally:
        redactor.reset(token)
