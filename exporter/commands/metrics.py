"""`metrics`: the catalogue, for people as Markdown and for programs as JSON."""

import json
import sys
from typing import Any

from exporter.catalogue import FAMILIES
from exporter.catalogue.document import markdown
from exporter.commands import origins
from exporter.exposition.text import unit_of
from exporter.sources.types import SOURCES


def metrics(output_format: str) -> int:
    """Write the catalogue to standard output."""
    if output_format == "json":
        sys.stdout.write(json.dumps([_entry(family) for family in FAMILIES], indent=2) + "\n")
    else:
        sys.stdout.write(f"{markdown()}\n{origins.markdown(SOURCES)}")
    return 0


def _entry(family: Any) -> dict[str, Any]:
    return {
        "name": family.name,
        "type": family.kind,
        "help": family.help,
        "unit": unit_of(family),
        "scope": family.scope.value,
        "labels": list(family.all_labels),
        "states": list(family.states),
        "sharding": family.sharding.value,
        "fed_by": origins.entries(family.name, SOURCES),
    }
