"""The step `time zone`: whether times that name no zone are read in the right one."""

from exporter.doctor.findings import Finding, Verdict
from exporter.sources.contract import ZoneStatus

STEP = "time zone"


def finding_from(zone: ZoneStatus | None) -> Finding:
    """Compare the configured zone with the one that the API states.

    Args:
        zone: Both; None where the API was not asked.
    """
    if zone is None:
        return not_tried()
    configured = f"timezone is {zone.configured}" if zone.configured else "timezone is not set"
    found = f"the API's zone is {zone.found}" if zone.found else "the API does not state its zone"
    seen = f"{configured}, {found}"
    if zone.differ:
        advice = "remove timezone, or correct it: with a wrong one, times are off by hours"
        return Finding(STEP, "", Verdict.WARNING, seen, advice)
    if not zone.configured and not zone.found:
        advice = "set timezone to the zone of the API; until then, UTC is used"
        return Finding(STEP, "", Verdict.WARNING, seen, advice)
    return Finding(STEP, "", Verdict.OK, seen)


def not_tried() -> Finding:
    """Return the step where the API cannot even be reached."""
    return Finding(STEP, "", Verdict.NOT_TRIED)
