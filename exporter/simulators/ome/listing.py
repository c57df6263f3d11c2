"""OME lists: which part a client wants, and items that are made only when they are asked for.

The appliance hands out a next link that is relative to the server, lacks the dollar signs and
forgets `$filter`, and does so even if the client got all it asked for with `$top`.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, Final, TypeVar

from exporter.simulators.answer import Answer
from exporter.simulators.conditions import ODataError
from exporter.simulators.odata import Dialect, Filter, parse
from exporter.simulators.ome.appliance import Appliance
from exporter.simulators.ome.envelope import RefusalError, reply
from exporter.simulators.query import PLUS_BLANK, BadQueryError, whole_number

OPERATORS: Final = frozenset({"eq", "ne", "gt", "ge", "lt", "le"})
FUNCTIONS: Final = frozenset({"contains"})

_OPTIONS: Final = ("$top", "$skip", "$filter", "$orderby", "$count")


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a query asks for; `order` is a field and whether it descends."""

    skip: int
    top: int
    text: str | None
    condition: Filter | None
    order: tuple[str, bool] | None


def wanted(query: Mapping[str, str], dialect: Dialect, page: int, cap: int) -> Wanted:
    """Understand the options of a list.

    Args:
        query: The decoded query; `skip` and `top` are also known without the dollar sign, as
            the appliance's own next links write them.
        dialect: The fields that can be filtered and ordered by.
        page: Items of a page if `$top` is absent.
        cap: Items of a page at most; a greater `$top` is shortened without a word.

    Raises:
        RefusalError: An option is unknown or cannot be understood, 400 CGEN1002.
    """
    options = {f"${name}" if name in ("skip", "top") else name: query[name] for name in query}
    if any(name not in _OPTIONS for name in options) or len(options) != len(query):
        raise RefusalError(400, "CGEN1002")
    if options.get("$count", "true") not in ("true", "false"):
        raise RefusalError(400, "CGEN1002")
    text = options.get("$filter")
    return Wanted(
        skip=_number(options.get("$skip", "0")),
        top=min(_number(options.get("$top", str(page))), cap),
        text=text,
        condition=None if text is None else _condition(text, dialect),
        order=_order(options.get("$orderby"), dialect),
    )


def wrapped(path: str, kind: str, items: list[Any], total: int, want: Wanted) -> dict[str, Any]:
    """Return a page: `@odata.count` is the number of all matches, whatever the page's size."""
    document = {
        "@odata.context": f"/api/$metadata#Collection({kind})",
        "@odata.count": total,
        "value": items,
    }
    following = want.skip + len(items)
    if items and following < total:
        document["@odata.nextLink"] = f"{path}?skip={following}&top={want.top}"
    return document


def _number(text: str) -> int:
    try:
        return whole_number(text, "")
    except BadQueryError:
        raise RefusalError(400, "CGEN1002") from None


def _condition(text: str, dialect: Dialect) -> Filter:
    try:
        return parse(text, dialect)
    except ODataError as error:
        raise RefusalError(400, "CGEN1002", str(error)) from None


def _order(text: str | None, dialect: Dialect) -> tuple[str, bool] | None:
    if text is None:
        return None
    field, _, direction = text.partition(" ")
    known = field in dialect.fields and direction in ("", "asc", "desc")
    if not known or PLUS_BLANK in text:
        raise RefusalError(400, "CGEN1002")
    return field, direction == "desc"


K = TypeVar("K")
Item = dict[str, Any]


def dialect(**fields: str) -> Dialect:
    """Return what filters may contain; a double underscore stands for the slash of a path."""
    paths = {name.replace("__", "/"): kind for name, kind in fields.items()}
    return Dialect(fields=paths, operators=OPERATORS, functions=FUNCTIONS)


NO_FILTERS: Final = dialect()


@dataclass(frozen=True, slots=True)
class Paged:
    """A list: its path, the OData type of its items, the size of a page, and its filters."""

    path: str
    kind: str
    page: int
    fields: Dialect = NO_FILTERS
    sorts: bool = False

    def answer(
        self,
        query: Mapping[str, str],
        keys: Sequence[K],
        record: Callable[[K], Item],
        appliance: Appliance,
    ) -> Answer:
        """Answer a page.

        Args:
            query: The decoded query.
            keys: One for each item of the list.
            record: Makes an item.
            appliance: How long a page may be.

        Raises:
            RefusalError: The query is not understood, 400.
        """
        want = wanted(query, self.fields, self.page, appliance.page_cap)
        if want.order is not None and not self.sorts:
            raise RefusalError(400, "CGEN1002")
        condition = want.condition
        if condition is not None:
            keys = [key for key in keys if condition.matches(partial(_resolved, record(key)))]
        if want.order is not None:
            field, descending = want.order
            keys = sorted(keys, key=lambda key: str(record(key)[field]), reverse=descending)
        items = [record(key) for key in keys[want.skip : want.skip + want.top]]
        return reply(wrapped(self.path, self.kind, items, len(keys), want))


def _resolved(item: Item, path: str) -> Any:
    found: Any = item
    for step in path.split("/"):
        found = found.get(step) if isinstance(found, dict) else None
    return found
