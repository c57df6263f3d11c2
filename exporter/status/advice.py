"""Advice about a collector that fails: a sentence and a section of the runbooks by reason."""

from exporter.errors import Reason

RUNBOOKS = "https://github.com/serverfleet/serverfleet-exporter/blob/main/docs/runbooks.md"
"""The page that the shipped alerts link to as well."""

_REPORT = "Report it together with the log of the exporter."
_BY_REASON = {
    Reason.TIMEOUT: "Check network, proxy and firewall on the way to the API, and whether it is "
    "overloaded; for long runs raise http.timeout, http.concurrency or the interval.",
    Reason.CONNECT: "Check the address, DNS, proxy and firewall, and whether the API is up.",
    Reason.TLS: "Check the API's certificate, and http.ca_file and http.server_name of the source.",
    Reason.AUTH: "Renew the client secret or password where the configuration takes it from; see "
    "whether the user is locked or disabled.",
    Reason.FORBIDDEN: "Give the API user the role Viewer, with all device groups in its scope.",
    Reason.RATE_LIMITED: "Raise the interval of what asks most, set http.requests_per_minute, or "
    "give the exporter an API client of its own.",
    Reason.REDIRECT: "Set the address at which the API itself answers; a redirect is not followed "
    "with a credential.",
    Reason.HTTP_4XX: "Check the address and the version of the API.",
    Reason.HTTP_5XX: "The API itself is in trouble: wait, and see the vendor's status page or the "
    "appliance's own log. The exporter tries again by itself.",
    Reason.DECODE: "Something on the way answers in place of the API, or it has changed. "
    + _REPORT,
    Reason.SCHEMA: "The API has changed: look for a newer version of the exporter. " + _REPORT,
    Reason.TRUNCATED: "The API gives fewer records than it counts: check the scope of the API "
    "user. If it persists, report it together with the log.",
    Reason.EMPTY: "The API gives nothing where there was something: check the role and the scope "
    "of the API user.",
    Reason.TOO_LARGE: "Raise http.max_response_bytes of the source, if the error names it; "
    "otherwise the API sends more than it should.",
    Reason.INTERNAL: "That is a mistake in the exporter. " + _REPORT,
}
_SECTIONS = {
    Reason.AUTH: "ServerfleetSourceAuthFailing",
    Reason.FORBIDDEN: "ServerfleetSourceAuthFailing",
    Reason.RATE_LIMITED: "ServerfleetSourceRateLimited",
    Reason.TRUNCATED: "ServerfleetInventoryTruncated",
}
SOURCE_DOWN = "ServerfleetSourceDown"
COLLECTOR_FAILING = "ServerfleetCollectorFailing"
SCHEMA_DRIFT = "ServerfleetSourceSchemaDrift"


def advice_for(reason: str, remedy: str = "") -> str:
    """Say what to do about a failure.

    Args:
        reason: Its class.
        remedy: What helps in this very case, where that is known.
    """
    return f"{remedy[0].upper()}{remedy[1:]}." if remedy else _BY_REASON[Reason(reason)]


def runbook_for(reason: str, *, is_inventory: bool) -> str:
    """Return the address of the section about a failure."""
    general = SOURCE_DOWN if is_inventory else COLLECTOR_FAILING
    return runbook(_SECTIONS.get(Reason(reason), general))


def runbook(section: str) -> str:
    """Return the address of a section."""
    return f"{RUNBOOKS}#{section.lower()}"
