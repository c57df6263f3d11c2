"""How does a document look that is valid JSON, and yet not what the API promises?"""

import re
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime, timedelta, timezone
from typing import Any, Final

from exporter.simulators.faults import Fault

Spoil = Callable[[Fault, str, dict[str, Any]], None]

_UNKNOWN: Final[Mapping[str, Any]] = {
    "powerState": "QUANTUM", "subscriptionState": "TRIAL", "severity": "ODD",
    "serverGeneration": "GEN_99", "connectionType": "CARRIER_PIGEON", "status": "MAYBE",
    "summary": "PARTLY",
    "Status": 7777, "PowerState": 99, "ManagedState": 9999, "SeverityType": 3,
    "StatusType": 9000, "RollupStatus": "7777",
}  # fmt: skip
TOTALS: Final = ("total", "@odata.count")
COUNTS: Final = (*TOTALS, "count")
_NUMBER: Final = re.compile(r"[+-]?[\d.]+")
_TIME: Final = re.compile(r"\d{4}-\d\d-\d\dT[\d:.]+(Z|[+-]\d\d:\d\d)")
"""A time that names its zone."""
_IDENTITY: Final = ("id", "Id", "Identifier", "@odata.id", "@odata.type", "Type", "type")


def spoil(fault: Fault, path: str, document: Any, of_list: str = "") -> None:
    """Change a document in place; one that is no object is left alone.

    Args:
        fault: What to do.
        path: Of the request.
        document: The answer.
        of_list: What all pages of a list have in common, where that is more than the path.
    """
    change = DOCUMENT_FAULTS.get(fault.kind)
    if fault.kind == "shifting_pages":
        path = of_list or path
    if change is not None and isinstance(document, dict):
        change(fault, path, document)


def _items(document: dict[str, Any]) -> list[Any] | None:
    found = document.get("items", document.get("value"))
    return found if isinstance(found, list) else None


def _total_key(document: dict[str, Any]) -> str | None:
    return next((key for key in TOTALS if key in document), None)


def _targets(fault: Fault, document: dict[str, Any]) -> list[dict[str, Any]]:
    items = _items(document)
    if items is None:
        return [document]
    every = max(1, int(fault.options["every"]))
    return [each for each in items[::every] if isinstance(each, dict)]


def _each_field(
    fault: Fault, document: dict[str, Any], change: Callable[[dict[str, Any], str], None]
) -> None:
    for target in _targets(fault, document):
        wished = fault.options["fields"] if "fields" in fault.options else [fault.options["field"]]
        for path in wished or [key for key in target if key not in _IDENTITY]:
            *way, last = path.split("/") if wished else [path]
            for holder in _holders(target, way):
                if last in holder:
                    change(holder, last)


def _holders(within: Any, way: list[str]) -> Iterator[dict[str, Any]]:
    """Give the objects at the end of a way, each entry of a list on it."""
    if isinstance(within, list):
        for each in within:
            yield from _holders(each, way)
    elif isinstance(within, dict) and way:
        yield from _holders(within.get(way[0]), way[1:])
    elif isinstance(within, dict):
        yield within


def _wrong_types(fault: Fault, path: str, document: dict[str, Any]) -> None:
    del path
    _each_field(fault, document, _mistype)


def _mistype(holder: dict[str, Any], key: str) -> None:
    value = holder[key]
    if isinstance(value, str) and _NUMBER.fullmatch(value):
        holder[key] = [[]]  # A number would do as well as its text.
        return
    wrong: tuple[tuple[type, Any], ...] = (
        (bool, "maybe"), (str, 12345), (int, "text"), (float, "text"), (dict, []), (list, {}),
    )  # fmt: skip
    holder[key] = next((other for kind, other in wrong if isinstance(value, kind)), [[]])


def _nulls(fault: Fault, path: str, document: dict[str, Any]) -> None:
    del path
    _each_field(fault, document, lambda holder, key: holder.__setitem__(key, None))


def _missing_fields(fault: Fault, path: str, document: dict[str, Any]) -> None:
    del path
    _each_field(fault, document, lambda holder, key: holder.__delitem__(key))


def _renamed_fields(fault: Fault, path: str, document: dict[str, Any]) -> None:
    del path
    _each_field(fault, document, _rename)


def _rename(holder: dict[str, Any], key: str) -> None:
    holder[f"{key}V2"] = holder.pop(key)


def _unknown_codes(fault: Fault, path: str, document: dict[str, Any]) -> None:
    del path
    if not fault.options["fields"]:
        _recode(document)
        return
    wished = fault.options["value"]

    def change(holder: dict[str, Any], key: str) -> None:
        if holder[key] is not None:
            holder[key] = _UNKNOWN.get(key, "QUANTUM") if wished is None else wished

    _each_field(fault, document, change)


def _recode(value: Any) -> None:
    if isinstance(value, list):
        for each in value:
            _recode(each)
        return
    if not isinstance(value, dict):
        return
    for key, within in value.items():
        if key in _UNKNOWN and within is not None:
            value[key] = _UNKNOWN[key]
        elif key == "health" and isinstance(within, dict):
            value[key] = dict.fromkeys(within, "SPARKLING")
        else:
            _recode(within)


def _short_list(fault: Fault, path: str, document: dict[str, Any]) -> None:
    del path
    items = _items(document)
    if items is not None:
        del items[max(0, len(items) - int(fault.options["drop"])) :]


def _small_pages(fault: Fault, path: str, document: dict[str, Any]) -> None:
    del path
    items = _items(document)
    if items is not None:
        del items[int(fault.options["size"]) :]
        if "count" in document:
            document["count"] = len(items)


def _empty_list(fault: Fault, path: str, document: dict[str, Any]) -> None:
    del path
    items = _items(document)
    if items is None:
        return
    items.clear()
    document.pop("@odata.nextLink", None)
    total = _total_key(document)
    if total is not None and fault.options["total"] == "zero":
        document[total] = 0
    if "count" in document:
        document["count"] = 0


def _duplicate_items(fault: Fault, path: str, document: dict[str, Any]) -> None:
    del path
    items = _items(document)
    if items:
        items.extend(items[: int(fault.options["count"])])


def _shifting_pages(fault: Fault, path: str, document: dict[str, Any]) -> None:
    items = _items(document)
    if not items:
        return
    former = fault.memory.get(path)
    fault.memory[path] = items[-1]
    if former is not None and former != items[-1]:
        # One item moved over the page's edge: it comes twice, and the last one never.
        items.insert(0, former)
        items.pop()


def _foreign_link(fault: Fault, path: str, document: dict[str, Any]) -> None:
    if _items(document) is not None:
        document["@odata.nextLink"] = f"{fault.options['host']}{path}?skip=50&top=50"


def _growing_total(fault: Fault, path: str, document: dict[str, Any]) -> None:
    del path
    total = _total_key(document)
    if total is not None:
        document[total] += fault.hits * int(fault.options["step"])


def _wrong_total(fault: Fault, path: str, document: dict[str, Any]) -> None:
    del path
    total = _total_key(document)
    if total is not None:
        document[total] = max(0, document[total] + int(fault.options["more"]))


def _no_total(fault: Fault, path: str, document: dict[str, Any]) -> None:
    del path
    if _items(document) is None:
        return
    for key in COUNTS if fault.options["count"] == "dropped" else TOTALS:
        document.pop(key, None)


def _null_list(fault: Fault, path: str, document: dict[str, Any]) -> None:
    del fault, path
    for key in ("items", "value"):
        if isinstance(document.get(key), list):
            document[key] = None
            document.pop("@odata.nextLink", None)
            document.update((each, 0) for each in COUNTS if each in document)


def _other_zone(fault: Fault, path: str, document: dict[str, Any]) -> None:
    del path
    _rewrite_times(document, timezone(timedelta(hours=float(fault.options["hours"]))))


def _rewrite_times(value: Any, zone: timezone) -> None:
    """Write every time within a value as the same moment in a zone."""
    pairs = value.items() if isinstance(value, dict) else enumerate(value)
    for key, within in pairs:
        if isinstance(within, dict | list):
            _rewrite_times(within, zone)
        elif isinstance(within, str) and _TIME.fullmatch(within):
            value[key] = datetime.fromisoformat(within).astimezone(zone).isoformat()


DOCUMENT_FAULTS: Final[Mapping[str, Spoil]] = {
    "wrong_types": _wrong_types,
    "nulls": _nulls,
    "missing_fields": _missing_fields,
    "renamed_fields": _renamed_fields,
    "unknown_codes": _unknown_codes,
    "short_list": _short_list,
    "small_pages": _small_pages,
    "empty_list": _empty_list,
    "duplicate_items": _duplicate_items,
    "shifting_pages": _shifting_pages,
    "foreign_link": _foreign_link,
    "growing_total": _growing_total,
    "wrong_total": _wrong_total,
    "no_total": _no_total,
    "null_list": _null_list,
    "ill_typed_field": _wrong_types,
    "other_zone": _other_zone,
}
