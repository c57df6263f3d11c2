"""`metrics`: the catalogue, as Markdown (`docs/metrics.md`) and as JSON for programs."""

import json
import sys
from collections.abc import Iterator, Mapping
from typing import Any

from exporter.catalogue import FAMILIES
from exporter.catalogue.family import Family, Scope
from exporter.config.quantities import duration_text
from exporter.errors import Reason
from exporter.exposition.text import unit_of
from exporter.sources.calls import ELSE, Feed
from exporter.sources.contract import SourceType
from exporter.sources.fields import IDENTITY
from exporter.sources.vendors import SOURCES

_TOP = """\
# Metrics

Generated from the catalogue by `make docs`; `serverfleet-exporter metrics --format json` gives the
same for programs.

A value that the vendor does not give, or that cannot be read, makes no sample: absent, never zero.
A family with the label `state` has a sample for each of its states: 1 on the current one, 0 on the
others. Descriptive properties stand on `_info` families and are joined, for example:

```promql
serverfleet_server_health{state="critical"} == 1
  and on (source, serial) serverfleet_server_connected == 1

serverfleet_server_power_watts
  * on (source, serial) group_left (model) serverfleet_server_info
```

The labels `server` and `vendor` are on every series of a server on purpose: people read names, and
every alert and panel would need a join without them. A server that is renamed gets new series, and
the old ones end: join and aggregate by `source` and `serial`, which stay.

The column `shards` says who serves a family where several exporters share the servers of a source
([scale](scale.md)). `split`: each serves the samples of its own servers. `first`: only shard 0
serves it, for the source as a whole, so that a sum over all of them is right. `each`: every one
serves its own, about itself and its calls.
"""

_TITLES = {
    Scope.SERVER: (
        "Servers",
        "Every family has the labels `source` (the name in the configuration), `vendor` (`hpe` or "
        "`dell`), `serial` (serial number or service tag) and `server` (the name to show). "
        "`source` and `serial` together are unique.",
    ),
    Scope.SOURCE: ("Sources", "Every family has the labels `source` and `vendor`."),
    Scope.COLLECTOR: (
        "Collectors",
        "Every family has the labels `source` and `collector`. `reason` is one of "
        + ", ".join(Reason)
        + ".",
    ),
    Scope.API: ("API calls", "Every family has the label `source`."),
    Scope.EXPORTER: (
        "The exporter itself",
        "Besides these, the usual `process_*` and `python_*` families are served.",
    ),
}

_ORIGINS = """\
## Where the values come from

For each vendor: the collector that serves a family, with its default interval; the call, as in the
label `endpoint` of `serverfleet_api_requests_total`; and the fields of its answers. `A, else B`
means that B is read where A says nothing. A family that is missing from a table is not served for
that vendor. The declarations stand beside each vendor's code, and the tests take every field out of
simulated answers to see whether exactly the named families change.
"""

_HEAD = "| family | collector | call | fields |\n|---|---|---|---|"


def origins_markdown(types: Mapping[str, SourceType[Any]]) -> str:
    """Write one table for each type of source, in the order of the catalogue."""
    return "\n".join([_ORIGINS, *(_table(name, kind) for name, kind in types.items())])


def _fed_by(family: str, types: Mapping[str, SourceType[Any]]) -> list[dict[str, Any]]:
    """Return what feeds one family, for programs."""
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


def _table(name: str, kind: SourceType[Any]) -> str:
    families = [IDENTITY, *(family.name for family in FAMILIES)]
    rows = "\n".join(
        _feed_row(family, collector, feed, kind)
        for family in families
        for collector, feed in _feeds_of(family, kind)
    )
    return f"### {kind.vendor} (`type: {name}`)\n\n{_HEAD}\n{rows}\n"


def _feeds_of(family: str, kind: SourceType[Any]) -> Iterator[tuple[str, Feed]]:
    return (
        (feed.asked_by or collector, feed)
        for collector, feeds in kind.feeds.items()
        for feed in feeds
        if feed.family == family
    )


def _feed_row(family: str, collector: str, feed: Feed, kind: SourceType[Any]) -> str:
    shown = "labels `serial`, `server`" if family == IDENTITY else f"`{family}`"
    every = duration_text(kind.intervals[collector])
    call = f"`{feed.call}`"
    if feed.query:
        call += " with " + ", ".join(f"`{part}`" for part in feed.query)
    if feed.is_fallback:
        call += ", where the call above is not offered"
    fields = "; ".join(", else ".join(f"`{p}`" for p in each.split(ELSE)) for each in feed.fields)
    return f"| {shown} | {collector} ({every}) | {call} | {fields} |"


def metrics(output_format: str) -> int:
    """Write the catalogue to standard output."""
    if output_format == "json":
        sys.stdout.write(json.dumps([_entry(family) for family in FAMILIES], indent=2) + "\n")
    else:
        sys.stdout.write(f"{families_markdown()}\n{origins_markdown(SOURCES)}")
    return 0


def _entry(family: Family) -> dict[str, Any]:
    return {
        "name": family.name,
        "type": family.kind,
        "help": family.help,
        "unit": unit_of(family),
        "scope": family.scope.value,
        "labels": list(family.all_labels),
        "states": list(family.states),
        "sharding": family.sharding.value,
        "fed_by": _fed_by(family.name, SOURCES),
    }


def families_markdown() -> str:
    """Write the sections of the families."""
    return "\n".join([_TOP, *(_section(scope) for scope in Scope)])


def _section(scope: Scope) -> str:
    title, text = _TITLES[scope]
    rows = "\n".join(_family_row(family) for family in FAMILIES if family.scope is scope)
    head = "| family | type | extra labels | shards | meaning |\n|---|---|---|---|---|"
    return f"## {title}\n\n{text}\n\n{head}\n{rows}\n"


def _family_row(family: Family) -> str:
    text = family.help.replace("|", "\\|")
    labels = ", ".join(_label_cells(family))
    return f"| `{family.name}` | {family.kind} | {labels} | {family.sharding} | {text} |"


def _label_cells(family: Family) -> Iterator[str]:
    for label in family.labels:
        if label == "state":
            yield f"`state` = {', '.join(family.states)}"
        else:
            yield f"`{label}`"
