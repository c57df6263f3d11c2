"""Which page does a client of COM want, and how is it wrapped?"""

from collections.abc import Mapping
from dataclasses import dataclass
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
