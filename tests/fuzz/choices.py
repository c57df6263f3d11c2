"""How do bytes become choices?

Both drivers speak bytes: Hypothesis makes them shorter and smaller, the coverage-guided fuzzer
changes them. The same bytes make the same choices, so what one finds the other can repeat.
"""

from collections.abc import Sequence
from typing import TypeVar

T = TypeVar("T")


class Choices:
    """Reads choices from bytes; when they are used up, every choice is the first one."""

    def __init__(self, data: bytes) -> None:
        self._data = data
        self._at = 0

    @property
    def more(self) -> bool:
        """Whether bytes are left."""
        return self._at < len(self._data)

    def below(self, limit: int) -> int:
        """Give a number from 0 to `limit`, exclusive."""
        width = 1 if limit <= 2**8 else 2 if limit <= 2**16 else 4
        taken = self._data[self._at : self._at + width]
        self._at += width
        return int.from_bytes(taken, "big") % limit if limit else 0

    def of(self, options: Sequence[T]) -> T:
        """Give one of some options, the first of which is the plainest."""
        return options[self.below(len(options))]

    def text(self) -> str:
        """Give up to 15 characters, whatever the bytes say."""
        length = self.below(16)
        taken = self._data[self._at : self._at + length]
        self._at += length
        return taken.decode("utf-8", "replace")
