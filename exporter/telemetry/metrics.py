"""How are the exporter's own families kept? In prometheus_client, declared by the catalogue."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any

import prometheus_client
from prometheus_client import (
    CollectorRegistry,
    Counter,
    Gauge,
    GCCollector,
    Histogram,
    PlatformCollector,
    ProcessCollector,
)
from prometheus_client.metrics import MetricWrapperBase

from exporter.catalogue import (
    API_FAMILIES,
    COLLECTOR_FAMILIES,
    EXPORTER_FAMILIES,
    LIVE_FAMILIES,
)
from exporter.catalogue.family import Family

OWN_FAMILIES: tuple[Family, ...] = (
    *LIVE_FAMILIES,
    *COLLECTOR_FAMILIES,
    *API_FAMILIES,
    *EXPORTER_FAMILIES,
)


class OwnMetrics:
    """The live metrics, by name of the catalogue."""

    def __init__(self) -> None:
        """Build every metric in a registry of its own."""
        # A creation time for each counter would double the number of own series.
        disable_created_metrics: Callable[[], None] = prometheus_client.disable_created_metrics
        disable_created_metrics()
        self.registry = CollectorRegistry()
        self._metrics = {family.name: _built(family, self.registry) for family in OWN_FAMILIES}
        self.changes = 0
        """Grows with every change, except those of the process itself."""
        for collector in (ProcessCollector, PlatformCollector, GCCollector):
            collector(registry=self.registry)

    def set(self, name: str, value: float, *labels: str) -> None:
        """Set a gauge."""
        gauge = self._child(name, labels)
        gauge.set(value)

    def increase(self, name: str, *labels: str, by: float = 1) -> None:
        """Add to a counter."""
        self._child(name, labels).inc(by)

    def observe(self, name: str, value: float, *labels: str) -> None:
        """Put a value into a histogram."""
        self._child(name, labels).observe(value)

    def forget(self, name: str, *labels: str) -> None:
        """Remove a series whose labels no longer hold."""
        self.changes += 1
        self._metrics[name].remove(*labels)

    def forget_all(self, *kinds: str, **labels: str) -> None:
        """Remove every series that has these labels.

        Args:
            kinds: Narrow it to families of these kinds (counter, gauge, histogram).
            labels: Names and values.
        """
        self.changes += 1
        for family in OWN_FAMILIES:
            if labels.keys() <= set(family.all_labels) and (not kinds or family.kind in kinds):
                _remove(self._metrics[family.name], family.all_labels, labels)

    def _child(self, name: str, labels: Iterable[str]) -> Any:
        self.changes += 1
        metric = self._metrics[name]
        values = tuple(labels)
        return metric.labels(*values) if values else metric


def _built(family: Family, registry: CollectorRegistry) -> MetricWrapperBase:
    arguments = (family.name, family.help, family.all_labels)
    if family.kind == "histogram":
        return Histogram(*arguments, buckets=family.buckets, registry=registry)
    kinds: dict[str, type[Counter | Gauge]] = {"counter": Counter, "gauge": Gauge}
    return kinds[family.kind](*arguments, registry=registry)


def _remove(metric: MetricWrapperBase, names: tuple[str, ...], labels: Mapping[str, str]) -> None:
    samples = [sample for each in metric.collect() for sample in each.samples]
    children = {
        tuple(sample.labels[name] for name in names)
        for sample in samples
        if labels.items() <= sample.labels.items()
    }
    for values in children:
        metric.remove(*values)
