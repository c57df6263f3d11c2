"""How do the alerts about sources and their collectors behave?"""

from tests.prometheus.scenario import Replacements, Scenario, Series, series

OME = {"source": "frankfurt", "vendor": "dell"}
UP = series("serverfleet_source_up", OME)
HEALTH = {"source": "frankfurt", "collector": "health"}
COM = {"source": "emea", "vendor": "hpe"}
FIRST = {"job": "any", "instance": "one:10450"}
SECOND = {"job": "any", "instance": "two:10450"}
DAY = 86400.0

_SOURCE = {"severity": "warning", "scope": "source", **OME}
_COLLECTOR = {"severity": "warning", "scope": "collector", **HEALTH}
_DOWN = {UP: 0.0}
_AUTH = series("serverfleet_collector_failures_total", HEALTH, reason="auth")
_CALLS = series(
    "serverfleet_api_requests_total", source="frankfurt", endpoint="Devices", code="200"
)
_LIMITED = series(
    "serverfleet_api_requests_total", source="frankfurt", endpoint="Devices", code="429"
)
_CERTIFICATE = series("serverfleet_source_certificate_not_after_timestamp_seconds", OME)
_SERVERS = series("serverfleet_source_servers", OME)
_MISSING = series("serverfleet_collector_missing_fields", HEALTH, field="RollupStatus")
_UNKNOWN = series("serverfleet_collector_unknown_values", HEALTH, field="RollupStatus")
_REPORTED = series("serverfleet_source_servers_reported", OME)
_NEEDED = series("serverfleet_api_needed_requests_per_second", source="frankfurt")
_LIMIT = series("serverfleet_api_limit_requests_per_second", source="frankfurt")
_DEPRECATED = "serverfleet_api_deprecated"
_SUNSET = "serverfleet_api_sunset_timestamp_seconds"
_AVAILABLE = series("serverfleet_collector_available", HEALTH)
_INFO_OF_FIRST = series("serverfleet_source_info", FIRST, COM, version="1", url="https://com")


def _collector(name: str) -> str:
    return series(f"serverfleet_collector_{name}", HEALTH)


def _gateways(**states: int) -> Series:
    name = "serverfleet_source_appliances"
    return {
        series(name, COM, kind="gateway", state=state): float(count)
        for state, count in states.items()
    }


_FAILED = series("serverfleet_source_jobs", OME, state="failed")


def _certificate_ending(alert: str, days: int, severity: str, good: int) -> Scenario:
    fires, later = f"{days - 1}d 23h 0m 0s", f"{days - 1}d 21h 40m 0s"
    summary = "frankfurt: the API's certificate ends in "
    description = (
        "The TLS certificate of frankfurt (dell) ends in {}. The exporter cannot read the source "
        "after that."
    )
    return Scenario(
        alert=alert,
        context={UP: 1},
        bad={_CERTIFICATE: days * DAY},
        good={_CERTIFICATE: good * DAY},
        after=60,
        step=20,
        quiet={UP: None},
        quiet_when="it has been taken out of the configuration",
        outage={UP: 0, _CERTIFICATE: None},
        labels={**_SOURCE, "severity": severity, "condition": "certificate"},
        summary=summary + fires,
        description=description.format(fires),
        says_then=(summary + later, description.format(later)),
    )


def _drift(family: str, records: int) -> Scenario:
    return Scenario(
        alert="ServerfleetSourceSchemaDrift",
        context={UP: 1},
        bad={family: records},
        good={family: 0},
        after=15,
        quiet=_DOWN,
        labels={**_COLLECTOR, "field": "RollupStatus"},
        summary="frankfurt: the API has changed RollupStatus",
        description=(
            "Records of the collector health of frankfurt that lack the field RollupStatus, or "
            f"have a value in it that the exporter does not know: {records}. What is read from it "
            "is unknown or absent."
        ),
    )


def _jobs_failed(failed: int, of: int, good: Series, quiet: Replacements) -> Scenario:
    return Scenario(
        alert="ServerfleetJobsFailed",
        context={UP: 1, _SERVERS: of},
        bad={_FAILED: failed},
        good=good,
        after=15,
        quiet=quiet,
        labels={**_SOURCE, "severity": "info"},
        summary="frankfurt: many jobs fail",
        description=(
            f"Jobs of frankfurt (dell) that have failed within a day: {failed}. What they were to "
            "change or to read is not done."
        ),
    )


SCENARIOS = [
    Scenario(
        alert="ServerfleetSourceDown",
        bad={UP: 0},
        good={UP: 1},
        after=5,
        keeps=5,
        quiet={UP: None},
        quiet_past={UP: 0},
        quiet_when="it has been taken out of the configuration",
        labels={"severity": "critical", "scope": "source", **OME},
        summary="frankfurt: the source cannot be read",
        description=(
            "The server list of frankfurt (dell) has not been read for five minutes. Its servers "
            "are not watched; their alerts are silent until it is back."
        ),
    ),
    # The same, by the other way: the one exporter that polls it is down, and another one is up.
    Scenario(
        alert="ServerfleetSourceDown",
        context={
            series("up", SECOND): 1,
            series("serverfleet_source_up", SECOND, OME): 1,
            series("serverfleet_build_info", SECOND): 1,
        },
        begins=10,
        past={
            series("up", FIRST): 1,
            _INFO_OF_FIRST: 1,
            series("serverfleet_source_up", FIRST, COM): 1,
        },
        bad={series("up", FIRST): 0},
        good={
            series("up", FIRST): 1,
            _INFO_OF_FIRST: 1,
            series("serverfleet_source_up", FIRST, COM): 1,
        },
        after=5,
        keeps=5,
        quiet={series("serverfleet_source_up", SECOND, COM): 1},
        quiet_when="another exporter reads it",
        twin=False,
        labels={"severity": "critical", "scope": "source", **COM},
        summary="emea: the source cannot be read",
        description=(
            "The server list of emea (hpe) has not been read for five minutes. Its servers are "
            "not watched; their alerts are silent until it is back."
        ),
    ),
    Scenario(
        alert="ServerfleetSourcePartlyDown",
        context={series("serverfleet_source_up", FIRST, OME): 1},
        bad={series("serverfleet_source_up", SECOND, OME): 0},
        good={series("serverfleet_source_up", SECOND, OME): 1},
        after=15,
        quiet={series("serverfleet_source_up", FIRST, OME): 0},
        twin=False,
        labels=_SOURCE,
        summary="frankfurt: one of several exporters cannot read the source",
        description=(
            "frankfurt (dell) is read by one exporter, but not by another that should. Nothing "
            "is lost yet; the second one would not help if the first failed."
        ),
    ),
    Scenario(
        alert="ServerfleetSourceAuthFailing",
        context={UP: 0},
        bad={_collector("success"): 0, _AUTH: (1, 1)},
        good={_collector("success"): 1, _AUTH: (0, 0)},
        after=15,
        quiet={
            _AUTH: None,
            series("serverfleet_collector_failures_total", HEALTH, reason="timeout"): (1, 1),
        },
        labels={"severity": "critical", "scope": "source", **HEALTH},
        quiet_when="its source is down for another reason",
        outage=_DOWN,
        summary="frankfurt: the API refuses the credentials",
        description=(
            "The collector health of frankfurt fails because the API refuses its login or its "
            "permission. Too many wrong logins may lock the account."
        ),
    ),
    Scenario(
        alert="ServerfleetSourceRateLimited",
        context={UP: 1},
        bad={_LIMITED: (0, 6), _CALLS: (0, 54)},
        good={_LIMITED: (0, 0.6), _CALLS: (0, 60)},
        after=20,
        quiet=_DOWN,
        labels={"severity": "warning", "scope": "source", "source": "frankfurt"},
        summary="frankfurt: the API limits our calls",
        description=(
            "10% of the calls to frankfurt are answered with 429. Data arrive later than "
            "configured."
        ),
    ),
    Scenario(
        alert="ServerfleetSourceTlsNotVerified",
        context={UP: 1},
        bad={series("serverfleet_source_tls_verification_enabled", OME): 0},
        good={series("serverfleet_source_tls_verification_enabled", OME): 1},
        after=15,
        quiet={series("serverfleet_source_tls_verification_enabled", OME): None},
        quiet_when="it has been taken out of the configuration",
        outage=_DOWN,
        labels=_SOURCE,
        summary="frankfurt: the API's certificate is not verified",
        description=(
            "The exporter sends the credentials of frankfurt (dell) without verifying who "
            "receives them: insecure_skip_verify is set, or the address is plain HTTP."
        ),
    ),
    Scenario(
        alert="ServerfleetSourceEndpointDeprecated",
        context={UP: 1, series(_SUNSET, source="frankfurt", endpoint="v1/jobs"): 1_000 * DAY},
        bad={series(_DEPRECATED, source="frankfurt", endpoint="v1/jobs"): 1},
        good={series(_SUNSET, source="frankfurt", endpoint="v1/jobs"): 1_000 * DAY},
        healed={series(_DEPRECATED, source="frankfurt", endpoint="v1/groups"): 0},
        after=15,
        quiet={series(_DEPRECATED, source="frankfurt", endpoint="v1/jobs"): None},
        quiet_when="it has been taken out of the configuration",
        outage=_DOWN,
        labels={
            "severity": "info",
            "scope": "source",
            "source": "frankfurt",
            "endpoint": "v1/jobs",
        },
        summary="frankfurt: the API announces the end of v1/jobs",
        description=(
            "The API of frankfurt announces that v1/jobs will be removed after "
            "1972-09-27 00:00:00 +0000 UTC. What the exporter reads from it is missing then."
        ),
    ),
    # Without a date.
    Scenario(
        alert="ServerfleetSourceEndpointDeprecated",
        context={UP: 1},
        bad={series(_DEPRECATED, source="frankfurt", endpoint="v1/jobs"): 1},
        good={UP: 1},
        after=15,
        quiet={series(_DEPRECATED, source="frankfurt", endpoint="v1/jobs"): None},
        quiet_when="nothing is announced",
        labels={
            "severity": "info",
            "scope": "source",
            "source": "frankfurt",
            "endpoint": "v1/jobs",
        },
        summary="frankfurt: the API announces the end of v1/jobs",
        description=(
            "The API of frankfurt announces that v1/jobs will be removed. What the exporter reads "
            "from it is missing then."
        ),
    ),
    _certificate_ending("ServerfleetSourceCertificateEnding", 20, "warning", good=365),
    _certificate_ending("ServerfleetSourceCertificateEndingSoon", 6, "critical", good=20),
    Scenario(
        alert="ServerfleetInventoryTruncated",
        context={UP: 1, _REPORTED: 100},
        bad={_SERVERS: 97},
        good={_SERVERS: 100},
        after=15,
        quiet={UP: 0, _SERVERS: None, _REPORTED: None},
        outage={UP: 0, _SERVERS: None, _REPORTED: None},
        labels=_SOURCE,
        summary="frankfurt: servers are missing from the metrics",
        description=(
            "Servers that the API of frankfurt (dell) counts, but the exporter does not serve: "
            "3. They are not watched."
        ),
    ),
    Scenario(
        alert="ServerfleetCollectorStale",
        context={UP: 1, _collector("interval_seconds"): 300},
        bad={_collector("last_success_timestamp_seconds"): 0},
        good={_collector("last_success_timestamp_seconds"): (0, 300)},
        healed={_collector("last_success_timestamp_seconds"): DAY},
        after=25,
        quiet=_DOWN,
        labels=_COLLECTOR,
        summary="frankfurt: health data are too old",
        description=(
            "The collector health of frankfurt has not succeeded for 5.0 of its intervals. Its "
            "metrics have been taken out, and alerts that need them are silent."
        ),
    ),
    Scenario(
        alert="ServerfleetCollectorFailing",
        context={UP: 1},
        bad={_collector("consecutive_failures"): 3},
        good={_collector("consecutive_failures"): 2},
        after=2,
        step=2,
        quiet=_DOWN,
        labels=_COLLECTOR,
        summary="frankfurt: health keeps failing",
        description="The collector health of frankfurt has failed 3 times in a row.",
    ),
    Scenario(
        alert="ServerfleetCollectorOverrunning",
        context={UP: 1, _collector("interval_seconds"): 300},
        bad={_collector("duration_seconds"): 270},
        good={_collector("duration_seconds"): 200},
        after=30,
        step=10,
        quiet=_DOWN,
        labels=_COLLECTOR,
        summary="frankfurt: health cannot keep up with its interval",
        description=(
            "A run of the collector health of frankfurt takes 90% of its interval. Data arrive "
            "later than configured."
        ),
    ),
    Scenario(
        alert="ServerfleetCollectorProblems",
        context={UP: 1, _collector("last_run_records"): 75},
        bad={_collector("last_run_skipped_records"): 25},
        good={_collector("last_run_skipped_records"): 10},
        after=120,
        step=20,
        quiet=_DOWN,
        labels=_COLLECTOR,
        summary="frankfurt: health skips many records",
        description=(
            "The collector health of frankfurt could not use 25% of the records it read. Those "
            "readings are absent."
        ),
    ),
    _drift(_MISSING, 40),
    # The same, by the other way: the field is there, and has a new word.
    _drift(_UNKNOWN, 3),
    Scenario(
        alert="ServerfleetInventoryDropped",
        step=60,
        context={UP: 1},
        begins=1440,
        past={_SERVERS: 100},
        bad={_SERVERS: 75},
        good={_SERVERS: 95},
        after=60,
        quiet={UP: 0, _SERVERS: None},
        outage={UP: 0, _SERVERS: None},
        labels=_SOURCE,
        summary="frankfurt: 25% of the servers are gone",
        description=(
            "frankfurt (dell) has 25% fewer servers than at this time yesterday. Those that are "
            "gone are not watched any more."
        ),
    ),
    Scenario(
        alert="ServerfleetSourceBudgetExceeded",
        step=20,
        context={UP: 1, _LIMIT: 10},
        bad={_NEEDED: 15},
        good={_NEEDED: 9.8},
        after=60,
        quiet={UP: 0, _LIMIT: None},
        quiet_when="there is no limit",
        outage=_DOWN,
        labels={"severity": "warning", "scope": "source", "source": "frankfurt"},
        summary="frankfurt: the collectors need more calls than they may make",
        description=(
            "The enabled collectors of frankfurt need 150% of the calls that requests_per_minute "
            "allows. The slow ones will not keep their intervals."
        ),
    ),
    _jobs_failed(
        12,
        of=100,
        good={_FAILED: 9, series("serverfleet_source_jobs", OME, state="running"): 30},
        quiet=_DOWN,
    ),
    # A few of a few are not many.
    _jobs_failed(5, of=10, good={_FAILED: 4}, quiet={**_DOWN, _SERVERS: None}),
    Scenario(
        alert="ServerfleetApplianceDisconnected",
        context={series("serverfleet_source_up", COM): 1},
        bad=_gateways(disconnected=1, connected=1),
        good=_gateways(not_activated=1, connected=1, disconnected=0),
        after=15,
        quiet={series("serverfleet_source_up", COM): 0},
        labels={"severity": "warning", "scope": "source", **COM, "kind": "gateway"},
        summary="emea: an appliance (gateway) is not connected",
        description=(
            "Appliances (gateway) that emea (hpe) is not connected to: 1. The servers behind them "
            "are not watched."
        ),
    ),
    Scenario(
        alert="ServerfleetCollectorUnavailable",
        step=20,
        context={UP: 1},
        bad={_AVAILABLE: 0},
        good={_AVAILABLE: 1},
        after=60,
        quiet={series("serverfleet_collector_available", SECOND, HEALTH): 1},
        quiet_when="another exporter has what it needs",
        labels={**_COLLECTOR, "severity": "info"},
        summary="frankfurt: health has nothing to read",
        description=(
            "The collector health of frankfurt misses a licence, a plugin or a permission; the "
            "status page says which. It is only tried again now and then, and its metrics are "
            "absent."
        ),
    ),
]
