"""What do we make of headers, queries and waits that no honest client or API would send?"""

import base64
import math
from collections.abc import Mapping

from multidict import CIMultiDict

from exporter.exposition.text import Format
from exporter.sources.headers import retry_after
from exporter.sources.transport import Answer
from exporter.web.guard import _given
from exporter.web.headers import wanted_format, wants_gzip
from tests.fuzz.choices import Choices
from tests.fuzz.recording import NOW

WAITS = ("Retry-After", "ratelimit-remaining", "ratelimit-reset", "x-ratelimit-reset")
PIECES = (
    "text/plain", "application/openmetrics-text", "*/*", "text/*", "gzip", "x-gzip", "identity", "*", ";",
    ",", "=", "q=", "q=0", "q=0.0001", "q=1", "q=nan", "q=-1", "q=1e999", "q=\u0663", 'version="1.0.0"',
    "version=0.0.1", "escaping=allow-utf-8", " ", "\t", '"', "Basic ", "Bearer ", "Og==", "0", "1", "30",
    "-1", "1.5", "1e9", "999999999", "9999999999", "nan", "Sun, 15 Jun 2025 15:08:40 GMT", "GMT", "+9999",
    "Fri, 31 Dec 9999 23:59:59", "Mon, 01 Jan 0001 00:00:00", "1 Jan 0 0:0:0", "1 Jan 99999 0:0", "-2400",
    "12:60:61", "(", "\\", "\u0663", "\u00b2", "Jan", "Sun,", ":", "-", "\x00",
)  # fmt: skip
"""What headers are made of."""
BODIES = (
    b"", b"{}", b"[]", b"\xff", b'{"errorDetails": null}', b'{"errorDetails": [null]}',
    b'{"errorDetails": [{"retryAfterSeconds": -1}]}', b'{"errorDetails": [{"retryAfterSeconds": 1e308}]}',
    b'{"errorDetails": [{"retryAfterSeconds": 1e400}]}', b'{"errorDetails": [{"retryAfterSeconds": "5"}]}',
    b'{"errorDetails": [{"retryAfterSeconds": 1' + b"0" * 400 + b"}]}", b"[" * 5000,
    b'{"errorDetails": [{"retryAfterSeconds": 7}, {}]}', b'{"\xff": 1, "errorDetails": []}',
)  # fmt: skip


def header_of(choices: Choices) -> str:
    """Draw the value of a header."""
    parts = [choices.of(PIECES) for _ in range(choices.below(9))]
    return "".join(parts) + (choices.text() if choices.below(3) == 2 else "")


def check_waits(headers: Mapping[str, str], body: bytes) -> None:
    """Check that a wait is a number of seconds that somebody can wait, or none."""
    wait = retry_after(Answer(429, CIMultiDict(headers), body), NOW)
    assert wait is None or (math.isfinite(wait) and wait >= 0), wait


def check_client(header: str) -> None:
    """Check that every header of a client is understood in some way."""
    assert wanted_format(header) in Format
    assert wants_gzip(header) in (True, False)
    _given(header)
    _given("Basic " + base64.b64encode(header.encode("utf-8", "replace")).decode())


def check(choices: Choices) -> None:
    """Draw headers of an answer and of a client, and check what comes of them."""
    check_waits({choices.of(WAITS): header_of(choices)}, choices.of(BODIES))
    check_client(header_of(choices))
