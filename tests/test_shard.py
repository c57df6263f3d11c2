"""Does every server have one shard, for good, and does every shard get its fair part?"""

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from exporter.shard import WHOLE, Shard, jump, shard_of

FLEET = [f"CZ2D{number:06d}" for number in range(15_000)] + [
    f"{number:07X}" for number in range(10_000)
]


@pytest.mark.parametrize(
    ("serial", "of_2", "of_3", "of_4", "of_8", "of_64"),
    [
        ("CZ2D1X0GNS", 0, 0, 0, 4, 31),
        ("MXQ12345AB", 0, 2, 2, 6, 6),
        ("4Q8JB43", 1, 2, 3, 3, 59),
        ("ABC1234", 1, 1, 1, 4, 20),
        ("SGH000000", 1, 1, 1, 1, 17),
        ("J101ABCD", 1, 2, 3, 3, 49),
    ],
)
def test_a_server_stays_where_every_version_before_had_it(
    serial: str, of_2: int, of_3: int, of_4: int, of_8: int, of_64: int
) -> None:
    # Not to be changed: an upgrade that moves servers breaks them in two for all who watch them.
    assert [shard_of(serial, total) for total in (1, 2, 3, 4, 8, 64)] == [
        0,
        of_2,
        of_3,
        of_4,
        of_8,
        of_64,
    ]


@pytest.mark.parametrize(
    ("key", "buckets", "bucket"),
    [(1, 1, 0), (42, 57, 43), (0xDEAD10CC, 1, 0), (0xDEAD10CC, 666, 361), (256, 1024, 520)],
)
def test_the_hash_is_the_published_one(key: int, buckets: int, bucket: int) -> None:
    # The same numbers come of other programs' jump consistent hash.
    assert jump(key, buckets) == bucket


@pytest.mark.parametrize("total", [2, 3, 5, 8, 20])
def test_25_000_servers_are_divided_nearly_evenly(total: int) -> None:
    sizes = Counter(shard_of(serial, total) for serial in FLEET)

    fair = len(FLEET) / total
    assert set(sizes) == set(range(total))
    assert max(sizes.values()) < 1.1 * fair
    assert min(sizes.values()) > 0.9 * fair


@pytest.mark.parametrize("total", [1, 2, 3, 7, 19])
def test_one_more_shard_takes_its_part_and_moves_nothing_else(total: int) -> None:
    before = [shard_of(serial, total) for serial in FLEET]
    after = [shard_of(serial, total + 1) for serial in FLEET]

    moved = [new for old, new in zip(before, after, strict=True) if new != old]
    assert set(moved) == {total}
    assert len(moved) == pytest.approx(len(FLEET) / (total + 1), rel=0.1)


@given(st.text(), st.integers(1, 1000))
def test_every_serial_number_has_exactly_one_shard(serial: str, total: int) -> None:
    index = shard_of(serial, total)

    assert 0 <= index < total
    assert Shard(index, total).owns(serial)
    assert not Shard((index + 1) % total, total).owns(serial) or total == 1


def test_a_serial_number_that_is_no_text_has_a_shard_too() -> None:
    assert shard_of("\ud800", 8) == shard_of("?", 8)


@pytest.mark.parametrize(
    ("index", "total", "says"),
    [
        (0, 0, "at least one shard, not 0"),
        (0, 10_001, "at most 10000 shards, not 10001"),
        (3, 3, "3 shards are counted from 0 to 2, 3 is none"),
        (-1, 3, "3 shards are counted from 0 to 2, -1 is none"),
    ],
)
def test_a_shard_that_cannot_be_is_refused(index: int, total: int, says: str) -> None:
    with pytest.raises(ValueError, match=says):
        Shard(index, total)


def test_without_shards_every_server_is_ones_own() -> None:
    assert WHOLE.is_whole
    assert WHOLE.is_first
    assert all(WHOLE.owns(serial) for serial in FLEET[:100])
