"""Reads what has drifted."""

from collections.abc import Iterable

from exporter.model import DriftedField, DriftKind


def unknown(drift: Iterable[DriftedField]) -> dict[str, tuple[str, ...]]:
    """Return the unknown values by field."""
    return {each.name: each.values for each in drift if each.kind is DriftKind.UNKNOWN_VALUES}


def missing(drift: Iterable[DriftedField]) -> dict[str, int]:
    """Return how many records lack each missing field."""
    return {each.name: each.records for each in drift if each.kind is DriftKind.MISSING}
