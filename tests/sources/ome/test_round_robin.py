"""Everybody has a turn in time, and nobody more often than needed."""

import pytest

from exporter.sources.ome.device_state import DeviceState, Reading, RoundRobin

EVERY, INTERVAL = 3600.0, 300.0
TURNS = RoundRobin(interval=INTERVAL, every=EVERY)
WELL = Reading("well")
NEW = DeviceState[str]()


def read_at(moment: float) -> DeviceState[str]:
    return NEW.after_reading(WELL, moment)


def test_at_first_everybody_is_due() -> None:
    assert TURNS.choose({"a": NEW, "b": NEW}, (), 0) == ["a", "b"]


def test_a_new_device_and_an_urgent_one_are_due_at_once() -> None:
    known = dict.fromkeys("abcdefghijkl", read_at(0))
    chosen = TURNS.choose({**known, "new": NEW}, frozenset("c"), 300)
    assert {"new", "c"} < set(chosen)
    assert len(chosen) == 3


def test_a_device_whose_wait_after_a_refusal_is_over_is_due_at_once() -> None:
    known = dict.fromkeys("abcdefghijkl", read_at(0))
    known["k"] = NEW.after_refusal("cannot", 0)
    assert "k" in TURNS.choose(known, (), 300)


@pytest.mark.parametrize("size", [1, 5, 12, 100, 1201])
@pytest.mark.parametrize("jitter", [0.95, 1.0, 1.05])
def test_each_healthy_device_has_its_turn_within_the_time_in_even_shares(
    size: int, jitter: float
) -> None:
    devices = [str(number) for number in range(size)]
    known = dict.fromkeys(devices, read_at(0))
    now, sizes = 0.0, []
    for _ in range(60):
        now += INTERVAL * jitter
        chosen = TURNS.choose(known, (), now)
        assert max(now - each.asked_at for each in known.values()) <= EVERY + INTERVAL
        sizes.append(len(chosen))
        known |= dict.fromkeys(chosen, read_at(now))
    assert max(now - each.asked_at for each in known.values()) <= EVERY
    assert max(sizes) <= 2 * (size * INTERVAL // EVERY + 1)


def test_when_the_runs_are_rarer_than_the_turns_everybody_is_due() -> None:
    known = dict.fromkeys("abc", read_at(0))
    rare = RoundRobin(interval=7200, every=3600)
    assert rare.choose(known, (), 10) == ["a", "b", "c"]


def test_who_could_not_be_read_is_asked_in_the_next_two_runs_and_then_waits_for_its_turn() -> None:
    known = {str(number): read_at(0) for number in range(24)}
    known["20"] = known["20"].after_failure(1)
    known["21"] = known["21"].after_failure(1)
    asked = []
    for run in range(1, 6):
        now = run * INTERVAL
        asked.append(TURNS.choose(known, (), now))
        for device in asked[-1]:
            state = known[device]
            known[device] = (
                state.after_failure(now) if device == "21" else state.after_reading(WELL, now)
            )

    assert ["20" in each for each in asked] == [True, False, False, False, False]
    assert ["21" in each for each in asked] == [True, True, False, False, False]


def test_who_was_read_again_has_new_retries() -> None:
    broken = read_at(0).after_failure(1).after_failure(2).after_failure(3)
    assert not broken.is_due
    assert broken.after_reading(WELL, 4).after_failure(5).is_due
