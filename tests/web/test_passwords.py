import asyncio
import threading
from collections.abc import Iterator

import bcrypt
import pytest

from exporter.web.passwords import (
    MOST_REMEMBERED,
    MOST_WAITING,
    MOST_WAITING_OF_ONE,
    BusyError,
    Passwords,
)
from tests.support.protection import hashed

USERS = {"alice": hashed("right"), "bob": hashed("right of bob")}


class Counted:
    """bcrypt, that can be held up and is counted."""

    def __init__(self) -> None:
        self.calls: list[tuple[bytes, bytes]] = []
        self.may_go_on = threading.Event()
        self.may_go_on.set()
        self._real = bcrypt.checkpw

    def __call__(self, password: bytes, stored: bytes) -> bool:
        self.calls.append((password, stored))
        assert self.may_go_on.wait(30)
        return self._real(password, stored)


@pytest.fixture
def checked(monkeypatch: pytest.MonkeyPatch) -> Counted:
    counted = Counted()
    monkeypatch.setattr(bcrypt, "checkpw", counted)
    return counted


@pytest.fixture
def passwords(checked: Counted) -> Iterator[Passwords]:
    made = Passwords()
    yield made
    checked.may_go_on.set()
    made.close()


async def test_only_the_right_password_of_a_known_user_is_right(passwords: Passwords) -> None:
    assert await passwords.right(USERS, "alice", "right")
    assert not await passwords.right(USERS, "alice", "wrong")
    assert not await passwords.right(USERS, "alice", "right of bob")
    assert not await passwords.right(USERS, "carol", "right")
    assert not await passwords.right(USERS, "alice", "")
    assert not await passwords.right(USERS, "alice", "right\0")


@pytest.mark.parametrize("prefix", [b"2a", b"2b", b"2y"])
async def test_every_dialect_of_bcrypt_is_read(passwords: Passwords, prefix: bytes) -> None:
    made = bcrypt.hashpw(b"right", bcrypt.gensalt(4))
    users = {"alice": (b"$" + prefix + made[3:]).decode()}

    assert await passwords.right(users, "alice", "right")


async def test_a_long_password_is_read_as_far_as_others_read_it(passwords: Passwords) -> None:
    users = {"alice": hashed("x" * 72)}

    assert await passwords.right(users, "alice", "x" * 90)
    assert not await passwords.right(users, "alice", "x" * 71)


async def test_a_right_password_is_verified_once(passwords: Passwords, checked: Counted) -> None:
    for _ in range(3):
        assert await passwords.right(USERS, "alice", "right")

    assert len(checked.calls) == 1


async def test_a_wrong_password_is_never_remembered(passwords: Passwords, checked: Counted) -> None:
    for _ in range(3):
        assert not await passwords.right(USERS, "alice", "wrong")

    assert len(checked.calls) == 3
    assert "wrong" not in str(vars(passwords))


async def test_what_is_remembered_is_bounded_and_no_password(passwords: Passwords) -> None:
    users = {f"user{number}": USERS["alice"] for number in range(MOST_REMEMBERED + 5)}
    for name in users:
        assert await passwords.right(users, name, "right")

    assert len(passwords._good) == MOST_REMEMBERED
    assert not [digest for digest in passwords._good if b"right" in digest or len(digest) != 32]


async def test_a_changed_hash_or_a_removed_user_counts_at_once(passwords: Passwords) -> None:
    assert await passwords.right(USERS, "alice", "right")

    assert not await passwords.right({"alice": hashed("new")}, "alice", "right")
    assert not await passwords.right({"bob": USERS["bob"]}, "alice", "right")
    assert await passwords.right(USERS, "alice", "right")


async def test_a_user_that_does_not_exist_costs_the_same(
    passwords: Passwords, checked: Counted
) -> None:
    cheap, dear = USERS["alice"], bcrypt.hashpw(b"x", bcrypt.gensalt(5)).decode()
    for number in range(32):
        assert not await passwords.right({"a": cheap, "b": dear}, f"user{number}", "x")
    for _ in range(2):
        assert not await passwords.right({"a": cheap, "b": dear}, "again", "x")

    costs = [stored[4:6] for _, stored in checked.calls]
    assert set(costs) == {b"04", b"05"}
    assert costs[-1] == costs[-2]


async def test_the_same_password_at_once_is_verified_once(
    passwords: Passwords, checked: Counted
) -> None:
    answers = await asyncio.gather(*(passwords.right(USERS, "alice", "right") for _ in range(50)))

    assert all(answers)
    assert len(checked.calls) == 1


def flood(passwords: Passwords, user: str, *clients: str) -> list["asyncio.Future[bool]"]:
    """Begin to verify one wrong password for each client."""
    return [
        asyncio.ensure_future(passwords.right(USERS, user, f"{number}", client))
        for number, client in enumerate(clients)
    ]


MANY = [f"192.0.2.{number % 50}" for number in range(500)]


async def test_few_users_that_do_not_exist_may_wait_and_whoever_is_verified_does_not(
    passwords: Passwords, checked: Counted
) -> None:
    assert await passwords.right(USERS, "alice", "right")
    checked.may_go_on.clear()
    attack = flood(passwords, "mallory", *MANY)
    await asyncio.sleep(0)

    assert await asyncio.wait_for(passwords.right(USERS, "alice", "right"), 30)
    checked.may_go_on.set()
    answers = await asyncio.gather(*attack, return_exceptions=True)
    # The first one does not wait.
    assert len(checked.calls) == 1 + 1 + MOST_WAITING
    assert sum(isinstance(each, BusyError) for each in answers) == 500 - MOST_WAITING - 1
    assert True not in answers


async def test_one_client_leaves_room_for_others(passwords: Passwords, checked: Counted) -> None:
    checked.may_go_on.clear()
    attack = flood(passwords, "mallory", *["192.0.2.66"] * 100)
    await asyncio.sleep(0)
    other = asyncio.ensure_future(passwords.right(USERS, "carol", "right", "192.0.2.1"))
    await asyncio.sleep(0)
    checked.may_go_on.set()

    assert await other is False
    answers = await asyncio.gather(*attack, return_exceptions=True)
    assert sum(answer is False for answer in answers) == 1 + MOST_WAITING_OF_ONE
    assert not passwords._pending
    assert not passwords._turns._where


@pytest.mark.parametrize("attacked", ["mallory", "bob"])
async def test_a_user_is_verified_next_whatever_others_try(
    passwords: Passwords, checked: Counted, attacked: str
) -> None:
    checked.may_go_on.clear()
    attack = flood(passwords, attacked, *["192.0.2.1"] * 200, *MANY)
    await asyncio.sleep(0)
    alice = asyncio.ensure_future(passwords.right(USERS, "alice", "right", "192.0.2.1"))
    await asyncio.sleep(0)
    checked.may_go_on.set()

    assert await alice
    # One is under way when it comes, and one of the others' line may be next.
    assert checked.calls.index((b"right", USERS["alice"].encode())) <= 2
    await asyncio.gather(*attack, return_exceptions=True)


async def test_wrong_passwords_of_the_same_user_from_elsewhere_take_turns_with_the_right_one(
    passwords: Passwords, checked: Counted
) -> None:
    checked.may_go_on.clear()
    attack = flood(passwords, "alice", *["192.0.2.66"] * 500)
    await asyncio.sleep(0)
    alice = asyncio.ensure_future(passwords.right(USERS, "alice", "right", "192.0.2.1"))
    await asyncio.sleep(0)
    checked.may_go_on.set()

    assert await alice
    assert checked.calls.index((b"right", USERS["alice"].encode())) <= 2
    for each in attack:
        each.cancel()


async def test_behind_the_same_address_a_user_waits_and_is_not_refused(
    passwords: Passwords, checked: Counted
) -> None:
    checked.may_go_on.clear()
    attack = flood(passwords, "alice", *["192.0.2.1"] * 60)
    await asyncio.sleep(0)
    alice = asyncio.ensure_future(passwords.right(USERS, "alice", "right", "192.0.2.1"))
    await asyncio.sleep(0)
    checked.may_go_on.set()

    assert await alice
    assert not any(await asyncio.gather(*attack))


async def test_what_nobody_waits_for_any_more_is_not_verified(
    passwords: Passwords, checked: Counted
) -> None:
    checked.may_go_on.clear()
    attack = flood(passwords, "alice", *MANY)
    await asyncio.sleep(0)
    for each in attack:
        each.cancel()
    await asyncio.wait(attack)
    checked.may_go_on.set()

    assert await passwords.right(USERS, "alice", "right")
    assert len(checked.calls) == 2
    assert not passwords._pending


async def test_without_a_free_thread_a_client_is_to_try_again(
    passwords: Passwords, monkeypatch: pytest.MonkeyPatch
) -> None:
    def no_thread(_: threading.Thread) -> None:
        raise RuntimeError("can't start new thread")

    with monkeypatch.context() as scarce:
        scarce.setattr(threading.Thread, "start", no_thread)
        with pytest.raises(BusyError):
            await passwords.right(USERS, "alice", "right")

    assert await passwords.right(USERS, "alice", "right")


async def test_a_client_that_leaves_while_it_waits_harms_nobody(
    passwords: Passwords, checked: Counted
) -> None:
    checked.may_go_on.clear()
    first = asyncio.ensure_future(passwords.right(USERS, "alice", "right"))
    second = asyncio.ensure_future(passwords.right(USERS, "alice", "right"))
    await asyncio.sleep(0)
    first.cancel()
    await asyncio.sleep(0)
    checked.may_go_on.set()

    assert await second
