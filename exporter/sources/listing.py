"""Lists of an API as they were read, and the judgement whether one is complete.

An item may be on two pages and another on none, so items are identified by their key and counted
against the API's own total:

    as many distinct items as the API counts    complete
    fewer                                       to be read again; a later reading that is complete
                                                by itself, or the union of all, is the list
    fewer, the same ones each time, and only    the count is wrong: what came is the list, with a
    empty pages after them                      warning (OME before 4.0 counts wrongly)
    none, each time, of a list that may be      the same
    empty
    otherwise                                   `truncated`: a failure, never a smaller fleet
    no total                                    complete
"""

from collections.abc import Callable, Hashable
from dataclasses import dataclass, field, replace
from typing import Generic, TypeVar

from exporter.errors import Reason, SourceError
from exporter.slices import Slices
from exporter.sources.drift import NO_DRIFT, Drift, joined

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Page(Generic[T]):
    """One page: what could be read, how many records it had, and the API's total."""

    items: list[T]
    size: int
    total: int | None
    """None where the API does not count the list."""
    drift: Drift = NO_DRIFT
    """Fields and values of its items that are not as expected."""
    has_more: bool = False
    """Whether it names a next page, which some APIs do on the last page too."""

    @property
    def problems(self) -> int:
        """Records that could not be read."""
        return self.size - len(self.items)


@dataclass(frozen=True, slots=True)
class Listing(Generic[T]):
    """A complete list."""

    items: list[T]
    problems: int
    """Records that could not be read, or that one page lists twice."""
    reported: int
    """The API's own count; the number of records where it gives none."""
    drift: Drift = NO_DRIFT
    """Fields and values of all pages that are not as expected."""
    warnings: tuple[str, ...] = ()
    """What is odd about the list as a whole."""
    is_counted: bool = True
    """Whether the API counts the list."""

    @property
    def api_count(self) -> int | None:
        """The API's own count; None where it gives none."""
        return self.reported if self.is_counted else None

    @property
    def is_rightly_counted(self) -> bool:
        """Whether the API counts as many records as there are."""
        return self.is_counted and self.reported == len(self.items) + self.problems


@dataclass(slots=True)
class Reading(Generic[T]):
    """One reading of a list from beginning to end."""

    found: dict[Hashable, T] = field(default_factory=dict)
    problems: int = 0
    doubles: int = 0
    """Records that a page lists twice."""
    totals: set[int | None] = field(default_factory=set)
    drifts: list[Drift] = field(default_factory=list)
    sizes: dict[int, int] = field(default_factory=dict)
    """The number of records of each page by its offset."""

    async def add(self, offset: int, page: Page[T], key: Callable[[T], Hashable]) -> None:
        """Take the items of a page; of an item that comes twice, the later one."""
        before = len(self.found)
        async for items in Slices().batches(page.items):
            self.found.update(zip(map(key, items), items, strict=True))
        if len(self.found) - before < len(page.items):
            self.doubles += len(page.items) - len(set(map(key, page.items)))
        self.problems += page.problems
        if page.total is not None or not self.sizes:
            self.totals.add(page.total)
        self.drifts.append(page.drift)
        self.sizes[offset] = page.size

    @property
    def reported(self) -> int | None:
        """The API's count, the smallest of several; None where it gives none."""
        return min((total for total in self.totals if total is not None), default=None)

    @property
    def came(self) -> int:
        """Distinct items, and records that could not be read."""
        return len(self.found) + self.problems

    @property
    def is_complete(self) -> bool:
        """Whether as many items came as the API counts."""
        if self.reported is None:
            return True
        # A page that counts nothing contradicts those that had items.
        return self.came >= self.reported and (self.reported > 0 or not self.came)

    @property
    def is_steady(self) -> bool:
        """Whether the API counted the same on every page."""
        return len(self.totals) == 1

    @property
    def ends_empty(self) -> bool:
        """Whether the pages have no hole: after the first short one, only empty ones."""
        end = 0
        for offset, size in sorted(self.sizes.items()):
            if size and offset > end:
                return False
            end = max(end, offset + size)
        return True

    def listing(self, warnings: tuple[str, ...] = ()) -> Listing[T]:
        """Return it as a list."""
        reported = self.came if self.reported is None else self.reported
        return Listing(
            list(self.found.values()),
            self.problems + self.doubles,
            reported,
            joined(self.drifts),
            warnings,
            is_counted=self.reported is not None,
        )


def usable(listing: Listing[T], name: str) -> Listing[T]:
    """Return a list unless none of its records could be read.

    Raises:
        SourceError: `schema`.
    """
    if listing.problems and not listing.items:
        raise SourceError(
            Reason.SCHEMA, f"{name}: none of {listing.problems} records could be read"
        )
    return listing


def complete(readings: list[Reading[T]]) -> Reading[T] | None:
    """Return the last reading if it is complete, else the union of all if that is; else None.

    A list that changed while it was read first may have lost an item between two pages.
    """
    last = readings[-1]
    if len(readings) == 1:
        return last if last.is_complete and last.is_steady else None
    if last.is_complete:
        return last
    whole = replace(last, found=_union(readings))
    return whole if whole.is_complete else None


def _union(readings: list[Reading[T]]) -> dict[Hashable, T]:
    """Return the items of all readings; of one that came several times, the last."""
    return {key: item for reading in readings for key, item in reading.found.items()}


def came_short_alike(readings: list[Reading[T]]) -> bool:
    """Whether all readings came short by the same items, without any on two pages."""
    return _are_alike(readings) and all(
        sum(each.sizes.values()) - each.doubles < (each.reported or 0) for each in readings
    )


def _are_alike(readings: list[Reading[T]]) -> bool:
    """Whether all readings have the same items, and one and the same count."""
    first, *rest = readings
    return first.is_steady and all(
        each.found.keys() == first.found.keys() and each.totals == first.totals for each in rest
    )


def wrongly_counted(
    readings: list[Reading[T]], alike: int, name: str, *, may_be_empty: bool
) -> Listing[T]:
    """Return a list that came short of its count, if it is the count that is wrong.

    Args:
        readings: All readings of the list.
        alike: How many of the last ones have to be alike.
        name: The name of the list in errors.
        may_be_empty: Whether a list without items is believed too.

    Raises:
        SourceError: `truncated`, if it is not.
    """
    last = readings[-1]
    is_there = bool(last.found) or (may_be_empty and not last.came)
    if not is_there or not last.ends_empty or not _are_alike(readings[-alike:]):
        came = len(_union(readings)) + last.problems
        raise SourceError(
            Reason.TRUNCATED,
            f"{name}: {came} items came where the API counts {last.reported}; the list was "
            f"read {len(readings)} times, and nothing of it is used",
        )
    warning = (
        f"{name}: the API counts {last.reported} items but returns the same {last.came} each time; "
        "its count is taken to be wrong"
    )
    return last.listing((warning,))
