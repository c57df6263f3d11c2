import asyncio

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from exporter.sources.gate import Errand, Gate, errand
from tests.support.clock import FakeClock, settle


class Queue:
    """Callers of one gate, and when each passed."""

    def __init__(self, limit: int, concurrency: int = 10_000) -> None:
        self.clock = FakeClock()
        self.gate = Gate(concurrency, limit, self.clock)
        self.inside = 0
        self.most_inside = 0
        self.passed: list[tuple[int, float]] = []
        self.tasks: list[asyncio.Task[None]] = []

    def call(
        self, number: int, *, interval: float | None = None, stays: float = 0
    ) -> asyncio.Task[None]:
        async def pass_through() -> None:
            if interval is not None:
                errand.set(Errand(interval))
            async with self.gate.turn():
                self.passed.append((number, self.clock.monotonic()))
                self.inside += 1
                self.most_inside = max(self.most_inside, self.inside)
                try:
                    if stays:
                        await self.clock.sleep(stays)
                finally:
                    self.inside -= 1

        self.tasks.append(asyncio.create_task(pass_through()))
        return self.tasks[-1]

    @property
    def times(self) -> list[float]:
        return [round(time - 5000, 6) for _, time in self.passed]

    async def end(self) -> None:
        self.gate.close()
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


async def test_no_more_than_the_allowed_number_is_inside_at_a_time() -> None:
    queue = Queue(0, concurrency=3)
    for number in range(10):
        queue.call(number, stays=10)

    await queue.clock.advance(100)

    assert len(queue.passed) == 10
    assert queue.most_inside == 3
    assert queue.times == [0, 0, 0, 10, 10, 10, 20, 20, 20, 30]


async def test_the_requests_of_a_slow_collector_give_way_to_those_of_a_fast_one() -> None:
    queue = Queue(0, concurrency=1)
    queue.call(0, interval=3600, stays=10)
    await settle()
    for number, interval in ((1, 3600), (2, 300), (3, 60), (4, 300), (5, 60)):
        queue.call(number, interval=interval, stays=10)

    await queue.clock.advance(100)

    assert [number for number, _ in queue.passed] == [0, 3, 5, 2, 4, 1]


async def test_the_next_minute_goes_to_the_most_urgent_too() -> None:
    queue = Queue(1)
    queue.call(0)
    await settle()
    queue.call(1, interval=3600)
    queue.call(2, interval=60)

    await queue.clock.advance(120)

    assert queue.passed == [(0, 5000), (2, 5060), (1, 5120)]
    await queue.end()


async def test_more_urgent_calls_than_fit_do_not_keep_the_others_out_for_ever() -> None:
    queue = Queue(1)
    queue.call(0, interval=3600)
    await settle()
    queue.call(-1, interval=600)
    for number in range(1, 30):
        queue.call(number, interval=60)
        await queue.clock.advance(60)

    waited = dict(queue.passed)[-1] - 5000
    assert 500 <= waited <= 700
    await queue.end()


async def test_a_call_that_is_cancelled_inside_gives_its_place_back() -> None:
    queue = Queue(0, concurrency=1)
    first = queue.call(0, stays=1000)
    await settle()
    queue.call(1)

    first.cancel()
    await settle()

    assert [number for number, _ in queue.passed] == [0, 1]
    await queue.end()


async def test_a_call_that_is_cancelled_at_its_turn_gives_its_place_back() -> None:
    queue = Queue(0, concurrency=1)
    queue.call(0, stays=10)
    await settle()
    second, _ = queue.call(1), queue.call(2)
    await settle()
    second.cancel()

    await queue.clock.advance(10)

    assert [number for number, _ in queue.passed] == [0, 2]
    await queue.end()


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
