"""What a program reads out of an exposition."""

from collections.abc import Mapping
from functools import lru_cache

from prometheus_client import Metric
from prometheus_client.openmetrics import parser as openmetrics
from prometheus_client.parser import text_string_to_metric_families
from prometheus_client.samples import Sample

from exporter.exposition.gzipped import NOTHING, Body, Text

Series = tuple[str, frozenset[tuple[str, str]]]


def families(text: bytes) -> list[Metric]:
    """Read the text format."""
    return list(text_string_to_metric_families(text.decode()))


def openmetrics_families(text: bytes) -> list[Metric]:
    """Read OpenMetrics, strictly."""
    return list(openmetrics.text_string_to_metric_families(text.decode()))  # type: ignore[no-untyped-call]


def samples(text: bytes) -> list[Sample]:
    """Read every sample of the text format, in order."""
    return [sample for family in families(text) for sample in family.samples]


def joined(body: Body, end: Text = NOTHING) -> bytes:
    """Return a whole body without compression."""
    answer = body.plain(end)
    text = b"".join(answer.parts)
    assert len(text) == answer.length
    return text


def as_gzip(body: Body, end: Text = NOTHING) -> bytes:
    """Return a whole body as one gzip stream."""
    answer = body.compressed(end)
    stream = b"".join(answer.parts)
    assert len(stream) == answer.length
    return stream


@lru_cache(maxsize=4)
def series(text: bytes) -> Mapping[Series, float]:
    """Read every sample; two of the same series are an error."""
    found: dict[Series, float] = {}
    for sample in samples(text):
        key = sample.name, frozenset(sample.labels.items())
        assert key not in found, key
        found[key] = sample.value
    return found


def values(text: bytes, name: str, **labels: str) -> list[float]:
    """Read the values of a family, narrowed to the series that have these labels."""
    return [
        value
        for (found, pairs), value in series(text).items()
        if found == name and labels.items() <= dict(pairs).items()
    ]


def value(text: bytes, name: str, **labels: str) -> float:
    """Read the one value of a family that has these labels."""
    (only,) = values(text, name, **labels)
    return only
