"""How does OME answer a list whose items are made one by one, only those that are asked for?"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, Final, TypeVar

from exporter.simulators.answer import Answer
from exporter.simulators.odata import Dialect
from exporter.simulators.ome.appliance import Appliance
from exporter.simulators.ome.envelope import RefusalError, reply
from exporter.simulators.ome.listing import FUNCTIONS, OPERATORS, wanted, wrapped

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
