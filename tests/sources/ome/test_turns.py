"""Does everybody have a turn in time, and nobody more often than needed?"""

import pytest

from exporter.sources.ome.turns import due

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
