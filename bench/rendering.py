"""What does rendering cost a sample, and what would it cost with prometheus_client?"""

import time
from collections.abc import Iterable

from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import Metric
from prometheus_client.parser import text_string_to_metric_families
from prometheus_client.registry import Collector

from exporter.exposition.block import SHARD
from exporter.exposition.render import FamilyRenderer
from exporter.exposition.store import BLOCK_FAMILIES
from exporter.lifecycle import Exporter

_ROUNDS = 3


class _Ready(Collector):
    """Gives families that are built already, so that only their rendering is measured."""

    def __init__(self, families: list[Metric]) -> None:
        self._families = families

    def collect(self) -> Iterable[Metric]:
        return self._families


def rendering_figures(exporter: Exporter) -> dict[str, object]:
    """Render everything that is served, both ways; the medians of a few rounds."""
    ours = [_ours(exporter) for _ in range(_ROUNDS)]
    samples = ours[0][1]
    registry = CollectorRegistry()
    families = list(text_string_to_metric_families(exporter.exposition().decode()))
    registry.register(_Ready(families))
    theirs_samples = sum(len(family.samples) for family in families)
    theirs = [_timed(registry) for _ in range(_ROUNDS)]
    own = sorted(seconds for seconds, _ in ours)[_ROUNDS // 2] / samples
    other = sorted(theirs)[_ROUNDS // 2] / theirs_samples
    return {
        "rendered_samples": samples,
        "microseconds_a_sample": own * 1e6,
        "prometheus_client_microseconds_a_sample": other * 1e6,
        "prometheus_client_ratio": other / own,
    }


def _ours(exporter: Exporter) -> tuple[float, int]:
    """Write every family anew, with fresh renderers, in the shards of the exporter."""
    started = time.perf_counter()
    samples = 0
    for _, _, published in exporter.store.served():
        for family in BLOCK_FAMILIES:
            rows = published.rows.get(family.facet) if family.facet else None
            if rows is None:
                continue
            renderer = FamilyRenderer(family)
            for start in range(0, len(rows.identities), SHARD):
                part = slice(start, start + SHARD)
                samples += renderer.lines(rows.identities[part], rows.facets[part])[1]
    return time.perf_counter() - started, samples


def _timed(registry: CollectorRegistry) -> float:
    started = time.perf_counter()
    generate_latest(registry)
    return time.perf_counter() - started
