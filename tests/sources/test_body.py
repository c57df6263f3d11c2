"""Large responses of all sources share a bounded memory, in the order in which they came."""

import asyncio

import pytest

from exporter.sources.body import Reservation, ResponseMemory, SourceMemory


class Reader:
    """A source that wants to read large responses."""

    def __init__(self, memory: ResponseMemory, largest: int = 60) -> None:
        self._memory = SourceMemory(memory, largest)
        self.held: list[Reservation] = []

    def read(self) -> "asyncio.Task[None]":
        return asyncio.create_task(self._read())

    async def _read(self) -> None:
        self.held.append(await self._memory.reserve())


async def settled() -> None:
    for _ in range(10):
        await asyncio.sleep(0)


async def test_as_many_sources_read_a_large_response_as_there_is_memory_for() -> None:
    memory = ResponseMemory(130)
    readers = [Reader(memory) for _ in range(4)]
    tasks = [each.read() for each in readers]
    await settled()
    assert [task.done() for task in tasks] == [True, True, False, False]

    readers[1].held[0].release()
    await settled()
    assert [task.done() for task in tasks] == [True, True, True, False]

    readers[0].held[0].release()
    await asyncio.gather(*tasks)


async def test_one_source_reads_one_large_response_at_a_time() -> None:
    memory = ResponseMemory(1000)
    busy, other = Reader(memory), Reader(memory)
    tasks = [busy.read(), busy.read(), other.read()]
    await settled()
    assert [task.done() for task in tasks] == [True, False, True]

    busy.held[0].release()
    await asyncio.gather(*tasks)


async def test_a_small_request_does_not_overtake_a_large_one_for_ever() -> None:
    memory = ResponseMemory(100)
    first, large, small = Reader(memory, 60), Reader(memory, 90), Reader(memory, 10)
    tasks = [each.read() for each in (first, large, small)]
    await settled()
    assert [task.done() for task in tasks] == [True, False, False]

    first.held[0].release()
    await asyncio.gather(*tasks)


async def test_a_source_that_allows_more_than_there_is_takes_all_of_it() -> None:
    memory = ResponseMemory(100)
    greedy, other = Reader(memory, 1000), Reader(memory, 10)
    await greedy.read()
    task = other.read()
    await settled()
    assert not task.done()

    greedy.held[0].release()
    await task


@pytest.mark.parametrize("place", [0, 1, 2])
async def test_who_stops_waiting_is_in_nobodys_way(place: int) -> None:
    memory = ResponseMemory(60)
    holder, readers = Reader(memory), [Reader(memory) for _ in range(3)]
    await holder.read()
    tasks = [each.read() for each in readers]
    await settled()

    tasks.pop(place).cancel()
    readers.pop(place)
    holder.held[0].release()
    for reader, task in zip(readers, tasks, strict=True):
        await task
        reader.held[0].release()

    again = Reader(memory)
    await again.read()


async def test_who_stops_when_memory_was_just_granted_returns_it() -> None:
    memory = ResponseMemory(60)
    holder, unlucky, next_one = Reader(memory), Reader(memory), Reader(memory)
    await holder.read()
    task, after = unlucky.read(), next_one.read()
    await settled()

    holder.held[0].release()
    task.cancel()
    await after

    next_one.held[0].release()
    await unlucky.read()


async def test_memory_is_returned_once_and_also_by_a_response_that_was_dropped() -> None:
    memory = ResponseMemory(60)
    reader = Reader(memory)
    await reader.read()
    reader.held[0].release()
    reader.held[0].release()
    await reader.read()
    reader.held.clear()
    await reader.read()

    task = Reader(memory).read()
    await settled()
    assert not task.done()
    task.cancel()
