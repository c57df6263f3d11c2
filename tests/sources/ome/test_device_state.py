"""The state machine of one device: what each outcome of a request makes of it."""

import math
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from exporter.errors import LoginError, Reason, SourceError
from exporter.sources.ome.device_state import (
    FIRST_WAIT,
    LONGEST_WAIT,
    REFUSALS_TO_BELIEVE,
    DeviceState,
    Reading,
    State,
    is_refusal,
    wait_after,
)
from tests.fuzz.profiles import tried

Device = DeviceState[str]
READ, FAIL, REFUSE, AGE = "reading", "failure", "refusal", "age"
TABLE = {
    State.UNREAD: (State.GOOD, State.FAILING, State.UNSUPPORTED),
    State.GOOD: (State.GOOD, State.FAILING, State.REFUSING),
    State.FAILING: (State.GOOD, State.FAILING, State.REFUSING),
    State.REFUSING: (State.GOOD, State.FAILING, State.REFUSING),
    State.UNSUPPORTED: (State.GOOD, State.FAILING, State.UNSUPPORTED),
}
"""The state after a reading, a failure and a refusal; where a reading is kept, if there can be."""
WAY_TO = {
    State.UNREAD: (),
    State.GOOD: (READ,),
    State.FAILING: (READ, FAIL),
    State.REFUSING: (READ, REFUSE),
    State.UNSUPPORTED: (REFUSE,),
}


def after(*outcomes: str, device: Device | None = None) -> Device:
    device, now = device or Device(), 0.0
    for outcome in outcomes:
        now += 1
        if outcome == READ:
            device = device.after_reading(Reading("it"), now)
        elif outcome == FAIL:
            device = device.after_failure(now)
        elif outcome == REFUSE:
            device = device.after_refusal("cannot", now)
        else:
            device = device.without_reading_before(math.inf)
    return device


@pytest.mark.parametrize("state", State)
def test_each_outcome_leads_to_the_state_of_the_diagram(state: State) -> None:
    way = WAY_TO[state]
    assert after(*way).state is state
    found = tuple(after(*way, outcome).state for outcome in (READ, FAIL, REFUSE))
    assert found == TABLE[state]


def test_a_device_that_never_gave_anything_is_believed_at_its_first_refusal() -> None:
    assert after(FAIL, REFUSE).state is State.UNSUPPORTED
    assert after(READ, FAIL, AGE, REFUSE).state is State.UNSUPPORTED


@pytest.mark.parametrize("between", [(), (FAIL,)])
def test_a_device_that_gave_a_reading_is_believed_at_its_third_refusal(
    between: tuple[str, ...],
) -> None:
    device = after(READ, REFUSE, *between, REFUSE, *between)
    assert device.reading == Reading("it")
    device = after(REFUSE, device=device)
    assert (device.state, device.reading, device.refusal) == (State.UNSUPPORTED, None, "cannot")


def test_a_reading_that_is_too_old_is_dropped() -> None:
    device = after(READ)
    assert device.without_reading_before(1) is device
    aged = device.without_reading_before(1.5)
    assert (aged.state, aged.reading) == (State.UNREAD, None)
    assert after(READ, FAIL, AGE).state is State.FAILING


def test_an_unsupported_device_waits_longer_after_each_refusal_up_to_six_hours() -> None:
    waits = [wait_after(refusals) for refusals in range(1, 2000)]
    assert waits[:3] == [FIRST_WAIT, 2 * FIRST_WAIT, 4 * FIRST_WAIT]
    assert waits == sorted(waits)
    assert waits[-1] == LONGEST_WAIT
    assert after(REFUSE).retry_at == 1 + FIRST_WAIT
    assert after(REFUSE, REFUSE).retry_at == 2 + 2 * FIRST_WAIT


@pytest.mark.parametrize("way", [(READ, REFUSE), (REFUSE, READ), (READ, FAIL)])
def test_no_other_device_waits(way: tuple[str, ...]) -> None:
    assert after(*way).retry_at == -math.inf


def test_a_reading_with_unreadable_records_counts_as_a_miss() -> None:
    device = Device().after_reading(Reading("it", problems=2), 1)
    assert (device.state, device.misses) == (State.GOOD, 1)
    assert device.after_reading(Reading("it"), 2).misses == 0


@tried(200)
@given(st.lists(st.sampled_from((READ, FAIL, REFUSE, AGE)), max_size=30))
def test_a_reading_is_lost_only_by_age_or_by_repeated_refusals(outcomes: list[str]) -> None:
    device, refusals, expected = Device(), 0, False
    for outcome in outcomes:
        device = after(outcome, device=device)
        refusals = {READ: 0, REFUSE: refusals + 1}.get(outcome, refusals)
        if outcome == READ:
            expected = True
        elif outcome == AGE or (outcome == REFUSE and refusals >= REFUSALS_TO_BELIEVE):
            expected = False
        assert (device.reading is not None) is expected
        assert device.state is not State.GOOD or expected
        assert device.state is not State.UNSUPPORTED or not expected


@pytest.mark.parametrize(
    ("error", "expected"),
    [
        (SourceError(Reason.HTTP_4XX, "", status=404), True),
        (SourceError(Reason.HTTP_4XX, "", status=400), True),
        (SourceError(Reason.FORBIDDEN, "", status=403), False),
        (SourceError(Reason.HTTP_5XX, "", status=500), False),
        (SourceError(Reason.HTTP_5XX, "", status=500, code="CGEN1004"), True),
        (SourceError(Reason.HTTP_5XX, "", status=500, code="CGEN1006"), False),
        (LoginError(Reason.HTTP_4XX, "", status=404), False),
        (SourceError(Reason.TIMEOUT, ""), False),
    ],
)
def test_what_is_a_refusal(error: Any, expected: bool) -> None:
    assert is_refusal(error) is expected
