"""What if the API answers, but not with what it promises?"""

from typing import Final

from exporter.errors import Reason
from tests.faults.fault import ABSENT, EMPTIES, SERVES, SKIPS, STANDS_IN, Answers, Fault, fails

_DECODE, _SCHEMA = fails(Reason.DECODE), fails(Reason.SCHEMA)
_TOO_LARGE, _TRUNCATED = fails(Reason.TOO_LARGE), fails(Reason.TRUNCATED)
_PAGES = (("small_pages", {"size": 3}),)

BODIES: Final = (
    Fault(
        name="endless body",
        cause=Answers("endless", {"bytes": 20_000_000}),
        outcome=_TOO_LARGE,
        says="raise http.max_response_bytes",
    ),
    Fault(
        name="body larger than allowed",
        cause=Answers("oversize", {"bytes": 4_000_000}),
        outcome=_TOO_LARGE,
        says="raise http.max_response_bytes",
    ),
    Fault(
        name="gzip bomb",
        cause=Answers("gzip_bomb", {"bytes": 20_000_000}),
        outcome=_TOO_LARGE,
        says="raise http.max_response_bytes",
    ),
    Fault(
        name="empty body",
        cause=Answers("empty_body"),
        outcome=_DECODE,
        says="the answer is empty",
    ),
    Fault(name="JSON that is cut off", cause=Answers("truncated_json"), outcome=_DECODE),
    Fault(
        name="web page (a proxy or a login page)",
        cause=Answers("html"),
        outcome=_DECODE,
        says="a web page, not JSON",
    ),
    Fault(name="JSON with another content type", cause=Answers("not_json_type"), outcome=SERVES),
    Fault(
        name="JSON of another shape",
        cause=Answers("status", {"code": 200, "body": [1, 2, 3]}),
        outcome=_SCHEMA,
    ),
)
_NO_LISTS = dict.fromkeys(("ome.power", "ome.hardware", "ome.appliance"), SERVES)
_NO_PAGES = {**_NO_LISTS, "ome.health": _TRUNCATED}
LISTS: Final = (
    Fault(
        name="list shorter than its own count",
        cause=Answers("short_list"),
        outcome=_TRUNCATED,
        but=_NO_LISTS,
    ),
    Fault(
        name="empty list with a count",
        cause=Answers("empty_list"),
        outcome=_TRUNCATED,
        but=_NO_LISTS,
    ),
    Fault(
        name="empty list that counts nothing",
        cause=Answers("empty_list", {"total": "zero"}),
        outcome=EMPTIES,
        but={
            **dict.fromkeys(
                ("com.servers", "com.energy", "com.firmware", "ome.devices"), fails(Reason.EMPTY)
            ),
            "com.utilization": ABSENT,
            "ome.power_manager": ABSENT,
            "ome.power": STANDS_IN,
            "ome.health": SKIPS,
            "ome.hardware": SERVES,
            "ome.appliance": SERVES,
        },
    ),
    Fault(name="item listed twice", cause=Answers("duplicate_items"), outcome=SERVES),
    Fault(
        name="item that moves from one page to another",
        cause=Answers("shifting_pages", first=_PAGES),
        outcome=SERVES,
        but={"ome.health": _TRUNCATED},
        remark="a list that comes out short is read once more",
    ),
    Fault(
        name="pages smaller than asked for",
        cause=Answers("small_pages", {"size": 3}),
        outcome=SERVES,
        but={"ome.health": _TRUNCATED},
    ),
    Fault(
        name="count that grows while pages are read",
        cause=Answers("growing_total", first=_PAGES),
        outcome=_TRUNCATED,
        but=_NO_LISTS,
    ),
)
_NO_CODES = dict.fromkeys(
    ("com.energy", "com.utilization", "com.jobs", "com.appliances", "com.firmware",
     "com.warranty", "ome.power", "ome.groups", "ome.compliance", "ome.warranty",
     "ome.jobs", "ome.appliance", "ome.power_manager"),
    SERVES,
)  # fmt: skip
_GONE = {
    **dict.fromkeys(
        ("com.energy", "com.utilization", "com.warranty", "ome.health"),
        _SCHEMA,
    ),
    "ome.power_manager": ABSENT,
    "ome.appliance": SERVES,
}
RECORDS: Final = (
    Fault(
        name="fields of wrong types",
        cause=Answers("wrong_types"),
        outcome=_SCHEMA,
        but={"com.firmware": SKIPS},
    ),
    Fault(
        name="fields of wrong types in one record of three",
        cause=Answers("wrong_types", {"every": 3}),
        outcome=SKIPS,
        but=dict.fromkeys(
            (
                "com.alerts",
                "com.appliances",
                "ome.alerts",
                "ome.appliance",
                "ome.power",
                "ome.hardware",
                "ome.power_manager",
            ),
            _SCHEMA,
        ),
    ),
    Fault(name="fields that are null", cause=Answers("nulls"), outcome=SKIPS, but=_GONE),
    Fault(name="fields that are gone", cause=Answers("missing_fields"), outcome=SKIPS, but=_GONE),
    Fault(
        name="unknown words and codes",
        cause=Answers("unknown_codes"),
        outcome=SKIPS,
        but={**_NO_CODES, "com.energy": _SCHEMA, "ome.hardware": _SCHEMA},
    ),
)
