"""Long work leaves room for others."""

import asyncio
from unittest.mock import patch

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
