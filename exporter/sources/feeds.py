"""Which call and which fields feed a family? Declared beside what maps them; tests prove it."""

from collections.abc import Mapping
from dataclasses import dataclass

from msgspec import Struct

IDENTITY = "labels serial and server"
"""Stands for a family, where a field feeds what every family of a server is labelled with."""
ELSE = " | "
"""Between fields of which the first one that says something is taken."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Feed:
    """One call that feeds one family."""

    family: str
    call: str
    """The template, as in the label `endpoint`."""
    record: type[Struct]
    """What the answer, or each item of it, is decoded as."""
    fields: tuple[str, ...]
    """Paths within it as the API writes them, such as `hardware.health.summary`."""
    query: tuple[str, ...] = ()
    """Parts of the path or the query, not encoded, that decide as much as a field does."""
    is_fallback: bool = False
    """Whether it is called only where a better call is not offered."""
    asked_by: str = ""
    """The collector that makes the call, where another one serves the family."""


Feeds = Mapping[str, tuple[Feed, ...]]
"""By the collector that serves the families."""


def fed_by(
    call: str,
    record: type[Struct],
    fields: Mapping[str, tuple[str, ...]],
    *,
    query: tuple[str, ...] = (),
    is_fallback: bool = False,
    asked_by: str = "",
) -> tuple[Feed, ...]:
    """Declare what one call feeds: the fields by family."""
    return tuple(
        Feed(
            family=family,
            call=call,
            record=record,
            fields=paths,
            query=query,
            is_fallback=is_fallback,
            asked_by=asked_by,
        )
        for family, paths in fields.items()
    )
