"""Announcements of the end of an endpoint in the headers of its answers.

`Deprecation` (RFC 9745, and the `true` of its drafts) and `Sunset` (RFC 8594), explained by `Link`.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from exporter.sources.http_date import http_date
from exporter.sources.text import clean

RELATIONS = ("deprecation", "sunset", "successor-version", "latest-version", "alternate")
"""The relations of links that explain an end, the best first."""
_NOT_DEPRECATED = frozenset({"", "false", "?0"})
_LINK = re.compile(r"<([^<>]*)>([^<]*)")
_RELATION = re.compile(r";\s*rel\s*=\s*\"?([^\";,]+)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Deprecation:
    """The announced end of an endpoint."""

    sunset: float | None = None
    """Unix time after which the endpoint may be gone; None if unknown."""
    link: str = ""
    """Where the end is explained, or what comes next; one bounded line, empty if unknown."""


def deprecation_from(headers: Mapping[str, str]) -> Deprecation | None:
    """Return what an answer announces; None if it announces no end.

    Args:
        headers: The headers of the answer, case-insensitive.
    """
    is_deprecated = headers.get("Deprecation", "").strip().lower() not in _NOT_DEPRECATED
    sunset = headers.get("Sunset", "").strip()
    if not is_deprecated and not sunset:
        return None
    targets = dict(reversed(tuple(_links(headers.get("Link", "")))))
    link = next((targets[each] for each in RELATIONS if each in targets), "")
    return Deprecation(sunset=http_date(sunset), link=link)


def _links(text: str) -> Iterator[tuple[str, str]]:
    """Yield relation and target of each link of a header."""
    for target, parameters in _LINK.findall(text):
        found = _RELATION.search(parameters)
        for relation in found[1].lower().split() if found else ():
            yield relation, clean(target)
