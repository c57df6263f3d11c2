"""Long work leaves room for others."""

import asyncio
from unittest.mock import patch

import pytest

from exporter import slices
from exporter.slices import Slices


async def test_others_have_their_turn_between_two_items() -> None:
    order: list[object] = []
    note = order.append

    async def other() -> None:
        for turn in "abc":
            note(turn)
            await asyncio.sleep(0)

    task = asyncio.create_task(other())
    with patch.object(slices, "_SLICE", 0.0):
        async for item in Slices().through([1, 2, 3]):
            note(item)
    await task

    assert order == [1, "a", 2, "b", 3, "c"]


async def test_short_work_is_not_interrupted() -> None:
    order: list[object] = []
    asyncio.get_running_loop().call_soon(order.append, "other")

    with patch.object(slices, "_SLICE", 60.0):
        order += [item async for item in Slices().through([1, 2, 3])]
    await asyncio.sleep(0)

    assert order == [1, 2, 3, "other"]


async def test_items_come_in_batches_with_others_in_between() -> None:
    order: list[object] = []

    async def other() -> None:
        for turn in "ab":
            order.append(turn)
            await asyncio.sleep(0)

    task = asyncio.create_task(other())
    with patch.object(slices, "_SLICE", 0.0), patch.object(slices, "_BATCH", 2):
        async for batch in Slices().batches(range(5)):
            order += [batch]
    await task

    assert order == [[0, 1], "a", [2, 3], "b", [4]]


@pytest.mark.parametrize("count", [0, 1, 9, 10, 11, 95])
async def test_sorting_in_parts_is_sorting(count: int) -> None:
    items = [(number * 7919 % 50, number) for number in range(count)]

    with patch.object(slices, "_SORTED_AT_ONCE", 10), patch.object(slices, "_SLICE", 0.0):
        found = await Slices().sorted(items, key=lambda each: each[0])

    assert found == sorted(items, key=lambda each: each[0])
