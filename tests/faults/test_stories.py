"""Do faults that take longer than a run end well?"""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from exporter.polling import timing
from exporter.simulators import Simulation
from tests.faults.bench import PATIENCE, Bench, bench, fleet
from tests.faults.causes import NEW_SECRET, end_logins, rotate_secret, secret_of
from tests.faults.clock import NOW
from tests.faults.polled import SOURCE, VENDORS, Vendor, of
from tests.faults.reading import lines, samples

pytestmark = pytest.mark.parametrize("vendor", VENDORS)
THOUSANDS = 4000
OF_THE_CALENDAR = ("energy", "utilization", "power_manager", "power")
"""What they read is of an hour, or may be too old: time goes by in a story, but not for the API.
`power` takes over where `power_manager` has nothing."""


@pytest.fixture
async def made(vendor: Vendor, tmp_path: Path) -> AsyncIterator[Bench]:
    async with bench(vendor, tmp_path, fleet(vendor), through_port=True) as found:
        yield found


class Life:
    """Runs collectors when the scheduler would."""

    def __init__(self, made: Bench) -> None:
        self._made = made
        self._next = {each: made.clock.now + made.delay(each) for each in of(made.vendor)}

    async def until(self, moment: float) -> None:
        """Let everything run that is due up to a moment."""
        clock = self._made.clock
        while (each := min(self._next, key=self._next.__getitem__)) and self._next[each] <= moment:
            clock.now = max(clock.now, self._next[each])
            await self._made.run(each)
            self._next[each] = clock.now + self._made.delay(each)
        clock.now = moment


async def test_an_api_that_restarts_for_ten_minutes_is_back_within_ten_intervals(
    made: Bench,
) -> None:
    mine, start = of(made.vendor), made.clock.now
    before = {each: set(lines(made.page(each))) for each in mine}
    life = Life(made)

    await made.ends.become("refused")
    await life.until(start + 120)
    at_two_minutes = made.page(mine[0])
    await made.ends.become("api")
    made.simulation.faults.add(kind="status", code=503, vendor=made.vendor)
    await life.until(start + 599)

    assert set(lines(at_two_minutes)) == before[mine[0]]
    assert made.page(mine[0]) == b""
    assert made.own("serverfleet_source_up") == 0
    for each in mine:
        long_lived = timing.max_staleness(made.collector(each).interval, PATIENCE) > 700
        assert not long_lived or set(lines(made.page(each))) == before[each]

    logins = made.own("serverfleet_api_logins_total")
    made.simulation.faults.clear()
    end_logins(made)
    await life.until(start + 600 + 10 * 60)

    assert made.own("serverfleet_source_up") == 1
    assert set(lines(made.page(mine[0]))) == before[mine[0]]
    assert made.own("serverfleet_api_logins_total") - logins <= 2
    await life.until(start + 600 + 10 * 300)
    assert made.simulation.open_sessions <= 2
    for each in mine:
        assert each.name in OF_THE_CALENDAR or set(lines(made.page(each))) == before[each]


async def test_one_collector_that_fails_costs_no_other_one_anything(made: Bench) -> None:
    for each in of(made.vendor)[1:]:
        made.simulation.faults.add(
            vendor=made.vendor, kind="status", code=500, path=each.path, query=each.query
        )
        succeeded = await made.exporter.scheduler.run_all_once()
        made.simulation.faults.clear()

        assert not succeeded
        failed = [state for state in made.exporter.scheduler.board if not state.success]
        assert [(state.source, state.collector) for state in failed] == [
            (SOURCE[made.vendor], each.name)
        ]
    assert await made.exporter.scheduler.run_all_once()


async def test_a_secret_that_changes_in_its_file_is_taken_at_the_next_run(
    made: Bench, tmp_path: Path
) -> None:
    inventory = of(made.vendor)[0]
    file = tmp_path / "secret"
    file.write_text(secret_of(made))
    made.build(str(made.base_url), through_port=True, secret_file=file)
    try:
        await made.run(inventory)
        served = made.page(inventory)

        rotate_secret(made)
        await made.run(inventory)
        await made.run(inventory)
        assert (made.state(inventory).reason, made.page(inventory)) == ("auth", served)
        assert made.own("serverfleet_api_login_failures_total") == 1

        file.write_text(NEW_SECRET)
        await made.run(inventory)
        assert (made.state(inventory).success, made.page(inventory)) == (True, served)
    finally:
        await made.exporter.scheduler.stop()


@pytest.mark.parametrize("seconds", [86400.0, -86400.0], ids=["forward", "back"])
async def test_a_clock_that_jumps_moves_no_run_and_withdraws_nothing(
    made: Bench, seconds: float
) -> None:
    inventory = of(made.vendor)[0]
    scheduler = made.exporter.scheduler
    before = made.exporter.exposition()
    for each in of(made.vendor):
        scheduler._expect(made.polled(made.vendor), made.collector(each), made.delay(each))
    assert scheduler.stuck() == ""

    made.clock.ahead += seconds

    assert scheduler.stuck() == ""
    assert _servers(made.exporter.exposition()) == _servers(before)
    assert 0 < made.delay(inventory) <= 66
    await made.run_all(made.vendor)
    assert "internal" not in {state.reason for state in scheduler.board}
    assert made.state(inventory).success
    assert _servers(made.exporter.exposition()) == _servers(before)
    assert made.state(inventory).last_success == made.clock.wall()


async def test_thousands_of_servers_replaced_at_once_are_exchanged_everywhere_at_once(
    vendor: Vendor, tmp_path: Path
) -> None:
    async with bench(vendor, tmp_path, fleet(vendor), through_port=True) as made:
        former = _servers(made.exporter.exposition())
        await made.ends.become_another(_twin(made.simulation, seed=8))
        many = _twin(made.simulation, seed=9, servers=THOUSANDS)
        inventory, *others = of(vendor)
        few = [each for each in others if each.name in ("alerts", "jobs")]

        await made.run(inventory)
        second = _servers(made.exporter.exposition())
        await made.ends.become_another(many)
        await made.run(inventory)
        third = _servers(made.exporter.exposition())
        for each in few:
            await made.run(each)
        last = made.exporter.exposition()

        mine = SOURCE[vendor]
        assert not {s for s in former if s[0] == mine} & second
        assert not {s for s in second if s[0] == mine} & third
        assert len({s for s in third if s[0] == mine}) == THOUSANDS / 2
        assert {s for s in former if s[0] != mine} == {s for s in third if s[0] != mine}
        assert _servers(last, r"serverfleet_server_\w+") == _servers(last) == third


def _twin(simulation: Simulation, *, seed: int, servers: int = 16) -> Simulation:
    """Found another fleet that takes the same logins."""
    found = Simulation(servers=servers, seed=seed, clock=lambda: NOW)
    found.tokens.credentials = simulation.tokens.credentials
    found.sessions.credentials = simulation.sessions.credentials
    return found


def _servers(page: bytes, names: str = "serverfleet_server_info") -> set[tuple[str, str]]:
    return {(labels["source"], labels["serial"]) for labels, _ in samples(page, names)}
