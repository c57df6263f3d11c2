"""What a login and one run of every collector show about a source."""

from collections.abc import Iterator, Sequence
from statistics import median

from exporter.config.source import SourceSettings
from exporter.doctor.findings import Finding, Verdict
from exporter.errors import Reason
from exporter.polling.board import CollectorState, calls_an_hour
from exporter.polling.run_log import REPORT
from exporter.polling.timing import too_slow
from exporter.sources.contract import ZoneStatus
from exporter.sources.observer import Silence
from exporter.status.advice import advice_for


class Recorder(Silence):
    """Remembers the calls of one source."""

    def __init__(self) -> None:
        """Begin with no call."""
        self.seconds: list[float] = []
        self.logins: list[bool] = []

    def request(self, endpoint: str, code: str, seconds: float, received: int) -> None:  # noqa: ARG002
        """Note how long an answered request took."""
        if code != "error":
            self.seconds.append(seconds)

    def login(self, *, ok: bool) -> None:
        """Note a login."""
        self.logins.append(ok)


def findings_from(
    settings: SourceSettings, states: Sequence[CollectorState], calls: Recorder, limit: float
) -> Iterator[Finding]:
    """Read the states after one run of every collector.

    Args:
        settings: Of the source.
        states: Of its collectors; the inventory comes first.
        calls: What was seen of its calls.
        limit: Seconds that all runs had together.
    """
    inventory = states[0]
    yield _login(settings, inventory, calls, limit)
    for state in states:
        if not _is_let_in(inventory, calls) or (
            state.success is None and inventory.success is False
        ):
            yield Finding("collector", state.collector, Verdict.NOT_TRIED)
        else:
            yield _collector(settings, state, limit)
    for state in states:
        for field in state.drift:
            advice = f"the API has changed: {REPORT}"
            yield Finding("drift", state.collector, Verdict.WARNING, str(field), advice)
    yield _latency(settings, calls)
    yield _budget(settings, states)


def not_tried(names: Sequence[str]) -> Iterator[Finding]:
    """Give the same steps where the API cannot even be reached."""
    yield Finding("login", "", Verdict.NOT_TRIED)
    for name in names:
        yield Finding("collector", name, Verdict.NOT_TRIED)
    yield Finding("latency", "", Verdict.NOT_TRIED)
    yield Finding("budget", "", Verdict.NOT_TRIED)


def _is_let_in(inventory: CollectorState, calls: Recorder) -> bool:
    """Whether the API accepts the credential; one without a login shows it by its answers."""
    return any(calls.logins) or bool(inventory.success)


def _login(
    settings: SourceSettings, inventory: CollectorState, calls: Recorder, limit: float
) -> Finding:
    credential = " and ".join(settings.credential)
    if _is_let_in(inventory, calls):
        return Finding("login", "", Verdict.OK, f"with {credential}")
    if inventory.success is None:
        return Finding("login", "", Verdict.FAILED, *_unfinished(limit))
    return Finding("login", "", Verdict.FAILED, _said(inventory), _advice(settings, inventory))


def _collector(settings: SourceSettings, state: CollectorState, limit: float) -> Finding:
    name = state.collector
    if state.success is None:
        return Finding("collector", name, Verdict.FAILED, *_unfinished(limit))
    if state.unavailable:
        advice = (
            f"what it says, or switch the collector off; the API user needs {settings.needed_role}"
        )
        return Finding("collector", name, Verdict.WARNING, state.unavailable, advice)
    if not state.success:
        advice = _advice(settings, state)
        return Finding("collector", name, Verdict.FAILED, _said(state), advice)
    seen = (
        f"{state.items} items, {state.problems} problems, {state.calls} requests, "
        f"{state.duration or 0.0:.2f} s"
    )
    # Here all of them ran at once: in the long run each has a little more room.
    slow, _, remedy = _slowness(settings, state).partition(": ")
    if slow:
        return Finding("collector", name, Verdict.WARNING, f"{seen}; {slow}", remedy)
    return Finding("collector", name, Verdict.OK, seen)


def _slowness(settings: SourceSettings, state: CollectorState) -> str:
    return too_slow(state.duration or 0.0, state.interval, state.calls or 0, settings.http)


def _unfinished(limit: float) -> tuple[str, str]:
    return (
        f"not finished within the {limit:g} s of --probe.timeout",
        "raise it for a large fleet, or http.concurrency; the exporter itself waits longer",
    )


def _said(state: CollectorState) -> str:
    return f"{state.reason}: {state.cause}"


def _advice(settings: SourceSettings, state: CollectorState) -> str:
    if state.reason == Reason.FORBIDDEN:
        return f"give the API user {settings.needed_role}"
    if state.reason == Reason.AUTH:
        return f"check {' and '.join(settings.credential)} of the source {settings.name}"
    return state.remedy or advice_for(state.reason)


def _latency(settings: SourceSettings, calls: Recorder) -> Finding:
    if not calls.seconds:
        return Finding("latency", "", Verdict.NOT_TRIED)
    middle, timeout = median(calls.seconds), settings.http.timeout
    seen = (
        f"{len(calls.seconds)} answers: the fastest after {min(calls.seconds) * 1000:.0f} ms, "
        f"half of them within {middle * 1000:.0f} ms"
    )
    if middle <= timeout / 3:
        return Finding("latency", "", Verdict.OK, seen)
    advice = (
        f"half of the calls take more than a third of http.timeout ({timeout:g} s): raise it, or "
        "relieve the API with a lower http.concurrency"
    )
    return Finding("latency", "", Verdict.WARNING, seen, advice)


def _budget(settings: SourceSettings, states: Sequence[CollectorState]) -> Finding:
    """Say how many requests the source needs, against what it is allowed."""
    if all(state.calls is None for state in states):
        return Finding("budget", "", Verdict.NOT_TRIED)
    needed, allowed = calls_an_hour(states), settings.http.requests_per_minute * 60
    limit = f"of {allowed} that requests_per_minute allows" if allowed else "(no limit is set)"
    seen = f"{needed:.0f} requests an hour {limit}"
    if not allowed or needed <= allowed:
        return Finding("budget", "", Verdict.OK, seen)
    advice = "raise intervals, switch collectors off, or raise http.requests_per_minute"
    return Finding("budget", "", Verdict.WARNING, f"{seen}: too many", advice)


ZONE_STEP = "time zone"


def zone_finding(zone: ZoneStatus | None) -> Finding:
    """Compare the configured zone with the one that the API states.

    Args:
        zone: Both; None where the API was not asked.
    """
    if zone is None:
        return zone_not_tried()
    configured = f"timezone is {zone.configured}" if zone.configured else "timezone is not set"
    found = f"the API's zone is {zone.found}" if zone.found else "the API does not state its zone"
    seen = f"{configured}, {found}"
    if zone.differ:
        advice = "remove timezone, or correct it: with a wrong one, times are off by hours"
        return Finding(ZONE_STEP, "", Verdict.WARNING, seen, advice)
    if not zone.configured and not zone.found:
        advice = "set timezone to the zone of the API; until then, UTC is used"
        return Finding(ZONE_STEP, "", Verdict.WARNING, seen, advice)
    return Finding(ZONE_STEP, "", Verdict.OK, seen)


def zone_not_tried() -> Finding:
    """Return the step where the API cannot even be reached."""
    return Finding(ZONE_STEP, "", Verdict.NOT_TRIED)
