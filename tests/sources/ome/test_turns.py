"""Does everybody have a turn in time, and nobody more often than needed?"""

import pytest

from exporter.sources.ome.turns import Turns, due

EVERY, INTERVAL = 3600.0, 300.0


def turn(
    devices: list[str], asked: dict[str, float], now: float, urgent: frozenset[str] = frozenset()
) -> list[str]:
    return due(devices, urgent, asked, now, interval=INTERVAL, every=EVERY)


def test_at_first_everybody_is_due() -> None:
    assert turn(["a", "b"], {}, 0) == ["a", "b"]


def test_a_new_device_and_an_urgent_one_are_due_at_once() -> None:
    asked = dict.fromkeys("abcdefghijkl", 0.0)
    chosen = turn([*asked, "new"], asked, 300, frozenset("c"))
    assert {"new", "c"} < set(chosen)
    assert len(chosen) == 3


@pytest.mark.parametrize("size", [1, 5, 12, 100, 1201])
@pytest.mark.parametrize("jitter", [0.95, 1.0, 1.05])
def test_each_healthy_device_has_its_turn_within_the_time_in_even_shares(
    size: int, jitter: float
) -> None:
    devices = [str(number) for number in range(size)]
    asked = dict.fromkeys(devices, 0.0)
    now, sizes = 0.0, []
    for _ in range(60):
        now += INTERVAL * jitter
        chosen = turn(devices, asked, now)
        assert max(now - at for at in asked.values()) <= EVERY + INTERVAL
        sizes.append(len(chosen))
        asked |= dict.fromkeys(chosen, now)
    assert max(now - at for at in asked.values()) <= EVERY
    assert max(sizes) <= 2 * (size * INTERVAL // EVERY + 1)


def test_when_the_runs_are_rarer_than_the_turns_everybody_is_due() -> None:
    asked = dict.fromkeys("abc", 0.0)
    assert due("abc", (), asked, 10, interval=7200, every=3600) == ["a", "b", "c"]


DEVICES = [str(number) for number in range(24)]


def begun(failed: set[str]) -> Turns:
    """Turns after a first run in which some devices could not be read."""
    turns = Turns(interval=INTERVAL, every=EVERY)
    assert turns.choose(DEVICES, (), {}, 0) == DEVICES
    turns.note(DEVICES, DEVICES, set(DEVICES) - failed, 0)
    return turns


def run(turns: Turns, now: float, failed: set[str], devices: list[str] = DEVICES) -> list[str]:
    chosen = turns.choose(devices, (), {}, now)
    turns.note(devices, chosen, set(chosen) - failed, now)
    return chosen


def test_who_could_not_be_read_is_asked_in_the_next_two_runs_after_all_others() -> None:
    turns = begun({"20", "21"})

    asked = [run(turns, 300.0 * number, {"21"}) for number in range(1, 5)]

    assert asked[0][-2:] == ["20", "21"]
    assert asked[1][-1:] == ["21"]
    assert ["20" in each for each in asked] == [True, False, False, False]
    assert ["21" in each for each in asked] == [True, True, False, False]


def test_a_run_that_is_given_up_takes_a_retry_too() -> None:
    turns = begun({"20"})

    asked = [turns.choose(DEVICES, (), {}, 300.0 * number) for number in range(1, 5)]

    assert ["20" in each for each in asked] == [True, True, False, False]


def test_who_was_read_again_has_new_retries_and_who_left_has_none() -> None:
    turns = begun({"20", "21"})
    run(turns, 300, set())
    everybody_fails = set(DEVICES)
    turns.note(DEVICES, ["20"], set(), 600)
    assert "20" in run(turns, 900, everybody_fails)

    turns = begun({"20", "21"})
    run(turns, 300, {"20", "21"}, [each for each in DEVICES if each != "20"])
    assert run(turns, 600, set())[0] == "20"


def test_an_older_reading_does_not_hide_that_a_device_was_asked_since() -> None:
    turns = begun(set())
    read_at = dict.fromkeys(DEVICES, -7200.0)

    assert len(turns.choose(DEVICES, (), read_at, 300)) == 2
