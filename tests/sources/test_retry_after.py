import time
from collections.abc import Mapping
from dataclasses import dataclass, field

import pytest
from multidict import CIMultiDict

from exporter.sources.headers import retry_after

NOW = 1_750_000_000.0  # Sun, 15 Jun 2025 15:06:40 GMT


@dataclass
class Answer:
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""


def asked(body: bytes = b"", **headers: str) -> float | None:
    pairs = {name.replace("_", "-"): value for name, value in headers.items()}
    return retry_after(Answer(CIMultiDict(pairs), body), NOW)


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("0", 0),
        ("30", 30),
        (" 30 ", 30),
        ("\x1e30", 30),
        ("1.5", 1.5),
        ("86400", 86400),
        ("Sun, 15 Jun 2025 15:08:40 GMT", 120),
        ("Sun, 15 Jun 2025 15:00:00 GMT", 0),
        ("Sunday, 15-Jun-25 15:08:40 GMT", 120),
    ],
)
def test_retry_after_is_seconds_or_a_date(text: str, seconds: float) -> None:
    assert asked(Retry_After=text) == seconds


@pytest.mark.parametrize(
    "text", ["", "soon", "-5", "nan", "inf", "1e9", "99999999999999999999", "Sun, 99 Foo 2025"]
)
def test_a_retry_after_that_cannot_be_read_says_nothing(text: str) -> None:
    assert asked(Retry_After=text) is None


def test_a_date_without_a_zone_is_utc(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TZ", "Asia/Tokyo")
    time.tzset()
    try:
        assert asked(Retry_After="Sun, 15 Jun 2025 15:08:40") == 120
    finally:
        monkeypatch.undo()
        time.tzset()


def test_names_of_headers_may_be_written_in_any_case() -> None:
    assert asked(retry_after="7") == 7
    assert asked(RATELIMIT_RESET="7") == 7


def test_a_reset_counts_only_where_nothing_is_left() -> None:
    assert asked(ratelimit_reset="20") == 20
    assert asked(ratelimit_reset="20", ratelimit_remaining="0") == 20
    assert asked(ratelimit_reset="20", ratelimit_remaining="5") is None
    assert asked(x_ratelimit_reset="25") == 25


def test_retry_after_goes_before_everything_else() -> None:
    body = b'{"errorDetails": [{"retryAfterSeconds": 4}]}'

    assert asked(body, Retry_After="1", ratelimit_reset="2", x_ratelimit_reset="3") == 1
    assert asked(body, ratelimit_reset="2", x_ratelimit_reset="3") == 2
    assert asked(body, x_ratelimit_reset="3") == 3
    assert asked(body) == 4


@pytest.mark.parametrize(
    ("body", "seconds"),
    [
        (b'{"errorDetails": [{}, {"retryAfterSeconds": 2.5}]}', 2.5),
        (b'{"errorDetails": [{"retryAfterSeconds": -1}]}', 0),
        (b'{"errorDetails": [{"retryAfterSeconds": null}]}', None),
        (b'{"errorDetails": []}', None),
        (b'{"errorDetails": "none"}', None),
        (b"{}", None),
        (b"<html>", None),
        (b"", None),
        (b'{"x": ' + b"[" * 100_000, None),
    ],
    ids=["second", "negative", "null", "empty list", "no list", "nothing", "page", "empty", "deep"],
)
def test_the_wait_may_stand_in_the_body(body: bytes, seconds: float | None) -> None:
    assert asked(body) == seconds
