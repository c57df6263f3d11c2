"""What is counted for a source as a whole?"""

from msgspec import Struct


class InventoryCount(Struct, frozen=True, gc=False):
    """How many servers are served, and how many the API itself counts, where it does."""

    servers: int
    reported: int | None


class Jobs(Struct, frozen=True, gc=False):
    """Jobs of a source by state (pending, running, stalled, failed)."""

    counts: tuple[tuple[str, int], ...]


class Appliances(Struct, frozen=True, gc=False):
    """Appliances of a source: kind (gateway, oneview), state, and how many."""

    counts: tuple[tuple[str, str, int], ...]
