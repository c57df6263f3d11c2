"""Which items does a client want, and in which order? `filter` and `sort` of the plain lists."""

from collections.abc import Mapping
from typing import Any

from exporter.simulators.com.paging import filter_of
from exporter.simulators.odata import Dialect
from exporter.simulators.query import BadQueryError, plain


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
