"""How does a finished part go where a builder is asked for?"""

from typing import TypeVar

from grafana_foundation_sdk.cog.builder import Builder

T = TypeVar("T")


class Ready(Builder[T]):
    """A builder of what is built already."""

    def __init__(self, part: T) -> None:
        self._part = part

    def build(self) -> T:
        """Give the part."""
        return self._part
