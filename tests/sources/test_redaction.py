"""Secrets are hidden in whatever form an API repeats them, and nothing else is."""

import base64
import html
import json
import random
import unicodedata
from collections.abc import Callable
from urllib.parse import quote

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from exporter.sources.com.vocabulary import normal
from exporter.sources.redaction import PAIR, REMEMBERED, Redactor, basic, hidden, redactor
from exporter.sources.text import LONGEST, LOOKED_AT, clean, concealed

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
@example("000\ufb00", "")
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


def bytes_of(text: str, encoding: str, form: str) -> str:
    return "".join(form.format(each) for each in text.encode(encoding))


ODD = "it's pä+ss/wörd €"
LATIN = "it's pä+ss/wörd"
RARE: list[tuple[str, str]] = [
    (ODD, ODD.replace("'", r"\'")),
    (ODD, repr(ODD.encode())[2:-1]),
    (ODD, bytes_of(ODD, "utf-8", r"\x{:02x}")),
    (ODD, bytes_of(ODD, "utf-8", "%{:02X}")),
    (LATIN, quote(LATIN, encoding="latin-1", safe="")),
    (LATIN, bytes_of(LATIN, "latin-1", r"\x{:02x}")),
    (LATIN, bytes_of(LATIN, "latin-1", "%{:02x}")),
    (LATIN, LATIN.encode("latin-1").decode("utf-8", "replace")),
    (LATIN, json.dumps(LATIN.encode().decode("latin-1"))[1:-1]),
    (ODD, ODD.encode().decode("latin-1")),
    (ODD, ODD.encode().decode("cp1252")),
    (ODD, ODD.encode().decode("latin-1").upper()),
    (ODD, bytes_of(ODD, "utf-8", "{:02x} ").strip()),
    (ODD, bytes_of(ODD, "utf-8", "{:02X}:").strip(":")),
    (ODD, bytes_of(ODD, "utf-8", "{:02X}-").strip("-")),
    (LATIN, bytes_of(LATIN, "latin-1", "{:02x}, ").strip(", ")),
    (LATIN, bytes_of(LATIN, "latin-1", "{:02x}")),
    (ODD, unicodedata.normalize("NFD", ODD)),
    (ODD, quote(unicodedata.normalize("NFD", ODD))),
    (unicodedata.normalize("NFD", ODD), ODD),
    (unicodedata.normalize("NFD", ODD), ODD.encode().decode("latin-1")),
    (unicodedata.normalize("NFD", ODD), ODD.encode().hex(":")),
]


@pytest.mark.parametrize(("secret", "said"), RARE)
def test_rare_encodings_are_recognised(secret: str, said: str) -> None:
    shown = Redactor([secret]).hide(f"wrong: {said}!")

    # The first of many percent signs stands before the digits that are masked.
    assert shown.replace("%", "") == "wrong: ***!"


@pytest.mark.parametrize("secret", ["planted-secret-of-forty-letters-and-more", "plAnted?>~secret"])
@pytest.mark.parametrize("before", ["", "a", "ab", "x" * 40])
@pytest.mark.parametrize("ends", ["\n", "\r\n", r"\n", r"\r\n", "%0D%0A", "&#10;", " "])
def test_base64_with_line_ends_is_recognised(secret: str, before: str, ends: str) -> None:
    pair = f"{before}:{secret}{'x' * 40}".encode()
    lines = base64.encodebytes(pair).decode().strip().split("\n")

    shown = Redactor([secret]).hide(ends.join(lines))

    start, end = len(before) + 1, len(before) + 1 + len(secret)
    left = "".join(each for each in shown if each.isalnum())
    whole = base64.b64encode(pair).decode()
    assert "***" in shown
    assert whole[(4 * start + 2) // 3 : 4 * end // 3].strip("=") not in left
    assert not any(line in shown for line in lines[:1] if not before)


def test_the_credentials_of_basic_authentication_are_recognised_with_line_ends() -> None:
    known = Redactor()
    pair = basic("the-name-of-a-user", "a password")
    known.learn(PAIR, pair)

    assert known.hide(f"Basic {pair[:20]}\r\n{pair[20:]}==") == "Basic ***=="


@pytest.mark.parametrize(
    "text",
    [
        "00:1B:44:11:3A:B7",
        "it is as it was",
        "70 61 73 73",
        "Zürich Su\u0308d 東京",
        "first line\nsecond line\n" * 5,
        "20:67:c3:a4:20 and 41 42 43 44 45 46 47 48 49 50 51 52 53 54 55 56",
        r"C:\Program Files\new\x64 100% & more",
    ],
)
def test_ordinary_text_that_looks_encoded_stays(text: str) -> None:
    assert Redactor([ODD, LATIN, "planted-secret"]).hide(text) == text


ENCODED: list[Callable[[str], str]] = [
    str,
    lambda text: quote(quote(text, safe=""), safe=""),
    lambda text: "".join(f"&#x{ord(each):x};" for each in text),
    lambda text: text.encode().hex(),
    lambda text: bytes_of(text, "utf-8", "{:02x} "),
    lambda text: base64.b64encode(text.encode()).decode(),
]


@pytest.mark.parametrize("encode", ENCODED)
@pytest.mark.parametrize("visible", [1, 5, 13, 19, 40])
@pytest.mark.parametrize("before", [" ", "\n", "x "])
def test_a_secret_that_is_cut_with_a_long_text_is_hidden(
    encode: Callable[[str], str], visible: int, before: str
) -> None:
    secret = "planted/secret+of:20"
    said = encode(secret)
    filling = (before * LOOKED_AT)[: LOOKED_AT - visible]

    shown = concealed(f"{filling}{said} and more{'.' * 50_000}", [secret])
    assert said[:visible] not in shown[LOOKED_AT - visible :]

    token = redactor.set(Redactor([secret]))
    try:
        assert said[:5] not in clean(f"{filling}{said} and more")
    finally:
        redactor.reset(token)


def test_of_a_long_text_without_a_secret_the_beginning_stays() -> None:
    assert concealed("ab" * LOOKED_AT, ["planted"]) == "ab" * (LOOKED_AT // 2)


def test_words_that_are_unknown_are_free_of_secrets() -> None:
    token = redactor.set(Redactor(["planted-secret"]))
    try:
        assert normal("is Planted-Secret") == "IS_***"
        assert "PLANTED" not in normal("x" * (LONGEST - 7) + "planted-secret")
    finally:
        redactor.reset(token)


def test_a_label_that_was_seen_before_is_free_of_a_secret_that_is_learnt_later() -> None:
    known = Redactor(["first-secret"])
    token = redactor.set(known)
    try:
        assert clean("host-second-secret") == clean("host-second-secret") == "host-second-secret"
        known.learn("token", "second-secret")
        assert clean("host-second-secret") == "host-***"
    finally:
        redactor.reset(token)


def test_the_labels_that_are_remembered_are_bounded() -> None:
    known = Redactor(["first-secret"])
    token = redactor.set(known)
    try:
        for number in range(3000):
            clean(f"host-{number}")
    finally:
        redactor.reset(token)

    assert len(known.cleaned) <= 1024
