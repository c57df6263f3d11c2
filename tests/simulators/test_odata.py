from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from exporter.simulators.conditions import ODataError
from exporter.simulators.odata import Dialect, parse
from exporter.simulators.query import PLUS_BLANK

DIALECT = Dialect(
    fields={"name": "text", "kind": "nocase", "n": "number", "on": "bool", "at": "time",
            "a/b": "text"}
)  # fmt: skip
RECORD: dict[str, Any] = {
    "name": "it's", "kind": "Critical", "n": 5, "on": True, "at": "2026-01-01T00:00:00+00:00",
    "a/b": None,
}  # fmt: skip


def matches(text: str) -> bool:
    return parse(text, DIALECT).matches(RECORD.get)


@pytest.mark.parametrize(
    "text",
    ["name eq 'it''s'", "n gt 4 and n lt 6", "n in (1, 5)", "not n eq 4", "a/b eq null",
     "kind eq 'CRITICAL'", "toupper(name) eq 'IT''S'", "contains(name,'t')", "on eq true",
     "at ge 2025-12-31T23:59:59Z", "at eq 2026-01-01T01:00:00+01:00",
     "n eq 4 or n eq 5 and on eq true", "not (n eq 5 and on eq false)", "n ne 4.5",
     "not n eq 4 and not n eq 3", "at ne null"],
)  # fmt: skip
def test_a_filter_that_holds(text: str) -> None:
    assert matches(text)


@pytest.mark.parametrize(
    "text",
    ["n eq 4", "(n eq 5 or on eq true) and n eq 4", "a/b gt 'x'", "name eq 'its'",
     "not (n eq 5)", "at lt null", "contains(name,'T')"],
)  # fmt: skip
def test_a_filter_that_does_not_hold(text: str) -> None:
    assert not matches(text)


@pytest.mark.parametrize(
    "text",
    ["", "n", "n eq", "n eq '5'", "name eq 5", "who eq 1", "n eq 5 and", "(n eq 5", "n eq 5)",
     "n like 5", "n == 5", "name eq 'x", "name eq \"x\"", "n in 5", "n in ()", "on eq 'true'",
     "contains(name)", "contains(name,5)", "n eq 5 or or n eq 4", "N eq 5", "eq eq eq",
     f"n{PLUS_BLANK}eq{PLUS_BLANK}5", "at eq 'yesterday'", "n eq n", "n EQ 5"],
)  # fmt: skip
def test_a_filter_that_cannot_be_understood_is_refused(text: str) -> None:
    with pytest.raises(ODataError):
        parse(text, DIALECT)


def test_a_plus_within_quotes_is_a_blank() -> None:
    found = parse(f"name eq 'a{PLUS_BLANK}b'", DIALECT)

    assert found.matches(lambda _: "a b")
    assert not found.matches(lambda _: "a+b")


def test_only_conditions_that_always_hold_are_pinned() -> None:
    assert parse("n eq 5 and (at eq null and on eq true)", DIALECT).pinned == {
        "n": 5, "at": None, "on": True,
    }  # fmt: skip
    assert parse("n eq 5 or on eq true", DIALECT).pinned == {}
    assert parse("not n eq 5 and n ne 4", DIALECT).pinned == {}


@given(st.text(alphabet="n eqandorti()',5*/", max_size=40))
def test_any_text_is_understood_or_refused(text: str) -> None:
    try:
        parse(text, DIALECT)
    except ODataError:
        return
