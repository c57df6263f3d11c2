"""Who has a place, and who has to leave: without the network."""

from dataclasses import dataclass, field

import pytest

from exporter.web.limits import SPARE_CONNECTIONS, Places, client_of


@dataclass(eq=False)
class Stub:
    client: str = "a"
    spare: bool = False
    dropped: bool = False

    def drop(self) -> None:
        self.dropped = True


def come(places: Places[Stub], client: str = "a") -> Stub | None:
    """Take a place as a connection does; None if there is none."""
    made = Stub(client)
    places.make_room(client)
    return made if places.take(made) else None


@dataclass
class Full:
    """Places that are all taken by connections that are being answered."""

    places: Places[Stub]
    answered: list[Stub] = field(default_factory=list)


@pytest.fixture
def full() -> Full:
    made = Full(Places(4, 3))
    for client in "aaab":
        stub = come(made.places, client)
        assert stub is not None
        made.places.begin_answer(stub)
        made.answered.append(stub)
    return made


def test_one_client_only_takes_places_of_its_own_connections() -> None:
    places: Places[Stub] = Places(10, 2)
    other = come(places, "b")
    mine = [come(places, "a") for _ in range(20)]

    assert other is not None
    assert not other.dropped
    assert [each.dropped for each in mine if each] == [True] * 18 + [False] * 2
    assert len(places) == 3


def test_who_is_answered_keeps_the_place(full: Full) -> None:
    come(full.places, "c")

    assert not any(each.dropped for each in full.answered)


def test_beyond_the_limits_there_are_few_spare_places(full: Full) -> None:
    taken = []
    for _ in range(SPARE_CONNECTIONS):
        stub = come(full.places, "c")
        assert stub is not None
        full.places.begin_answer(stub)
        taken.append(stub)

    assert all(each.spare for each in taken)
    assert come(full.places, "c") is None
    full.places.leave(taken[0])
    assert come(full.places, "c") is not None


def test_a_spare_place_that_is_idle_is_given_to_the_next(full: Full) -> None:
    came = [come(full.places, "c") for _ in range(1000)]

    assert all(each and each.spare for each in came)
    assert len(full.places) <= 4 + SPARE_CONNECTIONS


def test_leaving_twice_frees_one_place() -> None:
    places: Places[Stub] = Places(2, 0)
    first, second = Stub(), Stub()
    places.take(first)
    places.take(second)
    for _ in range(2):
        places.leave(first)
    places.end_answer(first)

    assert len(places) == 1
    assert not places.make_room("a")


def test_without_limits_everybody_has_a_place() -> None:
    places: Places[Stub] = Places(0, 0)

    came = [come(places) for _ in range(2000)]

    assert not any(each is None or each.spare or each.dropped for each in came)


@pytest.mark.parametrize(
    ("host", "client"),
    [
        ("192.0.2.1", "192.0.2.1"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("2001:db8:1:2::9%eth0", "2001:db8:1:2::/64"),
        ("::1", "::/64"),
        ("fe80::1%eth0", "fe80::1%eth0"),
        ("", ""),
    ],
)
def test_a_client_is_an_address_or_a_network_of_64_bits(host: str, client: str) -> None:
    assert client_of(host) == client
