import gzip

import pytest

from exporter.catalogue import SERVER_FAMILIES
from exporter.exposition.block import EMPTY, SHARD, Block, Rows, renewed
from exporter.exposition.gzipped import HEADER, checksum, trailer
from exporter.exposition.render import FamilyRenderer
from exporter.model import Power
from exporter.slices import Slices

(WATTS,) = [each for each in SERVER_FAMILIES if each.name == "serverfleet_server_power_peak_watts"]


def rows(*watts: float | None) -> Rows:
    names = tuple(f'serial="S{number}"' for number in range(len(watts)))
    return Rows(names, [None if each is None else Power(peak_watts=each) for each in watts])


async def written(now: Rows, before: Rows | None = None, block: Block = EMPTY) -> Block:
    changed = now.changed_shards(before)
    return await renewed(FamilyRenderer(WATTS), now, changed, block, Slices())


def decompressed(block: Block) -> bytes:
    assert block.crc == checksum(block.plain)
    return gzip.decompress(b"".join((HEADER, *block.pieces, trailer(block.crc, len(block.plain)))))


@pytest.mark.parametrize("count", [0, 1, 511, 512, 513, 1025])
async def test_the_joined_pieces_hold_exactly_the_plain_lines(count: int) -> None:
    block = await written(rows(*range(count)))

    assert decompressed(block) == block.plain
    assert block.plain.count(b"\n") == block.series == count
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
    assert b'{serial="S600"} 7000.5\n' in renewed_block.plain
    assert decompressed(renewed_block) == renewed_block.plain


async def test_a_shard_that_comes_out_the_same_keeps_its_piece() -> None:
    before = rows(1, 2)
    block = await written(before)
    now = Rows(before.identities, [Power(peak_watts=1, minimum_watts=9), Power(peak_watts=2)])

    assert now.changed_shards(before) == (True,)
    assert await written(now, before, block) is block


async def test_a_shorter_fleet_loses_its_last_shards() -> None:
    before = rows(*range(1025))
    block = await written(before)
    now = rows(*range(512))

    shorter = await written(now, before, block)

    assert shorter.series == 512
    assert shorter.shards[0].piece is block.shards[0].piece
    assert decompressed(shorter) == shorter.plain


async def test_a_longer_fleet_keeps_its_first_shards() -> None:
    before = rows(*range(512))
    block = await written(before)

    longer = await written(rows(*range(513)), before, block)

    assert longer.series == 513
    assert longer.shards[0].piece is block.shards[0].piece
    assert decompressed(longer) == longer.plain


async def test_a_shard_without_lines_has_no_piece_whatever_it_had_before() -> None:
    before = rows(1, 2)
    block = await written(before)

    emptied = await written(rows(None, None), before, block)

    assert emptied.plain == b""
    assert emptied.compressed_size == 0
    assert emptied.shards == (await written(rows(None, None))).shards
