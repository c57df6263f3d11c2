"""What if the API answers, but not with what it promises?"""

from typing import Final

from exporter.errors import Reason
from tests.faults.fault import (
    ABSENT,
    EMPTIES,
    SERVES,
    SKIPS,
    STANDS_IN,
    WARNS,
    Answers,
    Change,
    Fault,
    fails,
)

_DECODE, _SCHEMA = fails(Reason.DECODE), fails(Reason.SCHEMA)
_TOO_LARGE, _TRUNCATED = fails(Reason.TOO_LARGE), fails(Reason.TRUNCATED)
_PAGES = (("small_pages", {"size": 3}),)

BODIES: Final = (
    *(
        Fault(
            name=name,
            cause=Answers(kind, {"bytes": size}),
            outcome=_TOO_LARGE,
            says="raise http.max_response_bytes",
        )
        for name, kind, size in (
            ("endless body", "endless", 20_000_000),
            ("body larger than allowed", "oversize", 4_000_000),
            ("gzip bomb", "gzip_bomb", 20_000_000),
        )
    ),
    Fault(
        name="more records than any page has",
        cause=Answers("many_records", {"records": 200_000}),
        outcome=_TOO_LARGE,
    ),
    Fault(
        name="one huge field",
        cause=Answers("huge_field", {"bytes": 30_000_000}),
        outcome=_TOO_LARGE,
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
LISTS: Final = (
    Fault(
        name="list shorter than its own count",
        cause=Answers("short_list"),
        outcome=WARNS,
        but={
            **_NO_LISTS,
            # Of the one item that they list, nothing comes.
            **dict.fromkeys(("com.alerts", "ome.alerts"), _TRUNCATED),
            "ome.health": SKIPS,
        },
        shortens=True,
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
        but={"ome.health": SKIPS},
        remark="reads a short list again",
    ),
    Fault(
        name="pages smaller than asked for",
        cause=Answers("small_pages", {"size": 3}),
        outcome=SERVES,
        but={"ome.health": SKIPS},
    ),
    Fault(
        name="pages in an order that changes with every request",
        cause=Answers("random_order", first=(("small_pages", {"size": 6}),)),
        outcome=SERVES,
        but={"ome.health": SKIPS, "ome.jobs": _TRUNCATED},
        remark="reads a short list up to three times more, and joins what came",
    ),
    Fault(
        name="no count",
        cause=Answers("no_total"),
        outcome=SERVES,
        remark="reads until a page is shorter than asked for",
    ),
    Fault(
        name="count that is too high by one",
        cause=Answers("wrong_total"),
        outcome=WARNS,
        but={**_NO_LISTS, "ome.health": SKIPS},
    ),
    Fault(
        name="count that is too low by one",
        cause=Answers("wrong_total", {"more": -1}),
        outcome=SERVES,
    ),
    Fault(
        name="count that grows while pages are read",
        cause=Answers("growing_total", first=_PAGES),
        outcome=_TRUNCATED,
        but={**_NO_LISTS, "ome.health": SKIPS},
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
    "ome.appliance": SERVES,
}
_WHOLE = ("ome.power_manager", "ome.hardware")
"""Nothing is left without the record that all others depend on."""
_FIELDS: Final = (
    "serverGeneration", "severity", "entityDetails", "statusReason", "complianceStatus",
    "resultCode", "state", "firmwareInventory", "supportEndDate",
    "Model", "Message", "RollupStatus", "systemEnergyConsumptionUnit", "GlobalStatus",
    "FirmwareStatus", "EndDate", "JobStatus", "Version", "InventoryInfo/Version", "Value/Timestamp",
)  # fmt: skip
"""One of each record."""
RECORDS: Final = (
    Fault(
        name="one field of a wrong type in every second record",
        cause=Answers(
            "ill_typed_field",
            {"field": _FIELDS[0]},
            first=tuple(("ill_typed_field", {"field": each}) for each in _FIELDS[1:]),
        ),
        outcome=SKIPS,
    ),
    Fault(
        name="times in another zone",
        cause=Change("zone"),
        outcome=SERVES,
        remark="an appliance is asked for its zone once an hour",
    ),
    Fault(
        name="fields of wrong types",
        cause=Answers("wrong_types"),
        outcome=SKIPS,
        but=dict.fromkeys(
            ("com.energy", "com.utilization", "com.warranty", "ome.health", *_WHOLE), _SCHEMA
        ),
    ),
    Fault(
        name="fields of wrong types in one record of three",
        cause=Answers("wrong_types", {"every": 3}),
        outcome=SKIPS,
        but=dict.fromkeys(_WHOLE, _SCHEMA),
    ),
    Fault(name="fields that are null", cause=Answers("nulls"), outcome=SKIPS, but=_GONE),
    Fault(name="fields that are gone", cause=Answers("missing_fields"), outcome=SKIPS, but=_GONE),
    Fault(
        name="unknown words and codes",
        cause=Answers("unknown_codes"),
        outcome=SKIPS,
        but={**_NO_CODES, "com.energy": _SCHEMA},
    ),
)
