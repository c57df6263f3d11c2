"""Which families have no data, and why not? A query that names one of them may find nothing."""

from collections.abc import Mapping

MISSING: Mapping[str, str] = {
    "serverfleet_source_certificate_not_after_timestamp_seconds": (
        "the simulated APIs are spoken to in plain HTTP"
    ),
    "serverfleet_api_retries_total": (
        "counted from the first retry on, by its reason; the simulated APIs never need one"
    ),
}
"""Families by name, with the reason. Their panels have data all the same, of other families."""
