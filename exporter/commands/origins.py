"""How does a reader learn which collector, call and field feed each family?"""

from collections.abc import Iterator, Mapping
from typing import Any

from exporter.catalogue import FAMILIES
from exporter.config.quantities import duration_text
from exporter.sources.contract import SourceType
from exporter.sources.fields import ELSE, IDENTITY, Feed

_INTRODUCTION = """\
## Where the values come from

For each vendor: the collector that serves a family, with its default interval; the call, as in the
label `endpoint` of `serverfleet_api_requests_total`; and the fields of its answers. `A, else B`
means that B is read where A says nothing. A family that is missing from a table is not served for
that vendor. The declarations stand beside each vendor's code, and the tests take every field out of
simulated answers to see whether exactly the named families change.
"""
_HEAD = "| family | collector | call | fields |\n|---|---|---|---|"


def markdown(types: Mapping[str, SourceType]) -> str:
    """Write one table for each type of source, in the order of the catalogue."""
    return "\n".join([_INTRODUCTION, *(_table(name, kind) for name, kind in types.items())])


def entries(family: str, types: Mapping[str, SourceType]) -> list[dict[str, Any]]:
    """Give what feeds one family, for programs."""
    return [
        {
            "type": name,
            "vendor": kind.vendor,
            "collector": collector,
            "call": feed.call,
            "fields": [paths.split(ELSE) for paths in feed.fields],
            "query": list(feed.query),
            "fallback": feed.is_fallback,
        }
        for name, kind in types.items()
        for collector, feed in _feeds_of(family, kind)
    ]


def _table(name: str, kind: SourceType) -> str:
    families = [IDENTITY, *(family.name for family in FAMILIES)]
    rows = "\n".join(
        _row(family, collector, feed, kind)
        for family in families
        for collector, feed in _feeds_of(family, kind)
    )
    return f"### {kind.vendor} (`type: {name}`)\n\n{_HEAD}\n{rows}\n"


def _feeds_of(family: str, kind: SourceType) -> Iterator[tuple[str, Feed]]:
    return (
        (feed.asked_by or collector, feed)
        for collector, feeds in kind.feeds.items()
        for feed in feeds
        if feed.family == family
    )


def _row(family: str, collector: str, feed: Feed, kind: SourceType) -> str:
    shown = "labels `serial`, `server`" if family == IDENTITY else f"`{family}`"
    every = duration_text(kind.collectors[collector])
    call = f"`{feed.call}`"
    if feed.query:
        call += " with " + ", ".join(f"`{part}`" for part in feed.query)
    if feed.is_fallback:
        call += ", where the call above is not offered"
    fields = "; ".join(", else ".join(f"`{p}`" for p in each.split(ELSE)) for each in feed.fields)
    return f"| {shown} | {collector} ({every}) | {call} | {fields} |"
