"""The form of a request for a list that an API accepts.

A vendor may refuse with HTTP 400 what it took before: COM took 1000 items per page, then at most
500, and builds of OME refuse to sort. So a refusal is answered by a smaller page, then by a request
without one optional parameter after the other. What worked is remembered, and the whole request is
tried again hours later.
"""

from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass
from typing import TypeVar

from exporter.clock import Clock
from exporter.errors import LoginError, SourceError

T = TypeVar("T")

REFUSED = frozenset({400, 413, 414, 422})
"""Statuses that refuse the form of a request, and not the right to send it."""
STEP = 50
"""Smaller page sizes are multiples of it: so 100 is among them, which COM has never refused."""
REMEMBERED = 6 * 3600.0
"""Seconds after which the whole request is tried again."""
ACCEPTED_FOR = 30.0
"""Seconds for which an accepted form is not blamed for a refusal, where many things are read."""
FRUITLESS = 20
"""Things that refused every form, after which no more forms are tried for `ACCEPTED_FOR`."""


@dataclass(frozen=True, slots=True)
class Form:
    """How a list is requested."""

    page_size: int | None
    """Items per page; None where the API takes no page size."""
    left_out: frozenset[str] = frozenset()
    """Optional parameters that are not sent."""


def forms_of(page_size: int | None, optional: tuple[str, ...] = ()) -> tuple[Form, ...]:
    """Return the forms in the order in which they are tried.

    Args:
        page_size: The preferred number of items per page, None where the API takes none.
        optional: Parameters that the API may refuse, the least important first.
    """
    sizes = (page_size, *_smaller(page_size or 0))
    dropped = [frozenset(optional[:count]) for count in range(len(optional) + 1)]
    return tuple(Form(size, names) for names in dropped for size in sizes)


def _smaller(size: int) -> Iterator[int]:
    """Yield page sizes, each half of the one before: 500, 250, 100, 50."""
    while size := size // 2 // STEP * STEP:
        yield size


class RequestForms:
    """Remembers which form of one list the API accepts."""

    def __init__(
        self,
        clock: Clock,
        page_size: int | None,
        optional: tuple[str, ...] = (),
        *,
        of_many: bool = False,
    ) -> None:
        """Start with the whole request.

        Args:
            clock: Monotonic time.
            page_size: As for `forms_of`.
            optional: As for `forms_of`.
            of_many: Whether many things are read in this form, such as the alerts of each server:
                a refusal may then be the trouble of one thing.
        """
        self._clock = clock
        self._forms = forms_of(page_size, optional)
        self._of_many = of_many
        self._current = 0
        self._remembered_until = 0.0
        self._accepted_until = 0.0
        self._fruitless = 0
        """Things in a row that refused every form."""

    async def send(self, read: Callable[[Form], Awaitable[T]]) -> T:
        """Read in the first form that is not refused.

        Raises:
            SourceError: The first refusal, if every form was refused; else whatever `read` raises.
        """
        place = self._start()
        refusal: SourceError | None = None
        while place < len(self._forms):
            try:
                found = await read(self._forms[place])
            except LoginError:
                raise
            except SourceError as error:
                if error.status not in REFUSED or self._is_its_own(place):
                    raise
                refusal = refusal or error
                # Another reading may have found the form in the meantime.
                place = max(place + 1, self._current)
            else:
                self._accept(place)
                return found
        self._give_up()
        raise refusal or AssertionError("there is at least one form")

    def _start(self) -> int:
        if self._current and self._clock.monotonic() >= self._remembered_until:
            self._current, self._accepted_until = 0, 0.0
        return self._current

    def _is_its_own(self, place: int) -> bool:
        """Whether a refusal is the trouble of the one thing that was read."""
        is_accepted = self._clock.monotonic() < self._accepted_until
        return self._of_many and is_accepted and place == self._current

    def _accept(self, place: int) -> None:
        now = self._clock.monotonic()
        self._fruitless = 0
        self._accepted_until = now + ACCEPTED_FOR
        if place > self._current:
            self._current, self._remembered_until = place, now + REMEMBERED

    def _give_up(self) -> None:
        """Note that every form was refused."""
        self._fruitless += 1
        if self._of_many and self._fruitless < FRUITLESS:
            return
        self._current = 0
        self._accepted_until = self._clock.monotonic() + ACCEPTED_FOR
