"""How do servers with the same reading share one object?

A fleet has few distinct sets of component states. Sharing them saves memory and, because they hold
tuples, much of the walk of every full garbage collection, which holds the event loop.
"""

from collections.abc import Hashable
from typing import TypeVar

T = TypeVar("T", bound=Hashable)
_MOST = 4096
_known: dict[Hashable, Hashable] = {}


def shared(reading: T) -> T:
    """Return an equal reading that was given before, or else this one."""
    if len(_known) >= _MOST:
        _known.clear()
    return _known.setdefault(reading, reading)  # type: ignore[return-value]
