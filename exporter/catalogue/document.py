"""How does the catalogue become `docs/metrics.md`?"""

from collections.abc import Iterator

from exporter.catalogue import FAMILIES
from exporter.catalogue.family import Family, Scope
from exporter.errors import Reason

_INTRODUCTION = """\
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


def markdown() -> str:
    """Write the whole page."""
    return "\n".join([_INTRODUCTION, *(_section(scope) for scope in Scope)])


def _section(scope: Scope) -> str:
    title, text = _TITLES[scope]
    rows = "\n".join(_row(family) for family in FAMILIES if family.scope is scope)
    head = "| family | type | extra labels | shards | meaning |\n|---|---|---|---|---|"
    return f"## {title}\n\n{text}\n\n{head}\n{rows}\n"


def _row(family: Family) -> str:
    text = family.help.replace("|", "\\|")
    labels = ", ".join(_labels(family))
    return f"| `{family.name}` | {family.kind} | {labels} | {family.sharding} | {text} |"


def _labels(family: Family) -> Iterator[str]:
    for label in family.labels:
        if label == "state":
            yield f"`state` = {', '.join(family.states)}"
        else:
            yield f"`{label}`"
