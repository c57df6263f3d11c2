"""What does the counter of a server of COM do after a start, an outage, or a jump of the clock?"""

import math

import pytest

from exporter.energy.accounts import MOST, Account, advanced, hour_counted
from exporter.energy.collectors import FIRST_PAUSE
from exporter.errors import Reason
from exporter.model import Energy, Window
from tests.energy.conftest import DAY, HOUR, START, Life, Make, Rig

ACCOUNTS = {"A": Account(1, 50), "B": Account(2, 0)}


def nothing(_: object) -> None:
    """Refuse no query."""


def everything(_: object) -> Reason:
    return Reason.HTTP_4XX


def counted(life: Life, rig: Rig, since: float = START) -> bool:
    """Tell whether every measured server's counter is the truth up to what is published."""
    counters = life.counters()
    measured = [each.serial for each in rig.simulation.world.com_servers()]
    measured = [serial for serial in measured if rig.is_measured(serial)]
    truth = {serial: rig.truth(serial, since, rig.published) for serial in measured}
    return {serial: counters.get(serial, 0.0) for serial in measured} == pytest.approx(
        truth, abs=1, rel=0
    )


async def test_a_first_start_counts_from_now_on_and_shows_zero_first(make: Make) -> None:
    rig = make()
    life = await rig.start()
    await life.run()
    assert (life.counters(), rig.wire.asked) == ({}, [])
    await rig.hours(life, 3)
    assert set(life.counters().values()) == {0.0}
    await rig.hours(life, 8)

    assert min(life.counters().values()) > 0
    assert counted(life, rig)
    assert life.heard.pending_hours == 0


async def test_a_restart_serves_what_it_had_at_once_without_a_call(make: Make) -> None:
    rig = make()
    life = await rig.begin()
    await rig.hours(life, 12)
    before = life.counters()
    rig.kill()
    rig.wire.asked.clear()
    life = await rig.start()
    await life.run()

    assert life.counters() == before != {}
    assert rig.wire.asked == []
    assert (life.state.again_after, life.state.interval) == (FIRST_PAUSE, HOUR)
    await life.run()
    assert (life.state.again_after, life.state.interval) == (None, HOUR)


async def test_the_hours_of_an_outage_are_made_up_for_within_one_run(make: Make) -> None:
    rig = make()
    life = await rig.begin()
    await rig.hours(life, 12)
    rig.kill()
    rig.clock.now += 8 * DAY
    life = await rig.start()
    await life.run()
    assert life.heard.pending_hours == 8 * 24
    await life.run()

    assert counted(life, rig)
    assert life.heard.pending_hours == 0


async def test_a_long_outage_is_made_up_for_in_slices_the_oldest_hours_first(make: Make) -> None:
    rig = make()
    life = await rig.begin()
    await rig.hours(life, 12)
    rig.kill()
    rig.clock.now += 3 * DAY
    life = await rig.start(most_calls=30)
    rig.wire.asked.clear()
    await life.run()
    await life.run()
    assert len(rig.wire.asked) == 30
    assert rig.wire.asked == sorted(rig.wire.asked)
    for _ in range(4):
        await life.run()
    assert counted(life, rig)


async def test_hours_beyond_what_the_api_remembers_are_lost_and_counted_as_such(
    make: Make,
) -> None:
    rig = make(servers=2)
    life = await rig.begin()
    await rig.hours(life, 12)
    rig.kill()
    rig.clock.now += 190 * DAY
    life = await rig.start(most_calls=5)
    await life.run()

    assert life.heard.lost_hours == pytest.approx(10 * 24, abs=2)
    assert life.heard.pending_hours == pytest.approx(180 * 24, abs=1)


async def test_an_hour_that_was_asked_for_in_vain_until_it_was_out_of_reach_is_lost(
    make: Make,
) -> None:
    rig = make(servers=2)
    life = await rig.begin()
    await rig.hours(life, 2)
    rig.wire.refuses = everything
    rig.clock.now += DAY
    await life.run()
    await rig.hours(life, 1)
    assert life.heard.pending_hours == 25
    rig.clock.now += 190 * DAY
    await life.run()

    assert life.heard.lost_hours == pytest.approx(11 * 24, abs=3)


async def test_an_hour_that_always_fails_does_not_hold_up_the_others(make: Make) -> None:
    rig = make()
    life = await rig.begin()
    await rig.hours(life, 8)
    rig.kill()
    rig.clock.now += DAY
    life = await rig.start()
    await life.run()
    bad: list[str] = []

    def broken(query: object) -> Reason | None:
        asked = rig.wire.asked[-1]
        bad.append(asked) if not bad else None
        return Reason.HTTP_5XX if asked == bad[0] else None

    rig.wire.refuses = broken
    assert not await life.run()
    assert life.state.reason == "http_5xx"
    assert await life.run()
    assert life.heard.pending_hours == 0
    rig.wire.refuses = nothing
    await rig.hours(life, 30)
    assert counted(life, rig)


async def test_refused_hours_are_passed_over_unless_every_one_is_refused(make: Make) -> None:
    rig = make()
    life = await rig.begin()
    await rig.hours(life, 8)
    rig.clock.now += DAY
    rig.wire.refuses = lambda query: Reason.HTTP_4XX if query["start-date"] < "2026-05-29" else None
    assert await life.run()
    rig.wire.refuses = everything
    rig.clock.now += DAY
    assert not await life.run()
    assert life.state.reason == "http_4xx"
    rig.wire.refuses = nothing
    await rig.hours(life, 30)
    assert counted(life, rig)


@pytest.mark.parametrize("jump", [-40 * DAY, -2 * HOUR, 20 * DAY, 400 * DAY])
async def test_a_clock_that_jumps_and_comes_back_costs_and_doubles_nothing(
    make: Make, jump: float
) -> None:
    rig = make()
    life = await rig.begin()
    await rig.hours(life, 30)
    real = rig.clock.wall
    rig.clock.wall = lambda: real() + jump  # type: ignore[method-assign]
    rig.simulation.world.clock = real
    await rig.hours(life, 5)
    rig.clock.wall = real  # type: ignore[method-assign]
    before = life.counters()
    await rig.hours(life, 30)

    assert all(total >= before.get(serial, 0) for serial, total in life.counters().items())
    assert counted(life, rig)


async def test_a_server_that_comes_back_goes_on_where_it_was(make: Make) -> None:
    rig = make()
    life = await rig.begin()
    await rig.hours(life, 12)
    before = life.counters()
    listed = rig.simulation.world.com_servers
    gone = next(iter(before))
    rig.simulation.world.com_servers = lambda t=None: [  # type: ignore[method-assign]
        each for each in listed(t) if each.serial != gone
    ]
    await rig.hours(life, 5)
    assert gone not in life.counters()
    rig.simulation.world.com_servers = listed  # type: ignore[method-assign]
    await rig.hours(life, 5)

    assert life.counters()[gone] > before[gone]
    assert counted(life, rig)


async def test_no_hour_is_asked_for_any_more_after_it_is_settled(make: Make) -> None:
    rig = make()
    life = await rig.begin()
    await rig.hours(life, 30)
    first = rig.wire.asked[0]
    rig.wire.asked.clear()
    await rig.hours(life, 120)

    assert 3 < rig.wire.asked.count(first) < 12
    rig.wire.asked.clear()
    await rig.hours(life, 24)
    assert min(rig.wire.asked) > first
    assert len(rig.wire.asked) / 24 == pytest.approx(19, abs=3)


def test_an_hour_that_is_read_again_adds_only_what_it_says_more() -> None:
    known = ACCOUNTS.keys()
    first = hour_counted({"A": 100, "B": 200}, ACCOUNTS, known, {})
    again = hour_counted({"A": 100, "B": 230}, ACCOUNTS, known, first.detail)
    less = hour_counted({"A": 10, "B": 0}, ACCOUNTS, known, again.detail)

    assert (first.added, first.is_whole) == ({1: 100, 2: 200}, True)
    assert again.added == {2: 30}
    assert less.added == {}
    assert less.detail == {1: 100, 2: 230}


def test_an_hour_that_no_account_can_hold_is_left_out() -> None:
    accounts = {"A": Account(1, MOST - 5), "B": Account(2, 0)}

    found = hour_counted({"A": 100, "B": 200}, accounts, accounts.keys(), {})

    assert (found.added, found.is_whole) == ({1: 5, 2: 200}, True)


@pytest.mark.parametrize("joules", [1e16, 3.6e24, math.inf, math.nan, -1.0, None])
async def test_a_figure_that_no_account_can_hold_costs_its_server_alone(
    make: Make, joules: float | None
) -> None:
    rig = make()
    life = await rig.begin()
    await rig.hours(life, 3)
    listed = rig.simulation.world.com_servers()
    odd, *others = [each for each in listed if rig.is_measured(each.serial)]

    class Archive:
        reach = 86400.0

        async def read(self, window: Window, start: int) -> dict[str, Energy]:
            del window, start
            good = {each.id: Energy(joules=5.0) for each in others}
            return {odd.id: Energy(joules=joules), **good}

        def serial(self, id: str) -> str:
            raise AssertionError(id)

    life.hours._archive = Archive()  # type: ignore[assignment]
    before = life.counters()
    await rig.hours(life, 2)

    after = life.counters()
    assert life.state.success
    assert after[odd.serial] == before[odd.serial]
    assert all(after[each.serial] > before[each.serial] for each in others)


def test_a_server_is_counted_only_after_its_counter_has_been_seen() -> None:
    found = hour_counted({"A": 100, "B": 200, "C": 5}, ACCOUNTS, {"A"}, {})

    assert (found.added, found.new, found.is_whole) == ({1: 100}, ("C",), False)


@pytest.mark.parametrize(
    ("readings", "total"),
    [((100,), 0), ((100, 100), 0), ((100, 160), 60), ((100, 160, 20), 80), ((100, 0, 7), 7)],
)
def test_a_device_counter_adds_its_growth_and_after_a_reset_what_it_shows(
    readings: tuple[int, ...], total: int
) -> None:
    account = Account(1, 0)
    for reading in readings:
        account = advanced(account, reading)

    assert account.total == total
