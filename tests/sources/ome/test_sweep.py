"""Does one device's trouble stay its own, and is the appliance's trouble seen as such?"""

import asyncio
from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest

from exporter.errors import LoginError, Reason, SourceError
from exporter.sources.ome.sweep import Reading, Round, Sweep

if TYPE_CHECKING:
    from tests.sources.ome.conftest import FakeClock

HOUR = 3600.0


class Devices:
    """Answers for devices by what the test planned for them."""

    def __init__(self) -> None:
        self.plan: dict[str, Callable[[], Reading[str]]] = {}
        self.asked: list[str] = []
        self.running = self.most = 0

    async def read(self, device: str) -> Reading[str]:
        self.asked.append(device)
        self.running += 1
        self.most = max(self.most, self.running)
        await asyncio.sleep(0)
        self.running -= 1
        return self.plan.get(device, lambda: Reading(f"of {device}"))()

    def fail(self, *devices: str, reason: Reason, status: int | None = None) -> None:
        def failing() -> Reading[str]:
            raise SourceError(reason, "planned", status=status, retry_after=9)

        self.plan.update(dict.fromkeys(devices, failing))


@pytest.fixture
def devices() -> Devices:
    return Devices()


@pytest.fixture
def sweep(devices: Devices, clock: "FakeClock") -> Sweep[str]:
    return Sweep(devices.read, clock, at_once=3, keep=2 * HOUR)


async def once(sweep: Sweep[str], *present: str) -> tuple[dict[str, str], Round]:
    round_ = Round()
    await sweep.run(sweep.begin(present), round_)
    round_.finish()
    return {key: reading.value for key, reading in sweep.readings().items()}, round_


async def test_every_device_is_read_with_bounded_concurrency(
    sweep: Sweep[str], devices: Devices
) -> None:
    names = [f"d{number}" for number in range(10)]
    found, round_ = await once(sweep, *names)
    assert found == {name: f"of {name}" for name in names}
    assert (round_.succeeded, round_.problems) == (10, 0)
    assert devices.most == 3


async def test_no_device_is_no_failure(sweep: Sweep[str]) -> None:
    assert (await once(sweep))[0] == {}


@pytest.mark.parametrize("status", [400, 404, 405, 501])
async def test_a_device_that_cannot_is_left_alone_for_six_hours_and_is_no_problem(
    sweep: Sweep[str], devices: Devices, clock: "FakeClock", status: int
) -> None:
    reason = Reason.HTTP_5XX if status == 501 else Reason.HTTP_4XX
    devices.fail("a", reason=reason, status=status)
    found, round_ = await once(sweep, "a")
    assert (found, round_.problems) == ({}, 0)
    clock.now += 6 * HOUR - 1
    await once(sweep, "a", "b")
    assert devices.asked == ["a", "b"]
    clock.now += 1
    devices.plan.clear()
    assert (await once(sweep, "a", "b"))[0].keys() == {"a", "b"}


async def test_a_device_that_no_longer_can_loses_its_reading_at_its_third_refusal(
    sweep: Sweep[str], devices: Devices
) -> None:
    await once(sweep, "a", "b")
    devices.fail("a", reason=Reason.HTTP_4XX, status=404)

    found = [(await once(sweep, "a", "b"))[0].keys() for _ in range(3)]

    assert found == [{"a", "b"}, {"a", "b"}, {"b"}]
    devices.asked.clear()
    await once(sweep, "a", "b")
    assert devices.asked == ["b"]


async def test_a_refusal_now_and_then_costs_a_device_nothing(
    sweep: Sweep[str], devices: Devices
) -> None:
    for _ in range(4):
        devices.plan.clear()
        await once(sweep, "a", "b")
        devices.fail("a", reason=Reason.HTTP_4XX, status=400)
        assert (await once(sweep, "a", "b"))[0].keys() == {"a", "b"}


async def test_a_failing_device_is_a_problem_and_keeps_its_reading_until_it_is_too_old(
    sweep: Sweep[str], devices: Devices, clock: "FakeClock"
) -> None:
    await once(sweep, "a", "b")
    devices.fail("a", reason=Reason.TIMEOUT)
    clock.now += 2 * HOUR
    found, round_ = await once(sweep, "a", "b")
    assert (set(found), round_.problems) == ({"a", "b"}, 1)
    clock.now += 1
    assert (await once(sweep, "a", "b"))[0].keys() == {"b"}


async def test_a_device_that_left_is_forgotten_with_everything_about_it(
    sweep: Sweep[str], devices: Devices
) -> None:
    devices.fail("a", reason=Reason.HTTP_4XX, status=404)
    await once(sweep, "a", "b")
    assert (await once(sweep, "c"))[0].keys() == {"c"}
    devices.plan.clear()
    assert (await once(sweep, "a"))[0].keys() == {"a"}


@pytest.mark.parametrize("reason", [Reason.AUTH, Reason.FORBIDDEN])
async def test_a_refused_user_fails_the_run_at_once(
    sweep: Sweep[str], devices: Devices, reason: Reason
) -> None:
    names = [f"d{number}" for number in range(50)]
    devices.fail("d1", reason=reason)
    with pytest.raises(SourceError) as caught:
        await once(sweep, *names)
    assert caught.value.reason is reason
    assert len(devices.asked) < 10


async def test_a_refused_login_is_not_taken_for_a_device_that_cannot(
    sweep: Sweep[str], devices: Devices
) -> None:
    def refused() -> Reading[str]:
        raise LoginError(Reason.HTTP_4XX, "no such appliance", status=404)

    devices.plan["a"] = refused
    with pytest.raises(LoginError):
        await once(sweep, "a", "b", "c")


async def test_more_failures_than_successes_are_the_appliances(
    sweep: Sweep[str], devices: Devices
) -> None:
    names = [f"d{number}" for number in range(40)]
    devices.fail(*names, reason=Reason.HTTP_5XX, status=503)
    with pytest.raises(SourceError) as caught:
        await once(sweep, *names)
    assert (caught.value.reason, caught.value.status) == (Reason.HTTP_5XX, 503)
    assert caught.value.retry_after == 9
    assert len(devices.asked) <= 8


async def test_some_failures_among_many_successes_fail_nothing(
    sweep: Sweep[str], devices: Devices
) -> None:
    names = [f"d{number}" for number in range(40)]
    devices.fail(*names[20:30], reason=Reason.TIMEOUT)
    found, round_ = await once(sweep, *names)
    assert (len(found), round_.problems) == (30, 10)


async def test_when_nobody_answers_the_run_fails_however_few_there_are(
    sweep: Sweep[str], devices: Devices
) -> None:
    devices.fail("a", reason=Reason.CONNECT)
    with pytest.raises(SourceError) as caught:
        await once(sweep, "a")
    assert caught.value.reason is Reason.CONNECT
    assert "1 of 1 devices could not be read" in caught.value.message


async def test_a_cancelled_sweep_leaves_no_worker_behind(clock: "FakeClock") -> None:
    async def forever(device: str) -> Reading[str]:
        await asyncio.Event().wait()
        return Reading(device)

    sweep = Sweep(forever, clock, at_once=3, keep=HOUR)
    before = len(asyncio.all_tasks())
    run = asyncio.create_task(once(sweep, "a", "b", "c", "d"))
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    run.cancel()
    with pytest.raises(asyncio.CancelledError):
        await run
    assert len(asyncio.all_tasks()) == before
