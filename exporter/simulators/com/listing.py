"""The shapes that COM's lists share: pages, filters, sort orders, selections and times."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from exporter.simulators.conditions import ODataError
from exporter.simulators.odata import Dialect, Filter, parse
from exporter.simulators.query import BadQueryError, plain, whole_number

DEFAULT_LIMIT = 10
"""COM states no default for most lists; where it does, it is as small as this."""


@dataclass(frozen=True, slots=True)
class Page:
    """A part of a list: where it begins and how many items it may have."""

    offset: int
    limit: int


def check_known(query: Mapping[str, str], *known: str) -> None:
    """Refuse parameters that a path does not have.

    Raises:
        BadQueryError: One is not known.
    """
    for name in query:
        if name not in known:
            raise BadQueryError(name, f"The query parameter {name!r} is not supported.")


def page_of(query: Mapping[str, str], highest: int) -> Page:
    """Read `offset` and `limit`; a limit above the highest is refused."""
    return Page(
        whole_number(plain(query.get("offset", "0")), "offset"),
        whole_number(plain(query.get("limit", str(DEFAULT_LIMIT))), "limit", highest=highest),
    )


def filter_of(query: Mapping[str, str], dialect: Dialect) -> Filter | None:
    """Read `filter`.

    Raises:
        BadQueryError: It cannot be understood.
    """
    text = query.get("filter")
    if text is None:
        return None
    try:
        return parse(text, dialect)
    except ODataError as error:
        raise BadQueryError("filter", f"The filter is not valid: {error}.") from error


def wrapped(items: list[Any], page: Page, total: int) -> dict[str, Any]:
    """Return a page as COM writes it: `total` counts the whole list, `count` this page."""
    return {"offset": page.offset, "count": len(items), "total": total, "items": items}


def arranged(items: list[dict[str, Any]], query: Mapping[str, str], dialect: Dialect) -> list[Any]:
    """Return the items that pass the filter in the wanted order.

    Raises:
        BadQueryError: The filter or the order cannot be understood.
    """
    kept = filtered(items, query, dialect)
    if "sort" not in query:
        return kept
    field, _, direction = plain(query["sort"]).partition(" ")
    if field not in dialect.fields or direction not in ("", "asc", "desc"):
        raise BadQueryError("sort", "The sort order is not supported.")
    return sorted(kept, key=lambda item: str(item.get(field)), reverse=direction == "desc")


def filtered(items: list[dict[str, Any]], query: Mapping[str, str], dialect: Dialect) -> list[Any]:
    """Return the items that pass the filter.

    Raises:
        BadQueryError: The filter cannot be understood.
    """
    condition = filter_of(query, dialect)
    return [item for item in items if condition is None or condition.matches(item.get)]


Tree = Mapping[str, "Tree | None"]
"""Key to the selection within its value; None takes the value whole."""


def selection(text: str, known: Iterable[str]) -> Tree:
    """Understand a `select` value.

    Args:
        text: Such as `id,name,hardware/health`.
        known: Every path that can be selected.

    Raises:
        BadQueryError: A path is unknown.
    """
    paths = frozenset(known)
    tree: dict[str, Any] = {}
    for path in text.split(","):
        if path not in paths:
            raise BadQueryError("select", f"The field {path!r} cannot be selected.")
        _plant(tree, path.split("/"))
    return tree


def _plant(tree: dict[str, Any], path: list[str]) -> None:
    key, *rest = path
    if not rest:
        tree[key] = None
    elif tree.setdefault(key, {}) is not None:
        _plant(tree[key], rest)


def selected(keys: Iterable[str], value_of: Callable[[str], Any], tree: Tree) -> dict[str, Any]:
    """Return what a selection leaves of an item, computing only what it needs."""
    return {key: _pruned(value_of(key), tree[key]) for key in keys if key in tree}


def _pruned(value: Any, tree: Tree | None) -> Any:
    if tree is None or not isinstance(value, dict):
        return value
    return {key: _pruned(value[key], within) for key, within in tree.items() if key in value}


def constant(value: Any) -> Callable[[object], Any]:
    """Return a field that has the same value in every item."""
    return lambda _: value


def offset_time(t: float) -> str:
    """Write Unix seconds as the servers' records do: `2022-12-14T17:20:43.292718+00:00`."""
    return datetime.fromtimestamp(t, UTC).isoformat(timespec="microseconds")


def zulu_time(t: float) -> str:
    """Write Unix seconds as in `attemptedAt` and in queries: `2025-04-01T06:00:00Z`."""
    return datetime.fromtimestamp(int(t), UTC).isoformat()[:19] + "Z"
