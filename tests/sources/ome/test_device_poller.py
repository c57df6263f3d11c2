"""One device's trouble costs that device; the appliance's trouble fails the run."""

import asyncio
import random
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from exporter.errors import LoginError, Reason, SourceError
from exporter.sources.ome.device_poller import DevicePoller, RunStats
from exporter.sources.ome.device_state import Reading, RoundRobin
from exporter.sources.partial import sample_size
from tests.fuzz.profiles import tried
from tests.sources.ome.conftest import FakeClock

if TYPE_CHECKING:
    from collections.abc import Iterable

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

    def fail(
        self, *devices: str, reason: Reason, status: int | None = None, code: str = ""
    ) -> None:
        def failing() -> Reading[str]:
            raise SourceError(reason, "planned", status=status, code=code, retry_after=9)

        self.plan.update(dict.fromkeys(devices, failing))


def poller_of(devices: Devices, clock: FakeClock, **more: Any) -> DevicePoller[str]:
    chance = random.Random(7)  # noqa: S311
    return DevicePoller(devices.read, clock, at_once=3, keep=2 * HOUR, chance=chance, **more)


@pytest.fixture
def devices() -> Devices:
    return Devices()


@pytest.fixture
def poller(devices: Devices, clock: FakeClock) -> DevicePoller[str]:
    return poller_of(devices, clock)


async def once(poller: DevicePoller[str], *present: str) -> tuple[dict[str, str], RunStats]:
    await poller.run(present)
    return {key: reading.value for key, reading in poller.readings().items()}, poller.stats


async def test_every_device_is_read_with_bounded_concurrency(
    poller: DevicePoller[str], devices: Devices
) -> None:
    names = [f"d{number}" for number in range(10)]
    found, stats = await once(poller, *names)
    assert found == {name: f"of {name}" for name in names}
    assert (stats.read, stats.problems) == (10, 0)
    assert devices.most == 3


async def test_no_device_is_no_failure(poller: DevicePoller[str]) -> None:
    assert (await once(poller))[0] == {}


@pytest.mark.parametrize("status", [400, 404, 405, 501])
async def test_a_device_that_cannot_is_no_problem_and_left_alone_for_twice_as_long_each_time(
    poller: DevicePoller[str], devices: Devices, clock: FakeClock, status: int
) -> None:
    reason = Reason.HTTP_5XX if status == 501 else Reason.HTTP_4XX
    devices.fail("a", reason=reason, status=status)
    found, stats = await once(poller, "a", "b")
    assert (set(found), stats.problems) == ({"b"}, 0)
    waits, start = list[float](), clock.now
    while len(waits) < 9:
        clock.now += 60
        devices.asked.clear()
        await once(poller, "a", "b")
        if "a" in devices.asked:
            waits.append((clock.now - start) / 60)
            start = clock.now
    assert waits == [4, 8, 16, 32, 64, 128, 256, 360, 360]

    devices.plan.clear()
    clock.now += 6 * HOUR
    assert (await once(poller, "a", "b"))[0].keys() == {"a", "b"}


@pytest.mark.parametrize("status", [403, 500])
async def test_a_device_that_says_it_cannot_is_believed_whatever_the_status(
    poller: DevicePoller[str], devices: Devices, status: int
) -> None:
    devices.fail("a", reason=Reason.HTTP_5XX, status=status, code="CGEN1004")
    found, stats = await once(poller, "a", "b")
    assert (set(found), stats.problems) == ({"b"}, 0)
    await once(poller, "a", "b")
    assert devices.asked.count("a") == 1


async def test_when_all_refuse_there_is_a_message_and_all_are_asked_again_on_demand(
    poller: DevicePoller[str], devices: Devices
) -> None:
    devices.fail("a", "b", reason=Reason.HTTP_4XX, status=404)
    await once(poller, "a")
    assert poller.refusal_of_all() == "planned"
    await once(poller, "a", "b", "c")
    assert poller.refusal_of_all() == ""
    devices.asked.clear()
    await once(poller, "a", "b")
    assert (devices.asked, poller.refusal_of_all()) == ([], "planned")
    poller.ask_all_again()
    await once(poller, "a", "b")
    assert sorted(devices.asked) == ["a", "b"]
    await once(poller)
    assert poller.refusal_of_all() == ""


async def test_a_device_that_no_longer_can_loses_its_reading_at_its_third_refusal(
    poller: DevicePoller[str], devices: Devices
) -> None:
    await once(poller, "a", "b")
    devices.fail("a", reason=Reason.HTTP_4XX, status=404)

    found = [(await once(poller, "a", "b"))[0].keys() for _ in range(3)]

    assert found == [{"a", "b"}, {"a", "b"}, {"b"}]
    devices.asked.clear()
    await once(poller, "a", "b")
    assert devices.asked == ["b"]


async def test_a_refusal_now_and_then_costs_a_device_nothing(
    poller: DevicePoller[str], devices: Devices
) -> None:
    for _ in range(4):
        devices.plan.clear()
        await once(poller, "a", "b")
        devices.fail("a", reason=Reason.HTTP_4XX, status=400)
        assert (await once(poller, "a", "b"))[0].keys() == {"a", "b"}


async def test_a_failing_device_is_a_problem_and_keeps_its_reading_until_it_is_too_old(
    poller: DevicePoller[str], devices: Devices, clock: FakeClock
) -> None:
    await once(poller, "a", "b")
    devices.fail("a", reason=Reason.TIMEOUT)
    clock.now += 2 * HOUR
    found, stats = await once(poller, "a", "b")
    assert (set(found), stats.problems) == ({"a", "b"}, 1)
    clock.now += 1
    assert (await once(poller, "a", "b"))[0].keys() == {"b"}


async def test_a_device_that_left_is_forgotten_with_everything_about_it(
    poller: DevicePoller[str], devices: Devices
) -> None:
    devices.fail("a", reason=Reason.HTTP_4XX, status=404)
    await once(poller, "a", "b")
    assert (await once(poller, "c"))[0].keys() == {"c"}
    devices.plan.clear()
    assert (await once(poller, "a"))[0].keys() == {"a"}


@pytest.mark.parametrize("reason", [Reason.AUTH, Reason.TLS, Reason.REDIRECT, Reason.RATE_LIMITED])
async def test_an_error_that_concerns_every_device_ends_the_run_at_once(
    poller: DevicePoller[str], devices: Devices, reason: Reason
) -> None:
    names = [f"d{number}" for number in range(400)]
    devices.fail(*names[::4], reason=reason)
    with pytest.raises(SourceError, match=r"^planned$") as caught:
        await once(poller, *names)
    assert (caught.value.reason, caught.value.retry_after) == (reason, 9)
    assert len(devices.asked) < 100


async def test_a_device_out_of_the_users_scope_costs_itself(
    poller: DevicePoller[str], devices: Devices
) -> None:
    names = [f"d{number}" for number in range(50)]
    devices.fail("d1", reason=Reason.FORBIDDEN, status=403)
    found, stats = await once(poller, *names)
    assert (len(found), stats.problems) == (49, 1)


@pytest.mark.parametrize("reached", [0, 1])
async def test_a_user_who_may_see_no_device_is_forbidden_unless_others_fail_otherwise(
    poller: DevicePoller[str], devices: Devices, reached: int
) -> None:
    names = [f"d{number}" for number in range(20)]
    devices.fail(*names, reason=Reason.FORBIDDEN, status=403)
    devices.fail(*names[:reached], reason=Reason.TIMEOUT)
    with pytest.raises(SourceError) as caught:
        await once(poller, *names)
    expected = (Reason.TIMEOUT, None) if reached else (Reason.FORBIDDEN, 403)
    assert (caught.value.reason, caught.value.status) == expected


async def test_a_refused_login_is_not_taken_for_a_device_that_cannot(
    poller: DevicePoller[str], devices: Devices
) -> None:
    def refused() -> Reading[str]:
        raise LoginError(Reason.HTTP_4XX, "no such appliance", status=404)

    devices.plan["a"] = refused
    with pytest.raises(LoginError):
        await once(poller, "a", "b", "c")


@pytest.mark.parametrize(("count", "sample"), [(12, 12), (20, 20), (150, 20), (400, 40)])
async def test_a_run_fails_when_a_sample_of_the_fleet_has_been_asked_in_vain(
    poller: DevicePoller[str], devices: Devices, count: int, sample: int
) -> None:
    names = [f"d{number}" for number in range(count)]
    devices.fail(*names, reason=Reason.HTTP_5XX, status=503)
    with pytest.raises(SourceError) as caught:
        await once(poller, *names)
    assert (caught.value.reason, caught.value.status) == (Reason.HTTP_5XX, 503)
    assert caught.value.retry_after == 9
    assert sample <= len(devices.asked) < sample + 3


async def test_each_run_asks_in_another_order_spread_over_the_fleet(
    poller: DevicePoller[str], devices: Devices
) -> None:
    names = [f"d{number:03}" for number in range(400)]
    devices.fail(*names, reason=Reason.TIMEOUT)
    samples = []
    for _ in range(2):
        devices.asked.clear()
        with pytest.raises(SourceError):
            await once(poller, *names)
        samples.append(frozenset(devices.asked))
    assert samples[0] != samples[1]
    for quarter in (names[:100], names[100:200], names[200:300], names[300:]):
        assert all(sample & set(quarter) for sample in samples)


async def test_when_most_devices_fail_the_others_are_served(
    poller: DevicePoller[str], devices: Devices
) -> None:
    names = [f"d{number}" for number in range(400)]
    devices.fail(*names[:250], reason=Reason.TIMEOUT)
    found, stats = await once(poller, *names)
    assert (set(found), stats.problems) == (set(names[250:]), 250)


async def test_devices_that_do_not_support_it_do_not_hide_that_nothing_works(
    poller: DevicePoller[str], devices: Devices
) -> None:
    devices.fail("a", "b", reason=Reason.HTTP_4XX, status=404)
    devices.fail("c", reason=Reason.TIMEOUT)
    with pytest.raises(SourceError, match="1 of 3 could not be read"):
        await once(poller, "a", "b", "c")


async def test_an_appliance_that_restarts_and_refuses_everything_fails_and_costs_nothing(
    poller: DevicePoller[str], devices: Devices
) -> None:
    names = [f"d{number}" for number in range(400)]
    await once(poller, *names)
    devices.fail(*names, reason=Reason.HTTP_4XX, status=404)
    for _ in range(5):
        devices.asked.clear()
        with pytest.raises(SourceError, match="refuse what they gave before: planned"):
            await once(poller, *names)
        assert len(poller.readings()) == 400
        assert len(devices.asked) < 45
        assert poller.stats.problems >= 40
    devices.plan.clear()
    devices.asked.clear()
    await once(poller, *names)
    assert len(devices.asked) == 400


async def test_where_few_are_due_and_fail_others_are_asked_before_the_appliance_is_blamed(
    devices: Devices, clock: FakeClock
) -> None:
    turns = RoundRobin(interval=300, every=3600)
    poller = poller_of(devices, clock, turns=turns)
    names = [f"d{number}" for number in range(24)]
    await once(poller, *names)
    devices.fail("d3", reason=Reason.TIMEOUT)
    clock.now += 300
    devices.asked.clear()
    await poller.run(names, urgent={"d3"})
    assert (poller.stats.failed, poller.stats.read) == (1, 2)

    devices.fail(*names, reason=Reason.TIMEOUT)
    clock.now += 300
    devices.asked.clear()
    with pytest.raises(SourceError, match="20 of 20 could"):
        await poller.run(names, urgent={"d3"})
    assert len(set(devices.asked)) == 20


async def test_the_others_are_asked_only_until_one_answers(
    devices: Devices, clock: FakeClock
) -> None:
    poller = poller_of(devices, clock, turns=RoundRobin(interval=1, every=1e9))
    names = [f"d{number}" for number in range(24)]
    await once(poller, *names)
    # The oldest and alphabetically first one has its turn.
    devices.fail("d0", "d3", reason=Reason.TIMEOUT)
    devices.asked.clear()
    await poller.run(names, urgent={"d3"})
    assert {"d0", "d3"} < set(devices.asked)
    assert len(devices.asked) <= 5


async def test_a_cancelled_run_leaves_no_worker_behind_and_keeps_what_was_read(
    clock: FakeClock,
) -> None:
    started, never = asyncio.Event(), asyncio.Event()

    async def read(device: str) -> Reading[str]:
        if device == "a":
            return Reading(device)
        started.set()
        await never.wait()
        raise AssertionError

    poller = DevicePoller(read, clock, at_once=4, keep=HOUR)
    before = len(asyncio.all_tasks())
    run = asyncio.create_task(once(poller, "a", "b", "c", "d"))
    await started.wait()
    await asyncio.sleep(0)
    run.cancel()
    with pytest.raises(asyncio.CancelledError):
        await run
    assert len(asyncio.all_tasks()) == before
    assert poller.readings().keys() == {"a"}


# --- properties

TROUBLES = (
    (Reason.TIMEOUT, None, ""),
    (Reason.HTTP_5XX, 500, ""),
    (Reason.FORBIDDEN, 403, ""),
    (Reason.SCHEMA, None, ""),
    (Reason.HTTP_4XX, 404, "CGEN1006"),
    (Reason.HTTP_5XX, 500, "CGEN1004"),
)


@st.composite
def troubled_fleets(draw: st.DrawFn) -> "tuple[list[str], dict[str, Any]]":
    """Return a fleet, and a trouble for fewer devices than the sample has."""
    names = [f"d{number}" for number in range(draw(st.integers(1, 250)))]
    most = sample_size(len(names)) - 1
    broken = draw(st.sets(st.sampled_from(names), max_size=most)) if most else set()
    return names, {name: draw(st.sampled_from(TROUBLES)) for name in sorted(broken)}


@tried(60)
@given(troubled_fleets(), st.randoms(use_true_random=False), st.booleans())
def test_whichever_devices_are_in_trouble_every_other_one_is_served(
    fleet: "tuple[list[str], dict[str, Any]]", chance: random.Random, was_well: bool
) -> None:
    names, troubles = fleet
    devices = Devices()
    poller = DevicePoller(devices.read, FakeClock(), at_once=3, keep=HOUR, chance=chance)

    async def runs() -> "Iterable[str]":
        if was_well:
            await poller.run(names)
        for name, (reason, status, code) in troubles.items():
            devices.fail(name, reason=reason, status=status, code=code)
        for _ in range(4):
            await poller.run(names)
            assert poller.stats.read == len(names) - len(troubles)
        return poller.readings().keys()

    found = set(asyncio.run(runs()))
    refusing = {name for name, (_, status, code) in troubles.items() if status == 404 or code}
    lost = refusing if was_well else troubles.keys()
    assert found == set(names) - lost
