"""Builds the statement from the states of collectors. Pure, without a clock."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

from exporter.errors import Reason
from exporter.model import DriftedField
from exporter.polling.board import CollectorState, calls_an_hour
from exporter.polling.source import PolledSource
from exporter.status.advice import SCHEMA_DRIFT, advice_for, runbook, runbook_for
from exporter.status.schema import (
    AttentionCounts,
    Calls,
    CollectorCondition,
    CollectorStatement,
    Drift,
    DriftedFieldStatement,
    Failure,
    Overall,
    SourceState,
    SourceStatement,
    Summary,
)

_MOST_DRIFT = 3
"""Fields that are named in the text; the list has all."""


def source_statement(
    polled: PolledSource,
    states: Sequence[CollectorState],
    until: Mapping[str, float],
    servers: int,
    attention: AttentionCounts,
) -> SourceStatement:
    """State how a source is doing.

    Args:
        polled: The source.
        states: Of its collectors, the inventory first.
        until: The Unix time up to which the data of a collector are served, by collector; absent
            where none are.
        servers: How many are served.
        attention: How many of them need attention.
    """
    collectors = tuple(
        _collector(state, until.get(state.collector), is_inventory=not place)
        for place, state in enumerate(states)
    )
    return SourceStatement(
        name=polled.name,
        vendor=polled.vendor,
        address=polled.settings.api,
        console=polled.settings.console,
        state=_source_state(collectors),
        servers=servers,
        attention=attention,
        calls=Calls(
            needed_per_hour=round(calls_an_hour(states), 1),
            allowed_per_hour=polled.settings.http.requests_per_minute * 60 or None,
        ),
        collectors=collectors,
    )


def summary(sources: Iterable[SourceStatement], attention: AttentionCounts) -> Summary:
    """Summarize the state of the sources and of the servers."""
    listed = tuple(sources)
    read = sum(source.state in (SourceState.OK, SourceState.DEGRADED) for source in listed)
    servers = sum(source.servers for source in listed)
    state = _worst(source.state for source in listed)
    sources_text, servers_text = _of_sources(listed), _of_servers(servers, attention)
    return Summary(
        overall=_overall(state, attention),
        state=state,
        text=f"{sources_text} · {servers_text}",
        sources_text=sources_text,
        servers_text=servers_text,
        sources=len(listed),
        sources_read=read,
        servers=servers,
    )


def _overall(state: SourceState, attention: AttentionCounts) -> Overall:
    if state is SourceState.DOWN or attention.critical:
        return Overall.CRITICAL
    if state is SourceState.DEGRADED or attention.total:
        return Overall.WARNING
    return Overall.STARTING if state is SourceState.STARTING else Overall.HEALTHY


def _of_sources(sources: tuple[SourceStatement, ...]) -> str:
    """Count the sources by state, the worst first."""
    total = len(sources)
    counts = Counter(source.state for source in sources)
    troubled = [(counts[state], state.value) for state in _WORST_FIRST if counts[state]]
    if not troubled:
        return "The source is up" if total == 1 else f"All {total} sources up"
    (first, state), *others = troubled
    if total == 1:
        return f"The source is {state}"
    return ", ".join(
        [f"{first} of {total} sources {state}", *(f"{n} {word}" for n, word in others)]
    )


def _of_servers(servers: int, attention: AttentionCounts) -> str:
    if not servers:
        return "No servers known yet"
    noun = "server" if servers == 1 else "servers"
    if not attention.total:
        return f"None of {servers:,} {noun} needs attention"
    counts = ((getattr(attention, severity), severity) for severity in _SEVERITIES)
    split = ", ".join(f"{count:,} {severity}" for count, severity in counts if count)
    verb = "needs" if attention.total == 1 else "need"
    return f"{attention.total:,} of {servers:,} {noun} {verb} attention: {split}"


_SEVERITIES = ("critical", "warning", "unknown")
_WORST_FIRST = (SourceState.DOWN, SourceState.DEGRADED, SourceState.STARTING)


def _worst(states: Iterable[SourceState]) -> SourceState:
    present = set(states)
    return next((state for state in _WORST_FIRST if state in present), SourceState.OK)


def _source_state(collectors: tuple[CollectorStatement, ...]) -> SourceState:
    inventory, *others = collectors
    if inventory.state is CollectorCondition.WAITING:
        return SourceState.STARTING
    bad = (CollectorCondition.FAILING, CollectorCondition.NO_DATA)
    if inventory.state in bad:
        return SourceState.DOWN
    failing = any(other.state in bad for other in others)
    return SourceState.DEGRADED if failing else SourceState.OK


def _collector(
    state: CollectorState, until: float | None, *, is_inventory: bool
) -> CollectorStatement:
    return CollectorStatement(
        name=state.collector,
        state=_condition(state, is_served=until is not None),
        running=state.running,
        data_served=until is not None,
        interval_seconds=state.interval,
        last_run_timestamp_seconds=_moment(state.last_run),
        last_success_timestamp_seconds=_moment(state.last_success),
        data_until_timestamp_seconds=_moment(until),
        next_run_timestamp_seconds=_moment(state.next_run),
        duration_seconds=None if state.duration is None else round(state.duration, 3),
        consecutive_failures=state.consecutive_failures,
        calls=state.calls,
        items=state.items,
        problems=state.problems,
        failure=_failure(state, is_inventory=is_inventory),
        unavailable=state.unavailable,
        drift=_drift(state.drift),
    )


def _condition(state: CollectorState, *, is_served: bool) -> CollectorCondition:
    if state.success is None:
        return CollectorCondition.WAITING
    if state.unavailable:
        return CollectorCondition.UNAVAILABLE
    if state.success and is_served:
        return CollectorCondition.OK
    return CollectorCondition.FAILING if is_served else CollectorCondition.NO_DATA


def _failure(state: CollectorState, *, is_inventory: bool) -> Failure | None:
    if not state.reason:
        return None
    return Failure(
        reason=state.reason,
        text=state.cause,
        advice=advice_for(state.reason, state.remedy),
        runbook=runbook_for(state.reason, is_inventory=is_inventory),
    )


def _drift(fields: tuple[DriftedField, ...]) -> Drift | None:
    if not fields:
        return None
    return Drift(
        fields=tuple(
            DriftedFieldStatement(
                kind=field.kind.value,
                field=field.name,
                records=field.records,
                values=field.values,
                text=str(field),
            )
            for field in fields
        ),
        text=_shortly(fields),
        advice=advice_for(Reason.SCHEMA),
        runbook=runbook(SCHEMA_DRIFT),
    )


def _shortly(fields: tuple[DriftedField, ...]) -> str:
    shown = [str(field) for field in fields[:_MOST_DRIFT]]
    left = len(fields) - len(shown)
    more = [f"and {left} more field{'' if left == 1 else 's'}"] if left else []
    return "; ".join(shown + more)


def _moment(timestamp: float | None) -> float | None:
    """Round to milliseconds: more digits would only make a longer document."""
    return None if timestamp is None else round(timestamp, 3)
