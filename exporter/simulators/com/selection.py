"""Which keys does `select` leave of an item? A comma list, `/` for keys within keys."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from exporter.simulators.query import BadQueryError

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
