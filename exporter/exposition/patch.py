"""How are the lines of a few servers exchanged, without writing those of all others again?"""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from exporter.exposition.render import FamilyRenderer

if TYPE_CHECKING:
    from exporter.exposition.block import Rows


def concerned(
    renderer: FamilyRenderer, now: "Rows", before: "Rows", places: Sequence[int]
) -> list[int]:
    """Return those of some places whose lines in a family are others than before."""
    return [
        place
        for place in places
        if renderer.value(now.facets[place]) != renderer.value(before.facets[place])
    ]


def exchanged(
    renderer: FamilyRenderer, now: "Rows", before: "Rows", places: Sequence[int], lines: bytes
) -> tuple[bytes, int] | None:
    """Exchange the lines of some servers.

    A server's lines are found by themselves: they begin with its identity, which no other has.

    Args:
        renderer: Writes the family.
        now: The servers and their facets.
        before: The same servers with their former facets.
        places: Those whose facets differ, in order.
        lines: What was written of `before`; it may hold the lines of other servers too.

    Returns:
        The new lines and how many they are more; None where lines have come or gone, so that there
        is nothing to put in their place.
    """
    parts: list[bytes] = []
    position = more = 0
    for place in places:
        identity = now.identities[place : place + 1]
        old, had = renderer.lines(identity, before.facets[place : place + 1])
        new, has = renderer.lines(identity, now.facets[place : place + 1])
        start = lines.find(old, position) if old and new else -1
        if start < 0:
            return None
        parts += (lines[position:start], new)
        position = start + len(old)
        more += has - had
    return b"".join((*parts, lines[position:])), more
