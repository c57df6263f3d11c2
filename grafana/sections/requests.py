"""How do the calls to the APIs go: how quickly, how often again, with which logins?"""

from grafana_foundation_sdk.models import dashboard

from grafana.parts.graphs import heat_map, lines
from grafana.parts.page import Section, line
from grafana.parts.queries import equal, of_last_hour, of_source, trend
from grafana.parts.tables import label, table, value
from grafana.parts.values import BYTES, COUNT, NUMBER, SATURATION, SECONDS
from grafana.sections.calls import sent_in_last_hour


def section() -> Section:
    """Describe the row."""
    return Section(
        "API calls",
        (
            line(9, _latency(), _latency_spread(), _budget()),
            line(9, _retries(), _logins(), _tokens(), _bytes_received()),
        ),
    )


def _latency() -> dashboard.Panel:
    times = of_source("serverfleet_api_request_duration_seconds_bucket")
    calls = of_last_hour("source, le", times)
    return lines(
        "Time of a call",
        "Time from sending a call to the last byte of its answer: half of the calls, and 95 of "
        "100, were quicker in the hour before each moment.",
        [
            trend(f"histogram_quantile(0.5, {calls})", "{{source}} half"),
            trend(f"histogram_quantile(0.95, {calls})", "{{source}} 95 %"),
        ],
        SECONDS,
    )


def _latency_spread() -> dashboard.Panel:
    times = of_source("serverfleet_api_request_duration_seconds_bucket")
    return heat_map(
        "Spread of the time of calls",
        "How many calls of the hour before each moment took how long.",
        of_last_hour("le", times),
        SECONDS,
    )


def _budget() -> dashboard.Panel:
    needed = _by_source("serverfleet_api_needed_requests_per_second")
    allowed = _by_source("serverfleet_api_limit_requests_per_second")
    return table(
        "Calls an hour",
        "Calls that the enabled collectors need, that were made in the last hour, and that "
        "requests_per_minute allows; without that limit the last two are empty.",
        [
            f"{needed} * 3600",
            sent_in_last_hour(),
            f"{allowed} * 3600",
            f"{needed} / {allowed}",
        ],
        [
            label("source", "Source"),
            value("A", "Needed", NUMBER, width=90),
            value("B", "Made", NUMBER, width=90),
            value("C", "Allowed", NUMBER, width=90),
            value("D", "Used", SATURATION, width=80),
        ],
        order=[("Needed", True)],
    )


def _by_source(name: str) -> str:
    return f"max by (source) ({of_source(name)})"


def _retries() -> dashboard.Panel:
    retries = of_source("serverfleet_api_retries_total")
    limited = of_source("serverfleet_api_requests_total", equal("code", "429"))
    return lines(
        "Retries and rate limiting",
        "Calls that were sent again, by reason, and answers with status 429, in the hour before "
        "each moment.",
        [
            trend(of_last_hour("source, reason", retries), "{{source}} again: {{reason}}"),
            trend(of_last_hour("source", limited), "{{source}} 429"),
        ],
        COUNT,
    )


def _logins() -> dashboard.Panel:
    logins = of_source("serverfleet_api_logins_total")
    failed = of_source("serverfleet_api_login_failures_total")
    return lines(
        "Logins",
        "Logins that were tried and that failed in the hour before each moment. A session is "
        "kept, so there are few.",
        [
            trend(of_last_hour("source", logins), "{{source}} tried"),
            trend(of_last_hour("source", failed), "{{source}} failed"),
        ],
        COUNT,
    )


def _tokens() -> dashboard.Panel:
    expiry = of_source("serverfleet_api_token_expiry_timestamp_seconds")
    return lines(
        "Token ends in",
        "Time until the present token of COM ends. OME has sessions instead.",
        [trend(f"max by (source) ({expiry}) - time()", "{{source}}")],
        SECONDS,
    )


def _bytes_received() -> dashboard.Panel:
    received = of_source("serverfleet_api_response_bytes_total")
    return lines(
        "Bytes received",
        "Bytes of answers in the hour before each moment, before decompression.",
        [trend(of_last_hour("source", received), "{{source}}")],
        BYTES,
    )
