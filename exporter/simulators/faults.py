"""Which misbehaviour is ordered, for which requests, and how often?"""

import itertools
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from aiohttp import web

VENDORS: Final = ("com", "ome")
NEEDED: Final = object()
"""Instead of the default of an option that has none."""

KINDS: Final[Mapping[str, Mapping[str, Any]]] = {
    # before the request is looked at
    "delay": {"seconds": 1.0},
    "status": {"code": 500, "body": None, "headers": {}, "retry_after": None},
    "reset": {},
    "html": {},
    "empty_body": {"code": 200},
    "redirect": {"code": 302, "location": "http://192.0.2.1/"},
    "endless": {"bytes": 200_000_000, "chunk": 65_536},
    "gzip_bomb": {"bytes": 200_000_000},
    "many_records": {"records": 1_000_000, "record": "0"},
    "huge_field": {"bytes": 20_000_000},
    "limit_above": {"size": 500},
    "refuse_parameter": {"name": NEEDED},
    # on the list that the request is about
    "random_order": {"seed": 1},
    # on the document, before it is encoded
    "wrong_types": {"fields": None, "every": 1},
    "nulls": {"fields": None, "every": 1},
    "missing_fields": {"fields": None, "every": 1},
    "renamed_fields": {"fields": None, "every": 1},
    "unknown_codes": {"fields": None, "every": 1, "value": None},
    "short_list": {"drop": 1},
    "small_pages": {"size": 3},
    "empty_list": {"total": "kept"},
    "duplicate_items": {"count": 1},
    "shifting_pages": {},
    "foreign_link": {"host": "http://192.0.2.1"},
    "growing_total": {"step": 1},
    "wrong_total": {"more": 1},
    "no_total": {"count": "kept"},
    "null_list": {},
    "ill_typed_field": {"field": NEEDED, "every": 2},
    "other_zone": {"hours": 5.5},
    # on the headers or the bytes of the answer
    "headers": {"headers": {}},
    "truncated_json": {"keep": 0.5},
    "not_json_type": {"content_type": "text/plain"},
    "oversize": {"bytes": 100_000_000},
    "stall_body": {"keep": 0.5, "seconds": 3600.0},
    "slow_drip": {"chunk": 64, "seconds": 0.05},
    "close_midway": {"keep": 0.5},
}
"""Each kind of misbehaviour, and its options with what they are if not given."""


@dataclass(slots=True)
class Fault:
    """An order; `left` counts down (None: for ever), `hits` counts up."""

    number: int
    vendor: str | None
    path: re.Pattern[str]
    query: re.Pattern[str]
    kind: str
    left: int | None
    options: Mapping[str, Any]
    hits: int = 0
    memory: dict[str, Any] = field(default_factory=dict)

    def concerns(self, vendor: str, request: web.Request) -> bool:
        """Tell whether a request is to suffer from it."""
        return (
            self.left != 0
            and self.vendor in (None, vendor)
            and self.path.search(request.path) is not None
            and self.query.search(request.rel_url.raw_query_string) is not None
        )

    def described(self) -> dict[str, Any]:
        """Return it as the control API shows it."""
        return {
            "id": self.number,
            "vendor": self.vendor,
            "path": self.path.pattern,
            "query": self.query.pattern,
            "kind": self.kind,
            "left": self.left,
            "hits": self.hits,
            "options": dict(self.options),
        }


class FaultHandle:
    """What `Faults.add` gives back: a way to take the order back, and its number of hits."""

    def __init__(self, faults: "Faults", fault: Fault) -> None:
        """Belong to an order."""
        self._faults = faults
        self._fault = fault

    @property
    def id(self) -> int:
        """The number of the order."""
        return self._fault.number

    @property
    def hits(self) -> int:
        """How many requests have suffered so far."""
        return self._fault.hits

    def remove(self) -> None:
        """Behave again; to do so twice is no mistake."""
        self._faults.discard(self._fault)


class Faults:
    """All orders now in force."""

    def __init__(self) -> None:
        """Behave."""
        self._orders: list[Fault] = []
        self._numbers = itertools.count(1)

    def __iter__(self) -> Iterator[Fault]:
        return iter(tuple(self._orders))

    def add(
        self,
        *,
        kind: str,
        vendor: str | None = None,
        path: str = "",
        query: str = "",
        times: int | None = None,
        **options: Any,
    ) -> FaultHandle:
        """Order a misbehaviour.

        Args:
            kind: A key of KINDS.
            vendor: `com` or `ome`; None means both.
            path: A regular expression that is searched for in the decoded path.
            query: One that is searched for in the raw query string.
            times: How many requests suffer; None means all.
            **options: Options of the kind.

        Raises:
            ValueError: The kind, an option, the vendor or an expression is not known.
        """
        if kind not in KINDS:
            raise ValueError(f"unknown kind {kind!r}; known: {', '.join(KINDS)}")
        unknown = sorted(set(options) - set(KINDS[kind]))
        if unknown:
            raise ValueError(f"{kind} has no option {unknown[0]!r}")
        chosen = {**KINDS[kind], **options}
        if missing := [name for name, value in chosen.items() if value is NEEDED]:
            raise ValueError(f"{kind} needs the option {missing[0]!r}")
        if vendor is not None and vendor not in VENDORS:
            raise ValueError("vendor is com or ome")
        fault = Fault(
            number=next(self._numbers),
            vendor=vendor,
            path=_pattern(path),
            query=_pattern(query),
            kind=kind,
            left=times,
            options=chosen,
        )
        self._orders.append(fault)
        return FaultHandle(self, fault)

    def clear(self) -> None:
        """Behave in every respect."""
        self._orders.clear()

    def discard(self, fault: Fault) -> None:
        """Take an order back, if it is still there."""
        self._orders = [each for each in self._orders if each is not fault]

    def take(self, vendor: str, request: web.Request) -> list[Fault]:
        """Return the orders that a request suffers from, and count it for them."""
        found = [fault for fault in self._orders if fault.concerns(vendor, request)]
        for fault in found:
            fault.hits += 1
            if fault.left is not None:
                fault.left -= 1
        return found


def _pattern(text: str) -> re.Pattern[str]:
    try:
        return re.compile(text)
    except re.error as error:
        raise ValueError(f"{text!r} is no regular expression: {error}") from error
