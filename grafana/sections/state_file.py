"""Is the energy of every server kept, and can its file be written?"""

from grafana_foundation_sdk.models import dashboard

from grafana.parts.graphs import lines, stack
from grafana.parts.page import Section, line
from grafana.parts.queries import of_exporter, of_last_hour, of_source, trend
from grafana.parts.values import BYTES, COUNT, SECONDS


def section() -> Section:
    """Describe the row."""
    return Section("State file", (line(9, _pending(), _written(), _troubles(), _size()),))


def _pending() -> dashboard.Panel:
    pending = of_source("serverfleet_ledger_hours_pending")
    return lines(
        "Hours of energy not counted yet",
        "Closed hours of HPE's servers that the state file lacks: 0 or 1 when all is well, more "
        "after an outage, until they are read. No data without a state file.",
        [trend(f"max by (source) ({pending})", "{{source}}")],
        COUNT,
    )


def _written() -> dashboard.Panel:
    written = of_source("serverfleet_ledger_last_write_timestamp_seconds")
    return lines(
        "Time since the last write",
        "Time since something of a source was written to the state file: below about an hour with "
        "the default intervals. No data without a state file.",
        [trend(f"time() - max by (source) ({written})", "{{source}}")],
        SECONDS,
    )


def _troubles() -> dashboard.Panel:
    errors = of_exporter("serverfleet_ledger_errors_total")
    lost = of_source("serverfleet_ledger_hours_lost_total")
    return stack(
        "Errors and lost hours",
        "Times that the state file could not be used, by reason, and hours that went out of the "
        "API's reach before they were counted, in the hour before each moment. No data without a "
        "state file.",
        [
            trend(of_last_hour("instance, reason", errors), "{{instance}} {{reason}}"),
            trend(of_last_hour("source", lost), "{{source}} lost"),
        ],
        COUNT,
    )


def _size() -> dashboard.Panel:
    return lines(
        "Size of the state file",
        "Bytes of the state file and its write-ahead log; 0 without one.",
        [trend(of_exporter("serverfleet_ledger_file_bytes"), "{{instance}}")],
        BYTES,
    )
