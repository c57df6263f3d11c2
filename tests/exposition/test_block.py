import gzip
import random
from collections.abc import Sequence

import pytest
from msgspec import Struct

from exporter.catalogue import SERVER_FAMILIES
from exporter.catalogue.family import Family
from exporter.exposition.block import (
    EMPTY,
    FEW,
    NO_ROWS,
    SHARD,
    Block,
    Former,
    Rows,
    renewed,
)
from exporter.exposition.gzipped import HEADER, trailer
from exporter.exposition.render import FamilyRenderer
from exporter.model import Components, Description, Health, Power, Status
from exporter.slices import Slices

(WATTS,) = [each for each in SERVER_FAMILIES if each.name == "serverfleet_server_power_peak_watts"]


def rows(*watts: float | None) -> Rows:
    names = tuple(f'serial="S{number}"' for number in range(len(watts)))
    return Rows(names, [None if each is None else Power(peak_watts=each) for each in watts])


async def written(now: Rows, before: Rows = NO_ROWS, block: Block = EMPTY) -> Block:
    renderer, changes = FamilyRenderer(WATTS), now.changes(before)
    return await renewed(renderer, now, changes, Former(before, block), Slices())


def text_of(block: Block) -> bytes:
    """Read a block as a browser does: one gzip stream, whose checksum and length are checked."""
    return gzip.decompress(b"".join((HEADER, *block.pieces, trailer(block.crc, block.length))))


@pytest.mark.parametrize("count", [0, 1, 511, 512, 513, 1025])
async def test_the_joined_pieces_hold_exactly_the_plain_lines(count: int) -> None:
    block = await written(rows(*range(count)))

    assert text_of(block) == b"".join(shard.lines for shard in block.shards)
    assert text_of(block).count(b"\n") == block.series == count
    assert len(block.shards) == -(-count // SHARD)
    assert block.compressed_size == sum(len(shard.piece) for shard in block.shards)


async def test_unchanged_rows_keep_the_block() -> None:
    first = rows(*range(1025))
    block = await written(first)

    assert await written(rows(*range(1025)), first, block) is block


async def test_a_changed_reading_renews_only_its_own_shard() -> None:
    before = rows(*range(1025))
    block = await written(before)
    now = rows(*(7000.5 if number == 600 else number for number in range(1025)))

    renewed_block = await written(now, before, block)

    kept = [
        new.piece is old.piece for new, old in zip(renewed_block.shards, block.shards, strict=True)
    ]
    assert kept == [True, False, True]
    assert b'{serial="S600"} 7000.5\n' in text_of(renewed_block)
    assert text_of(renewed_block) == text_of(await written(now))


async def test_a_shard_that_comes_out_the_same_keeps_its_piece() -> None:
    before = rows(1, 2)
    block = await written(before)
    now = Rows(before.identities, [Power(peak_watts=1, minimum_watts=9), Power(peak_watts=2)])

    assert now.changes(before) == ([0],)
    assert await written(now, before, block) is block


async def test_a_shorter_fleet_loses_its_last_shards() -> None:
    before = rows(*range(1025))
    block = await written(before)
    now = rows(*range(512))

    shorter = await written(now, before, block)

    assert shorter.series == 512
    assert shorter.shards[0].piece is block.shards[0].piece
    assert text_of(shorter) == text_of(await written(now))


async def test_a_longer_fleet_keeps_its_first_shards() -> None:
    before = rows(*range(512))
    block = await written(before)

    longer = await written(rows(*range(513)), before, block)

    assert longer.series == 513
    assert longer.shards[0].piece is block.shards[0].piece
    assert text_of(longer) == text_of(await written(rows(*range(513))))


async def test_a_shard_without_lines_has_no_piece_whatever_it_had_before() -> None:
    before = rows(1, 2)
    block = await written(before)

    emptied = await written(rows(None, None), before, block)

    assert text_of(emptied) == b""
    assert emptied.compressed_size == 0
    assert emptied.shards == (await written(rows(None, None))).shards


def of_kind(number: int) -> dict[type[Struct], Struct | None]:
    """A facet of each kind that is like those of some other numbers; now and then none."""
    word = "abc"[number % 3] + '"\\'
    parts = tuple((part, number % 3) for part in ("fans", "memory")[: number % 4])
    return {
        Power: Power(peak_watts=number % 5) if number % 7 else None,
        Status: Status(health=list(Health)[number % 4], managed=bool(number % 2) or None),
        Components: Components(parts) if number % 5 else None,
        Description: Description(id="same", model=word) if number % 9 else None,
    }


PATCHED = [each for each in SERVER_FAMILIES if each.facet in of_kind(0)]


@pytest.mark.parametrize("count", [1, 20, FEW, FEW + 1])
@pytest.mark.parametrize("family", PATCHED, ids=lambda family: family.name)
async def test_exchanged_lines_are_those_that_writing_everything_gives(
    family: Family, count: int
) -> None:
    assert family.facet is not None
    chance = random.Random(count)  # noqa: S311 - examples, no secret
    renderer = FamilyRenderer(family)
    names = tuple(f'serial="S{number}",server=""' for number in range(SHARD + 100))
    facets = [of_kind(chance.randrange(10_000))[family.facet] for _ in names]
    before = Rows(names, list(facets))
    block = await renewed(renderer, before, before.changes(NO_ROWS), Former(), Slices())
    for place in chance.sample(range(SHARD), count):
        facets[place] = of_kind(chance.randrange(10_000))[family.facet]
    now = Rows(names, facets)

    patched = await renewed(renderer, now, now.changes(before), Former(before, block), Slices())

    assert patched == await renewed(renderer, now, now.changes(NO_ROWS), Former(), Slices())
    assert patched.shards[1].piece is block.shards[1].piece


async def test_only_the_families_of_a_changed_value_are_written_again() -> None:
    asked: list[Sequence[Struct | None]] = []

    class Spy(FamilyRenderer):
        def lines(
            self, identities: Sequence[str], facets: Sequence[Struct | None]
        ) -> tuple[bytes, int]:
            asked.append(facets)
            return super().lines(identities, facets)

    before = rows(*range(600))
    block = await renewed(Spy(WATTS), before, before.changes(NO_ROWS), Former(), Slices())
    assert len(asked) == 2
    now = Rows(before.identities, [*before.facets[:-1], Power(peak_watts=599, minimum_watts=9)])

    asked.clear()
    again = await renewed(Spy(WATTS), now, now.changes(before), Former(before, block), Slices())

    assert again is block
    assert asked == []
