"""The families that the exporter serves about itself, its sources, collectors and calls.

They are always served, whatever fails; `exporter/telemetry` keeps them live. Each is a constant, by
which the type checker knows how many label values a series of it has.
"""

from typing import Generic, TypeVarTuple

from exporter.catalogue.family import Family, Kind, Scope

Values = TypeVarTuple("Values")


class OwnFamily(Family, Generic[*Values]):
    """A family that is kept live; the type parameters are those of its label values."""

    __slots__ = ()


def _source(name: str, text: str, *labels: *Values) -> OwnFamily[str, str, *Values]:
    return OwnFamily(name=name, help=text, scope=Scope.SOURCE, labels=tuple(map(str, labels)))


def _collector(
    name: str, text: str, *labels: *Values, kind: Kind = "gauge"
) -> OwnFamily[str, str, *Values]:
    own = tuple(map(str, labels))
    return OwnFamily(name=name, help=text, scope=Scope.COLLECTOR, labels=own, kind=kind)


def _api(
    name: str,
    text: str,
    *labels: *Values,
    kind: Kind = "gauge",
    buckets: tuple[float, ...] = (),
) -> OwnFamily[str, *Values]:
    own = tuple(map(str, labels))
    return OwnFamily(name=name, help=text, scope=Scope.API, labels=own, kind=kind, buckets=buckets)


def _exporter(
    name: str,
    text: str,
    *labels: *Values,
    kind: Kind = "gauge",
    buckets: tuple[float, ...] = (),
) -> OwnFamily[*Values]:
    own = tuple(map(str, labels))
    return OwnFamily(
        name=name, help=text, scope=Scope.EXPORTER, labels=own, kind=kind, buckets=buckets
    )


SOURCE_INFO = _source(
    "serverfleet_source_info",
    "A configured source; always 1. version is empty until the API has named one.",
    "type",
    "version",
    "url",
)
SOURCE_UP = _source(
    "serverfleet_source_up",
    "Whether the last run of the inventory collector succeeded and was plausible (1) or not (0).",
)
SOURCE_TLS_VERIFICATION_ENABLED = _source(
    "serverfleet_source_tls_verification_enabled",
    "Whether the API's certificate is verified (1), or insecure_skip_verify or plain HTTP is set "
    "(0).",
)
SOURCE_CERTIFICATE_NOT_AFTER_TIMESTAMP_SECONDS = _source(
    "serverfleet_source_certificate_not_after_timestamp_seconds",
    "Unix time at which the API's own TLS certificate ends; absent while it is not verified.",
)

COLLECTOR_SUCCESS = _collector(
    "serverfleet_collector_success",
    "Whether the last run succeeded (1) or not (0).",
)
COLLECTOR_LAST_RUN_TIMESTAMP_SECONDS = _collector(
    "serverfleet_collector_last_run_timestamp_seconds",
    "Unix time at which the last run ended.",
)
COLLECTOR_LAST_SUCCESS_TIMESTAMP_SECONDS = _collector(
    "serverfleet_collector_last_success_timestamp_seconds",
    "Unix time at which the last successful run ended.",
)
COLLECTOR_INTERVAL_SECONDS = _collector(
    "serverfleet_collector_interval_seconds",
    "Time between two runs, as it is now in force.",
)
COLLECTOR_DURATION_SECONDS = _collector(
    "serverfleet_collector_duration_seconds",
    "Time that the last run took.",
)
COLLECTOR_CONSECUTIVE_FAILURES = _collector(
    "serverfleet_collector_consecutive_failures",
    "Failed runs since the last success.",
)
COLLECTOR_LAST_RUN_REQUESTS = _collector(
    "serverfleet_collector_last_run_requests",
    "Requests sent in the last successful run, including logins and retries.",
)
COLLECTOR_AVAILABLE = _collector(
    "serverfleet_collector_available",
    "Whether the collector has something to read (1), or its licence, plugin or permission is "
    "missing and it is only re-checked now and then (0).",
)
COLLECTOR_LAST_RUN_RECORDS = _collector(
    "serverfleet_collector_last_run_records",
    "Records read in the last successful run, without skipped ones.",
)
COLLECTOR_LAST_RUN_SKIPPED_RECORDS = _collector(
    "serverfleet_collector_last_run_skipped_records",
    "Records or readings that the last successful run could not use.",
)
COLLECTOR_UNKNOWN_VALUES = _collector(
    "serverfleet_collector_unknown_values",
    "Records of the last successful run with a value of this field that the exporter does not "
    "know, such as a new word or code; field is in the API's own words, or other beyond 50. "
    "Absent where all are known. The log and check --probe name the values.",
    "field",
)
COLLECTOR_MISSING_FIELDS = _collector(
    "serverfleet_collector_missing_fields",
    "Records of the last successful run that should have this field, where none of them has it; "
    "field is in the API's own words, or other beyond 50. Absent where one has it.",
    "field",
)
COLLECTOR_DATA_SERVED = _collector(
    "serverfleet_collector_data_served",
    "Whether data of this collector are served now (1) or not: none yet, or too old (0).",
)
COLLECTOR_RUNS_TOTAL = _collector(
    "serverfleet_collector_runs_total",
    "Runs that have ended.",
    kind="counter",
)
COLLECTOR_FAILURES_TOTAL = _collector(
    "serverfleet_collector_failures_total",
    "Runs that have failed, by reason.",
    "reason",
    kind="counter",
)

API_REQUESTS_TOTAL = _api(
    "serverfleet_api_requests_total",
    "Requests sent; code is the HTTP status, other for one that is not registered, or error "
    "where no answer came. Each endpoint has a series for code 429, which is 0 until the API "
    "limits the rate.",
    "endpoint",
    "code",
    kind="counter",
)
API_REQUEST_DURATION_SECONDS = _api(
    "serverfleet_api_request_duration_seconds",
    "Time from sending a request to the last byte of its answer.",
    "endpoint",
    kind="histogram",
    buckets=(0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 5.0, 30.0),
)
API_RETRIES_TOTAL = _api(
    "serverfleet_api_retries_total",
    "Requests sent again, by reason.",
    "reason",
    kind="counter",
)
API_NEEDED_REQUESTS_PER_SECOND = _api(
    "serverfleet_api_needed_requests_per_second",
    "Requests per second that the enabled collectors need on average, by their last successful "
    "runs.",
)
API_LIMIT_REQUESTS_PER_SECOND = _api(
    "serverfleet_api_limit_requests_per_second",
    "Requests per second that http.requests_per_minute allows; absent without that limit.",
)
API_LOGINS_TOTAL = _api(
    "serverfleet_api_logins_total",
    "Logins tried.",
    kind="counter",
)
API_LOGIN_FAILURES_TOTAL = _api(
    "serverfleet_api_login_failures_total",
    "Logins that failed.",
    kind="counter",
)
API_TOKEN_EXPIRY_TIMESTAMP_SECONDS = _api(
    "serverfleet_api_token_expiry_timestamp_seconds",
    "Unix time at which the present token ends. HPE: expires_in; absent for Dell.",
)
API_RESPONSE_BYTES_TOTAL = _api(
    "serverfleet_api_response_bytes_total",
    "Bytes of answers as received, before decompression.",
    kind="counter",
)
API_DEPRECATED = _api(
    "serverfleet_api_deprecated",
    "Whether the API announces the end of this endpoint by a Deprecation or Sunset header (1); "
    "absent otherwise.",
    "endpoint",
)
API_SUNSET_TIMESTAMP_SECONDS = _api(
    "serverfleet_api_sunset_timestamp_seconds",
    "Unix time of the Sunset header: the endpoint may be gone after that. Absent without one.",
    "endpoint",
)

BUILD_INFO = _exporter(
    "serverfleet_build_info",
    "Version of the exporter and of Python; always 1.",
    "version",
    "python",
)
CONFIG_LAST_RELOAD_SUCCESSFUL = _exporter(
    "serverfleet_config_last_reload_successful",
    "Whether the last (re)load of the configuration succeeded (1) or not (0).",
)
CONFIG_LAST_RELOAD_SUCCESS_TIMESTAMP_SECONDS = _exporter(
    "serverfleet_config_last_reload_success_timestamp_seconds",
    "Unix time of the last successful (re)load of the configuration.",
)
SHARD_ORDINAL = _exporter(
    "serverfleet_shard_ordinal",
    "Which part of the servers this exporter serves: --shard.index, which the label repeats; 0 "
    "without it.",
    "shard_ordinal",
)
TOTAL_SHARDS = _exporter(
    "serverfleet_total_shards",
    "Between how many exporters the servers are divided: --shard.total; 1 without it.",
)
EXPOSITION_SERIES = _exporter(
    "serverfleet_exposition_series",
    "Series of servers and sources that are served now.",
)
EXPOSITION_BYTES = _exporter(
    "serverfleet_exposition_bytes",
    "Size of what is served of servers and sources, by encoding.",
    "encoding",
)
SERIES_DROPPED_TOTAL = _exporter(
    "serverfleet_series_dropped_total",
    "Series left out, by reason: duplicate is a second server with the same serial number.",
    "reason",
    kind="counter",
)
WEB_CONFIG_LAST_RELOAD_SUCCESSFUL = _exporter(
    "serverfleet_web_config_last_reload_successful",
    "Whether the last (re)load of the web configuration succeeded (1), or it has changed in a "
    "way that cannot be used and the former one is in force (0). Absent without one.",
)
WEB_REFUSED_TOTAL = _exporter(
    "serverfleet_web_refused_total",
    "Clients of the exporter that were refused or dropped, by reason: connections and requests "
    "are too many at once, unauthorized is a wrong password, foreign_site is a reload asked for "
    "by a page of another site, malformed is what is not an HTTP request, slow is one that did "
    "not send or read in time, handshake and client_certificate are TLS handshakes that failed, "
    "the latter because of the client's certificate.",
    "reason",
    kind="counter",
)
LEDGER_HOURS_PENDING = _exporter(
    "serverfleet_ledger_hours_pending",
    "Closed hours whose energy has not been read yet; with --state.file.",
    "source",
)
LEDGER_HOURS_LOST_TOTAL = _exporter(
    "serverfleet_ledger_hours_lost_total",
    "Closed hours that the API did not reach back to any more when they could be read; with "
    "--state.file.",
    "source",
    kind="counter",
)
LEDGER_LAST_WRITE_TIMESTAMP_SECONDS = _exporter(
    "serverfleet_ledger_last_write_timestamp_seconds",
    "Unix time at which something of the source was last committed to the state file; with "
    "--state.file.",
    "source",
)
LEDGER_FILE_BYTES = _exporter(
    "serverfleet_ledger_file_bytes",
    "Size of the state file and its write-ahead log; absent without --state.file.",
)
LEDGER_ERRORS_TOTAL = _exporter(
    "serverfleet_ledger_errors_total",
    "Times that the state file could not be used, by reason: write (a full or read-only disk, or "
    "it was deleted), damaged (a new file was begun); with --state.file.",
    "reason",
    kind="counter",
)
EVENT_LOOP_LAG_SECONDS = _exporter(
    "serverfleet_event_loop_lag_seconds",
    "How late the event loop is in waking a task.",
    kind="histogram",
    buckets=(0.001, 0.0025, 0.005, 0.02, 0.05, 0.1, 0.5, 1.0),
)


OWN_FAMILIES: tuple[Family, ...] = tuple(
    each for each in list(globals().values()) if isinstance(each, OwnFamily)
)
"""Every constant of this file, in its order, which is that of the page."""
