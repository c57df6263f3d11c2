"""Whose turn it is."""

import random

import pytest

from exporter.web.passwords import Turns


def taken(turns: Turns[str], count: int) -> list[str | None]:
    return [turns.next() for _ in range(count)]


def test_users_take_turns_then_clients() -> None:
    turns: Turns[str] = Turns()
    for number in range(9):
        turns.add(f"alice {number}", "alice", "a")
    turns.add("alice elsewhere", "alice", "b")
    turns.add("bob", "bob", "a")
    turns.add("nobody", None, "a")

    first = taken(turns, 6)

    assert set(first[1:3]) == {"bob", "nobody"}
    assert "alice elsewhere" in first[3:5]


def test_every_item_comes_once() -> None:
    turns: Turns[str] = Turns()
    items = [f"{number}" for number in range(50)]
    for number, item in enumerate(items):
        turns.add(item, ("a", "b", None)[number % 3], f"{number % 5}")

    assert sorted(str(each) for each in taken(turns, 50)) == sorted(items)
    assert turns.next() is None


def test_the_oldest_has_to_wait_for_twice_as_many_as_were_before_it_at_most() -> None:
    turns: Turns[str] = Turns()
    for number in range(20):
        turns.add(f"{number}", "alice", "a")
    turns.add("me", "alice", "a")
    for number in range(20, 500):
        turns.add(f"{number}", "alice", "a")

    assert "me" in taken(turns, 42)


def test_who_gives_up_and_comes_again_in_a_flood_has_a_turn_some_time() -> None:
    turns: Turns[str] = Turns(random.Random(1))  # noqa: S311 - bad luck
    for number in range(60):
        turns.add(f"{number}", "alice", "a")
    came = 60

    for _ in range(50):
        turns.add("me", "alice", "a")
        for _ in range(20):
            if turns.next() == "me":
                return
            turns.add(f"{came}", "alice", "a")
            came += 1
        turns.remove("me")
    pytest.fail("it never had a turn")


def test_what_was_removed_does_not_come() -> None:
    turns: Turns[str] = Turns()
    for item in ("one", "two"):
        turns.add(item, None, item)

    assert turns.remove("one")
    assert not turns.remove("one")
    assert (turns.waiting(None), turns.waiting(None, "two"), turns.waiting("x")) == (1, 1, 0)
    assert taken(turns, 2) == ["two", None]
