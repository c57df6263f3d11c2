"""What must hold for whatever is served, however odd the answers of an API are?"""

import gzip
import re
import sys
from collections import Counter
from collections.abc import Iterable, Mapping
from functools import lru_cache

from prometheus_client import Metric
from prometheus_client.samples import Sample

from exporter.catalogue import FAMILIES
from exporter.catalogue.family import Family
from exporter.errors import Reason
from exporter.exposition.page import EOF, Pages
from exporter.exposition.text import Format
from tests.support.exposition import as_gzip, families, joined, openmetrics_families

BY_NAME: Mapping[str, Family] = {family.name: family for family in FAMILIES}
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")
LONGEST_LABEL = 600
LONGEST_MESSAGE = 2000
LARGEST = sys.float_info.max
"""Prometheus refuses a whole scrape for one number beyond; an infinity or NaN is no reading."""
FIRST, LAST = 0.0, 260_000_000_000.0
"""Unix seconds of 1970 and of a year beyond 9999: no time that is served lies outside."""


def check_failure(reason: Reason | None, message: str, secrets: Iterable[str]) -> None:
    """Check that a failure is one of ours, short, on one line, and gives no secret away."""
    assert reason is not Reason.INTERNAL, message
    assert 0 < len(message) <= LONGEST_MESSAGE, len(message)
    assert not _CONTROL.search(message), message
    assert not any(secret in message for secret in secrets), "a secret is shown"


def check_pages(pages: Pages, same: Pages) -> None:
    """Check all that is served in every form; `same` must serve the same."""
    text = joined(pages.whole(Format.TEXT))
    openmetrics = joined(pages.whole(Format.OPENMETRICS), EOF)
    packed = as_gzip(pages.whole(Format.TEXT))
    assert gzip.decompress(packed) == text
    assert _lines(text) == _lines(openmetrics.removesuffix(b"# EOF\n"))
    again = joined(same.whole(Format.TEXT))
    assert sorted(again.splitlines()) == sorted(text.splitlines())
    assert len(_lines(text)) == pages.volume().series
    check_text(text, openmetrics)


@lru_cache(maxsize=256)
def check_text(text: bytes, openmetrics: bytes) -> None:
    """Check an exposition as its readers see it; one that was right before is not read again."""
    read = families(text)
    check_families(read)
    check_families(openmetrics_families(openmetrics))
    check_servers(read)


def check_families(read: Iterable[Metric]) -> None:
    """Check names, types, labels, numbers, and that nothing is served twice."""
    series: set[tuple[str, frozenset[tuple[str, str]]]] = set()
    names: set[str] = set()
    for metric in read:
        name = metric.name if metric.name in BY_NAME else f"{metric.name}_total"
        assert name in BY_NAME, f"{metric.name} is not in the catalogue"
        assert name not in names, f"{name} comes twice"
        names.add(name)
        family = BY_NAME[name]
        assert metric.type == family.kind
        for sample in metric.samples:
            key = sample.name, frozenset(sample.labels.items())
            assert key not in series, f"{key} is served twice"
            series.add(key)
            _check_sample(family, sample)
        _check_states(family, metric.samples)


def check_servers(read: Iterable[Metric]) -> None:
    """Check that every server has one serial number, and one name."""
    identities: dict[str, set[str]] = {}
    for metric in read:
        for sample in metric.samples:
            if "serial" in sample.labels:
                identities.setdefault(sample.labels["serial"], set()).add(sample.labels["server"])
    assert all(len(names) == 1 for names in identities.values())
    assert all(serial.strip() for serial in identities)


def _check_sample(family: Family, sample: Sample) -> None:
    assert sample.name == family.name
    assert tuple(sorted(sample.labels)) == tuple(sorted(family.all_labels)), sample
    for text in sample.labels.values():
        assert len(text) <= LONGEST_LABEL, sample.name
        assert not _CONTROL.search(text), sample
    assert -LARGEST <= sample.value <= LARGEST, sample
    if family.states or family.name.endswith(("_managed", "_connected", "_maintenance")):
        assert sample.value in (0, 1), sample
    if family.name.endswith("_info"):
        assert sample.value == 1, sample
    if family.name.endswith("_timestamp_seconds"):
        assert FIRST < sample.value < LAST, sample
    if family.name.endswith(("_bytes", "_watts", "_joules", "_total", "_ratio", "_grams", "_usd")):
        assert sample.value >= 0, sample


def _check_states(family: Family, samples: Iterable[Sample]) -> None:
    """Check that each thing is in exactly one state, and that all states are there."""
    if not family.states:
        return
    on: Counter[frozenset[tuple[str, str]]] = Counter()
    states: dict[frozenset[tuple[str, str]], set[str]] = {}
    for sample in samples:
        thing = frozenset(item for item in sample.labels.items() if item[0] != "state")
        on[thing] += int(sample.value)
        states.setdefault(thing, set()).add(sample.labels["state"])
    assert set(on.values()) <= {1}, family.name
    assert all(each == set(family.states) for each in states.values()), family.name


def _lines(text: bytes) -> list[bytes]:
    return [line for line in text.split(b"\n") if line and not line.startswith(b"#")]
