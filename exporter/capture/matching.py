"""Which saved answer fits a request, though the time and the page size may be others?"""

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import Any

import msgspec

from exporter.capture.folder import Saved, SavedAnswer

_SIZES = frozenset({"limit", "$top"})
_ANY_TIME = re.compile(
    r"\d{4}-\d{2}-\d{2}(?:[T ]\d{2}:\d{2}(?::\d{2}(?:\.\d+)?)?(?:Z|[+-]\d{2}:\d{2})?)?"
)


class Answers:
    """The saved answers of one source."""

    def __init__(self, found: Iterable[Saved]) -> None:
        """Sort them by what was asked."""
        self._exact: dict[bytes, Saved] = {}
        self._any_time: dict[bytes, list[Saved]] = defaultdict(list)
        self._any_size: dict[bytes, list[Saved]] = defaultdict(list)
        for saved in sorted(found, key=lambda each: each.request.number):
            asked = saved.request
            what = asked.method, asked.path, asked.query, asked.question
            self._exact[_key(*what)] = saved
            self._any_time[_timeless(*what)].append(saved)
            self._any_size[_sizeless(*what)].append(saved)

    def __len__(self) -> int:
        return len(self._exact)

    def to(
        self, method: str, path: str, query: Mapping[str, str], question: Any
    ) -> SavedAnswer | None:
        """Find the answer to a request; None if nothing like it was asked.

        Of several that differ in the time, the one that was asked for last is given: who tries
        windows stops at the one that has data. Of several page sizes it is the largest.

        Args:
            method: Of the request.
            path: Decoded.
            query: Decoded.
            question: The body, decoded from JSON; `UNSET` without one.
        """
        what = method, path, query, question
        if exact := self._exact.get(_key(*what)):
            return exact.answer
        if at_other_times := self._any_time.get(_timeless(*what)):
            return at_other_times[-1].answer
        of_other_sizes = self._any_size.get(_sizeless(*what))
        return max(of_other_sizes, key=_size).answer if of_other_sizes else None


def _key(method: str, path: str, query: Mapping[str, str], question: Any) -> bytes:
    asked = [method, path, query, None if question is msgspec.UNSET else [question]]
    return msgspec.json.encode(asked, order="sorted")


def _timeless(method: str, path: str, query: Mapping[str, str], question: Any) -> bytes:
    without = {name: _ANY_TIME.sub("*", value) for name, value in query.items()}
    return _key(method, path, without, question)


def _sizeless(method: str, path: str, query: Mapping[str, str], question: Any) -> bytes:
    kept = {name: value for name, value in query.items() if name not in _SIZES}
    # Some lists are asked for their first page without saying so.
    kept = {name: value for name, value in kept.items() if (name, value) not in _FIRST_PAGE}
    return _timeless(method, path, kept, question)


def _size(saved: Saved) -> int:
    sizes = (saved.request.query.get(name, "") for name in _SIZES)
    return max((int(size) for size in sizes if size.isdecimal()), default=0)


_FIRST_PAGE = frozenset({("offset", "0"), ("$skip", "0")})
