"""What stands in answers where nobody expects it? JSON as it is written, valid or not."""

import json

LONGEST = 100_000
NUMBERS = (
    "0", "-0", "-0.0", "-1", "1", "0.5", "65535", "1e308", "1.7976931348623157e308", "1e400", "-1e400",
    "1e-400", "9223372036854775807", "9223372036854775808", "18446744073709551616",
    "-9223372036854775809", "1" + "0" * 30, "1" + "0" * 400, "NaN", "Infinity", "-Infinity", "01",
    "1.", "0x10", "1_000",
)  # fmt: skip
"""Numbers, some of which are none in JSON."""
OTHERS = (
    "null", "true", "false", "{}", "[]", "[[]]", "[null]", "[{}]", '[""]', '{"": ""}',
    '{"id": null}', "[" * 600 + "]" * 600, '{"a":' * 600 + "1" + "}" * 600, "", "undefined", "'a'",
)  # fmt: skip
"""Values of other types, and what is no value at all."""
STRANGE_TEXTS = (
    '"\\ud800"', '"a\\udfffb"', '"\\u0000"', '"a\\u0000b"', '"\\u2028"', '"\\u202e"', '"\\ufeff"',
    '"a\tb"', '"\\x41"', '"unterminated',
)  # fmt: skip
"""Strings that need care, and some that are not allowed."""
_TEXTS = (
    "", " ", "None", "null", "N/A", "unknown", 'quote " back\\slash', "line\nbreak", "tab\tcr\rend",
    "\\", '"', "\\n", 'a="b",c="d"} 1\n', "{}", "# HELP x y", "%s %(a)s {0}", "\x7f\x1b[31m", "é", "é",
    "Ⅷ", "٣", "K", "ſ", "\xa0a\xa0", "\u200b", "\U0001f5a5", "x" * 300, "x" * LONGEST, "+", "a+b+c",
    "'); DROP", "../..", "a/b?c#d", "-1", "0", "1,5", "1.234,5", "1 234", "1e5", "1e308", "1e400",
    "1_000", "0x1f", "nan", "inf", "-inf", "65535", "12 W", "99999999999999999999", "1" + "0" * 400,
)  # fmt: skip
_TIMES = (
    "0001-01-01T00:00:00Z", "0001-01-01 00:00:00.000", "0000-00-00T00:00:00Z", "1969-12-31 19:00:00",
    "1970-01-01T00:00:00Z", "1999-12-31T23:59:59Z", "2000-01-01T00:00:00Z", "2024-02-30T00:00:00Z",
    "2016-12-31T23:59:60Z", "2026-03-29 02:30:00", "2026-10-25 02:30:00", "9999-12-31T23:59:59Z",
    "9999-12-31T23:59:59.999999-23:59", "9999-12-31 23:59:59", "10000-01-01T00:00:00Z",
    "1971-01-01T00:00:00+23:59", "2026-05-01", "20260501T120000Z", "2026-W18-5", "2026-121",
    "2026-05-01T24:00:00Z", "2026-05-01T12:00:00.123456789Z", "2026-05-01T12:00:00z",
    "2026-05-01 12:00:00+02", "2026-05-01T12:00:00+99:99", "1780000000", "1780000000000",
    "20260501120000.000000+000", "19691231190000.000000-300", "May 1, 2026", "00010101000000.0+000",
)  # fmt: skip
TEXTS = tuple(json.dumps(text) for text in _TEXTS)
TIMES = tuple(json.dumps(text) for text in _TIMES)
EVERY = (*OTHERS, *NUMBERS, *TEXTS, *TIMES, *STRANGE_TEXTS)

BODIES = (
    "", " ", "null", "[]", "{}", '""', "0", "true", "NaN", "\ufeff{}", "<html>Sign in</html>", "{",
    '{"items": [', "not json", "[" * 5000, '{"a":' * 5000, '{"items": null, "total": 0}',
    '{"items": {}, "total": 0}', '{"items": [], "total": 0}', '{"items": [], "total": 5}',
    '{"items": [null, 1, "a", [], {}], "total": 5}', '{"value": [], "@odata.count": 0}',
    '{"value": [], "@odata.count": 5}', '{"value": [null, 1, "a", [], {}], "@odata.count": 5}',
    '{"value": null, "@odata.count": 1}', '{"@odata.count": 1}', "\udcff\udcfe", '{"a": "\udcff"}',
)  # fmt: skip
"""Whole answers; a lone surrogate stands for a byte that is no UTF-8."""
STATUSES = (204, 301, 302, 400, 401, 403, 404, 408, 409, 429, 451, 500, 501, 502, 503, 504, 599)
HEADERS = (
    ("Retry-After", "1"), ("Retry-After", "99999999999999999999"), ("Retry-After", "-1"),
    ("Retry-After", "nan"), ("Retry-After", "Fri, 31 Dec 9999 23:59:59 GMT"), ("Retry-After", "٣"),
    ("Retry-After", "Mon, 01 Jan 0001 00:00:00 -2359"), ("Retry-After", "\u00ff"),
    ("ratelimit-remaining", "many"), ("ratelimit-reset", "1e9"), ("x-ratelimit-reset", "soon"),
    ("Content-Type", "text/html"), ("Location", "https://elsewhere.example.net/"),
    ("Content-Encoding", "br"), ("Content-Encoding", "gzip"), ("X-Auth-Token", "a b"),
)  # fmt: skip
