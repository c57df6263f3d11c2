"""Does every collector bear every fault as the contract demands?"""

import re
import tempfile
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import pytest

from exporter.errors import Reason
from exporter.polling import timing
from exporter.sources.drift import FEWEST
from tests.faults.bench import fleet
from tests.faults.fault import Fault, Outcome, Verdict
from tests.faults.observation import Result, Seen, observe
from tests.faults.polled import COLLECTORS, INVENTORY, SOURCE, VENDORS, Polled, Vendor, of
from tests.faults.reading import lines
from tests.faults.table import FAULTS
from tests.faults.telling import Told, own, told_of

PAIRS = [(fault, vendor) for vendor in VENDORS for fault in FAULTS if fault.only in (None, vendor)]
CASES = [(fault, each) for fault, vendor in PAIRS for each in of(vendor)]
IN_TURN = frozenset({"ome.health", "ome.hardware", "ome.devices"})
"""They read one device now and then; the inventory shows the operating system that one told."""
COUNTS = re.compile(rb'serverfleet_source_servers_reported|serverfleet_source_alerts.*"info"')
"""Served as the API counts: servers, and alerts that are not listed."""
_FLEETS = {vendor: fleet(vendor) for vendor in VENDORS}
"""Of all rows: a fault is taken from it before the next one comes."""
_results: dict[tuple[str, Vendor], Result] = {}


async def result_of(fault: Fault, vendor: Vendor) -> Result:
    """Let all collectors of a vendor suffer at once; the cases of one fault share what is seen."""
    key = fault.name, vendor
    if key not in _results:
        with tempfile.TemporaryDirectory() as folder:
            _results[key] = await observe(fault, vendor, Path(folder), _FLEETS[vendor])
    return _results[key]


@pytest.mark.parametrize(
    ("fault", "polled"), CASES, ids=[f"{each.id}-{fault.name}" for fault, each in CASES]
)
async def test_a_collector_bears_a_fault(fault: Fault, polled: Polled) -> None:
    result = await result_of(fault, polled.vendor)
    seen, expected = result.collectors[polled.name], fault.expected(polled)

    CHECKS[expected.verdict](seen, expected, fault)
    lines(seen.healed)
    for failures, told in enumerate(result.told, 1):
        assert told_of(polled, expected, failures).items() <= told.items()
    if expected.verdict is Verdict.SKIPS:
        assert _alarms(polled, result.told[0]) or (seen.states[1].items or 0) < FEWEST


@pytest.mark.parametrize(
    ("fault", "vendor"), PAIRS, ids=[f"{vendor}-{fault.name}" for fault, vendor in PAIRS]
)
async def test_a_fault_stays_where_it_is(fault: Fault, vendor: Vendor) -> None:
    result = await result_of(fault, vendor)

    for before, after, success in result.others.values():
        assert (after == before, success) == (True, True)
    inventory = next(each for each in of(vendor) if each.id in INVENTORY)
    is_down = fault.expected(inventory).verdict is Verdict.FAILS
    assert list(result.up) == ([1, 0, 0, 1] if is_down else [1, 1, 1, 1])
    assert bool(result.retries) is fault.is_repeated(vendor)
    assert (result.held > fault.waits - 1) is bool(fault.waits)
    assert max(result.logins) <= 4
    if fault.outcome.reason is Reason.RATE_LIMITED:
        assert _limited(result.told[-1], SOURCE[vendor]) >= 2
    assert not [secret for secret in result.secrets if secret in result.text]


def _limited(told: Told, source: str) -> float:
    """Return how many answers of a source had the status 429."""
    wanted = {("source", source), ("code", "429")}
    return sum(
        number
        for (name, labels), number in told.items()
        if name == "serverfleet_api_requests_total" and wanted <= labels
    )


def fails(seen: Seen, expected: Outcome, fault: Fault) -> None:
    """A counted failure, for which nothing that is served changes until it is too old."""
    before, first, second, healed = seen.states
    reason = expected.reason or ""
    assert (first.success, second.success) == (False, False)
    assert (first.reason, second.reason) == (reason, reason), (first.error, second.error)
    assert [each.get(reason, 0) for each in seen.counted] == [0, 1, 2, 2]
    assert all(set(each) <= {reason} for each in seen.counted)
    assert [each.consecutive_failures for each in seen.states] == [0, 1, 2, 0]
    assert second.last_success == before.last_success
    _keeps(seen, fault)
    assert list(seen.served) == [1, 1, 1, 0, 1]
    assert seen.expired == b""
    _says_so(seen, fault)
    _waits(seen, fault, second.interval)
    _is_well_again(seen, fault, healed.success)


def _keeps(seen: Seen, fault: Fault) -> None:
    """Nothing that is served changes, but for servers that leave or change names elsewhere."""
    if not _changes_servers(fault) and seen.during != (seen.before, seen.before):
        before = _compared(seen.before, fault)
        assert [_compared(page, fault) for page in seen.during] == [before, before]
    _invents_nothing(seen)


def _compared(page: bytes, fault: Fault) -> Sequence[bytes]:
    """Return the lines of a page in order, without the API's own counts where these are wrong."""
    return sorted(x for x in page.splitlines() if not (fault.miscounts and COUNTS.search(x)))


def _alarms(polled: Polled, told: Told) -> bool:
    """Tell whether so much is missing that an alert says so."""
    found = Counter[str]()
    for (name, labels), value in told.items():
        if own(polled).items() <= dict(labels).items():
            found[name] += int(value)
    problems, items = (
        found[f"serverfleet_collector_last_run_{name}"] for name in ("skipped_records", "records")
    )
    drift = found.keys() & {
        "serverfleet_collector_missing_fields", "serverfleet_collector_unknown_values",
    }  # fmt: skip
    return bool(drift) or problems > 0.2 * (problems + items)


def _changes_servers(fault: Fault) -> bool:
    """Tell whether the inventory is served, with less in it."""
    less = {Verdict.SKIPS, Verdict.WARNS} if fault.shortens else {Verdict.SKIPS}
    return any(fault.expected(each).verdict in less for each in COLLECTORS if each.id in INVENTORY)


def _says_so(seen: Seen, fault: Fault) -> None:
    failed = [line for line in seen.lines if line["event"] == "poll failed"]
    assert len(failed) == 2
    for line, state in zip(failed, seen.states[1:3], strict=True):
        assert (line["reason"], line["error"]) == (state.reason, state.error)
        assert fault.says in state.error
        assert 20 < len(state.error) < 600


def _waits(seen: Seen, fault: Fault, interval: float) -> None:
    least = 2 * min(interval, timing.FIRST_RETRY)
    if not fault.waits:
        assert least <= seen.delay <= max(2 * timing.MOST_JITTER * min(interval, 60.0), 70)
    else:
        assert fault.waits - 70 <= seen.delay <= timing.LONGEST_BACKOFF * interval


def _is_well_again(seen: Seen, fault: Fault, success: bool | None) -> None:
    assert success is True, seen.states[-1].error
    state = seen.states[-1]
    if f"{state.source[:3]}.{state.collector}" in IN_TURN and not _is_whole_failure(seen):
        # A device has its turn within the hour or the interval.
        assert _unnamed(seen.healed) <= _unnamed(seen.before)
    elif _changes_servers(fault):
        assert _unnamed(seen.healed) == _unnamed(seen.before)
    else:
        assert seen.healed == seen.before


def _is_whole_failure(seen: Seen) -> bool:
    return seen.during == (seen.before, seen.before)


def serves(seen: Seen, expected: Outcome, fault: Fault) -> None:
    """Nobody notices."""
    assert [each.success for each in seen.states] == [True] * 4, seen.states[1].error
    _keeps(seen, fault)
    assert not any(seen.counted)
    _is_well_again(seen, fault, seen.states[-1].success)


def warns(seen: Seen, expected: Outcome, fault: Fault) -> None:
    """What the list has is served, and the log says once that the API's count of it is wrong."""
    assert [each.success for each in seen.states] == [True] * 4, seen.states[1].error
    warned = [line["event"] for line in seen.lines if line["log_level"] == "warning"]
    assert [text for text in warned if text.endswith("its count is taken to be wrong")]
    assert not any(seen.counted)
    if fault.shortens:
        _invents_nothing(seen)
    else:
        _keeps(seen, fault)
    _is_well_again(seen, fault, seen.states[-1].success)


def skips(seen: Seen, expected: Outcome, fault: Fault) -> None:
    """What cannot be used is absent, and said to be; nothing is invented."""
    _, first, second, healed = seen.states
    assert (first.success, second.success) == (True, True), (first.error, second.error)
    assert first.problems or first.drift or (first.items or 0) < FEWEST, first
    assert not any(seen.counted)
    _invents_nothing(seen)
    _is_well_again(seen, fault, healed.success)


def empties(seen: Seen, expected: Outcome, fault: Fault) -> None:
    """The API counts nothing, and nothing is served but zeros."""
    _, first, second, healed = seen.states
    assert (first.success, second.success, healed.success) == (True, True, True)
    assert not first.items
    assert not any(seen.counted)
    _invents_nothing(seen)
    _is_well_again(seen, fault, healed.success)


def stands_in(seen: Seen, expected: Outcome, fault: Fault) -> None:
    """Another call gives the same series, or this one those of another collector."""
    assert [each.success for each in seen.states] == [True] * 4, seen.states[1].error
    for page in seen.during:
        assert set(lines(page)) >= set(lines(seen.before))
    assert set(lines(seen.healed)) == set(lines(seen.before))
    assert not any(seen.counted)


def _invents_nothing(seen: Seen) -> None:
    for page in seen.during:
        assert _unnamed(page) <= _unnamed(seen.before)


def _unnamed(page: bytes) -> set[str]:
    """Return every series; a server without its name is shown by its serial number."""
    return {_identity(each) for each in lines(page)}


def _identity(series: str) -> str:
    """Leave out the name; of what only describes a server, all that may not be known.

    The window is left out too: where the newest hour is incomplete, an older one is served.
    """
    kept = re.sub(r',server="(?:[^"\\]|\\.)*"|_last_(?:hour|day)', "", series)
    if "_info{" in kept:
        return ",".join(re.findall(r'^\w+|(?:source|serial)="[^"]*"', kept))
    return kept


def absent(seen: Seen, expected: Outcome, fault: Fault) -> None:
    """No failure: it says what is missing, serves nothing, and looks again now and then."""
    _, first, second, healed = seen.states
    assert (first.success, second.success) == (True, True), (first.error, second.error)
    assert first.unavailable
    assert first.unavailable == second.unavailable
    assert second.interval >= timing.SHORTEST_RECHECK
    assert seen.during == (b"", b"")
    assert list(seen.served[:3]) == [1, 0, 0]
    assert not any(seen.counted)
    told = [line for line in seen.lines if line["event"] == "collector not available"]
    assert len(told) == 1
    assert not healed.unavailable
    _is_well_again(seen, fault, healed.success)


CHECKS: Mapping[Verdict, Callable[[Seen, Outcome, Fault], None]] = {
    Verdict.FAILS: fails,
    Verdict.SERVES: serves,
    Verdict.SKIPS: skips,
    Verdict.EMPTIES: empties,
    Verdict.STANDS_IN: stands_in,
    Verdict.WARNS: warns,
    Verdict.ABSENT: absent,
}
