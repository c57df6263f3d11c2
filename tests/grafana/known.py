"""Which families and labels are there to be asked for?"""

from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any

import yaml

from exporter.catalogue import FAMILIES
from exporter.catalogue.family import Scope
from tests.grafana.boards import ROOT
from tests.grafana.promql import groupings, selectors

RULES = ROOT / "prometheus" / "rules"
TARGET = {"job", "instance"}
"""Labels that Prometheus adds to what it scrapes."""
OF_PROMETHEUS = {
    "up": TARGET,
    "scrape_duration_seconds": TARGET,
    "scrape_samples_scraped": TARGET,
    "process_cpu_seconds_total": TARGET,
    "process_max_fds": TARGET,
    "process_open_fds": TARGET,
    "process_resident_memory_bytes": TARGET,
}
OF_ALERTS = {
    "alertname",
    "alertstate",
    "component",
    "severity",
    "source",
    "vendor",
    "serial",
    "server",
}
COUNTERS = {"process_cpu_seconds_total"}


def rules() -> Iterator[dict[str, Any]]:
    for file in sorted(RULES.glob("*.yml")):
        for group in yaml.safe_load(file.read_text())["groups"]:
            yield from group["rules"]


@cache
def labels_by_family() -> Mapping[str, set[str]]:
    """Give the labels of everything that can be asked for."""
    known = {name: set(labels) for name, labels in OF_PROMETHEUS.items()}
    known |= {"ALERTS": OF_ALERTS, "ALERTS_FOR_STATE": OF_ALERTS - {"alertstate"}}
    for family in FAMILIES:
        labels = {*family.all_labels, *(TARGET if family.scope is Scope.EXPORTER else ())}
        if family.kind == "histogram":
            known[f"{family.name}_bucket"] = labels | {"le"}
            known[f"{family.name}_count"] = known[f"{family.name}_sum"] = labels
        else:
            known[family.name] = labels
    for rule in rules():
        if "record" in rule:
            known.setdefault(rule["record"], set()).update(_recorded(rule, known))
    return known


@cache
def counters() -> set[str]:
    """Name everything that only grows, so that its growth can be asked for."""
    names = set(COUNTERS)
    for family in FAMILIES:
        if family.kind == "counter":
            names.add(family.name)
        if family.kind == "histogram":
            names |= {f"{family.name}_{part}" for part in ("bucket", "count", "sum")}
    return names


def _recorded(rule: dict[str, Any], known: Mapping[str, set[str]]) -> set[str]:
    """Guess the labels of a recorded series: what it is grouped by, or those of what it reads."""
    grouped = {
        label
        for grouping in groupings(rule["expr"])
        if grouping.modifier == "by"
        for label in grouping.labels
    }
    read = [known.get(selector.family, set()) for selector in selectors(rule["expr"])]
    return set(rule.get("labels", {})) | (grouped or set().union(*read) - TARGET)
