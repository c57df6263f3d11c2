import asyncio

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from exporter.sources.rate import RateLimit
from tests.support.clock import FakeClock, settle


class Queue:
    """Callers of one limit, and when each passed."""

    def __init__(self, limit: int) -> None:
        self.clock = FakeClock()
        self.limit = RateLimit(limit, self.clock)
        self.passed: list[tuple[int, float]] = []
        self.tasks: list[asyncio.Task[None]] = []

    def call(self, number: int) -> asyncio.Task[None]:
        async def pass_through() -> None:
            await self.limit.acquire()
            self.passed.append((number, self.clock.monotonic()))

        self.tasks.append(asyncio.create_task(pass_through()))
        return self.tasks[-1]

    @property
    def times(self) -> list[float]:
        return [round(time - 5000, 6) for _, time in self.passed]

    async def end(self) -> None:
        for task in self.tasks:
            task.cancel()
        await asyncio.gather(*self.tasks, return_exceptions=True)


async def test_a_limit_of_zero_lets_everybody_pass() -> None:
    queue = Queue(0)
    for number in range(1000):
        queue.call(number)

    await queue.clock.advance(0)

    assert len(queue.passed) == 1000


async def test_calls_above_the_limit_wait_for_their_minute() -> None:
    queue = Queue(2)
    for number in range(5):
        queue.call(number)

    await queue.clock.advance(59.9)
    assert queue.times == [0, 0]
    await queue.clock.advance(0.1)
    assert queue.times == [0, 0, 60, 60]
    await queue.clock.advance(60)
    assert queue.times == [0, 0, 60, 60, 120]


async def test_calls_pass_in_the_order_in_which_they_came() -> None:
    queue = Queue(1)
    for number in range(4):
        queue.call(number)

    await queue.clock.advance(180)

    assert [number for number, _ in queue.passed] == [0, 1, 2, 3]


async def test_a_call_that_is_cancelled_leaves_its_place_to_the_next() -> None:
    queue = Queue(1)
    first, second, third = (queue.call(number) for number in range(3))
    await settle()

    second.cancel()
    await queue.clock.advance(60)

    assert first.done()
    assert third.done()
    assert [number for number, _ in queue.passed] == [0, 2]


@given(st.integers(1, 5), st.lists(st.floats(0, 70), max_size=25))
@settings(deadline=None, max_examples=60)
async def test_no_sixty_seconds_ever_see_more_than_the_limit(
    limit: int, pauses: list[float]
) -> None:
    queue = Queue(limit)
    for number, pause in enumerate(pauses):
        await queue.clock.advance(pause)
        queue.call(number)
    await queue.clock.advance(60 * len(pauses) + 1)

    times = [time for _, time in queue.passed]
    assert len(times) == len(pauses)
    assert all(
        later - earlier >= 60 - 1e-6 for earlier, later in zip(times, times[limit:], strict=False)
    )
    await queue.end()


@pytest.mark.parametrize("limit", [1, 3])
async def test_calls_that_keep_to_the_limit_never_wait(limit: int) -> None:
    queue = Queue(limit)
    for number in range(10):
        queue.call(number)
        await queue.clock.advance(60 / limit)

    assert queue.times == [pytest.approx(60 / limit * number) for number in range(10)]
